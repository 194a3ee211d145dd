"""Coming in as somebody who is known: by four words typed, or by a door link or code on the web.

Wrong words are counted before anything is looked up, for one address and for a whole channel, and a
miss costs the same work whatever it missed. Imports the vault, ports, records and this room's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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
from bot.services.records import Code, Lane, Move, OutboxRow, Received, StoredInbound
from bot.services.revisions import Programs
from bot.services.visits import session_or_none

HOUR = 3_600_000
KNOWN_AFTER = 24 * HOUR
TRIES_HERE = 5
"""Tries in an hour by one address."""
TRIES_BY_NEW = 60
"""Tries in an hour on one channel, or on the page for codes, by all who came since yesterday or are
not known at all. The words are 40 bits: this and the next are what keeps guessing hopeless."""
TRIES_BY_KNOWN = 40
"""The same by all who have been here for longer: a flood of fresh rooms leaves these alone."""
PAGE = "page"
MOVED_AWAY = "doorstep.moved_away"


class Moved(msgspec.Struct, frozen=True):
    """A code that opened: whoever worked where it was typed works in the lanes it claimed. `left`
    waited where the address was before.
    """

    received: Received
    left: tuple[Left, ...] = ()


class Entering(msgspec.Struct, frozen=True):
    """Where somebody comes in: by which channel and user id, and with what their answer may use.

    `leaves` is a user id that is given up for it: the room that a browser had so far. `done` is the
    inbound by which the code came.
    """

    channel: str
    user_id: str
    language: str = ""
    reply_token: str = ""
    at: int = 0
    leaves: str = ""
    done: bytes = b""


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

    async def typed(self, code: CodeTyped, stored: StoredInbound) -> Moved | Outcome:
        """Four words sent as a message."""
        here = code.lane.address
        slow = await self._count(here.channel, code.lane)
        found = await self._store.find_code(code.mark, self._clock())
        if slow or found is None:
            return Outcome("slow" if slow else "missed")
        await self._store.forget_tries([self._own(code.lane)])
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
            stored.at,
            done=stored.event,
        )
        moved = await self._enter(found, entering, "code", code.lane)
        return Outcome("missed") if moved is None else moved

    async def by_words(self, mark: bytes, entering: Entering) -> Moved | bool:
        """Four words sent on the web's own page; False for a miss, True where it was tried too
        often.
        """
        here = await self._left_by(entering)
        slow = await self._count(PAGE, here)
        found = await self._store.find_code(mark, self._clock())
        if slow or found is None:
            return slow
        moved = await self._enter(found, entering, "code", here)
        return False if moved is None else moved

    async def by_link(self, token: str, entering: Entering) -> Moved | None:
        """A door link; None for one that is wrong, used or too old.

        Tries are not counted: nobody guesses 128 bits, and a count would be a row for each.
        """
        found = await self._store.find_code(self._vault.door_mark(token), self._clock())
        if found is None:
            return None
        return await self._enter(found, entering, "door", await self._left_by(entering))

    async def is_at(self, channel: str, user_id: str) -> bool:
        """Whether somebody is known by this user id."""
        return await self._store.locate(self._vault.lookup(channel, user_id)) is not None

    async def _left_by(self, entering: Entering) -> Lane | None:
        """Where the browser of whoever comes in was so far."""
        if not entering.leaves:
            return None
        return await self._store.locate(self._vault.lookup(entering.channel, entering.leaves))

    def _own(self, lane: Lane) -> bytes:
        return self._vault.tries_key("address", lane.address.lookup)

    async def _count(self, scope: str, here: Lane | None) -> bool:
        """One more try on a channel, or on the page; whether there were too many.

        Tries beyond the limit of an address don't count for the channel: else a single guesser
        would use up what everybody has.
        """
        now = self._clock()
        known = here is not None and now - here.conversation.first_seen > KNOWN_AFTER
        own: tuple[bytes, ...] = ()
        if here is not None and (known or scope != PAGE):
            own = (self._own(here),)  # a fresh room would only be left out of the form
        if any(n > TRIES_HERE for n in await self._store.count_tries(own, now, HOUR)):
            return True
        total = self._vault.tries_key("known" if known else "new", scope.encode())
        most = TRIES_BY_KNOWN if known else TRIES_BY_NEW
        (counted,) = await self._store.count_tries((total,), now, HOUR)
        if counted == most + 1:  # once in its hour
            self._journal.note("codes_exhausted", scope, known=int(known))
        return counted > most

    async def _enter(
        self, code: Code, entering: Entering, how: str, here: Lane | None
    ) -> Moved | None:
        """Move the code's contact to where somebody comes in, who was `here` until now."""
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
            done=entering.done,
            leaves=self._vault.lookup(entering.channel, entering.leaves) if here else b"",
        )
        part = parting(self._vault, self._ledger, self._journal, opened)
        received = await self._store.move(move, now, self._lease_ms, part)
        self._journal.note("moved" if received else "moved_too_late")
        if received is None:
            return None
        left = () if here is None else _left(self._vault.open(here), received.left, entering)
        return Moved(received, left)

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


def _left(lane: OpenLane, waited: Sequence[StoredInbound], entering: Entering) -> tuple[Left, ...]:
    """What was written at the address while it was another contact's, to be heard where they are
    now.

    It is opened with that contact's key, which is in the lane here and nowhere else any more.
    """
    bodies = ((one, lane.inbound(one)) for one in waited if one.conversation == lane.id)
    return tuple(
        Left(one, body, entering.channel, entering.user_id)
        for one, body in bodies
        if body.inbound.text or body.inbound.risk.tier
    )
