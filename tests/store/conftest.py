"""The `store` fixture: every contract test runs on each store. A third store is one more line."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bot.services.ports import Store
from bot.store.memory import MemoryStore
from bot.store.sqlite import SqliteStore

MAKERS: dict[str, Callable[[Path], Store]] = {
    "memory": lambda folder: MemoryStore(),
    "sqlite": lambda folder: SqliteStore(folder / "engawa.db"),
}


@pytest.fixture(params=list(MAKERS))
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """An open, empty store of each kind."""
    made = MAKERS[request.param](tmp_path)
    await made.open()
    yield made
    await made.close()


@pytest.fixture
async def sqlite(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    """An open, empty SQLite store, for what only a file can do."""
    made = SqliteStore(tmp_path / "engawa.db", busy_ms=50)
    await made.open()
    yield made
    await made.close()
