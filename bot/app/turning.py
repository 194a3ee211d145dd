"""What `engawa keys turn` does: everything about keys that is due now, and nothing else.

Each change of the file is whole by itself, so a call that was killed anywhere is finished by the
next one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from bot.app import rotating
from bot.errors import KeyringError
from bot.privacy.keyring import Keyring, destroyed
from bot.privacy.turning import (
    Due,
    advanced,
    comes_next,
    counted,
    past_the_bound,
    to_destroy,
    without_forgotten,
)
from bot.services.rotation import Rewrapped
from bot.store.keyfile import changing, read_keyring, refuse_unless_replaceable

Needed = tuple[Mapping[str, int], Sequence[str]]


class Turned(NamedTuple):
    """What a call did, by key id ("" or empty: nothing), and what comes next.

    `held_back` are old keys that should go but that rows need; `late` are keys, still held, that
    open backups older than 14 days.
    """

    counted: bool
    handed_out: str
    promoted: str
    rewrapped: Rewrapped
    destroyed: Sequence[str]
    held_back: Sequence[str]
    late: Sequence[str]
    next: Due


def turn(file: Path, now: int, moving: Callable[[int, int], None]) -> Turned:
    """Do what is due at `now` (UTC ms); twice is no error. `moving` hears how many contacts a
    batch of the rewrap brought, and how many there are to bring.

    Raises KeyringError where the file can't be replaced, or rows are under keys that the file
    never held (another database, or another key file).
    """
    refuse_unless_replaceable(file)
    _refuse_strangers(read_keyring(file), rotating.needed())
    before, after = _advance(file, now)
    known = {kek.id: kek.state for kek in before.keks}
    fresh = [kek for kek in after.keks if known.get(kek.id) != kek.state]
    total = rotating.to_move(file)
    rewrapped = rotating.rewrap(file, lambda n: moving(n, total))
    gone, held_back, end = _destroy(file, now)
    return Turned(
        counted=any(kek.used == 0 or kek.since == 0 for kek in before.keks if kek.state in _AGING),
        handed_out=next((kek.id for kek in fresh if kek.state == "next"), ""),
        promoted=next((kek.id for kek in fresh if kek.state == "current"), ""),
        rewrapped=rewrapped,
        destroyed=gone,
        held_back=held_back,
        late=[kek.id for kek in past_the_bound(end, now)],
        next=comes_next(end),
    )


_AGING = ("current", "old")


def _refuse_strangers(keyring: Keyring, needed: Needed) -> None:
    """A database whose keys were never in this file is not this file's: emptiness there would
    prove nothing, and a key that the right one needs could be destroyed.
    """
    ours = {kek.id for kek in keyring.keks}
    strangers = sorted({*needed[0], *needed[1]} - ours)
    if strangers:
        raise KeyringError(
            f"Rows are under keys that the key file never held: {', '.join(strangers)}. Nothing "
            "was turned. Look whether DATABASE_URL and ENGAWA_KEY_FILE belong together, or restore "
            "the key file from its copy."
        )


def _advance(file: Path, now: int) -> tuple[Keyring, Keyring]:
    with changing(file) as put:
        before = read_keyring(file)
        after = advanced(counted(before, now), now)
        if after != before:
            put(after)
    return before, after


def _destroy(file: Path, now: int) -> tuple[list[str], list[str], Keyring]:
    with changing(file) as put:
        before = read_keyring(file)
        due = to_destroy(before, now)
        contacts, staff = rotating.needed() if due else ({}, ())
        held_back = [key_id for key_id in due if contacts.get(key_id) or key_id in staff]
        gone = [key_id for key_id in due if key_id not in held_back]
        after = without_forgotten(before, now)
        for key_id in gone:
            after = destroyed(after, key_id, now)
        if after != before:
            put(after)
    return gone, held_back, after
