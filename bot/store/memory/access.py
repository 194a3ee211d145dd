"""What every verb of the memory store runs in: a unit of its own. Imports errors only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bot.errors import StoreUnavailableError
from bot.store.memory.staff import MemoryStaff
from bot.store.memory.tables import Tables


class MemoryAccess:
    """Everything in this process's memory; nothing survives it."""

    def __init__(self) -> None:
        self._tables = Tables()
        self._open = False
        self.staff = MemoryStaff()

    async def open(self) -> None:
        """Begin; what was kept before a `close` is still there."""
        self._open = True

    async def close(self) -> None:
        """Refuse verbs from now on."""
        self._open = False

    async def ping(self) -> None:
        """See the port."""
        with self._unit():
            pass

    @contextmanager
    def _unit(self) -> Iterator[Tables]:
        if not self._open:
            raise StoreUnavailableError("The store is closed.")
        with self._tables.unit() as tables:
            yield tables
