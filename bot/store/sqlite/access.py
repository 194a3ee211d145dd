"""The two threads behind every verb: one that writes, one that reads, and the lock of who serves.

Imports errors and this folder only.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from bot.errors import StoreUnavailableError
from bot.store.sqlite import lanes, revisions
from bot.store.sqlite.connection import (
    ServingLock,
    identity,
    open_reader,
    open_writer,
    reworded,
)
from bot.store.sqlite.migrations import migrate
from bot.store.sqlite.reader import Reader
from bot.store.sqlite.writer import Commits, Writer, beat

T = TypeVar("T")


class SqliteAccess:
    """One SQLite file, opened.

    `exclusive` is for the process that serves: it holds a lock, and on opening gives back every
    lane and every row that a killed process had in its hands. Commands that only look, or write a
    little, open with `exclusive=False` beside it. `busy_ms` is how long a verb waits for another
    process's lock.
    """

    def __init__(self, path: str | Path, exclusive: bool = True, busy_ms: int = 2000) -> None:
        self._path = Path(path)
        self._exclusive = exclusive
        self._busy_ms = busy_ms
        self._file = (0, 0)
        self._lock: ServingLock | None = None
        self._writer: Writer | None = None
        self._reader: Reader | None = None

    @property
    def commits(self) -> Commits:
        """How often the writer committed, with and without an fsync."""
        return self._writer.commits if self._writer else Commits()

    @property
    def log_is_cut(self) -> bool:
        """Whether nothing of an erased person is left in the log; false while somebody reads it."""
        return self._writer is None or self._writer.log_is_cut

    async def open(self) -> None:
        """Lock, connect, migrate, take back what a killed process held."""
        writer = Writer(self._connect, self._reword, self._busy_ms)
        try:
            await writer.start()
            self._writer = writer
            self._reader = Reader(lambda: open_reader(self._path, self._busy_ms), self._reword)
            self._file = identity(self._path)
        except sqlite3.Error as error:
            await self.close()
            raise self._reword(error) from error
        except Exception:
            await self.close()
            raise

    async def close(self) -> None:
        """Finish what was queued, end both threads, free the lock."""
        # The reader first: whoever closes last folds the log into the file and removes it.
        if self._reader is not None:
            self._reader.stop()
            self._reader = None
        if self._writer is not None:
            await self._writer.stop()
            self._writer = None
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    async def ping(self) -> None:
        """Write a trifle and read."""
        await self._write(beat)
        await self._read(revisions.active)

    async def _write(
        self, unit: Callable[[sqlite3.Connection], T], durable: bool = True, cut_log: bool = False
    ) -> T:
        if identity(self._path) != self._file:
            # SQLite would go on writing into the file that nobody will ever open again.
            raise StoreUnavailableError(
                f"The database {self._path} was moved, removed or replaced while it is served; "
                "nothing was kept. Put it back, or restart the process."
            )
        # Cancelling the caller cancels only this future: the writer finishes what it was given.
        return await self._open_writer().submit(unit, durable, cut_log)

    async def _read(self, query: Callable[[sqlite3.Connection], T]) -> T:
        if self._reader is None:
            raise StoreUnavailableError("The store is closed.")
        return await self._reader.run(query)

    def _open_writer(self) -> Writer:
        if self._writer is None:
            raise StoreUnavailableError("The store is closed.")
        return self._writer

    def _reword(self, error: Exception) -> Exception:
        return reworded(self._path, error)

    def _connect(self) -> sqlite3.Connection:
        """Called in the writer's thread."""
        connection = open_writer(self._path, self._busy_ms)
        try:
            if self._exclusive:
                self._lock = ServingLock(self._path)
            migrate(connection)
            if self._exclusive:
                lanes.take_back(connection)
        except Exception:
            connection.close()
            raise
        return connection
