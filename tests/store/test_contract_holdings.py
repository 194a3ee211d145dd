"""The store's contract: what is held, by kind, and when the next of it goes."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from bot.engine.events import Timer
from bot.services.ports import Retention, Store
from bot.services.records import Code, Count, Holding, OutboxStatus, Serious, Settlement
from bot.store.sqlite import SqliteStore
from bot.store.sqlite.holdings import HOUSEKEEPING, TABLES
from bot.store.sqlite.retention import NEXT
from tests.store.people import (
    DAY,
    LEASE,
    NOW,
    PlainDoor,
    arrival,
    claim_one,
    coming,
    four_words,
    push,
    receive,
    said,
    to_send,
    turn,
)

RULES = Retention()
MIDNIGHT = (NOW // DAY) * DAY


async def fill(store: Store) -> str:
    """Something of every kind, of two people; one of the contacts."""
    door = PlainDoor()
    claim = await claim_one(store, door, arrival("e1", at=NOW - 5))
    write = turn(
        claim,
        messages=(said(claim, 1, b"a"), said(claim, 2, b"b")),
        outbox=(to_send(claim, 1),),
        timers=(Timer("silence", NOW + 60),),
        codes=(four_words(claim), Code(b"link", "door", claim.lane.contact.id, NOW + 9)),
        counts=(Count("2027-01-11", "line", "door"),),
        serious=(Serious("s1", NOW, 3, "rule", "card"),),
        conversation={"last_seen": NOW},
    )
    await store.save_turn(write, NOW, LEASE)
    await receive(store, door, arrival("k1", person="ken", at=NOW))
    await store.count_tries([b"k"], NOW, 3_600_000)
    await store.unsend("line", b"ref", NOW)
    await store.publish("r1", {"a": b"", "b": b""}, NOW - 1)
    return claim.lane.contact.id


SHELL = RULES.shell + NOW + 1
HANA = (
    Holding("contact", 1, NOW - 5, SHELL),
    Holding("address", 1, NOW - 5, SHELL),
    Holding("conversation", 1, NOW - 5, SHELL),
    Holding("message", 2, NOW, NOW + RULES.messages + 1),
    Holding("inbound", 0),
    Holding("outbox", 1, NOW),
    Holding("timer", 1),
    Holding("code", 2, 0, NOW + 9),
)


async def test_what_is_held_of_one(store: Store) -> None:
    """Of a contact: how many rows of each kind, since when, and when the next goes."""
    assert await store.holdings(NOW, RULES, await fill(store)) == HANA


async def test_what_is_held_of_nobody(store: Store) -> None:
    """A contact that was never here has nothing of any kind."""
    await fill(store)
    lines = await store.holdings(NOW, RULES, "contact-9")
    assert {(line.rows, line.oldest, line.next_gone) for line in lines} == {(0, 0, 0)}


async def test_what_is_held_of_everybody(store: Store) -> None:
    """Of all: also the rows that belong to nobody."""
    await fill(store)
    lines = {line.kind: line for line in await store.holdings(NOW, RULES)}
    marks = MIDNIGHT + DAY + RULES.dedupe
    assert [lines[kind].rows for kind in ("contact", "message", "inbound")] == [2, 2, 1]
    assert lines["seen"] == Holding("seen", 2, MIDNIGHT, marks)
    assert lines["unsent"] == Holding("unsent", 1, MIDNIGHT, marks)
    assert lines["tries"] == Holding("tries", 1, 0, NOW + 3_600_000)
    assert lines["serious"] == Holding("serious", 1, NOW, NOW + RULES.serious + 1)
    assert lines["count"] == Holding("count", 1)
    assert lines["revision"] == Holding("revision", 1, NOW - 1)
    assert lines["revision_file"] == Holding("revision_file", 2)


async def test_every_table_is_named(sqlite: SqliteStore) -> None:
    """A table of the schema that the inventory doesn't know, or knows twice, is a fault."""
    query = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
    tables = [name for (name,) in await sqlite._read(lambda c: c.execute(query).fetchall())]
    assert sorted([*(table.name for table in TABLES), *HOUSEKEEPING]) == tables


async def test_every_table_can_be_asked(store: Store) -> None:
    """An empty store holds nothing, kind by kind, and nothing is due to go."""
    assert {line.rows for line in await store.holdings(NOW, RULES)} == {0}
    assert await store.next_expiry(RULES) is None


async def test_to_the_millisecond(store: Store) -> None:
    """Just before the next expiry retention finds nothing, at it something, until all is gone."""
    await fill(store)
    due = await store.next_expiry(RULES)
    rounds = 0
    while due is not None:
        assert sum((await store.retention(due - 1, RULES)).values()) == 0
        assert sum((await store.retention(due, RULES)).values()) > 0
        due, rounds = await store.next_expiry(RULES), rounds + 1
    left = {line.kind: line.rows for line in await store.holdings(NOW, RULES) if line.rows}
    # Ken's word still waits for its turn, so he is not forgotten; sums and revisions are kept.
    assert left.keys() >= {"contact", "inbound", "count", "revision", "revision_file"}
    assert (left["contact"], rounds) == (1, 7)


@pytest.mark.parametrize(
    ("status", "after"),
    [
        pytest.param("sent", RULES.outbox, id="sent"),
        pytest.param("withdrawn", RULES.outbox, id="withdrawn"),
        pytest.param("dead", RULES.dead_letters, id="dead"),
        pytest.param("waiting", None, id="still waiting"),
    ],
)
async def test_requests_that_ended(store: Store, status: OutboxStatus, after: int | None) -> None:
    """A request goes its own time after it ended; one that waits goes with its person."""
    claim = await claim_one(store, PlainDoor(), arrival("e1"))
    await store.save_turn(turn(claim, outbox=(to_send(claim, 1),)), NOW, LEASE)
    await store.claim_sends(NOW, LEASE, 9, push)
    await store.settle_sends([Settlement("conversation-1/1", status)], NOW)
    due = 0 if after is None else NOW + after + 1
    assert Holding("outbox", 1, NOW, due) in await store.holdings(NOW, RULES)


async def test_doorsteps_go_with_the_texts(store: Store) -> None:
    """The small session of a former address is emptied when the texts go."""
    claim = await claim_one(store, PlainDoor(), arrival("e1"))
    await store.save_turn(turn(claim, codes=(four_words(claim),)), NOW, LEASE)
    received = await store.move(coming(claim.lane.contact.id, "phone"), NOW, LEASE)
    assert received is not None
    (after,) = received.claims
    (former,) = after.elsewhere
    write = turn(
        after, addresses=(replace(former, session=b"small"),), conversation={"last_seen": NOW}
    )
    await store.save_turn(write, NOW, LEASE)
    rules = Retention(messages=100, dedupe=99 * DAY)
    assert await store.next_expiry(rules) == NOW + 101
    gone = await store.retention(NOW + 101, rules)
    assert (gone["doorsteps"], gone["messages"]) == (1, 0)


@pytest.mark.parametrize("query", [pytest.param(each, id=str(n)) for n, each in enumerate(NEXT)])
async def test_looking_for_the_next_is_no_walk(sqlite: SqliteStore, query: str) -> None:
    """Each part of the look at what goes next starts at the end of an index."""
    rules = dict.fromkeys(Retention.__struct_fields__, 0)
    plan = await sqlite._read(lambda c: c.execute(f"EXPLAIN QUERY PLAN {query}", rules).fetchall())
    steps = [step[-1] for step in plan]
    assert all("INDEX" in step or "PRIMARY KEY" in step for step in steps if "SEARCH" in step)
    assert [step for step in steps if step.startswith("SCAN") and "INDEX" not in step] in (
        [],
        ["SCAN (subquery-1)"],
    )
