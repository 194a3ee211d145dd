"""The keyring a process holds: read at its start, and again when the file has changed."""

from __future__ import annotations

from pathlib import Path

from bot.errors import KeyringError
from bot.privacy.keyring import Keyring
from bot.services.journal import Journal
from bot.services.ports import Clock
from bot.store.keyfile import read_keyring

LOOK_EVERY = 2_000
"""Ms between two looks at the file's time and size."""

Mark = tuple[int, int, int]


class FollowedKeyring:
    """Gives the keyring now. A file that can't be used never replaces keys that can.

    Of a new file the look-up key and the ledger key must be the same: without them nobody would
    be recognised, and no erase remembered.
    """

    def __init__(self, file: Path, keyring: Keyring, clock: Clock, journal: Journal) -> None:
        self._file = file
        self._keyring = keyring
        self._clock = clock
        self._journal = journal
        self._looked = clock()
        self._mark = self._read_mark()

    def __call__(self) -> Keyring:
        """The keyring now."""
        now = self._clock()
        if not 0 <= now - self._looked < LOOK_EVERY:
            self._looked = now
            self._look()
        return self._keyring

    def _look(self) -> None:
        mark = self._read_mark()
        if mark == self._mark:
            return
        self._mark = mark
        try:
            keyring = read_keyring(self._file)
        except KeyringError as error:
            self._journal.fault("keyring_refused", error)
            return
        if not self._fits(keyring):
            self._journal.note("keyring_refused", "other_keys")
            return
        self._keyring = keyring
        self._journal.note("keyring_read", keys=len(keyring.keks))

    def _fits(self, keyring: Keyring) -> bool:
        old = self._keyring
        same = (old.lookup_key, old.ledger_key, old.demo)
        return (keyring.lookup_key, keyring.ledger_key, keyring.demo) == same

    def _read_mark(self) -> Mark | None:
        try:
            found = self._file.stat()
        except OSError:
            return None
        return (found.st_mtime_ns, found.st_size, found.st_ino)
