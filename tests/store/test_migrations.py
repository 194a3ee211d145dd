"""Migrations: from the first schema with rows in it, whole or not at all, never backwards."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.engine.events import Timer
from bot.errors import SchemaError
from bot.services.records import Count, Move
from bot.store.sqlite import SqliteStore, migrations
from tests.store.people import (
    LEASE,
    NOW,
    PlainDoor,
    arrival,
    claim_one,
    coming,
    four_words,
    lookup,
    push,
    receive,
    turn,
)

if TYPE_CHECKING:
    from sqlite_utils import Database

FIRST = Path(__file__).parent / "data" / "schema_1.sql"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A database as the first release left it, with rows in every table."""
    path = tmp_path / "old.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(FIRST.read_text())
    return path


@pytest.fixture
def second(old: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same as the second schema left it."""
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "STEPS", migrations.STEPS[:2])
        with closing(sqlite3.connect(old, isolation_level=None)) as connection:
            migrations.migrate(connection)
    return old


def shape(path: Path) -> set[tuple[str, ...]]:
    """Everything the schema says, table by table, without regard to how it was written."""
    with closing(sqlite3.connect(path)) as connection:
        names = connection.execute("SELECT name, tbl_name FROM sqlite_master").fetchall()
        return {
            (name, table, str(connection.execute(f"PRAGMA table_xinfo('{name}')").fetchall()))
            for name, table in names
        } | {
            (name, table, str(connection.execute(f"PRAGMA index_xinfo('{name}')").fetchall()))
            for name, table in names
        }


async def test_every_table_of_the_fixture_has_rows(old: Path) -> None:
    """The fixture tests what it should: no table of the first schema is empty."""
    with closing(sqlite3.connect(old)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        counts = {
            name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
            for (name,) in tables.fetchall()
        }
    assert len(counts) == 15
    assert [name for name, count in counts.items() if count == 0] == []


async def test_the_first_release_goes_on(old: Path) -> None:
    """A database of the first release is served: its people, turns, timers and rows are there."""
    store = SqliteStore(old)
    await store.open()
    hana, ken = await store.locate(lookup("hana")), await store.locate(lookup("ken"))
    assert hana is not None
    assert ken is not None
    assert (hana.conversation.session, hana.conversation.version) == (b"session", 1)
    texts = [row.sealed for row in await store.transcript(hana.conversation.id, 0, 9)]
    assert texts == [b"first", b"second"]
    (claim,) = await store.claim_waiting(NOW, LEASE, 9)
    assert [inbound.event for inbound in claim.inbounds] == [b"k1", b"k2"]
    out = await store.claim_sends(NOW, LEASE, 9, push)
    assert [(each.row.seq, each.row.tries) for each in out] == [(2, 2), (1, 1)]
    assert await store.fire_timers(PlainDoor(), NOW + 60, 9) == 1
    assert await store.counts("") == (Count("2027-01-11", "line", "door", n=7),)
    assert await store.active_revision() == "r1"
    assert (await receive(store, PlainDoor(), arrival("e1"))).duplicates == 1
    gone = arrival("new", message_ref=b"gone")
    assert (await receive(store, PlainDoor(), gone)).duplicates == 1
    await store.close()


@pytest.mark.parametrize("schema", [pytest.param("old", id="1"), pytest.param("second", id="2")])
async def test_rows_of_before_doors(request: pytest.FixtureRequest, schema: str) -> None:
    """What came and was said before there were several addresses belongs to the one there was."""
    store = SqliteStore(request.getfixturevalue(schema))
    await store.open()
    hana, ken = await store.locate(lookup("hana")), await store.locate(lookup("ken"))
    assert hana is not None
    assert ken is not None
    assert (hana.address.session, hana.address.since) == (b"", 0)
    assert (hana.conversation.limit_asked, hana.conversation.limited_until) == (0, 0)
    said = await store.transcript(hana.conversation.id, 0, 9)
    assert {row.address for row in said} == {hana.address.id}
    (claim,) = await store.claim_waiting(NOW, LEASE, 9)
    assert {inbound.address for inbound in claim.inbounds} == {ken.address.id}
    assert claim.elsewhere == ()
    received = await store.move(await _coming(store, hana.contact.id), NOW, LEASE)
    assert received is not None
    assert received.claims[0].lane.address.since == hana.conversation.message_seq
    await store.close()


async def _coming(store: SqliteStore, contact: str) -> Move:
    """Hana is given a code and comes in by it."""
    claim = await claim_one(store, PlainDoor(), arrival("late"))
    await store.save_turn(turn(claim, codes=(four_words(claim),)), NOW, LEASE)
    return coming(contact, "phone")


async def test_old_and_new_are_the_same(old: Path, tmp_path: Path) -> None:
    """A migrated database has the schema of one that was made new."""
    for path in (old, tmp_path / "new.db"):
        store = SqliteStore(path)
        await store.open()
        await store.close()
    assert shape(old) == shape(tmp_path / "new.db")


def add_a_column(db: Database) -> None:
    """A step such as a later release may have."""
    db.conn.execute("ALTER TABLE contact ADD COLUMN later TEXT NOT NULL DEFAULT ''")


def fail_half_way(db: Database) -> None:
    """A step that changes something and then fails."""
    db.conn.execute("DELETE FROM message")
    db.conn.execute("ALTER TABLE contact ADD COLUMN half TEXT")
    raise ZeroDivisionError


async def test_a_half_applied_migration(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A step that fails takes all of the upgrade back; the mended upgrade then goes through."""
    before = shape(old)
    monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, add_a_column, fail_half_way))
    store = SqliteStore(old)
    with pytest.raises(ZeroDivisionError):
        await store.open()
    assert shape(old) == before
    monkeypatch.setattr(migrations, "STEPS", migrations.STEPS[:-1])
    await store.open()
    await store.close()
    with closing(sqlite3.connect(old)) as connection:
        steps = [step.__name__ for step in migrations.STEPS]
        assert steps[-1] == "add_a_column"
        assert migrations.applied_steps(connection) == steps
        assert connection.execute("SELECT later FROM contact LIMIT 1").fetchone() == ("",)
        assert connection.execute("SELECT count(*) FROM message").fetchone() == (2,)


async def test_a_newer_database(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database of a newer program is refused by name of what is unknown, and not touched."""
    monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, add_a_column))
    store = SqliteStore(old)
    await store.open()
    await store.close()
    before = shape(old)
    monkeypatch.undo()
    with pytest.raises(SchemaError, match=r"newer program \(it knows add_a_column\)"):
        await store.open()
    assert shape(old) == before


async def test_migrations_out_of_order(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that skipped a step is refused."""
    monkeypatch.setattr(migrations, "STEPS", (add_a_column, *migrations.STEPS))
    with pytest.raises(SchemaError, match="out of order"):
        await SqliteStore(old).open()


async def test_a_database_of_something_else(tmp_path: Path) -> None:
    """Somebody else's database is refused and left as it is."""
    path = tmp_path / "photos.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE photo (id INTEGER)")
    with pytest.raises(SchemaError, match="of something else"):
        await SqliteStore(path).open()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("photo",)]


def test_timers_in_the_fixture_are_ours() -> None:
    """The fixture's timer has the data that the engine's Timer has."""
    assert f"'silence',{NOW + 60},'nonce'" in FIRST.read_text()
    assert Timer("silence", NOW + 60, "nonce").data == "nonce"
