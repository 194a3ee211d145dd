"""消して: the ledger first, then the store, then one word of farewell from memory.

Imports the vault, ports and this room's turns.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec
from msgspec.structs import replace

from bot.errors import LostFenceError, SealError, StoreUnavailableError
from bot.services.doorstep import came_by
from bot.services.instead import Erasing
from bot.services.intake import Left
from bot.services.journal import Journal
from bot.services.lanes import Vault
from bot.services.ports import Bell, Chance, Channel, Clock, Ledger, Store
from bot.services.records import Claim, StoredInbound, Via
from bot.services.verdicts import TOKEN_LIFE


class Roll(Protocol):
    """Who there is."""

    async def contacts(self) -> Sequence[str]:
        """Every contact's id."""


class Erased(msgspec.Struct, frozen=True):
    """Who was erased, by the platform's id, and what they had written behind their confirmation."""

    user_id: str
    written: tuple[Left, ...] = ()


class Erasure:
    """Erases contacts. Twice is no error; what was recorded is erased again after a restore."""

    def __init__(
        self,
        store: Store,
        ledger: Ledger,
        vault: Vault,
        channels: Mapping[str, Channel],
        bell: Bell,
        chance: Chance,
        clock: Clock,
        journal: Journal,
    ) -> None:
        self._store = store
        self._ledger = ledger
        self._vault = vault
        self._channels = channels
        self._bell = bell
        self._chance = chance
        self._clock = clock
        self._journal = journal

    async def erase(self, claim: Claim, erasing: Erasing) -> Erased:
        """Erase the contact of a claimed lane, by whichever of its addresses they confirmed.

        It goes through whoever has taken the lane meanwhile. Raises StoreUnavailableError with
        nothing erased: it is tried again, at the latest at the next start.
        """
        lane = self._vault.open(erasing.lane)
        platform_id = lane.platform_id()  # gone from everywhere but here in a moment
        await self._record(claim.lane.contact.id)
        claim, left = await self._forget(claim)
        self._journal.note("erased")
        self._bell.ring(lane.id)
        try:
            await self._store.add_counts(erasing.counts)
        except StoreUnavailableError as error:
            # It is done and must be said; a count less is the smaller harm.
            self._journal.fault("store_unavailable", error)
        return Erased(platform_id, written_since(self._vault, claim, left, erasing.confirmed))

    async def say_goodbye(self, erasing: Erasing, platform_id: str) -> None:
        """One attempt, never stored, never repeated."""
        channel = self._channels[erasing.lane.address.channel]
        if not channel.pushes:
            return
        via, token = self._road(channel, erasing)
        for payload in channel.requests(erasing.farewell):
            await channel.send(via, platform_id, payload, token, self._chance.uuid())
            via, token = ("push" if channel.replies else "send"), ""

    async def erase_contact(self, contact: str) -> None:
        """Erase by contact id, without a word to anybody (the command line)."""
        await self._record(contact)
        await self._store.erase(contact, self._clock())
        self._journal.note("erased")

    async def replay(self, roll: Roll) -> int:
        """At every start: erase again whom a restored backup brought back; how many."""
        recorded = frozenset(await asyncio.to_thread(self._ledger.key_ids))
        if not recorded:
            return 0
        found = [
            contact
            for contact in await roll.contacts()
            if self._vault.ledger_id(contact) in recorded
        ]
        for contact in found:
            await self._store.erase(contact, self._clock())
        self._journal.note("erased_again", contacts=len(found))
        return len(found)

    async def _forget(self, claim: Claim) -> tuple[Claim, Sequence[StoredInbound]]:
        """Erase who stands in the ledger; the claim with the address they have now, and what they
        wrote last.
        """
        contact = claim.lane.contact.id
        try:
            return claim, await self._store.erase(contact, self._clock(), claim.fence)
        except LostFenceError as error:
            # Recorded is recorded: else they would be told nothing now, and gone at the next start.
            self._journal.fault("fence_lost", error)
        # A move may have taken the lane: what was written at the new place is answered there.
        if (lane := await self._store.lane_of(contact)) is not None:
            claim = replace(claim, elsewhere=(*claim.elsewhere, lane.address))
        return claim, await self._store.erase(contact, self._clock())

    async def _record(self, contact: str) -> None:
        # fsync must not hold up everybody else's turn
        await asyncio.to_thread(self._ledger.record, self._vault.ledger_id(contact))

    def _road(self, channel: Channel, erasing: Erasing) -> tuple[Via, str]:
        if not channel.replies:
            return "send", ""
        fresh = erasing.token_at and self._clock() - erasing.token_at <= TOKEN_LIFE
        return ("reply", erasing.reply_token) if fresh and erasing.reply_token else ("push", "")


def written_since(
    vault: Vault, claim: Claim, left: Sequence[StoredInbound], ended_by: bytes
) -> tuple[Left, ...]:
    """The words behind the inbound that ended a conversation: a person waits for an answer to them.

    Taps on buttons that are gone, and timers, are nothing any more.
    """
    found = []
    for stored in left:
        try:
            lane = vault.open(came_by(claim, stored))
            body = lane.inbound(stored)
        except (SealError, msgspec.DecodeError):
            continue  # nobody can read it; it is erased with the rest
        if stored.event != ended_by and (body.inbound.text or body.inbound.risk.tier):
            found.append(Left(stored, body, lane.lane.address.channel, lane.platform_id()))
    return tuple(found)
