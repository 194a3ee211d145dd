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
