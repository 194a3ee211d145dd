"""Coming in as somebody who is known: by four words typed, or by a door link or code on the web.

Wrong tries are counted before anything is looked up, for one address and for all together, and a
miss costs the same work whatever it missed. Imports the vault, ports, records and this room's own.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from bot.engine.inbound import Inbound
from bot.flow.messages import text
from bot.rendering.bubbles import Bubble
from bot.services.bodies import InboundBody, RequestBody
from bot.services.doorstep import at_home
from bot.services.instead import CodeTyped, Outcome
from bot.services.intake import Left
from bot.services.journal import Journal
from bot.services.lanes import OpenLane, Vault
from bot.services.modes import Modes, mode_of
from bot.services.parting import parting
from bot.services.ports import Chance, Channel, Clock, Ledger, Store
from bot.services.records import Code, Lane, Move, OutboxRow, Received
from bot.services.revisions import Programs
from bot.services.visits import session_or_none

HOUR = 3_600_000
TRIES_HERE = 5
"""Tries in an hour by one address, or on one door link."""
TRIES_ON_PAGES = 60
"""Tries in an hour on the web page for codes, which knows no address."""
TRIES_IN_ALL = 100
"""Tries in an hour by everybody: the words are 40 bits, so this is what keeps guessing hopeless."""
MOVED_AWAY = "doorstep.moved_away"


class Moved(msgspec.Struct, frozen=True):
    """A code that opened: the lanes it claimed, and what waited where the address was before."""

    received: Received


class Entering(msgspec.Struct, frozen=True):
    """Where somebody comes in: by which channel and user id, and with what their answer may use."""

    channel: str
    user_id: str
    language: str = ""
    reply_token: str = ""
    at: int = 0


class Moving:
    """Finds codes and moves contacts."""

    def __init__(
        self,
        store: Store,
        ledger: Ledger,
        vault: Vault,
        programs: Programs,
        channels: Mapping[str, Channel],
        modes: Modes,
        chance: Chance,
        clock: Clock,
        journal: Journal,
        lease_ms: int,
    ) -> None:
        self._store = store
        self._ledger = ledger
        self._vault = vault
        self._programs = programs
        self._channels = channels
        self._modes = modes
        self._chance = chance
        self._clock = clock
        self._journal = journal
        self._lease_ms = lease_ms

    async def typed(self, code: CodeTyped, at: int) -> Moved | Outcome:
        """Four words sent as a message; `at` is the platform's time of it."""
        here = code.lane.address
        own = self._vault.tries_key("address", here.lookup)
        found, slow = await self._find(code.mark, {own: TRIES_HERE, self._all(): TRIES_IN_ALL})
        if slow or found is None:
            return Outcome("slow" if slow else "missed")
        await self._store.forget_tries([own])
        if found.contact == code.lane.contact.id and at_home(code.lane):
            return Outcome("renewed")
        if mode_of(self._modes, here.channel) == "door_only":
            # Nothing is talked over here, so the conversation can't come here: only its door can.
            return Outcome("door", found.contact)
        entering = Entering(
            here.channel,
            self._vault.open(code.lane).platform_id(),
            code.body.inbound.language,
            code.body.reply_token,
            at,
        )
        received = await self._enter(found, entering, "code")
        return Outcome("missed") if received is None else Moved(received)

    async def by_words(self, mark: bytes, entering: Entering) -> Received | bool:
        """Four words sent on the web's own page; False for a miss, True where it was tried too
        often.
        """
        pages = self._vault.tries_key("pages")
        limits = {pages: TRIES_ON_PAGES, self._all(): TRIES_IN_ALL}
        found, slow = await self._find(mark, limits)
        if slow or found is None:
            return slow
        received = await self._enter(found, entering, "code")
        return False if received is None else received

    async def by_link(self, token: str, entering: Entering) -> Received | None:
        """A door link; None for one that is wrong, used or too old."""
        mark = self._vault.door_mark(token)
        # 128 bits need no limit for all together, which a stranger could use up for everybody.
        own = self._vault.tries_key("door", mark)
        found, slow = await self._find(mark, {own: TRIES_HERE})
        return None if slow or found is None else await self._enter(found, entering, "door")

    async def is_at(self, channel: str, user_id: str) -> bool:
        """Whether somebody is known by this user id."""
        return await self._store.locate(self._vault.lookup(channel, user_id)) is not None

    def _all(self) -> bytes:
        return self._vault.tries_key("all")

    async def _find(self, mark: bytes, limits: Mapping[bytes, int]) -> tuple[Code | None, bool]:
        """The code, and whether there were too many tries; looked up in any case.

        `limits` go from the narrowest on. Tries beyond one of them count in no wider one: else a
        single guesser would use up what everybody has.
        """
        now, slow = self._clock(), False
        for key, most in limits.items():
            counted = await self._store.count_tries(() if slow else (key,), now, HOUR)
            slow = slow or any(n > most for n in counted)
        return await self._store.find_code(mark, now), slow

    async def _enter(self, code: Code, entering: Entering, how: str) -> Received | None:
        lane = await self._store.lane_of(code.contact)
        if lane is None:
            return None
        opened = self._vault.open(lane)
        event = self._vault.event("moved", self._chance.id())
        inbound = Inbound("moved", data=how, language=entering.language)
        now = self._clock()
        move = Move(
            mark=code.mark,
            address=self._vault.new_address(
                lane.contact, entering.channel, entering.user_id, entering.at
            ),
            event=event,
            sealed=opened.seal_inbound(event, InboundBody(inbound, entering.reply_token)),
            at=entering.at or now,
            notice=await self._notice(lane, opened, now),
        )
        part = parting(self._vault, self._ledger, self._journal, opened)
        received = await self._store.move(move, now, self._lease_ms, part)
        self._journal.note("moved" if received else "moved_too_late")
        return received

    async def _notice(self, lane: Lane, opened: OpenLane, now: int) -> OutboxRow | None:
        """The one neutral line to the address that was current; none to a door, which never was
        anybody's home, and none on the web, whose page says it.
        """
        channel = self._channels.get(lane.address.channel)
        door = mode_of(self._modes, lane.address.channel) == "door_only"
        if channel is None or not channel.pushes or door or lane.address.status == "blocked":
            return None
        session = session_or_none(opened)
        messages = (await self._programs.active()).bundle.messages
        line = text(messages, session.language if session else "", MOVED_AWAY, {})
        row, payload = self._chance.id(), channel.requests([Bubble(line)])[0]
        return OutboxRow(
            id=row,
            conversation=opened.id,
            address=lane.address.id,
            channel=channel.name,
            seq=lane.conversation.outbox_seq + 1,  # the store numbers it anew
            speech="notice",
            sealed=opened.seal_request(row, RequestBody(msgspec.Raw(payload))),
            retry_key=self._chance.uuid(),
            epoch=lane.conversation.epoch,
            next_at=now,
            created=now,
        )


def left_behind(
    code: CodeTyped, vault: Vault, received: Received, ended_by: bytes
) -> tuple[Left, ...]:
    """What was written at the address while it was another contact's, but for the code itself.

    It is opened with that contact's key, which is in the lane here and nowhere else any more.
    """
    lane = vault.open(code.lane)
    found = []
    for stored in received.left:
        if stored.event == ended_by:
            continue
        body = lane.inbound(stored)
        if body.inbound.text or body.inbound.risk.tier:
            found.append(Left(stored, body, code.lane.address.channel, lane.platform_id()))
    return tuple(found)
