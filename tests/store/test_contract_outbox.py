"""The store's contract: what may leave, in which order, and how it ends."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from bot.services.ports import Outgoing, Store
from bot.services.records import OutboxClass, OutboxRow, OutboxStatus, Settlement, Via
from tests.store.people import (
    LEASE,
    NOW,
    PlainDoor,
    arrival,
    claim_one,
    coming,
    four_words,
    lookup,
    nowhere,
    push,
    receive,
    to_send,
    turn,
)

CLASSES: tuple[OutboxClass, ...] = ("info", "notice", "turn", "staff", "crisis")


async def given(store: Store, *rows: tuple[int, OutboxClass], person: str = "hana") -> None:
    """A conversation with these rows (seq, class) to be sent."""
    claim = await claim_one(store, PEOPLE, arrival(f"from {person} {rows}", person=person))
    outbox = tuple(to_send(claim, seq, speech) for seq, speech in rows)
    await store.save_turn(turn(claim, outbox=outbox), NOW, LEASE)


PEOPLE = PlainDoor()


@pytest.fixture(autouse=True)
def _fresh_people(monkeypatch: pytest.MonkeyPatch) -> None:
    """Newcomers are numbered from 1 in each test."""
    monkeypatch.setattr(f"{__name__}.PEOPLE", PlainDoor())


async def send(store: Store, now: int = NOW, limit: int = 10) -> list[Outgoing]:
    """Lease what may leave by push."""
    return list(await store.claim_sends(now, LEASE, limit, push))


def seqs(out: list[Outgoing]) -> list[int]:
    """The seqs of leased rows."""
    return [each.row.seq for each in out]


async def test_a_row_is_leased_before_it_leaves(store: Store) -> None:
    """A leased row says by which road, how often and since when; others can't lease it."""
    await given(store, (1, "turn"))
    (out,) = await send(store, NOW + 5)
    assert (out.row.status, out.row.via, out.row.tries) == ("sending", "push", 1)
    assert (out.row.first_at, out.row.next_at) == (NOW + 5, NOW + 5 + LEASE)
    assert (out.row.sealed, out.row.retry_key) == (b"request 1", "key 1")
    assert out.lane == await store.locate(lookup("hana"))
    assert await store.outbox_rows(("sending",), 10) == (out.row,)
    assert await send(store, NOW + 6) == []


async def test_one_row_of_a_conversation_at_a_time(store: Store) -> None:
    """The second row leaves only when the first has come to its end; people don't wait in line."""
    await given(store, (1, "turn"), (2, "turn"))
    await given(store, (1, "turn"), person="ken")
    out = await send(store)
    assert [each.row.id for each in out] == ["conversation-1/1", "conversation-2/1"]
    assert await send(store) == []
    await store.settle_sends([Settlement(out[0].row.id, "sent")], NOW)
    assert seqs(await send(store)) == [2]


async def test_a_retry_holds_back_what_follows(store: Store) -> None:
    """A row to be tried again later is still the lowest unsent one."""
    await given(store, (1, "turn"), (2, "turn"))
    (out,) = await send(store)
    await store.settle_sends([Settlement(out.row.id, "new", NOW + 100, "throttled")], NOW)
    assert await send(store, NOW + 99) == []
    assert await store.next_due() == NOW + 100  # the row behind it has no time of its own
    (again,) = await send(store, NOW + 100)
    assert (again.row.seq, again.row.tries, again.row.reason) == (1, 2, "throttled")
    assert again.row.first_at == NOW


async def test_crisis_overtakes(store: Store) -> None:
    """A crisis row leaves at once past unsent rows, and rows behind it wait for it."""
    await given(store, (1, "turn"), (2, "crisis"), (3, "crisis"), (4, "turn"))
    assert seqs(await send(store)) == [2, 1]
    await store.settle_sends([Settlement("conversation-1/1", "sent")], NOW)
    assert seqs(await send(store)) == []
    await store.settle_sends([Settlement("conversation-1/2", "sent")], NOW)
    assert seqs(await send(store)) == [3]
    await store.settle_sends([Settlement("conversation-1/3", "sent")], NOW)
    assert seqs(await send(store)) == [4]


async def test_a_crisis_withdraws_turns(store: Store) -> None:
    """A turn in crisis withdraws flow rows, also one on its way, but not staff's or its own."""
    await given(store, (1, "turn"), (2, "staff"), (3, "turn"), (4, "notice"), (5, "info"))
    assert seqs(await send(store)) == [1]
    claim = await claim_one(store, PEOPLE, arrival("crisis"))
    rows = (to_send(claim, 6, "crisis"), to_send(claim, 7))
    await store.save_turn(turn(claim, outbox=rows, withdraw_turns=True), NOW, LEASE)
    assert [row.seq for row in await store.outbox_rows(("withdrawn",), 10)] == [1, 3, 4, 5]
    assert [row.seq for row in await store.outbox_rows(("new",), 10)] == [2, 6, 7]


@pytest.mark.parametrize("status", ["new", "waiting", "sent"])
async def test_what_a_crisis_overtook_is_not_tried_again(
    store: Store, status: OutboxStatus
) -> None:
    """A flow row that was on its way when the crisis came stays withdrawn, however it ended."""
    await given(store, (1, "turn"))
    (out,) = await send(store)
    assert await store.is_leased(out.row.id)
    claim = await claim_one(store, PEOPLE, arrival("crisis"))
    rows = (to_send(claim, 2, "crisis"),)
    await store.save_turn(turn(claim, outbox=rows, withdraw_turns=True), NOW, LEASE)
    assert not await store.is_leased(out.row.id)
    await store.settle_sends([Settlement(out.row.id, status)], NOW)
    assert [row.seq for row in await store.outbox_rows(("withdrawn",), 10)] == [1]
    assert seqs(await send(store)) == [2]
    assert seqs(await send(store, NOW + LEASE)) == [2]  # as after a crash: the crisis alone


async def test_a_crisis_without_pushes_holds_up_nobody(store: Store) -> None:
    """A crisis row that found no push left is tried later; meanwhile others leave, not before."""
    await given(store, (1, "crisis"), (2, "crisis"), (3, "turn"))
    (out,) = await send(store)
    assert out.row.seq == 1
    assert await send(store) == []  # while it is on its way the others wait
    at_once = Settlement(out.row.id, "new", NOW, "quota")
    await store.settle_sends([at_once], NOW)
    assert seqs(await send(store)) == [1]  # to be tried at once: it still goes first
    await store.settle_sends([Settlement(out.row.id, "new", NOW + 9, "quota")], NOW)
    assert await store.next_due() == NOW
    assert seqs(await send(store)) == [2]
    await store.settle_sends([Settlement("conversation-1/2", "sent")], NOW)
    assert seqs(await send(store)) == [3]


async def test_a_crisis_without_pushes_may_ride(store: Store) -> None:
    """The next turn of the person learns of the crisis row, and may carry and replace it."""
    await given(store, (1, "crisis"))
    await send(store)
    await store.settle_sends([Settlement("conversation-1/1", "new", NOW + 9, "quota")], NOW)
    claim = await claim_one(store, PEOPLE, arrival("next"))
    assert [row.seq for row in claim.waiting] == [1]
    ids = tuple(row.id for row in claim.waiting)
    await store.save_turn(turn(claim, withdraw=ids), NOW, LEASE)
    assert [row.seq for row in await store.outbox_rows(("withdrawn",), 10)] == [1]


async def test_a_crisis_withdraws_what_waits(store: Store) -> None:
    """Flow rows that wait for a road are withdrawn by a crisis too; a waiting staff row is not."""
    await given(store, (1, "turn"), (2, "staff"))
    for _ in range(2):  # the staff row is looked at once the turn's row no longer goes before it
        await store.claim_sends(NOW, LEASE, 10, nowhere)
    claim = await claim_one(store, PEOPLE, arrival("crisis"))
    await store.save_turn(turn(claim, withdraw_turns=True), NOW, LEASE)
    assert [row.seq for row in await store.outbox_rows(("withdrawn",), 10)] == [1]
    assert [row.seq for row in await store.outbox_rows(("waiting",), 10)] == [2]


async def test_a_turn_replaces_rows(store: Store) -> None:
    """Rows that a turn names are withdrawn, unless on their way or of somebody else."""
    await given(store, (1, "turn"), (2, "turn"), (3, "turn"))
    await given(store, (1, "turn"), person="ken")
    await send(store, limit=1)
    claim = await claim_one(store, PEOPLE, arrival("next"))
    names = ("conversation-1/1", "conversation-1/2", "conversation-2/1", "unknown")
    await store.save_turn(turn(claim, withdraw=names), NOW, LEASE)
    withdrawn = await store.outbox_rows(("withdrawn",), 10)
    assert [row.id for row in withdrawn] == ["conversation-1/2"]


async def test_classes_leave_in_order(store: Store) -> None:
    """With many people waiting, crisis rows leave first and reminders last, within the limit."""
    for speech in CLASSES:
        await given(store, (1, speech), person=speech)
    assert [each.row.speech for each in await send(store, limit=2)] == ["crisis", "staff"]
    assert [each.row.speech for each in await send(store)] == ["turn", "notice", "info"]


async def test_due_first_within_a_class(store: Store) -> None:
    """Within a class the row longest due leaves first, and none before its time."""
    claim = await claim_one(store, PEOPLE, arrival("a", person="a"))
    await store.save_turn(turn(claim, outbox=(to_send(claim, 1, next_at=NOW + 2),)), NOW, LEASE)
    claim = await claim_one(store, PEOPLE, arrival("b", person="b"))
    await store.save_turn(turn(claim, outbox=(to_send(claim, 1, next_at=NOW + 1),)), NOW, LEASE)
    assert await send(store) == []
    assert await store.next_due() == NOW + 1
    assert [each.row.conversation for each in await send(store, NOW + 2)] == [
        "conversation-2",
        "conversation-1",
    ]


async def test_no_road_means_waiting(store: Store) -> None:
    """A row without a road waits, holds nobody back, and rides along with the next turn."""
    await given(store, (1, "turn"), (2, "turn"))
    assert await store.claim_sends(NOW, LEASE, 10, nowhere) == ()
    assert [row.seq for row in await store.outbox_rows(("waiting",), 10)] == [1, 2]
    assert await store.next_due() is None
    claim = await claim_one(store, PEOPLE, arrival("token"))
    assert [(row.seq, row.status) for row in claim.waiting] == [(1, "waiting"), (2, "waiting")]
    riding = tuple(row.id for row in claim.waiting)
    write = turn(claim, outbox=(to_send(claim, 3),), withdraw=riding)
    await store.save_turn(write, NOW, LEASE)
    assert seqs(await send(store)) == [3]


async def test_the_road_decides_row_by_row(store: Store) -> None:
    """Where the first row finds no road, the next of the same lane may still leave."""

    def only_even(row: OutboxRow) -> Via:
        return "reply" if row.seq % 2 == 0 else ""

    await given(store, (1, "turn"), (2, "turn"), (3, "turn"))
    (out,) = await store.claim_sends(NOW, LEASE, 10, only_even)
    assert (out.row.seq, out.row.via) == (2, "reply")


async def test_an_attempt_left_behind_comes_again(store: Store) -> None:
    """When a lease runs out, the row comes again; the road sees by which way it went before."""
    await given(store, (1, "turn"))
    await store.claim_sends(NOW, LEASE, 10, lambda row: "reply")
    assert await send(store, NOW + LEASE - 1) == []
    assert await store.next_due() == NOW + LEASE
    seen: list[tuple[str, str, int]] = []

    def remember(row: OutboxRow) -> Via:
        seen.append((row.status, row.via, row.tries))
        return "push"

    (out,) = await store.claim_sends(NOW + LEASE, LEASE, 10, remember)
    assert seen == [("sending", "reply", 1)]
    assert (out.row.via, out.row.tries, out.row.first_at) == ("push", 2, NOW)


@pytest.mark.parametrize(
    "status", ["sent", "inferred", "unknown", "withdrawn", "undeliverable", "dead", "waiting"]
)
async def test_an_end_lets_the_next_row_leave(store: Store, status: OutboxStatus) -> None:
    """However an attempt ended, it is kept with its reason, and the row behind it may leave."""
    await given(store, (1, "turn"), (2, "turn"))
    (out,) = await send(store)
    await store.settle_sends([Settlement(out.row.id, status, reason="code")], NOW)
    (row,) = await store.outbox_rows((status,), 10)
    assert (row.id, row.reason) == (out.row.id, "code")
    assert seqs(await send(store)) == [2]


@pytest.mark.parametrize(
    ("status", "left"),
    [
        pytest.param("sent", b"", id="sent"),
        pytest.param("inferred", b"", id="inferred"),
        pytest.param("withdrawn", b"", id="withdrawn"),
        pytest.param("undeliverable", b"", id="undeliverable"),
        pytest.param("unknown", b"request 1", id="unknown: somebody must look"),
        pytest.param("dead", b"request 1", id="dead: somebody must look"),
        pytest.param("waiting", b"request 1", id="waiting"),
        pytest.param("new", b"request 1", id="to be tried again"),
    ],
)
async def test_what_has_ended_is_emptied(store: Store, status: OutboxStatus, left: bytes) -> None:
    """The request of a row that is never looked at again goes as it ends."""
    await given(store, (1, "turn"))
    (out,) = await send(store)
    await store.settle_sends([Settlement(out.row.id, status, NOW)], NOW)
    (row,) = await store.outbox_rows((status,), 10)
    assert row.sealed == left


async def _overtaken(store: Store) -> None:
    claim = await claim_one(store, PEOPLE, arrival("crisis"))
    await store.save_turn(turn(claim, withdraw_turns=True), NOW, LEASE)


async def _replaced(store: Store) -> None:
    claim = await claim_one(store, PEOPLE, arrival("next"))
    await store.save_turn(turn(claim, withdraw=("conversation-1/1",)), NOW, LEASE)


async def _blocked(store: Store) -> None:
    await store.set_blocked(lookup("hana"), True, NOW)


async def _moved(store: Store) -> None:
    claim = await claim_one(store, PEOPLE, arrival("code"))
    await store.save_turn(turn(claim, codes=(four_words(claim),)), NOW, LEASE)
    await store.move(coming(claim.lane.contact.id, "phone"), NOW, LEASE)


@pytest.mark.parametrize("ending", [_overtaken, _replaced, _blocked, _moved])
async def test_what_is_withdrawn_is_emptied(
    store: Store, ending: Callable[[Store], Awaitable[None]]
) -> None:
    """However a row is overtaken before it left, its request goes at once."""
    await given(store, (1, "turn"))
    await ending(store)
    (row,) = await store.outbox_rows(("withdrawn",), 10)
    assert row.sealed == b""


async def test_what_is_refused_is_emptied(store: Store) -> None:
    """A row for a blocked address leaves no request behind."""
    claim = await claim_one(store, PEOPLE, arrival("e1"))
    await store.set_blocked(lookup("hana"), True, NOW)
    await store.save_turn(turn(claim, outbox=(to_send(claim, 1),)), NOW, LEASE)
    assert await send(store) == []
    (row,) = await store.outbox_rows(("undeliverable",), 10)
    assert row.sealed == b""


async def test_only_what_was_leased_is_settled(store: Store) -> None:
    """A settlement for a row that isn't being sent, or isn't there, changes nothing."""
    await given(store, (1, "turn"))
    ends = [Settlement("conversation-1/1", "dead"), Settlement("nothing", "sent")]
    await store.settle_sends(ends, NOW)
    assert [row.status for row in await store.outbox_rows(("new", "dead", "sent"), 9)] == ["new"]
    await send(store)
    await store.settle_sends([Settlement("conversation-1/1", "sent")], NOW)
    await store.settle_sends([Settlement("conversation-1/1", "dead")], NOW)
    assert [row.status for row in await store.outbox_rows(("dead", "sent"), 9)] == ["sent"]


async def test_a_block_withdraws(store: Store) -> None:
    """Blocking withdraws the address's unsent rows and nobody else's."""
    await given(store, (1, "turn"), (2, "turn"), (3, "turn"))
    await given(store, (1, "turn"), person="ken")
    await send(store, limit=1)
    await store.set_blocked(lookup("hana"), True, NOW)
    withdrawn = await store.outbox_rows(("withdrawn",), 10)
    assert [(row.id, row.reason) for row in withdrawn] == [
        ("conversation-1/2", "blocked"),
        ("conversation-1/3", "blocked"),
    ]
    assert [row.status for row in await store.outbox_rows(("sending", "new"), 10)] == [
        "sending",
        "new",
    ]
    lane = await store.locate(lookup("hana"))
    assert lane is not None
    assert lane.address.status == "blocked"


async def test_nothing_is_sent_to_who_blocked(store: Store) -> None:
    """A row written for a blocked address ends as undeliverable, and the next one too."""
    claim = await claim_one(store, PEOPLE, arrival("e1"))
    await store.set_blocked(lookup("hana"), True, NOW)
    rows = (to_send(claim, 1), to_send(claim, 2, "crisis"))
    await store.save_turn(turn(claim, outbox=rows), NOW, LEASE)
    assert await send(store) == []
    refused = await store.outbox_rows(("undeliverable",), 10)
    assert [(row.seq, row.reason) for row in refused] == [(1, "blocked"), (2, "blocked")]


@pytest.mark.parametrize("by", ["writing", "unblocking"])
async def test_who_comes_back_is_reached_again(store: Store, by: str) -> None:
    """Somebody who blocked and then writes, or unblocks, is an active address again."""
    await given(store, (1, "turn"))
    await store.set_blocked(lookup("hana"), True, NOW)
    if by == "writing":
        claim = await claim_one(store, PEOPLE, arrival("back"))
        assert claim.lane.address.status == "active"
    else:
        await store.set_blocked(lookup("hana"), False, NOW)
    lane = await store.locate(lookup("hana"))
    assert lane is not None
    assert lane.address.status == "active"


@pytest.mark.parametrize(
    ("events", "status"),
    [
        pytest.param([("block", 5), ("unblock", 9)], "active", id="in order"),
        pytest.param([("unblock", 9), ("block", 5)], "active", id="a block comes late"),
        pytest.param([("block", 9), ("unblock", 5)], "blocked", id="an unblock comes late"),
        pytest.param([("block", 9), ("write", 5)], "blocked", id="words from before the block"),
        pytest.param([("block", 5), ("write", 9)], "active", id="words after the block"),
        pytest.param([("block", 5), ("write", 9), ("block", 5)], "active", id="a block twice"),
        pytest.param([("block", 9), ("write", 0)], "active", id="a tap without a time"),
        pytest.param([("learn", 0), ("write", 1)], "active", id="learned by sending, then words"),
        pytest.param([("unblock", 9), ("learn", 0)], "blocked", id="learned by sending"),
    ],
)
async def test_blocks_count_by_their_own_time(
    store: Store, events: list[tuple[str, int]], status: str
) -> None:
    """Blocks, unblocks and words count in the order of their events, not of their arrival."""
    await receive(store, PEOPLE, arrival("first", at=1), lease=0)
    for number, (what, at) in enumerate(events):
        if what == "write":
            await receive(store, PEOPLE, arrival(f"e{number}", at=at), lease=0)
        else:
            await store.set_blocked(lookup("hana"), what != "unblock", NOW, at)
    lane = await store.locate(lookup("hana"))
    assert lane is not None
    assert lane.address.status == status


async def test_blocking_a_stranger(store: Store) -> None:
    """A block by somebody who never wrote is nothing to keep."""
    await store.set_blocked(lookup("nobody"), True, NOW)
    assert await store.locate(lookup("nobody")) is None


async def test_a_failing_road_leases_nothing(store: Store) -> None:
    """If the choice of a road fails, no row is left half leased."""
    await given(store, (1, "turn"))
    await given(store, (1, "turn"), person="ken")

    def fails_at_ken(row: OutboxRow) -> Via:
        return "push" if row.conversation == "conversation-1" else _fail()

    with pytest.raises(ZeroDivisionError):
        await store.claim_sends(NOW, LEASE, 10, fails_at_ken)
    assert len(await store.outbox_rows(("new",), 10)) == 2


def _fail() -> Via:
    raise ZeroDivisionError


async def test_outbox_rows_by_status(store: Store) -> None:
    """Rows are listed by status, oldest first, no more than asked for."""
    await given(store, (2, "turn"), (1, "info"))
    await given(store, (1, "turn"), person="ken")
    rows = await store.outbox_rows(("new", "dead"), 2)
    assert [row.id for row in rows] == ["conversation-1/2", "conversation-1/1"]
    assert await store.outbox_rows((), 10) == ()
