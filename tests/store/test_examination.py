"""Looking at a database file: what is seen, and that nothing changes by looking."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import StoreUnavailableError
from bot.store.sqlite import SqliteStore
from bot.store.sqlite.examination import examine
from bot.store.sqlite.migrations import STEPS


async def test_beside_whoever_serves(tmp_path: Path) -> None:
    """A database in use is seen whole, at this program's schema, with its log."""
    path = tmp_path / "engawa.db"
    store = SqliteStore(path)
    await store.open()
    await store.ping()
    found = examine(path)
    await store.close()
    assert (found.newest, found.damage) == (True, "")
    assert found.steps == tuple(step.__name__ for step in STEPS)
    assert found.size > 0
    assert found.log > 0


def test_nothing_there(tmp_path: Path) -> None:
    """A file that isn't there is one sentence, and is not made."""
    path = tmp_path / "engawa.db"
    with pytest.raises(StoreUnavailableError, match="can't be opened"):
        examine(path)
    assert not path.exists()


def test_an_empty_file(tmp_path: Path) -> None:
    """A file without tables has been through no step."""
    path = tmp_path / "engawa.db"
    path.touch()
    found = examine(path)
    assert (found.steps, found.newest) == ((), False)
