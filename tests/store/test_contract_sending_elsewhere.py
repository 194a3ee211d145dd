"""The store's contract: what is to be sent to one address of a contact who has several."""

from __future__ import annotations

from msgspec.structs import replace

from bot.services.ports import Store
from bot.services.records import Settlement
from tests.store.people import (
    LEASE,
    NOW,
    PlainDoor,
    arrival,
    claim_one,
    coming,
    four_words,
    push,
    to_send,
    turn,
)


async def test_a_line_that_waited_is_not_said_at_home(store: Store) -> None:
    """Who comes back before the neutral line was sent (at night, without quota) never sees it; an
    answer that waits there, and a crisis, are sent all the same.
    """
    first = await claim_one(store, PlainDoor(), arrival("e1"))
    await store.save_turn(turn(first, codes=(four_words(first),)), NOW, LEASE)
    contact = first.lane.contact.id
    notice = to_send(first, 1, "notice")
    away = await store.move(coming(contact, "phone", notice=notice), NOW, LEASE)
    assert away is not None
    claim = away.claims[0]
    rows = (to_send(first, 2, "turn"), to_send(first, 3, "crisis"))  # both to where they were
    write = turn(claim, codes=(four_words(claim),), outbox=rows)
    await store.save_turn(write, NOW, LEASE)
    assert await store.move(coming(contact, "hana"), NOW, LEASE) is not None
    sent = []
    while claimed := await store.claim_sends(NOW, LEASE, 10, push):
        sent += [one.row.speech for one in claimed]
        await store.settle_sends([Settlement(one.row.id, "sent") for one in claimed], NOW)
    assert sorted(sent) == ["crisis", "turn"]
    assert [row.speech for row in await store.outbox_rows(("withdrawn",), 10)] == ["notice"]


async def test_a_cry_at_a_door_takes_nothing_from_elsewhere(store: Store) -> None:
    """A crisis at one address withdraws what is to be sent there, and nothing at another."""
    first = await claim_one(store, PlainDoor(), arrival("e1"))
    elsewhere = replace(to_send(first, 1), address="elsewhere")
    await store.save_turn(turn(first, outbox=(elsewhere, to_send(first, 2))), NOW, LEASE)
    claim = await claim_one(store, PlainDoor(), arrival("e2"))
    here = claim.lane.address.id
    write = turn(
        claim, outbox=(to_send(claim, 3, "crisis"),), withdraw_turns=True, withdraw_at=here
    )
    await store.save_turn(write, NOW, LEASE)
    assert [row.seq for row in await store.outbox_rows(("withdrawn",), 10)] == [2]
    assert [row.seq for row in await store.outbox_rows(("new",), 10)] == [1, 3]
