"""The store's contract: what `move` asks about the contact who loses the address to it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from bot.errors import StoreUnavailableError
from bot.services.ports import Store
from bot.services.records import Claim, Lane, OutboxRow, OutboxStatus, Settlement
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
    to_send,
    turn,
)
from tests.store.test_contract_moves import UNSENT, moved, where, with_a_code


class Asked:
    """Remembers what it was asked; seals anew by putting a word before."""

    def __init__(self) -> None:
        self.lanes: list[Lane] = []
        self.ended: list[str] = []

    def __call__(self, loser: Lane, unsent: Sequence[OutboxRow], ends: bool) -> list[OutboxRow]:
        self.lanes.append(loser)
        self.ended += [loser.contact.id] if ends else []
        return [replace(row, sealed=b"anew " + row.sealed) for row in unsent]


async def ken_in_danger(store: Store, door: PlainDoor, **of_crisis: object) -> Claim:
    """Ken is new; a crisis row and another one wait to be sent to him."""
    ken = await claim_one(store, door, arrival("k1", person="ken"))
    rows = (replace(to_send(ken, 1, "crisis"), **of_crisis), to_send(ken, 2))
    await store.save_turn(turn(ken, outbox=rows, conversation={"outbox_seq": 2}), NOW, LEASE)
    return ken


async def test_crisis_rows_go_on(store: Store) -> None:
    """An unsent crisis row keeps its id and belongs to the conversation and address that came;
    everything else of the contact who ended is gone.
    """
    door, asked = PlainDoor(), Asked()
    hana = (await with_a_code(store, door)).lane
    ken = await ken_in_danger(store, door)
    move = coming(hana.contact.id, "ken")
    assert await store.move(move, NOW, LEASE, asked) is not None
    assert asked.ended == [ken.lane.contact.id]
    assert [lane.address.id for lane in asked.lanes] == [ken.lane.address.id]
    (row,) = await store.outbox_rows(UNSENT, 9)
    here = (await where(store, "ken")).conversation
    assert (row.id, row.sealed) == (f"{ken.lane.conversation.id}/1", b"anew request 1")
    assert (row.conversation, row.address) == (hana.conversation.id, here.address)
    assert (row.seq, here.outbox_seq) == (1, 1)
    (sent,) = await store.claim_sends(NOW, LEASE, 9, push)
    assert sent.lane.address.lookup == lookup("ken")


@pytest.mark.parametrize("status", ["sent", "dead", "withdrawn"])
async def test_ended_rows_do_not(store: Store, status: OutboxStatus) -> None:
    """A crisis row that has come to its end goes with the contact."""
    door = PlainDoor()
    hana = (await with_a_code(store, door)).lane
    await ken_in_danger(store, door, status=status)
    assert await store.move(coming(hana.contact.id, "ken"), NOW, LEASE, Asked()) is not None
    assert await store.outbox_rows((status,), 9) == ()


async def test_an_attempt_under_way_is_settled(store: Store) -> None:
    """A row that is just being sent goes over with its lease; how it ended is written as ever."""
    door = PlainDoor()
    hana = (await with_a_code(store, door)).lane
    await ken_in_danger(store, door)
    (flying, *_) = await store.claim_sends(NOW, LEASE, 9, push)
    assert await store.move(coming(hana.contact.id, "ken"), NOW, LEASE, Asked()) is not None
    assert await store.is_leased(flying.row.id)
    assert await store.claim_sends(NOW, LEASE, 9, push) == ()
    await store.settle_sends((Settlement(flying.row.id, "sent"),), NOW)
    assert [row.id for row in await store.outbox_rows(("sent",), 9)] == [flying.row.id]


async def test_a_contact_who_goes_on_elsewhere(store: Store) -> None:
    """Who has another address doesn't end; the crisis that waited for this one goes on here."""
    door, asked = PlainDoor(), Asked()
    hana = (await with_a_code(store, door)).lane
    ken = await claim_one(store, door, arrival("k1", person="ken"))
    await store.save_turn(turn(ken, codes=(four_words(ken, b"ken's words"),)), NOW, LEASE)
    claim = await moved(store, ken.lane.contact.id, "kiosk", mark=b"ken's words")
    rows = (to_send(claim, 1, "crisis"), to_send(claim, 2))
    await store.save_turn(turn(claim, outbox=rows), NOW, LEASE)
    move = coming(hana.contact.id, "kiosk")
    address = replace(move.address, id="kiosk, taken over")
    assert await store.move(replace(move, address=address), NOW, LEASE, asked) is not None
    assert asked.ended == []
    (row,) = await store.outbox_rows(UNSENT, 9)
    assert (row.conversation, row.address) == (hana.conversation.id, "kiosk, taken over")


async def test_who_can_not_be_recorded_does_not_end(store: Store) -> None:
    """Where the answer fails nothing of the move is kept: the code and both contacts stay."""
    door = PlainDoor()
    hana = (await with_a_code(store, door)).lane
    ken = await ken_in_danger(store, door)

    def refuses(*_: object) -> list[OutboxRow]:
        raise StoreUnavailableError("the ledger can't be written")

    move = coming(hana.contact.id, "ken")
    with pytest.raises(StoreUnavailableError):
        await store.move(move, NOW, LEASE, refuses)
    assert (await where(store, "ken")).contact == ken.lane.contact
    assert len(await store.outbox_rows(UNSENT, 9)) == 2
    assert await store.move(move, NOW, LEASE, Asked()) is not None


async def test_nobody_is_asked_about_a_new_address(store: Store) -> None:
    """At an address that was nobody's, and at one of the contact's own, nothing is taken away."""
    door, asked = PlainDoor(), Asked()
    hana = (await with_a_code(store, door)).lane
    assert await store.move(coming(hana.contact.id, "phone"), NOW, LEASE, asked) is not None
    assert asked.lanes == []


async def test_an_address_that_is_given_up(store: Store) -> None:
    """Whoever comes in with an address of somebody else's to give up: that contact ends with it,
    recorded first; its crisis rows and its tier go on at the new address, what waited is handed
    back.
    """
    door, asked = PlainDoor(), Asked()
    hana = (await with_a_code(store, door)).lane
    ken = await ken_in_danger(store, door)
    endangered = {"tier": 3, "tier_at": NOW, "tier_rule": "r"}
    again = await claim_one(store, door, arrival("k2", person="ken"))
    await store.save_turn(turn(again, conversation=endangered), NOW, LEASE)
    await receive(store, door, arrival("k3", person="ken"))
    move = coming(hana.contact.id, "phone", leaves=lookup("ken"))
    received = await store.move(move, NOW, LEASE, asked)
    assert received is not None
    assert asked.ended == [ken.lane.contact.id]
    assert [each.event for each in received.left] == [b"k3"]
    assert await store.locate(lookup("ken")) is None
    assert await store.contacts() == (hana.contact.id,)
    here = await where(store, "phone")
    assert (here.conversation.tier, here.conversation.tier_rule) == (3, "r")
    (row,) = await store.outbox_rows(UNSENT, 9)
    assert (row.conversation, row.address) == (hana.conversation.id, here.address.id)
    assert (row.sealed, row.seq, here.conversation.outbox_seq) == (b"anew request 1", 1, 1)


@pytest.mark.parametrize("person", ["hana", "nobody"])
async def test_giving_up_what_is_ones_own(store: Store, person: str) -> None:
    """An address of the same contact stays as a former one, and one that nobody has is nothing."""
    door, asked = PlainDoor(), Asked()
    hana = (await with_a_code(store, door)).lane
    move = coming(hana.contact.id, "phone", leaves=lookup(person))
    assert await store.move(move, NOW, LEASE, asked) is not None
    assert asked.lanes == []
    assert (await where(store, "hana")).address.status == "former"


async def test_giving_up_one_of_several(store: Store) -> None:
    """A contact who has another address goes on there."""
    door, asked = PlainDoor(), Asked()
    hana = (await with_a_code(store, door)).lane
    ken = await claim_one(store, door, arrival("k1", person="ken"))
    await store.save_turn(turn(ken, codes=(four_words(ken, b"ken's words"),)), NOW, LEASE)
    await moved(store, ken.lane.contact.id, "kiosk", mark=b"ken's words")
    move = coming(hana.contact.id, "phone", leaves=lookup("kiosk"))
    assert await store.move(move, NOW, LEASE, asked) is not None
    assert asked.ended == []
    assert await store.locate(lookup("kiosk")) is None
    back = await where(store, "ken")
    assert (back.conversation.address, back.address.status) == (back.address.id, "active")


@pytest.mark.parametrize("writes", ["hana", "ken"])
async def test_the_message_with_the_code_is_done(store: Store, writes: str) -> None:
    """The inbound that brought the code is gone with the move, at an address of one's own and at a
    newcomer's; what waits behind it is not.
    """
    door = PlainDoor()
    hana = (await with_a_code(store, door)).lane
    claim = await moved(store, hana.contact.id, "phone")
    write = turn(claim, codes=(four_words(claim),))
    await store.save_turn(write, NOW, LEASE)
    await receive(store, door, arrival("w1", person=writes), arrival("w2", person=writes))
    move = coming(hana.contact.id, writes, done=b"w1")
    fresh = replace(move, event=b"moved back", address=replace(move.address, id="back"))
    received = await store.move(fresh, NOW, LEASE)
    assert received is not None
    waiting = [each.event for each in (*received.left, *received.claims[0].inbounds)]
    assert waiting == [b"w2", b"moved back"]
