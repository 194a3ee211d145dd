"""Rotating key-encryption keys: contacts' keys are opened under an old one and wrapped anew.

Runs in batches beside a serving process and goes on where it was stopped. Imports privacy, ports,
records and errors.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from bot.errors import KeyringError, SealError, UnknownKeyError
from bot.privacy.envelope import open_sealed, place, seal
from bot.privacy.keyring import Kek, Keyring
from bot.services.ports import Store
from bot.services.records import Contact

BATCH = 200
ALL = 2**40


class Rewrapped(msgspec.Struct, frozen=True):
    """How a round ended: keys moved, contacts whose key doesn't open, key ids that aren't held."""

    moved: int = 0
    broken: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


async def in_use(store: Store) -> Mapping[str, int]:
    """How many contacts each key-encryption key wraps; those that wrap none are left out."""
    return {kek: len(await store.contacts_under(kek, ALL)) for kek in await store.keks()}


async def rewrap(store: Store, keyring: Keyring, moved: Callable[[int], None]) -> Rewrapped:
    """Bring every contact under the current key; `moved` hears how many each batch brought.

    A contact whose key doesn't open stays as it is, and so does one under a key not held.
    """
    total, broken, unknown = 0, [], []
    for kek_id in await store.keks():
        if kek_id == keyring.current.id:
            continue
        try:
            kek = keyring.kek(kek_id)
        except UnknownKeyError:
            unknown.append(kek_id)
            continue
        stuck: list[str] = []
        while batch := await _batch(store, kek_id, stuck):
            wrapped = [(each.id, _anew(each, kek, keyring.current)) for each in batch]
            stuck += [contact for contact, anew in wrapped if anew is None]
            done = [anew for _, anew in wrapped if anew is not None]
            await store.rewrap(done)
            total += len(done)
            moved(len(done))
        broken += stuck
    return Rewrapped(total, tuple(broken), tuple(unknown))


def refuse_if_used(key_id: str, contacts: int, staff: bool) -> None:
    """Raises KeyringError while anything needs this key to be opened."""
    if contacts:
        raise KeyringError(
            f"Key {key_id} still wraps the keys of {contacts} contacts: without it nothing of "
            "theirs could be read, or sent to them. Run `engawa keys rewrap` first."
        )
    if staff:
        raise KeyringError(
            f"A counselor's second factor is still sealed under {key_id}. Run `engawa keys rewrap` "
            "first."
        )


async def _batch(store: Store, kek_id: str, stuck: Sequence[str]) -> list[Contact]:
    found = await store.contacts_under(kek_id, BATCH + len(stuck))
    return [each for each in found if each.id not in stuck]


def _anew(contact: Contact, old: Kek, current: Kek) -> Contact | None:
    at = place("contact", "key", contact.id, old.id)
    try:
        key = open_sealed(old.key, contact.key, at)
    except SealError:
        return None
    sealed = seal(current.key, key, place("contact", "key", contact.id, current.id))
    return replace(contact, kek=current.id, key=sealed)
