"""Moves and turns that meet: each is kept whole or refused, and no word is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import msgspec

from bot.errors import LostFenceError
from bot.services.ports import Store
from bot.services.records import Claim
from tests.store.people import (
    LEASE,
    NOW,
    PlainDoor,
    arrival,
    claim_one,
    coming,
    four_words,
    lookup,
    receive,
    turn,
)

WRITTEN = [f"w{n}" for n in range(12)]
DEVICES = ("hana", "phone")


class Workers:
    """As many workers as there is work; `taken` are the events whose turns were saved."""

    def __init__(self, store: Store, contact: str) -> None:
        self.store = store
        self.contact = contact
        self.door = PlainDoor()
        self.taken: list[bytes] = []

    async def work(self, claims: Sequence[Claim]) -> None:
        """Take what waits, one after the other, until nothing does or the lane is lost."""
        for claim in claims:
            held: Claim | None = claim
            while held is not None:
                held = await self._step(held)

    async def _step(self, claim: Claim) -> Claim | None:
        await asyncio.sleep(0)  # the others have their chance in the middle of a turn
        event = claim.inbounds[0].event
        codes = (four_words(claim),) if event.startswith(b"w") else ()
        write = turn(claim, codes=codes)
        try:
            saved = await self.store.save_turn(write, NOW, LEASE)
        except LostFenceError:
            return None  # whoever moved has all that waited
        self.taken.append(event)
        if not saved.more:
            return None
        lane = msgspec.structs.replace(claim.lane, conversation=write.conversation)
        return msgspec.structs.replace(claim, lane=lane, inbounds=saved.more)

    async def write_and_move(self, n: int) -> None:
        """A word comes by one device or the other, and then somebody by the code of the moment."""
        one = arrival(WRITTEN[n], person=DEVICES[n % 2])
        await self.work((await receive(self.store, self.door, one)).claims)
        await self.come(n)

    async def come(self, n: int) -> None:
        """Somebody comes in by the code of the moment, if there is one."""
        move = coming(self.contact, DEVICES[n % 2])
        move = msgspec.structs.replace(move, event=b"moved %d" % n)
        received = await self.store.move(move, NOW, LEASE)
        await self.work(received.claims if received else ())


async def test_moves_and_turns_at_once(store: Store) -> None:
    """Twelve words and as many moves: every word has its turn once, one address is at home."""
    first = await claim_one(store, PlainDoor(), arrival("first"))
    await store.save_turn(turn(first, codes=(four_words(first),)), NOW, LEASE)
    workers = Workers(store, first.lane.contact.id)
    await workers.come(1)
    last = len(WRITTEN) - 1
    await asyncio.gather(*(workers.write_and_move(n) for n in range(last)))
    await workers.write_and_move(last)
    words = [event for event in workers.taken if event.startswith(b"w")]
    assert sorted(words) == sorted(event.encode() for event in WRITTEN)
    assert len([event for event in workers.taken if event.startswith(b"moved")]) > 1
    assert await store.contacts() == (first.lane.contact.id,)
    lanes = [lane for device in DEVICES if (lane := await store.locate(lookup(device)))]
    statuses = {lane.address.id == lane.conversation.address: lane.address.status for lane in lanes}
    assert statuses == {True: "active", False: "former"}
