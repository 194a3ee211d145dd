"""One inbound where it came by: at home or at a doorstep, with what a turn there may look at.

Imports engine, the vault, ports and this room's own modules.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec.structs import replace

from bot.engine.closing import timers
from bot.engine.events import Timer
from bot.engine.inbound import Inbound
from bot.engine.session import Session
from bot.engine.world import Limits, Mode, World
from bot.errors import SealError
from bot.services.doorstep import alive, at_doorstep
from bot.services.lanes import OpenLane
from bot.services.modes import Modes, mode_of
from bot.services.ports import Channel, Retention
from bot.services.records import Address, Conversation
from bot.services.revisions import Programs, Published
from bot.services.surroundings import Surroundings

DAY = 86_400_000


class Visit(msgspec.Struct, frozen=True):
    """The lane with the address an inbound came by, and the session it is heard in, if any yet."""

    lane: OpenLane
    channel: Channel
    mode: Mode
    doorstep: bool
    kept: Session | None = None

    @property
    def copied(self) -> bool:
        """Whether a copy is kept: at a doorstep only where the copy is what people see."""
        return not (self.doorstep and self.channel.pushes)

    def address(self, session: Session | None) -> tuple[Address, ...]:
        """The address's row with its small session (None: it begins anew), if one was heard."""
        if not self.doorstep:
            return ()
        sealed = b"" if session is None else self.lane.seal_doorstep(session)
        return (replace(self.lane.lane.address, session=sealed),)


class Visits:
    """Makes visits."""

    def __init__(
        self,
        programs: Programs,
        surroundings: Surroundings,
        channels: Mapping[str, Channel],
        modes: Modes,
        limits: Limits,
        retention: Retention,
    ) -> None:
        self._programs = programs
        self._surroundings = surroundings
        self._channels = channels
        self._modes = modes
        self._limits = limits
        self._retention = retention

    def at(self, lane: OpenLane, inbound: Inbound) -> Visit:
        """Where an inbound is heard, without opening any session."""
        channel = self._channels[lane.lane.address.channel]
        mode = mode_of(self._modes, channel.name)
        return Visit(lane, channel, mode, at_doorstep(lane.lane, mode, inbound))

    def visit(self, lane: OpenLane, inbound: Inbound, now: int) -> Visit:
        """The same with the session it is heard in; raises SealError if that doesn't open."""
        visit = self.at(lane, inbound)
        if not visit.doorstep:
            return replace(visit, kept=lane.session())
        return replace(visit, kept=alive(lane.doorstep(), now, self._limits.session_life))

    def world(self, visit: Visit, active: Published, now: int, language: str, hint: str) -> World:
        """What the turn may look at; `language` and `hint` as in Surroundings."""
        before = visit.lane.lane.conversation
        return replace(
            self._surroundings.world(active, visit.channel, now, language, hint),
            mode=visit.mode,
            doorstep=visit.doorstep,
            tier=before.tier,
            limited_until=before.limited_until,
        )

    async def timers(self, visit: Visit) -> tuple[Timer, ...]:
        """The timers of the conversation, which stands still while somebody is at a doorstep."""
        session = session_or_none(visit.lane)
        if session is None or session.status != "active":
            return ()
        pinned = await self._programs.pinned(session.revision)
        return timers(pinned.program, session, self._limits)

    def days(self, conversation: Conversation, now: int) -> Mapping[str, str]:
        """How many days are left for this person's words and mark, by the rules that delete them.

        Nothing for whoever speaks now: their days begin anew, and the rule says how many.
        """
        unused = now - conversation.last_seen
        if unused <= 0:
            return {}
        kept = {"days_left": self._retention.messages, "shell_days_left": self._retention.shell}
        return {name: str(max(0, -((unused - ms) // DAY))) for name, ms in kept.items()}


def session_or_none(lane: OpenLane) -> Session | None:
    """The conversation's session; None where there is none or it doesn't open."""
    try:
        return lane.session()
    except (SealError, msgspec.DecodeError):
        return None
