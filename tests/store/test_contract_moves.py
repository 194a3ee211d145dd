"""The store's contract: a contact with several addresses, moving between them, hiding."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from bot.engine.events import Timer
from bot.errors import LostFenceError
from bot.services.ports import Store
from bot.services.records import (
    AddressStatus,
    Arrival,
    Claim,
    Lane,
    OutboxClass,
    OutboxStatus,
    Received,
)
from bot.store.sqlite import SqliteStore
from tests.store.people import (
    DAY,
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
    said,
    to_send,
    turn,
)

UNSENT: tuple[OutboxStatus, ...] = ("new", "sending", "waiting")


async def with_a_code(store: Store, door: PlainDoor, **fields: object) -> Claim:
    """Hana was here once, said two things and has a code; her lane is free."""
    claim = await claim_one(store, door, arrival("e1"))
    write = turn(
        claim,
        messages=(said(claim, 1, b"first"), said(claim, 2, b"second")),
        codes=(four_words(claim),),
        conversation={"message_seq": 2, "session": b"session", **fields},
    )
    await store.save_turn(write, NOW, LEASE)
    return claim


async def moved(store: Store, contact: str, person: str, **fields: Any) -> Claim:
    """The move goes through; its claim."""
    received = await store.move(coming(contact, person, **fields), NOW, LEASE)
    assert received is not None
    (claim,) = received.claims
    return claim


async def where(store: Store, person: str) -> Lane:
    """The lane that an address leads to."""
    lane = await store.locate(lookup(person))
    assert lane is not None
    return lane


async def test_a_move_to_a_new_address(store: Store) -> None:
    """The conversation is at home at the new address; nothing of before is shown at either."""
    door = PlainDoor()
    old = (await with_a_code(store, door)).lane
    claim = await moved(store, old.contact.id, "phone")
    assert claim.lane.conversation.address == claim.lane.address.id == "phone's"
    assert (claim.lane.address.status, claim.lane.address.since) == ("active", 2)
    assert claim.lane.conversation.session == b"session"
    assert [(each.event, each.address) for each in claim.inbounds] == [(b"moved", "phone's")]
    former = (await where(store, "hana")).address
    assert (former.status, former.since, former.session) == ("former", 2, b"")
    assert claim.elsewhere == (former,)
    assert await store.lane_of(old.contact.id) == claim.lane


async def test_a_code_works_once(store: Store) -> None:
    """The second use of a code changes nothing."""
    contact = (await with_a_code(store, PlainDoor())).lane.contact.id
    await moved(store, contact, "phone")
    assert await store.find_code(b"four words", NOW) is None
    assert await store.move(coming(contact, "tablet"), NOW, LEASE) is None
    assert await store.locate(lookup("tablet")) is None
    assert (await where(store, "phone")).conversation.address == "phone's"


async def test_a_code_of_nobody(store: Store) -> None:
    """A mark that was never drawn, and one whose time is over, move nobody."""
    contact = (await with_a_code(store, PlainDoor())).lane.contact.id
    assert await store.move(coming(contact, "phone", mark=b"guess"), NOW, LEASE) is None
    assert await store.move(coming(contact, "phone"), NOW + DAY, LEASE) is None
    assert await store.locate(lookup("phone")) is None


async def test_a_former_address_finds_the_same_lane(store: Store) -> None:
    """What comes by a former address waits in the contact's one lane and names where it came by."""
    door = PlainDoor()
    contact = (await with_a_code(store, door)).lane.contact.id
    claim = await moved(store, contact, "phone")
    await store.save_turn(turn(claim), NOW, LEASE)
    later = await claim_one(store, door, arrival("e2"))
    assert later.lane.conversation.id == claim.lane.conversation.id
    assert later.lane.address.id == "phone's"
    assert [each.address for each in later.inbounds] == ["address-1"]
    assert [each.id for each in later.elsewhere] == ["address-1"]


async def test_a_door_is_asked_with_the_address_it_came_by(store: Store) -> None:
    """While an inbound is filed its lane has the address that wrote, not the current one."""
    seen: list[str] = []

    class Watching(PlainDoor):
        def seal(self, arrival: Arrival, lane: Lane) -> bytes:
            seen.append(lane.address.id)
            return b""

    door = Watching()
    contact = (await with_a_code(store, door)).lane.contact.id
    await moved(store, contact, "phone")
    await receive(store, door, arrival("e2"), arrival("e3", person="phone"))
    assert seen == ["address-1", "address-1", "phone's"]


async def test_whoever_is_at_work_loses_the_lane(store: Store) -> None:
    """A turn that began before a move is not saved; what it was about is taken again, first."""
    door = PlainDoor()
    contact = (await with_a_code(store, door)).lane.contact.id
    working = await claim_one(store, door, arrival("e2"))
    claim = await moved(store, contact, "phone")
    with pytest.raises(LostFenceError):
        await store.save_turn(turn(working), NOW, LEASE)
    with pytest.raises(LostFenceError):
        await store.postpone(working, b"e2", NOW, give_up=True)
    with pytest.raises(LostFenceError):
        await store.erase(contact, NOW, working.fence)
    assert [each.event for each in claim.inbounds] == [b"e2", b"moved"]
    assert await store.claim_waiting(NOW, LEASE, 9) == ()


async def test_a_timer_follows_the_conversation(store: Store) -> None:
    """A timer that fired before the move belongs to where the conversation is afterwards."""
    door = PlainDoor()
    claim = await claim_one(store, door, arrival("e1"))
    write = turn(claim, codes=(four_words(claim),), timers=(Timer("silence", NOW + 1, ""),))
    await store.save_turn(write, NOW, LEASE)
    assert await store.fire_timers(door, NOW + 1, 9) == 1
    after = await moved(store, claim.lane.contact.id, "phone")
    assert [each.address for each in after.inbounds] == ["phone's", "phone's"]


@pytest.mark.parametrize(
    ("speech", "left"),
    [
        pytest.param("crisis", True, id="a crisis is still sent"),
        pytest.param("turn", False, id="an answer"),
        pytest.param("notice", False, id="a notice"),
        pytest.param("staff", False, id="a counsellor's words"),
    ],
)
async def test_rows_to_the_former_address(store: Store, speech: OutboxClass, left: bool) -> None:
    """What was still to be sent to the address that was left is withdrawn, but for a crisis."""
    door = PlainDoor()
    claim = await claim_one(store, door, arrival("e1"))
    write = turn(claim, outbox=(to_send(claim, 1, speech),), codes=(four_words(claim),))
    await store.save_turn(write, NOW, LEASE)
    await moved(store, claim.lane.contact.id, "phone")
    assert bool(await store.outbox_rows(UNSENT, 9)) is left
    assert bool(await store.claim_sends(NOW, LEASE, 9, push)) is left


async def test_the_neutral_line(store: Store) -> None:
    """The line to the former address takes the conversation's next number and is sent there."""
    claim = await with_a_code(store, PlainDoor(), outbox_seq=7)
    notice = to_send(claim, 99, "notice")
    after = await moved(store, claim.lane.contact.id, "phone", notice=notice)
    assert after.lane.conversation.outbox_seq == 8
    (sent,) = await store.claim_sends(NOW, LEASE, 9, push)
    assert (sent.row.id, sent.row.seq, sent.lane.address.id) == (notice.id, 8, "address-1")


async def test_a_neutral_line_that_comes_late(store: Store) -> None:
    """A line made for an address that is not the one being left is not sent."""
    claim = await with_a_code(store, PlainDoor())
    notice = msgspec.structs.replace(to_send(claim, 1, "notice"), address="elsewhere")
    await moved(store, claim.lane.contact.id, "phone", notice=notice)
    assert await store.outbox_rows(UNSENT, 9) == ()


async def test_a_code_at_the_address_where_they_are(store: Store) -> None:
    """A code typed at home is used up; nothing is hidden and nothing is left."""
    claim = await with_a_code(store, PlainDoor())
    notice = to_send(claim, 1, "notice")
    after = await moved(store, claim.lane.contact.id, "hana", notice=notice)
    assert after.lane.address == claim.lane.address
    assert after.elsewhere == ()
    assert await store.outbox_rows(UNSENT, 9) == ()
    assert [each.address for each in after.inbounds] == ["address-1"]


async def test_there_and_back(store: Store) -> None:
    """Who comes back to a former address by code is at home there; what was before stays hidden."""
    door = PlainDoor()
    contact = (await with_a_code(store, door)).lane.contact.id
    claim = await moved(store, contact, "phone")
    again = four_words(claim, b"other words")
    messages = (said(claim, 3, b"third"),)
    write = turn(claim, codes=(again,), messages=messages, conversation={"message_seq": 3})
    await store.save_turn(write, NOW, LEASE)
    back = await moved(store, contact, "hana", mark=b"other words")
    assert (back.lane.address.id, back.lane.address.status) == ("address-1", "active")
    assert back.lane.address.since == 3
    assert [(each.id, each.status, each.since) for each in back.elsewhere] == [
        ("phone's", "former", 3)
    ]


async def test_an_address_of_somebody_else(store: Store) -> None:
    """A newcomer who turns out to be known is erased whole; what they wrote is returned."""
    door = PlainDoor()
    contact = (await with_a_code(store, door)).lane.contact.id
    stranger = await claim_one(store, door, arrival("k1", person="ken"))
    write = turn(stranger, messages=(said(stranger, 1, b"hello"),))
    await store.save_turn(write, NOW, LEASE)
    working = await claim_one(store, door, arrival("k2", person="ken"))
    await receive(store, door, arrival("k3", person="ken"))
    received = await store.move(coming(contact, "ken"), NOW, LEASE)
    assert received is not None
    assert [each.event for each in received.left] == [b"k2", b"k3"]
    assert await store.contacts() == (contact,)
    assert await store.transcript(working.lane.conversation.id, 0, 9) == ()
    assert (await where(store, "ken")).contact.id == contact
    with pytest.raises(LostFenceError):
        await store.save_turn(turn(working), NOW, LEASE)


async def test_danger_moves_along(store: Store) -> None:
    """Somebody who was in danger a moment ago under another mark is in danger still."""
    door = PlainDoor()
    contact = (
        await with_a_code(store, door, tier=1, tier_at=NOW, tier_rule="mild")
    ).lane.contact.id
    stranger = await claim_one(store, door, arrival("k1", person="ken"))
    grave = {"tier": 3, "tier_at": NOW + 1, "tier_rule": "overdose"}
    await store.save_turn(turn(stranger, conversation=grave), NOW, LEASE)
    after = (await moved(store, contact, "ken")).lane.conversation
    assert (after.tier, after.tier_at, after.tier_rule) == (3, NOW + 1, "overdose")


async def test_one_of_several_addresses_of_somebody_else(store: Store) -> None:
    """A contact who loses one of their addresses goes on at another; rows to it are withdrawn."""
    door = PlainDoor()
    hana = (await with_a_code(store, door)).lane.contact.id
    ken = await claim_one(store, door, arrival("k1", person="ken"))
    await store.save_turn(turn(ken, codes=(four_words(ken, b"ken's words"),)), NOW, LEASE)
    claim = await moved(store, ken.lane.contact.id, "kiosk", mark=b"ken's words")
    rows = (to_send(claim, 1, "crisis"), to_send(claim, 2))
    await store.save_turn(turn(claim, outbox=rows), NOW, LEASE)
    working = await claim_one(store, door, arrival("k2", person="kiosk"))
    await receive(store, door, arrival("k3", person="ken"))
    received = await store.move(coming(hana, "kiosk"), NOW, LEASE)
    assert received is not None
    assert [each.event for each in received.left] == [b"k2"]
    back = (await where(store, "ken")).address
    assert (back.id, back.status) == (ken.lane.address.id, "active")
    assert await store.outbox_rows(UNSENT, 9) == ()
    with pytest.raises(LostFenceError):
        await store.save_turn(turn(working), NOW, LEASE)
    (free,) = await store.claim_waiting(NOW, LEASE, 9)
    assert [each.event for each in free.inbounds] == [b"k3"]


async def test_a_row_for_another_contact(store: Store) -> None:
    """An address that is not the code's contact's is a fault of the caller, and changes nothing."""
    await with_a_code(store, PlainDoor())
    with pytest.raises(ValueError, match="belong to the contact"):
        await store.move(coming("contact-9", "phone"), NOW, LEASE)
    assert await store.find_code(b"four words", NOW) is not None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("active", "former", id="left while it was open"),
        pytest.param("blocked", "blocked", id="left while it was blocked"),
    ],
)
async def test_blocks_and_moves(store: Store, before: AddressStatus, after: AddressStatus) -> None:
    """A blocked address stays blocked when it is left; when it opens again it is a former one."""
    door = PlainDoor()
    contact = (await with_a_code(store, door)).lane.contact.id
    await store.set_blocked(lookup("hana"), before == "blocked", NOW)
    await moved(store, contact, "phone")
    assert (await where(store, "hana")).address.status == after
    await store.set_blocked(lookup("hana"), True, NOW)
    await receive(store, door, arrival("e2"))
    assert (await where(store, "hana")).address.status == "former"
    await store.set_blocked(lookup("hana"), True, NOW)
    await store.set_blocked(lookup("hana"), False, NOW)
    assert (await where(store, "hana")).address.status == "former"


async def test_erase_from_a_former_address(store: Store) -> None:
    """Erasing takes every address and the code; the next word from any of them is a newcomer's."""
    door = PlainDoor()
    contact = (await with_a_code(store, door)).lane.contact.id
    claim = await moved(store, contact, "phone")
    write = turn(claim, codes=(four_words(claim, b"new words"),))
    await store.save_turn(write, NOW, LEASE)
    await store.erase(contact, NOW)
    assert await store.contacts() == ()
    assert await store.lane_of(contact) is None
    assert await store.find_code(b"new words", NOW) is None
    for person in ("hana", "phone"):
        assert await store.locate(lookup(person)) is None
        claim = await claim_one(store, door, arrival(f"again {person}", person=person))
        assert claim.lane.contact.id != contact


async def test_a_veil(store: Store) -> None:
    """What was said is hidden at one address, and kept; a turn under way doesn't lift the veil."""
    door = PlainDoor()
    claim = await with_a_code(store, door)
    working = await claim_one(store, door, arrival("e2"))
    await store.veil(lookup("hana"))
    await store.veil(lookup("nobody"))
    assert (await where(store, "hana")).address.since == 2
    stale = msgspec.structs.replace(working.lane.address, session=b"small")
    await store.save_turn(turn(working, addresses=(stale,)), NOW, LEASE)
    address = (await where(store, "hana")).address
    assert (address.since, address.session) == (2, b"small")
    assert len(await store.transcript(claim.lane.conversation.id, 0, 9)) == 2


@pytest.mark.parametrize("tries", [0, 1], ids=["at once", "at the second try"])
async def test_a_veil_hides_what_waits_for_its_answer(store: Store, tries: int) -> None:
    """Who leaves between a message and its answer sees neither there; what comes later is seen."""
    door = PlainDoor()
    await with_a_code(store, door)
    working = await claim_one(store, door, arrival("e2"))
    await store.veil(lookup("hana"))
    if tries:
        await store.postpone(working, working.inbounds[0].event, NOW, False)
        (working,) = await store.claim_waiting(NOW, LEASE, 9)
    heard = (said(working, 3, b"my words"), said(working, 4, b"an answer"))
    write = turn(working, messages=heard, conversation={"message_seq": 4})
    await store.save_turn(write, NOW, LEASE)
    assert (await where(store, "hana")).address.since == 4
    later = await claim_one(store, door, arrival("e3"))
    write = turn(later, messages=(said(later, 5, b"again"),), conversation={"message_seq": 5})
    await store.save_turn(write, NOW, LEASE)
    assert (await where(store, "hana")).address.since == 4


async def test_a_turn_at_a_doorstep(store: Store) -> None:
    """A turn saves the small session of one of its contact's addresses, and of nobody else's."""
    door = PlainDoor()
    contact = (await with_a_code(store, door)).lane.contact.id
    await store.save_turn(turn(await moved(store, contact, "phone")), NOW, LEASE)
    await claim_one(store, door, arrival("k1", person="ken"))
    claim = await claim_one(store, door, arrival("e2"))
    (former,) = claim.elsewhere
    mine = msgspec.structs.replace(former, session=b"doorstep")
    foreign = msgspec.structs.replace((await where(store, "ken")).address, session=b"foreign")
    message = msgspec.structs.replace(said(claim, 3, b"at the door"), address=former.id)
    write = turn(claim, addresses=(mine, foreign), messages=(message,))
    await store.save_turn(write, NOW, LEASE)
    assert (await where(store, "hana")).address.session == b"doorstep"
    assert (await where(store, "ken")).address.session == b""
    rows = await store.transcript(claim.lane.conversation.id, 0, 9)
    assert [row.address for row in rows] == ["address-1", "address-1", "address-1"]


async def test_a_blocked_row_of_an_address_is_kept_by_a_turn(store: Store) -> None:
    """Somebody blocks us while their turn is under way: the turn doesn't open the address again."""
    working = await claim_one(store, PlainDoor(), arrival("e1"))
    await store.set_blocked(lookup("hana"), True, NOW)
    await store.save_turn(turn(working, addresses=(working.lane.address,)), NOW, LEASE)
    assert (await where(store, "hana")).address.status == "blocked"


async def test_a_move_is_durable(sqlite: SqliteStore) -> None:
    """A move is one commit with an fsync, and the log is cut after it."""
    contact = (await with_a_code(sqlite, PlainDoor())).lane.contact.id
    before = sqlite.commits
    received: Received | None = await sqlite.move(coming(contact, "phone"), NOW, LEASE)
    assert received is not None
    assert sqlite.commits.full - before.full == 1
    assert sqlite.log_is_cut
