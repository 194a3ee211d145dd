"""The store's contract: filing arrivals, claiming lanes, saving turns, failing and coming back."""

from __future__ import annotations

import msgspec
import pytest

from bot.engine.events import Timer
from bot.errors import LostFenceError, StoreUnavailableError
from bot.services.ports import Store
from bot.services.records import Arrival, Claim, Count, Lane
from tests.store.people import (
    DAY,
    LEASE,
    NOW,
    PlainDoor,
    arrival,
    claim_one,
    lookup,
    receive,
    said,
    to_send,
    turn,
)


def events(claim: Claim) -> list[bytes]:
    """The events of a claim's inbounds, in their order."""
    return [inbound.event for inbound in claim.inbounds]


async def test_a_newcomer_is_kept(store: Store) -> None:
    """Somebody who was never here gets a lane with their sealed inbound in it."""
    claim = await claim_one(store, PlainDoor(), arrival("e1", message_ref=b"m1", at=NOW - 5))
    (inbound,) = claim.inbounds
    assert claim.fence == 1
    assert (inbound.event, inbound.at, inbound.message_ref) == (b"e1", NOW - 5, b"m1")
    assert inbound.sealed == b"body of e1 in conversation-1"
    assert (inbound.conversation, inbound.tries) == ("conversation-1", 0)
    assert await store.locate(lookup("hana")) == claim.lane
    assert claim.lane.address.platform_id == b"platform id"


async def test_a_stranger_is_not_located(store: Store) -> None:
    """An address that never wrote has no lane."""
    assert await store.locate(lookup("nobody")) is None


async def test_a_duplicate_is_dropped(store: Store) -> None:
    """The same event in one delivery, in the next, or after its turn makes one inbound only."""
    door = PlainDoor()
    first = await receive(store, door, arrival("e1"), arrival("e1"))
    assert (first.duplicates, [events(claim) for claim in first.claims]) == (1, [[b"e1"]])
    again = await receive(store, door, arrival("e1"))
    assert (again.claims, again.parked, again.duplicates) == ((), 0, 1)
    await store.save_turn(turn(first.claims[0]), NOW, LEASE)
    assert (await receive(store, door, arrival("e1"))).duplicates == 1
    assert await store.claim_waiting(NOW + DAY, LEASE, 10) == ()


async def test_the_order_is_that_of_the_platform(store: Store) -> None:
    """Within a delivery inbounds stand by their event time, then as they were given."""
    claim = await claim_one(
        store,
        PlainDoor(),
        arrival("late", at=NOW + 2),
        arrival("early", at=NOW),
        arrival("same time", at=NOW),
    )
    assert events(claim) == [b"early", b"same time", b"late"]
    arrived = [inbound.arrived for inbound in claim.inbounds]
    assert arrived == sorted(set(arrived))


async def test_one_claim_for_each_lane(store: Store) -> None:
    """A delivery with several people claims each lane once, with all that waits in it."""
    got = await receive(
        store,
        PlainDoor(),
        arrival("h1"),
        arrival("k1", person="ken", at=NOW + 1),
        arrival("h2", at=NOW + 2),
    )
    assert [events(claim) for claim in got.claims] == [[b"h1", b"h2"], [b"k1"]]


async def test_a_busy_lane_parks(store: Store) -> None:
    """What comes while a lane is worked in waits, and is handed over when the turn is saved."""
    door = PlainDoor()
    claim = await claim_one(store, door, arrival("e1"))
    busy = await receive(store, door, arrival("e2"), arrival("e3"))
    assert (busy.claims, busy.parked) == ((), 2)
    saved = await store.save_turn(turn(claim), NOW, LEASE)
    assert [inbound.event for inbound in saved.more] == [b"e2", b"e3"]
    still_busy = await receive(store, door, arrival("e4"), now=NOW + LEASE - 1)
    assert still_busy.parked == 1
    chain = msgspec.structs.replace(
        claim,
        inbounds=saved.more,
        lane=msgspec.structs.replace(claim.lane, conversation=turn(claim).conversation),
    )
    more = await store.save_turn(turn(chain), NOW, LEASE)
    assert [inbound.event for inbound in more.more] == [b"e3", b"e4"]


async def test_a_saved_turn_frees_the_lane(store: Store) -> None:
    """After the last turn the lane is free: the next arrival claims it under a new fence."""
    door = PlainDoor()
    claim = await claim_one(store, door, arrival("e1"))
    assert (await store.save_turn(turn(claim), NOW, LEASE)).more == ()
    following = await claim_one(store, door, arrival("e2"))
    assert following.fence == claim.fence + 1
    assert following.lane.conversation.version == 1


async def test_a_turn_changes_the_conversation(store: Store) -> None:
    """Every field that a turn may change is kept with it."""
    fields = {
        "session": b"sealed session",
        "revision": "r1",
        "shape": "s1",
        "tier": 2,
        "tier_at": NOW,
        "tier_rule": "rule",
        "message_seq": 3,
        "outbox_seq": 4,
        "last_seen": NOW + 1,
        "owner": "staff-1",
        "epoch": 1,
    }
    claim = await claim_one(store, PlainDoor(), arrival("e1"))
    write = turn(claim, conversation=fields)
    await store.save_turn(write, NOW, LEASE)
    lane = await store.locate(lookup("hana"))
    assert lane is not None
    assert lane.conversation == write.conversation
    assert lane.conversation.session == b"sealed session"


async def test_a_lost_fence_keeps_nothing(store: Store) -> None:
    """A worker whose lease ran out and whose lane was taken writes nothing at all."""
    door = PlainDoor()
    slow = await claim_one(store, door, arrival("e1"))
    (quick,) = await store.claim_waiting(NOW + LEASE, LEASE, 10)
    assert (quick.fence, events(quick)) == (slow.fence + 1, [b"e1"])
    write = turn(
        slow,
        messages=(said(slow, 1, b"text"),),
        outbox=(to_send(slow, 1),),
        timers=(Timer("silence", NOW),),
        counts=(Count("2027-01-11", "line", "turn"),),
    )
    with pytest.raises(LostFenceError):
        await store.save_turn(write, NOW, LEASE)
    assert await store.transcript("conversation-1", 0, 10) == ()
    assert await store.outbox_rows(("new",), 10) == ()
    assert await store.next_due() is None
    assert await store.counts("") == ()
    assert (await store.save_turn(turn(quick), NOW, LEASE)).more == ()


@pytest.mark.parametrize("version", [0, 2, 7], ids=["same", "skipped", "far"])
async def test_a_wrong_version_keeps_nothing(store: Store, version: int) -> None:
    """A turn computed from another version of the conversation is refused."""
    claim = await claim_one(store, PlainDoor(), arrival("e1"))
    with pytest.raises(LostFenceError):
        await store.save_turn(turn(claim, conversation={"version": version}), NOW, LEASE)
    (again,) = await store.claim_waiting(NOW + LEASE, LEASE, 10)
    assert events(again) == [b"e1"]


async def test_a_turn_is_saved_once(store: Store) -> None:
    """The same turn saved a second time is refused, and nothing is doubled."""
    claim = await claim_one(store, PlainDoor(), arrival("e1"))
    write = turn(claim, counts=(Count("2027-01-11", "line", "turn"),))
    await store.save_turn(write, NOW, LEASE)
    with pytest.raises(LostFenceError):
        await store.save_turn(write, NOW, LEASE)
    assert [each.n for each in await store.counts("")] == [1]


async def test_a_killed_worker_is_replaced(store: Store) -> None:
    """When a lease runs out with work undone, the lane can be claimed again, and not before."""
    door = PlainDoor()
    await claim_one(store, door, arrival("e1"))
    await receive(store, door, arrival("e2"))
    assert await store.claim_waiting(NOW + LEASE - 1, LEASE, 10) == ()
    (claim,) = await store.claim_waiting(NOW + LEASE, LEASE, 10)
    assert events(claim) == [b"e1", b"e2"]
    assert await store.claim_waiting(NOW + LEASE, LEASE, 10) == ()


async def test_an_arrival_finds_a_lane_left_behind(store: Store) -> None:
    """A new arrival in a lane whose lease ran out is claimed together with the older inbound."""
    door = PlainDoor()
    await claim_one(store, door, arrival("e1"))
    claim = await claim_one(store, door, arrival("e2"), now=NOW + LEASE)
    assert events(claim) == [b"e1", b"e2"]


@pytest.mark.parametrize("by", ["an arrival", "a search"])
async def test_the_clock_goes_back(store: Store, by: str) -> None:
    """A lane left behind before the clock went back an hour isn't locked for that hour."""
    door = PlainDoor()
    await claim_one(store, door, arrival("e1"))
    earlier = NOW - 3_600_000
    if by == "an arrival":
        (claim,) = (await receive(store, door, arrival("e2"), now=earlier)).claims
    else:
        (claim,) = await store.claim_waiting(earlier, LEASE, 9)
    assert claim.fence == 2


async def test_urgent_lanes_first(store: Store) -> None:
    """Waiting lanes are claimed by risk, then by age, and no more than asked for."""
    door = PlainDoor()
    for person, tier in (("calm", 0), ("later", 1), ("urgent", 3), ("also later", 1)):
        await receive(store, door, arrival(person, person=person, tier=tier), lease=0)
    claims = await store.claim_waiting(NOW, LEASE, 3)
    assert [events(claim) for claim in claims] == [[b"urgent"], [b"later"], [b"also later"]]
    (last,) = await store.claim_waiting(NOW, LEASE, 3)
    assert events(last) == [b"calm"]


async def test_a_failed_turn_is_tried_later(store: Store) -> None:
    """A postponed inbound comes again at its time, with its tries counted."""
    claim = await claim_one(store, PlainDoor(), arrival("e1"))
    await store.postpone(claim, b"e1", NOW + 500, give_up=False)
    assert await store.claim_waiting(NOW + 499, LEASE, 10) == ()
    (again,) = await store.claim_waiting(NOW + 500, LEASE, 10)
    assert [(each.event, each.tries) for each in again.inbounds] == [(b"e1", 1)]
    assert again.fence == claim.fence + 1


async def test_nothing_passes_a_postponed_inbound(store: Store) -> None:
    """What waits behind a postponed inbound waits too; a new arrival tries all again in order."""
    door = PlainDoor()
    claim = await claim_one(store, door, arrival("e1"), arrival("e2"))
    await store.postpone(claim, b"e1", NOW + 500, give_up=False)
    assert await store.claim_waiting(NOW + 1, LEASE, 10) == ()
    again = await claim_one(store, door, arrival("e3"), now=NOW + 1)
    assert events(again) == [b"e1", b"e2", b"e3"]


async def test_a_poisonous_inbound_is_set_aside(store: Store) -> None:
    """An inbound given up never comes again, and those behind it do."""
    claim = await claim_one(store, PlainDoor(), arrival("bad"), arrival("good"))
    await store.postpone(claim, b"bad", NOW, give_up=True)
    (again,) = await store.claim_waiting(NOW, LEASE, 10)
    assert events(again) == [b"good"]


async def test_what_was_set_aside_is_not_revived(store: Store) -> None:
    """An inbound given up stays so, also if somebody postpones it afterwards."""
    claim = await claim_one(store, PlainDoor(), arrival("bad"))
    await store.postpone(claim, b"bad", NOW, give_up=True)
    await store.postpone(claim, b"bad", NOW, give_up=False)
    assert await store.claim_waiting(NOW + DAY, LEASE, 10) == ()


async def test_postponing_needs_the_fence(store: Store) -> None:
    """A worker that lost its lane can't postpone what another works at."""
    slow = await claim_one(store, PlainDoor(), arrival("e1"))
    (quick,) = await store.claim_waiting(NOW + LEASE, LEASE, 10)
    with pytest.raises(LostFenceError):
        await store.postpone(slow, b"e1", NOW, give_up=True)
    assert (await store.save_turn(turn(quick), NOW, LEASE)).more == ()


class _JammedDoor(PlainDoor):
    """A door that fails at one event."""

    def seal(self, arrival: Arrival, lane: Lane) -> bytes:
        """Fails at "bad"."""
        if arrival.event == b"bad":
            raise ZeroDivisionError
        return super().seal(arrival, lane)


async def test_receive_is_whole(store: Store) -> None:
    """If one arrival can't be sealed, nothing of the delivery is kept, and it can come again."""
    with pytest.raises(ZeroDivisionError):
        await receive(store, _JammedDoor(), arrival("good"), arrival("bad", person="ken"))
    assert await store.locate(lookup("hana")) is None
    claims = (await receive(store, PlainDoor(), arrival("good"), arrival("bad"))).claims
    assert [events(claim) for claim in claims] == [[b"good", b"bad"]]


async def test_a_turn_with_everything_in_it(store: Store) -> None:
    """Messages, outbox rows, timers and counts of a turn are all there after it."""
    claim = await claim_one(store, PlainDoor(), arrival("e1"))
    counts = (Count("2027-01-11", "line", "door"), Count("2027-01-11", "line", "door", n=2))
    write = turn(
        claim,
        messages=(said(claim, 1, b"hello"), said(claim, 2, b"again")),
        outbox=(to_send(claim, 1), to_send(claim, 2)),
        timers=(Timer("silence", NOW + 60, "nonce"), Timer("expired", NOW + 90)),
        counts=counts,
    )
    await store.save_turn(write, NOW, LEASE)
    assert await store.transcript("conversation-1", 0, 10) == write.messages
    assert await store.transcript("conversation-1", 1, 10) == write.messages[1:]
    assert await store.transcript("conversation-1", 0, 1) == write.messages[:1]
    assert await store.outbox_rows(("new",), 10) == write.outbox
    assert await store.counts("2027-01-11") == (Count("2027-01-11", "line", "door", n=3),)
    assert await store.counts("2027-01-18") == ()


async def test_timers_fire_once(store: Store) -> None:
    """A due timer becomes an inbound of its lane, once, and a later one stays."""
    door = PlainDoor()
    claim = await claim_one(store, door, arrival("e1"))
    timers = (Timer("silence", NOW + 60, "nonce"), Timer("expired", NOW + 90))
    await store.save_turn(turn(claim, timers=timers), NOW, LEASE)
    assert await store.next_due() == NOW + 60
    assert await store.fire_timers(door, NOW + 59, 10) == 0
    assert await store.fire_timers(door, NOW + 60, 10) == 1
    assert await store.fire_timers(door, NOW + 60, 10) == 0
    assert await store.next_due() == NOW + 90
    (again,) = await store.claim_waiting(NOW + 60, LEASE, 10)
    assert events(again) == [b"timer conversation-1 silence %d" % (NOW + 60)]
    assert again.inbounds[0].at == NOW + 60


async def test_a_turn_replaces_the_timers(store: Store) -> None:
    """Timers of the turn before are gone after the next turn."""
    door = PlainDoor()
    claim = await claim_one(store, door, arrival("e1"))
    await store.save_turn(turn(claim, timers=(Timer("silence", NOW + 60),)), NOW, LEASE)
    claim = await claim_one(store, door, arrival("e2"))
    await store.save_turn(turn(claim, timers=(Timer("expired", NOW + 99),)), NOW, LEASE)
    assert await store.next_due() == NOW + 99
    assert await store.fire_timers(door, NOW + 98, 10) == 0


async def test_a_timer_waits_behind_a_busy_lane(store: Store) -> None:
    """A timer that fires while its lane is worked in is handed over with the saved turn."""
    door = PlainDoor()
    claim = await claim_one(store, door, arrival("e1"))
    await store.save_turn(turn(claim, timers=(Timer("silence", NOW),)), NOW, LEASE)
    claim = await claim_one(store, door, arrival("e2"))
    assert await store.fire_timers(door, NOW, 10) == 1
    (more,) = (await store.save_turn(turn(claim), NOW, LEASE)).more
    assert more.event.startswith(b"timer")


async def test_timers_are_fired_oldest_first(store: Store) -> None:
    """With a limit, the timers longest due fire first."""
    door = PlainDoor()
    for wait, person in ((3, "a"), (1, "b"), (2, "c")):
        claim = await claim_one(store, door, arrival(person, person=person))
        await store.save_turn(turn(claim, timers=(Timer("silence", NOW + wait),)), NOW, LEASE)
    assert await store.fire_timers(door, NOW + 9, 2) == 2
    assert await store.next_due() == NOW + 3


async def test_counts_add_up(store: Store) -> None:
    """Sums grow with each addition and are kept apart by week, channel, event and label."""
    one, other = Count("2027-01-11", "line", "door"), Count("2027-01-11", "line", "door", "x")
    await store.add_counts((one, other, one))
    await store.add_counts((msgspec.structs.replace(one, n=5),))
    assert await store.counts("") == (msgspec.structs.replace(one, n=7), other)


async def test_a_closed_store_says_so(store: Store) -> None:
    """After closing, a verb is refused with a sentence."""
    await store.ping()
    await store.flush()
    await store.close()
    with pytest.raises(StoreUnavailableError, match="closed"):
        await store.ping()
    with pytest.raises(StoreUnavailableError, match="closed"):
        await store.locate(b"")


async def test_an_open_store_answers(store: Store) -> None:
    """Ping and flush return where all is well, and `open` again after `close` keeps what was."""
    await claim_one(store, PlainDoor(), arrival("e1"))
    await store.flush()
    await store.close()
    await store.open()
    await store.ping()
    assert await store.locate(lookup("hana")) is not None


async def test_done_may_name_what_was_unsent(store: Store) -> None:
    """A turn whose inbound was taken back meanwhile is still saved."""
    claim = await claim_one(store, PlainDoor(), arrival("e1", message_ref=b"m1"))
    await store.unsend("line", b"m1", NOW)
    write = turn(claim, messages=(said(claim, 1, b"secret", b"m1"),))
    assert (await store.save_turn(write, NOW, LEASE)).more == ()
    (row,) = await store.transcript("conversation-1", 0, 10)
    assert row.sealed == b""
