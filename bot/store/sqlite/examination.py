"""A look at the database file that changes nothing: for doctor, beside a running service.

Imports errors and this folder only.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from bot.store.sqlite.connection import open_reader, reworded
from bot.store.sqlite.migrations import STEPS, applied_steps

BUSY_MS = 2_000


class Examined(NamedTuple):
    """What was seen: the steps of the schema it has been through, of how many, what SQLite's own
    check complains of ("" for nothing), and the sizes of file and log in bytes.
    """

    steps: tuple[str, ...]
    wanted: int
    damage: str
    size: int
    log: int

    @property
    def newest(self) -> bool:
        """Whether this program can read its rows as they stand."""
        return len(self.steps) == self.wanted and self.steps[-1] == STEPS[-1].__name__


def examine(path: Path) -> Examined:
    """Look at the file; raises StoreError in one sentence where it can't be opened or read."""
    try:
        with closing(open_reader(path, BUSY_MS)) as connection:
            steps = tuple(applied_steps(connection))
            found = [row[0] for row in connection.execute("PRAGMA quick_check(1)")]
    except (sqlite3.Error, OSError) as error:
        raise reworded(path, error) from error
    damage = "" if found == ["ok"] else " ".join(str(found[0]).split())
    return Examined(steps, len(STEPS), damage, _size(path), _size(Path(f"{path}-wal")))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
