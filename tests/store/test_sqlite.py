"""What only the SQLite store can show: group commit, crashes, faults of the disk, erased bytes."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.engine.events import Timer
from bot.errors import LostFenceError, StoreError, StoreUnavailableError
from bot.services.ports import Retention
from bot.services.records import (
    Address,
    Arrival,
    Claim,
    Contact,
    Conversation,
    Count,
    Lane,
    Newcomer,
)
from bot.store.sqlite import SqliteStore
from tests.store.people import (
    DAY,
    LEASE,
    NOW,
    PlainDoor,
    arrival,
    claim_one,
    lookup,
    push,
    receive,
    said,
    to_send,
    turn,
)


async def many_claims(store: SqliteStore, door: PlainDoor, people: int) -> list[Claim]:
    """Claims of as many people."""
    got = await receive(store, door, *(arrival(f"e{n}", person=f"p{n}") for n in range(people)))
    return list(got.claims)


async def test_a_lone_turn_costs_one_fsync(sqlite: SqliteStore) -> None:
    """`receive` commits without an fsync; the turn's commit has the one that covers both."""
    before = sqlite.commits
    claim = await claim_one(sqlite, PlainDoor(), arrival("e1"))
    assert (sqlite.commits.full - before.full, sqlite.commits.normal - before.normal) == (0, 1)
    await sqlite.save_turn(turn(claim), NOW, LEASE)
    assert (sqlite.commits.full - before.full, sqlite.commits.normal - before.normal) == (1, 1)


async def test_turns_share_commits(sqlite: SqliteStore) -> None:
    """64 turns saved at once need a handful of commits, and each is answered."""
    claims = await many_claims(sqlite, PlainDoor(), 64)
    before = sqlite.commits
    await asyncio.gather(*(sqlite.save_turn(turn(claim), NOW, LEASE) for claim in claims))
    assert sqlite.commits.units - before.units == 64
    assert 1 <= sqlite.commits.full - before.full <= 4


async def test_a_failing_unit_fails_alone(sqlite: SqliteStore) -> None:
    """In a shared commit a turn that lost its lane is refused, and the others are kept."""
    good, bad, fine = await many_claims(sqlite, PlainDoor(), 3)
    lost = turn(bad, messages=(said(bad, 1, b"lost"),), conversation={"version": 9})
    results = await asyncio.gather(
        sqlite.save_turn(turn(good, messages=(said(good, 1, b"kept"),)), NOW, LEASE),
        sqlite.save_turn(lost, NOW, LEASE),
        sqlite.save_turn(turn(fine, messages=(said(fine, 1, b"kept"),)), NOW, LEASE),
        return_exceptions=True,
    )
    assert [isinstance(result, LostFenceError) for result in results] == [False, True, False]
    kept = [await sqlite.transcript(f"conversation-{n}", 0, 9) for n in (1, 2, 3)]
    assert [len(rows) for rows in kept] == [1, 0, 1]


async def test_flush_syncs_only_what_is_not_yet_synced(sqlite: SqliteStore) -> None:
    """After a `receive`, flush makes one fsync; after that there is nothing to do."""
    await claim_one(sqlite, PlainDoor(), arrival("e1"))
    beats = "SELECT n FROM meta WHERE name = 'beat'"
    await sqlite.flush()
    first = await sqlite._read(lambda c: c.execute(beats).fetchone()[0])
    await sqlite.flush()
    assert await sqlite._read(lambda c: c.execute(beats).fetchone()[0]) == first == 1


async def test_a_refused_turn_syncs_nothing(sqlite: SqliteStore) -> None:
    """A durable commit that wrote nothing has not put the earlier `receive` on the disk."""
    claim = await claim_one(sqlite, PlainDoor(), arrival("e1"))
    with pytest.raises(LostFenceError):
        await sqlite.save_turn(turn(claim, conversation={"version": 9}), NOW, LEASE)
    await sqlite.flush()
    assert await sqlite._read(lambda c: c.execute("SELECT n FROM meta").fetchone()[0]) == 1


async def test_a_cancelled_caller_does_not_cut_a_turn(sqlite: SqliteStore) -> None:
    """Whoever is cancelled while a turn is being saved leaves it whole."""
    claim = await claim_one(sqlite, PlainDoor(), arrival("e1"))
    saving = asyncio.ensure_future(sqlite.save_turn(turn(claim), NOW, LEASE))
    await asyncio.sleep(0)
    saving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await saving
    await sqlite.flush()
    lane = await sqlite.locate(lookup("hana"))
    assert lane is not None
    assert lane.conversation.version == 1


async def test_reading_does_not_wait_for_writing(sqlite: SqliteStore) -> None:
    """While the writer is held up, transcripts can be read."""
    await claim_one(sqlite, PlainDoor(), arrival("e1"))
    held, go = threading.Event(), threading.Event()

    def hold(connection: sqlite3.Connection) -> None:
        held.set()
        assert go.wait(20)

    writing = asyncio.ensure_future(sqlite._write(hold))
    await asyncio.sleep(0)
    assert held.wait(20)
    assert await sqlite.locate(lookup("hana")) is not None
    go.set()
    await writing


@pytest.fixture
async def threads_before() -> AsyncIterator[set[threading.Thread]]:
    """The threads that were there before."""
    yield set(threading.enumerate())


async def test_threads_end(threads_before: set[threading.Thread], tmp_path: Path) -> None:
    """Closing ends both threads and removes the log; closing twice is no error."""
    store = SqliteStore(tmp_path / "a.db")
    await store.open()
    await store.active_revision()
    await claim_one(store, PlainDoor(), arrival("e1"))
    assert len(set(threading.enumerate()) - threads_before) == 2
    await store.close()
    await store.close()
    assert set(threading.enumerate()) - threads_before == set()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.db", "a.db.lock"]


async def test_files_are_closed_to_others(sqlite: SqliteStore, tmp_path: Path) -> None:
    """The database, its log and its lock can be read by their owner only."""
    await claim_one(sqlite, PlainDoor(), arrival("e1"))
    modes = {file.name: file.stat().st_mode & 0o777 for file in tmp_path.iterdir()}
    assert set(modes) == {"engawa.db", "engawa.db-wal", "engawa.db-shm", "engawa.db.lock"}
    assert set(modes.values()) == {0o600}


async def test_a_restart_goes_on_at_once(tmp_path: Path) -> None:
    """What a killed process had in its hands is free for the next one, without waiting."""
    store = SqliteStore(tmp_path / "a.db")
    await store.open()
    door = PlainDoor()
    claim = await claim_one(store, door, arrival("e1"))
    await store.save_turn(turn(claim, outbox=(to_send(claim, 1),)), NOW, LEASE)
    await store.claim_sends(NOW, LEASE, 1, push)
    await claim_one(store, door, arrival("e2"))
    await store.close()
    await store.open()
    (again,) = await store.claim_waiting(NOW, LEASE, 10)
    assert [inbound.event for inbound in again.inbounds] == [b"e2"]
    (out,) = await store.claim_sends(NOW, LEASE, 1, push)
    assert (out.row.seq, out.row.tries) == (1, 2)
    await store.close()


async def test_one_process_serves(sqlite: SqliteStore, tmp_path: Path) -> None:
    """A second serving store is refused; a command beside it may work, and frees nothing."""
    await claim_one(sqlite, PlainDoor(), arrival("e1"))
    second = SqliteStore(tmp_path / "engawa.db")
    with pytest.raises(StoreUnavailableError, match="served by another process"):
        await second.open()
    beside = SqliteStore(tmp_path / "engawa.db", exclusive=False)
    await beside.open()
    assert await beside.locate(lookup("hana")) is not None
    await beside.add_counts([Count("2027-01-11", "line", "door")])
    assert await beside.claim_waiting(NOW, LEASE, 10) == ()
    await beside.close()
    assert len(await sqlite.counts("")) == 1


class Locked:
    """Another connection that holds the database."""

    def __init__(self, path: Path) -> None:
        self.connection = sqlite3.connect(path, isolation_level=None)
        self.connection.execute("BEGIN EXCLUSIVE")

    def release(self) -> None:
        """Let go."""
        self.connection.execute("ROLLBACK")
        self.connection.close()


@pytest.fixture
def locked(sqlite: SqliteStore, tmp_path: Path) -> Iterator[Locked]:
    """The database, locked by somebody else until the end of the test."""
    other = Locked(tmp_path / "engawa.db")
    yield other
    other.release()


async def test_a_locked_database(sqlite: SqliteStore, locked: Locked) -> None:
    """Where another process holds the lock, verbs are refused with one sentence, then go on."""
    door = PlainDoor()
    with pytest.raises(StoreUnavailableError, match="is locked by another process; nothing was"):
        await receive(sqlite, door, arrival("e1"))
    with pytest.raises(StoreUnavailableError, match="is locked"):
        await sqlite.ping()
    locked.connection.execute("ROLLBACK")
    claim = await claim_one(sqlite, door, arrival("e1"))
    assert [inbound.event for inbound in claim.inbounds] == [b"e1"]
    locked.connection.execute("BEGIN")


async def test_a_full_disk(sqlite: SqliteStore) -> None:
    """Where there is no room, a verb is refused whole, and works again once there is."""
    door = PlainDoor()
    claim = await claim_one(sqlite, door, arrival("e1"))
    pages = await sqlite._write(lambda c: c.execute("PRAGMA page_count").fetchone()[0])
    await sqlite._write(lambda c: c.execute(f"PRAGMA max_page_count = {pages}").fetchall())
    write = turn(claim, messages=(said(claim, 1, bytes(100_000)),))
    with pytest.raises(StoreUnavailableError, match="has no room left on the disk"):
        await sqlite.save_turn(write, NOW, LEASE)
    assert await sqlite.transcript("conversation-1", 0, 10) == ()
    await sqlite._write(lambda c: c.execute("PRAGMA max_page_count = 1000000").fetchall())
    await sqlite.save_turn(write, NOW, LEASE)
    assert len(await sqlite.transcript("conversation-1", 0, 10)) == 1


async def test_a_full_disk_in_a_group(sqlite: SqliteStore) -> None:
    """On a full disk every turn of a group is answered: kept, or refused whole."""
    claims = await many_claims(sqlite, PlainDoor(), 20)
    pages = await sqlite._write(lambda c: c.execute("PRAGMA page_count").fetchone()[0])
    await sqlite._write(lambda c: c.execute(f"PRAGMA max_page_count = {pages + 10}").fetchall())
    writes = [turn(claim, messages=(said(claim, 1, bytes(5000)),)) for claim in claims]
    results = await asyncio.gather(
        *(sqlite.save_turn(write, NOW, LEASE) for write in writes), return_exceptions=True
    )
    kept = [not isinstance(result, BaseException) for result in results]
    refused = [result for result in results if isinstance(result, BaseException)]
    assert refused
    assert {type(error) for error in refused} == {StoreUnavailableError}
    for claim, whole in zip(claims, kept, strict=True):
        rows = await sqlite.transcript(claim.lane.conversation.id, 0, 9)
        assert len(rows) == int(whole)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        pytest.param(b"this is a letter, not a database" * 40, "is not a database", id="letter"),
        pytest.param(None, "can't be opened", id="folder"),
    ],
)
async def test_not_a_database(tmp_path: Path, content: bytes | None, sentence: str) -> None:
    """A path that is no database is refused with one sentence and no thread is left."""
    path = tmp_path / "letter"
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    before = threading.active_count()
    store = SqliteStore(path)
    with pytest.raises(StoreUnavailableError, match=sentence):
        await store.open()
    assert threading.active_count() == before


async def test_a_damaged_database(tmp_path: Path) -> None:
    """A database with foreign bytes in its middle is refused as damaged, not served."""
    store = SqliteStore(tmp_path / "a.db")
    await store.open()
    await many_claims(store, PlainDoor(), 50)
    await store.close()
    data = bytearray((tmp_path / "a.db").read_bytes())
    data[4096:] = b"\xa5" * (len(data) - 4096)
    (tmp_path / "a.db").write_bytes(data)
    with pytest.raises(StoreUnavailableError, match="is damaged"):
        await store.open()


class CanaryDoor(PlainDoor):
    """A door whose every field can be found again in a file."""

    def newcomer(self, arrival: Arrival) -> Newcomer:
        """A newcomer with canaries in all fields."""
        contact, address = "CANARY contact", "CANARY address"
        key = b"CANARY key" * 9
        return Newcomer(
            Contact(contact, "CANARY kek", key),
            Address(address, contact, "CANARY channel", arrival.lookup, key, b"CANARY id"),
            Conversation("CANARY conversation", contact, address, key, b"CANARY session" * 40),
        )

    def seal(self, arrival: Arrival, lane: Lane) -> bytes:
        """A canary as the body."""
        return b"CANARY inbound" * 20


def held(folder: Path) -> bytes:
    """Every byte of the database, its log and its index."""
    return b"".join((folder / f"engawa.db{end}").read_bytes() for end in ("", "-wal", "-shm"))


async def test_no_erased_byte_stays(sqlite: SqliteStore, tmp_path: Path) -> None:
    """After an erase none of the person's bytes are in the database, its log or its index."""
    door, turns = PlainDoor(), range(1, 60)
    for claim in await many_claims(sqlite, door, 40):
        await sqlite.save_turn(turn(claim, messages=(said(claim, 1, b"other"),)), NOW, LEASE)
    claim = await claim_one(sqlite, CanaryDoor(), arrival("e", "CANARY", message_ref=b"CANARY ref"))
    for seq in turns:
        fields = {"session": b"CANARY later session" * seq, "version": seq, "shape": "CANARY shape"}
        write = turn(
            claim,
            messages=(said(claim, seq, b"CANARY text " * seq, b"CANARY %d" % seq),),
            outbox=(to_send(claim, seq, reason="CANARY reason"),),
            timers=(Timer("silence", NOW + seq, "CANARY data"),),
            conversation=fields,
        )
        await sqlite.save_turn(write, NOW, LEASE)
        await receive(sqlite, door, arrival(f"other {seq}", person=f"p{seq}"))
    assert held(tmp_path).count(b"CANARY") > 1000
    await sqlite.erase(claim.lane.contact.id, NOW)
    assert b"CANARY" not in held(tmp_path)
    assert await sqlite.locate(lookup("p1")) is not None


async def test_a_log_in_use_is_cut_later(sqlite: SqliteStore, tmp_path: Path) -> None:
    """While somebody reads, the erase stands but the log stays; the next commit empties it."""
    claim = await claim_one(sqlite, PlainDoor(), arrival("e1"))
    with closing(sqlite3.connect(tmp_path / "engawa.db", isolation_level=None)) as other:
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM contact").fetchone()
        await sqlite.erase(claim.lane.contact.id, NOW)
        assert await sqlite.locate(lookup("hana")) is None
        await sqlite.ping()
        cut = [sqlite.log_is_cut]
        other.execute("COMMIT")
    await sqlite.ping()
    assert [*cut, sqlite.log_is_cut] == [False, True]
    assert (tmp_path / "engawa.db-wal").stat().st_size == 0


async def test_retention_leaves_no_byte(sqlite: SqliteStore, tmp_path: Path) -> None:
    """What retention deletes is gone from the file and its log too."""
    claim = await claim_one(sqlite, PlainDoor(), arrival("e1"))
    write = turn(claim, messages=(said(claim, 1, b"CANARY text"),))
    await sqlite.save_turn(write, NOW, LEASE)
    await sqlite.retention(NOW + 8 * DAY, Retention())
    for name in ("engawa.db", "engawa.db-wal"):
        assert b"CANARY" not in (tmp_path / name).read_bytes()


async def test_a_broken_rule_of_the_schema_is_no_disk_fault(sqlite: SqliteStore) -> None:
    """A row that the schema refuses is reported as our own mistake, not as an outage."""
    claim = await claim_one(sqlite, PlainDoor(), arrival("e1"))
    write = turn(claim, messages=(said(claim, 1, b"a"), said(claim, 1, b"b")))
    with pytest.raises(StoreError, match="UNIQUE constraint failed") as caught:
        await sqlite.save_turn(write, NOW, LEASE)
    assert not isinstance(caught.value, StoreUnavailableError)
