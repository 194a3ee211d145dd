"""The keys that stand outside the database: key-encryption keys, the look-up key, the ledger key.

Every key is random; none is derived from another (decisions.md, section 8). Pure but for drawing
new keys; reading and writing the file is bot.store.keyfile. Imports bot.errors only.
"""

from __future__ import annotations

import os
from collections import Counter
from typing import Literal

import msgspec
from msgspec.structs import replace

from bot.errors import KeyringError, UnknownKeyError
from bot.privacy.envelope import KEY_BYTES, new_key

KekState = Literal["next", "current", "old", "destroyed"]


class Kek(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A key-encryption key: wraps contact keys. A destroyed one keeps its id and no key.

    `since`: UTC ms at which it took its state. `used`: UTC ms at which it became current, so from
    when on rows, and backups, may be under it. 0: unknown (a file of before), or never current.
    """

    id: str
    key: bytes
    state: KekState
    since: int = 0
    used: int = 0

    def __repr__(self) -> str:
        return f"Kek(id={self.id!r}, state={self.state!r})"


class Keyring(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All keys a process holds. `demo` marks keys that must never serve real people."""

    keks: tuple[Kek, ...]
    lookup_key: bytes
    ledger_key: bytes
    demo: bool = False
    version: Literal[1] = 1

    def __repr__(self) -> str:
        return f"Keyring(keks={self.keks!r}, demo={self.demo})"

    @property
    def current(self) -> Kek:
        """The key under which new contact keys are wrapped."""
        return next(kek for kek in self.keks if kek.state == "current")

    def kek(self, key_id: str) -> Kek:
        """The key of this id; raises UnknownKeyError if it isn't held or was destroyed."""
        for kek in self.keks:
            if kek.id == key_id and kek.key:
                return kek
        raise UnknownKeyError(key_id)


def new_keyring(demo: bool = False, now: int = 0) -> Keyring:
    """A keyring of fresh random keys with one current key-encryption key, made at `now`."""
    first = Kek(id=os.urandom(6).hex(), key=new_key(), state="current", since=now, used=now)
    return Keyring(
        keks=(first,),
        lookup_key=new_key(),
        ledger_key=new_key(),
        demo=demo,
    )


def with_next(keyring: Keyring, now: int = 0) -> Keyring:
    """The keyring with one more key, handed out before anything is wrapped by it.

    Raises KeyringError if one is handed out already.
    """
    waiting = [kek.id for kek in keyring.keks if kek.state == "next"]
    if waiting:
        raise KeyringError(
            f"Key {waiting[0]} is handed out as the next one already. Promote it with "
            f"`engawa keys promote {waiting[0]}`."
        )
    fresh = Kek(id=os.urandom(6).hex(), key=new_key(), state="next", since=now)
    return replace(keyring, keks=(*keyring.keks, fresh))


def promoted(keyring: Keyring, key_id: str, now: int = 0) -> Keyring:
    """The keyring with this next key as the current one; the current one becomes old.

    Raises KeyringError if it isn't there as `next`.
    """
    state = _state(keyring, key_id)
    if state != "next":
        raise KeyringError(
            f"Key {key_id} is {state}, and only a next one can be promoted. Make one with "
            "`engawa keys next`, and promote it once every process holds it (/readyz names the "
            "keys a process holds)."
        )
    left = replace(keyring.current, state="old", since=now)
    fresh = replace(keyring.kek(key_id), state="current", since=now, used=now)
    changed = {left.id: left, fresh.id: fresh}
    return replace(keyring, keks=tuple(changed.get(kek.id, kek) for kek in keyring.keks))


def destroyed(keyring: Keyring, key_id: str, now: int = 0) -> Keyring:
    """The keyring without this old key; its id stays, so that rows under it are understood.

    Raises KeyringError if it isn't old. Whether rows need it still is the caller's to ask.
    """
    state = _state(keyring, key_id)
    if state != "old":
        raise KeyringError(
            f"Key {key_id} is {state}, and only an old one can be destroyed. "
            "`engawa keys list` shows the states."
        )
    gone = Kek(id=key_id, key=b"", state="destroyed", since=now)
    return replace(keyring, keks=tuple(gone if k.id == key_id else k for k in keyring.keks))


def _state(keyring: Keyring, key_id: str) -> KekState:
    for kek in keyring.keks:
        if kek.id == key_id:
            return kek.state
    raise KeyringError(
        f"The key file holds no key {key_id!r}. `engawa keys list` shows those it holds."
    )


def to_json(keyring: Keyring) -> bytes:
    """The key file's content: indented JSON, keys in base64."""
    return msgspec.json.format(msgspec.json.encode(keyring)) + b"\n"


def from_json(data: bytes) -> Keyring:
    """The keyring in a key file's content; raises KeyringError, which never quotes a key."""
    try:
        keyring = _DECODER.decode(data)
    except msgspec.DecodeError as error:
        raise KeyringError(
            f"The key file is not a keyring ({error}). Restore it from its copy, or make one with "
            "`engawa keys new FILE`."
        ) from None
    fault = _fault(keyring)
    if fault:
        raise KeyringError(f"The key file can't be used: {fault} Restore it from its copy.")
    return keyring


def _fault(keyring: Keyring) -> str:
    """What is wrong with these keys taken together, as one sentence, or nothing."""
    states = Counter(kek.state for kek in keyring.keks)
    if states["current"] != 1:
        return f"it holds {states['current']} current key-encryption keys, expected exactly 1."
    if states["next"] > 1:
        return f"it holds {states['next']} next key-encryption keys, expected at most 1."
    return _odd_id(keyring.keks) or _odd_key(keyring)


def _odd_id(keks: tuple[Kek, ...]) -> str:
    if not all(kek.id.isascii() and kek.id.isalnum() for kek in keks):
        return "a key-encryption key's id is not made of letters and digits."
    if len({kek.id for kek in keks}) < len(keks):
        return "two key-encryption keys have the same id."
    return ""


def _odd_key(keyring: Keyring) -> str:
    for kek in keyring.keks:
        if len(kek.key) != (0 if kek.state == "destroyed" else KEY_BYTES):
            return f"key {kek.id!r} ({kek.state}) has {len(kek.key)} bytes."
    if {len(keyring.lookup_key), len(keyring.ledger_key)} != {KEY_BYTES}:
        return f"the look-up key and the ledger key must have {KEY_BYTES} bytes each."
    held = [kek.key for kek in keyring.keks if kek.key]
    if len({keyring.lookup_key, keyring.ledger_key, *held}) < 2 + len(held):
        return "the same key stands in two places."
    return ""


_DECODER = msgspec.json.Decoder(Keyring)
