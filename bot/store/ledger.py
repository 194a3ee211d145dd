"""The erase ledger: one key id a line, in a file outside the database, fsynced line by line.

It is replayed after a restore, so that a backup brings nobody back. Imports errors only.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from bot.errors import StoreUnavailableError
from bot.store.keyfile import sync_directory


class FileLedger:
    """bot.services.ports.Ledger kept in a file, which is made at the first record (mode 0600)."""

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)

    def record(self, key_id: str) -> None:
        """Append and fsync; raises StoreUnavailableError if the line is not surely on the disk."""
        if not key_id or not key_id.isascii() or not key_id.isprintable() or " " in key_id:
            raise ValueError("a ledger entry is one printable ASCII word")
        try:
            append_line(self._path, key_id.encode())
        except OSError as error:
            raise StoreUnavailableError(
                f"The erase ledger {self._path} can't be written ({error.strerror}), so nothing "
                "was erased. Make room or mend the path."
            ) from error

    def key_ids(self) -> Sequence[str]:
        """All ids ever recorded, oldest first; raises StoreUnavailableError if it can't be read.

        A last line without its end was torn by a crash: its erase never began, it is left out.
        """
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise StoreUnavailableError(
                f"The erase ledger {self._path} can't be read: {error.strerror}."
            ) from error
        whole = data[: data.rfind(b"\n") + 1]
        return tuple(line.decode("ascii", "replace") for line in whole.split(b"\n") if line)


def append_line(path: Path, line: bytes) -> None:
    """One more line in an append-only file (made with mode 0600), on the disk when this returns.

    Raises OSError if it surely isn't there whole.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND
    with os.fdopen(os.open(path, flags, 0o600), "r+b", buffering=0) as stream:
        size = stream.seek(0, os.SEEK_END)
        # After a torn line a new one begins: the torn half stays alone and matches nobody.
        torn = size > 0 and os.pread(stream.fileno(), 1, size - 1) != b"\n"
        written = stream.write((b"\n" if torn else b"") + line + b"\n")
        if written != len(line) + 1 + torn:
            raise OSError(28, "the disk is full")
        os.fsync(stream.fileno())
    if size == 0:
        sync_directory(path.parent)
