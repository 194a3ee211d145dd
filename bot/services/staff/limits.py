"""Requests to limit a conversation for its tone, answered by a supervisor.

Nobody in danger is cut off: at tier 2 or above the answer is refused here, and by the store again.
Imports staff records and safety.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bot.safety.risk import Tier
from bot.services.records import Conversation
from bot.services.staff.answers import LimitAsked, Refused, Who
from bot.services.staff.office import MINUTE, Office
from bot.services.staff.records import StaffWrite

_MOST = 200
LONGEST = 7 * 24
"""Hours."""
DANGER = Tier.ACTIVE


class LimitRows(Protocol):
    """The two verbs of bot.services.ports.Store that this needs."""

    async def limits_asked(self, limit: int) -> Sequence[Conversation]:
        """Conversations for which a limit was asked."""

    async def set_limit(self, conversation: str, until: int) -> None:
        """Limited until then (UTC ms), or not (0)."""


class Limits:
    """bot.services.staff.desk.ToneLimits."""

    def __init__(self, office: Office, rows: LimitRows) -> None:
        self._office = office
        self._rows = rows

    async def asked(self, who: Who) -> Sequence[LimitAsked]:
        """See the desk."""
        self._office.require(who, "limits.set")
        found = await self._rows.limits_asked(_MOST)
        return tuple(LimitAsked(each.id, each.limit_asked, each.tier) for each in found)

    async def answer(self, who: Who, conversation: str, hours: int) -> Refused | None:
        """See the desk."""
        office = self._office
        office.require(who, "limits.set")
        if not 0 <= hours <= LONGEST:
            raise ValueError(f"a limit lasts 0 to {LONGEST} hours")
        found = await self._rows.limits_asked(_MOST)
        row = next((each for each in found if each.id == conversation), None)
        if row is None:
            return Refused("has_another_state")
        if hours and row.tier >= DANGER:
            return Refused("in_danger")
        # The record first: an act that is recorded and then fails does less harm than the reverse.
        act = office.act(who, "limit.answered", conversation, f"hours:{hours}")
        await office.save(StaffWrite(acts=(act,)))
        until = office.clock() + hours * 60 * MINUTE if hours else 0
        await self._rows.set_limit(conversation, until)
        return None
