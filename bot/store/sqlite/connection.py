"""Opening the database file: pragmas, file modes, the lock of the serving process, error wording.

Imports errors only.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from pathlib import Path

from bot.errors import StoreError, StoreUnavailableError

_WHY = {
    sqlite3.SQLITE_BUSY: "is locked by another process",
    sqlite3.SQLITE_LOCKED: "is locked by another connection",
    sqlite3.SQLITE_FULL: "has no room left on the disk",
    sqlite3.SQLITE_READONLY: "can't be written: it is read-only",
    sqlite3.SQLITE_IOERR: "met a disk error",
    sqlite3.SQLITE_NOTADB: "is not a database",
    sqlite3.SQLITE_CORRUPT: "is damaged",
    sqlite3.SQLITE_CANTOPEN: "can't be opened",
    sqlite3.SQLITE_PERM: "can't be opened: permission denied",
    sqlite3.SQLITE_PROTOCOL: "is locked by another process",
    sqlite3.SQLITE_NOMEM: "got no memory",
    sqlite3.SQLITE_NOLFS: "is too large for this file system",
}


def open_writer(path: Path, busy_ms: int) -> sqlite3.Connection:
    """The one connection that writes: WAL, synchronous=FULL, deleted bytes overwritten."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Made by us, so that neither it nor its log (which inherits the mode) is open to others.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    connection = sqlite3.connect(path, isolation_level=None, cached_statements=512)
    connection.execute(f"PRAGMA busy_timeout = {busy_ms:d}")
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "secure_delete = ON",
        "foreign_keys = ON",
        "temp_store = MEMORY",  # no temporary file holds what the database holds
        "cache_size = -16384",
    ):
        connection.execute(f"PRAGMA {pragma}").fetchall()
    return connection


def open_reader(path: Path, busy_ms: int) -> sqlite3.Connection:
    """A connection that can't write and is never blocked by the one that does."""
    uri = f"{path.absolute().as_uri()}?mode=ro"
    # Used by one thread at a time, but closed by whichever thread closes the store.
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
    connection.execute(f"PRAGMA busy_timeout = {busy_ms:d}")
    connection.execute("PRAGMA query_only = ON")
    connection.execute("PRAGMA temp_store = MEMORY")
    return connection


def identity(path: Path) -> tuple[int, int]:
    """Which file stands at this path (device and number); (0, 0) for none."""
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_dev, found.st_ino


class ServingLock:
    """Held by the process that serves, on a file beside the database; the kernel frees it."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._descriptor)
            raise StoreUnavailableError(
                f"The database {path} is served by another process already. Stop that one first."
            ) from None

    def release(self) -> None:
        """Let another process serve; the file stays, because removing it would race."""
        os.close(self._descriptor)


def reworded(path: Path, error: Exception) -> Exception:
    """One sentence instead of SQLite's words, where the fault lies with the file or the disk."""
    if isinstance(error, OSError):
        return StoreUnavailableError(f"The database {path} can't be opened: {error.strerror}.")
    if not isinstance(error, sqlite3.Error):
        return error
    code = getattr(error, "sqlite_errorcode", None)
    why = None if code is None else _WHY.get(code & 0xFF)
    if why is None:
        # A broken rule of the schema or a statement in error: ours to mend, nothing to try again.
        return StoreError(f"The database {path} refused a statement: {error}.")
    return StoreUnavailableError(f"The database {path} {why}; nothing was kept.")
