"""The heads of the record: number and hash of each audit row, a line each, outside the database.

Append-only and fsynced, so that whoever cuts or rewrites the table would have to rewrite this file
too. It stands beside the key file. Imports the ledger and errors only.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bot.errors import StoreUnavailableError
from bot.store.ledger import append_line


class FileHeads:
    """bot.services.staff.ports.Heads kept in a file, made at the first row (mode 0600)."""

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)

    def record(self, seq: int, hash: bytes) -> None:
        """Append and fsync; raises StoreUnavailableError if it is not surely on the disk."""
        try:
            append_line(self._path, f"{seq}:{hash.hex()}".encode())
        except OSError as error:
            raise StoreUnavailableError(
                f"The file of audit heads {self._path} can't be written ({error.strerror}). "
                "Make room or mend the path."
            ) from error

    def all(self) -> Sequence[tuple[int, bytes]]:
        """All of them; a line that is no head (torn by a crash) is left out.

        Raises StoreUnavailableError if the file can't be read.
        """
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise StoreUnavailableError(
                f"The file of audit heads {self._path} can't be read: {error.strerror}."
            ) from error
        whole = data[: data.rfind(b"\n") + 1].decode("ascii", "replace")
        return tuple(head for line in whole.split("\n") if (head := _parsed(line)) is not None)


def _parsed(line: str) -> tuple[int, bytes] | None:
    seq, _, hash_ = line.partition(":")
    try:
        return (int(seq), bytes.fromhex(hash_)) if len(hash_) == 64 else None
    except ValueError:
        return None


class MemoryHeads:
    """The same in this process's memory: for the terminal and for tests."""

    def __init__(self) -> None:
        self.kept: list[tuple[int, bytes]] = []

    def record(self, seq: int, hash: bytes) -> None:
        """Append."""
        self.kept.append((seq, hash))

    def all(self) -> Sequence[tuple[int, bytes]]:
        """All of them."""
        return tuple(self.kept)
