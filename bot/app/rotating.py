"""What `engawa keys` does to the key file, and to rows beside a running service."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from bot.app.administration import with_store
from bot.app.here import settings_here
from bot.app.nature import SystemChance, system_clock
from bot.app.staffing import Staffing, StaffParts, staff_rows
from bot.privacy.keyring import Keyring, destroyed, promoted, with_next
from bot.services import rotation
from bot.services.journal import Journal
from bot.services.ports import Store
from bot.services.rotation import Rewrapped
from bot.services.staff.opening import reseal
from bot.store.keyfile import changing, read_keyring


class KeyLine(NamedTuple):
    """One key: its id and state, and how many contacts' keys it wraps (None: not looked up)."""

    id: str
    state: str
    contacts: int | None


def key_lines(file: Path) -> Sequence[KeyLine]:
    """Every key of the file, and after them ids that rows name and the file doesn't hold."""
    keyring, used = read_keyring(file), with_store(rotation.in_use, makes=False)
    lines = [KeyLine(kek.id, kek.state, used.get(kek.id, 0)) for kek in keyring.keks]
    known = {kek.id for kek in keyring.keks}
    return [*lines, *(KeyLine(kek, "missing", n) for kek, n in used.items() if kek not in known)]


def make_next(file: Path) -> str:
    """Put a next key into the file; its id."""
    changed = _change(file, lambda keyring: with_next(keyring, system_clock()))
    return next(kek.id for kek in changed.keks if kek.state == "next")


def promote(file: Path, key_id: str) -> None:
    """Make a next key the current one."""
    _change(file, lambda keyring: promoted(keyring, key_id, system_clock()))


def to_move(file: Path) -> int:
    """How many contacts are under another key than the current one."""
    current = read_keyring(file).current.id
    used = with_store(rotation.in_use, makes=False)
    return sum(n for kek, n in used.items() if kek != current)


def rewrap(file: Path, moved: Callable[[int], None]) -> Rewrapped:
    """Bring every contact, and staff's second factors, under the current key."""
    keyring = read_keyring(file)

    async def work(store: Store) -> Rewrapped:
        done = await rotation.rewrap(store, keyring, moved)
        await reseal(_staffing(store, keyring, file).office)
        return done

    return with_store(work, makes=False)


def destroy(file: Path, key_id: str) -> None:
    """Destroy an old key that nothing needs any more; raises KeyringError while something does."""

    with changing(file) as put:
        gone = destroyed(read_keyring(file), key_id, system_clock())
        contacts, staff = needed()
        rotation.refuse_if_used(key_id, contacts.get(key_id, 0), key_id in staff)
        put(gone)


def needed() -> tuple[Mapping[str, int], Sequence[str]]:
    """How many contacts each key wraps, and the keys that staff's second factors are under."""

    async def look(store: Store) -> tuple[Mapping[str, int], Sequence[str]]:
        return await rotation.in_use(store), await staff_rows(store).keks()

    return with_store(look, makes=False)


def _change(file: Path, change: Callable[[Keyring], Keyring]) -> Keyring:
    with changing(file) as put:
        changed = change(read_keyring(file))
        put(changed)
    return changed


def _staffing(store: Store, keyring: Keyring, file: Path) -> Staffing:
    return Staffing(
        StaffParts(
            settings=settings_here(),
            store=store,
            keyring=lambda: keyring,
            key_file=file,
            clock=system_clock,
            chance=SystemChance(),
            journal=Journal(logging.getLogger("engawa")),
            demo=keyring.demo,
        )
    )
