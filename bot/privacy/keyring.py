"""The keys that stand outside the database: key-encryption keys, the look-up key, the ledger key.

Every key is random; none is derived from another (decisions.md, section 8). Pure but for drawing
new keys; reading and writing the file is bot.store.keyfile. Imports bot.errors only.
"""

from __future__ import annotations

import os
from collections import Counter
from typing import Literal

import msgspec

from bot.errors import KeyringError, UnknownKeyError
from bot.privacy.envelope import KEY_BYTES, new_key

KekState = Literal["next", "current", "old", "destroyed"]


class Kek(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A key-encryption key: wraps contact keys. A destroyed one keeps its id and no key."""

    id: str
    key: bytes
    state: KekState

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


def new_keyring(demo: bool = False) -> Keyring:
    """A keyring of fresh random keys with one current key-encryption key."""
    return Keyring(
        keks=(Kek(id=os.urandom(6).hex(), key=new_key(), state="current"),),
        lookup_key=new_key(),
        ledger_key=new_key(),
        demo=demo,
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
