"""How many pushes the month still has, asked rarely; and who took how many of them just now.

Imports ports only.
"""

from __future__ import annotations

from collections import deque

from bot.services.ports import Allowance, Channel, Clock
from bot.services.verdicts import Level

REFRESH = 10 * 60_000
"""The platform is asked at most this often (ms)."""
CRISES_AN_HOUR = 6
"""Crisis pushes for one conversation in an hour; further ones ride on its fresh reply tokens."""
HOUR = 3_600_000
REMEMBERED = 10_000
"""Conversations whose pushes are remembered; beyond that the oldest are forgotten."""


class Quota:
    """One channel's monthly pushes and the share of them that is kept for crisis and staff."""

    def __init__(self, channel: Channel, clock: Clock, reserve: float = 0.2) -> None:
        self._channel = channel
        self._clock = clock
        self._reserve = reserve
        self._asked: int | None = None
        self.level: Level = "ample"

    @property
    def stale(self) -> bool:
        """Whether it is time to ask again."""
        return self._asked is None or self._clock() - self._asked >= REFRESH

    async def refresh(self) -> None:
        """Ask again if the answer is old; where there is no quota the level stays as it is.

        The platform may take seconds to answer: nothing that is to be sent waits for this.
        """
        if not self.stale:
            return
        self._asked = self._clock()
        allowance = await self._channel.quota()
        if allowance is not None:
            self.level = self._read(allowance)

    def run_out(self) -> None:
        """The platform just said that nothing is left; believed until the next refresh."""
        self.level = "gone"
        self._asked = self._clock()

    def _read(self, allowance: Allowance) -> Level:
        if allowance.left <= 0:
            return "gone"
        return "reserve" if allowance.left <= allowance.total * self._reserve else "ample"


class CrisisPushes:
    """How many of the month's pushes each conversation's crises took within the hour.

    Somebody who writes a hundred cries is answered a hundred times, but must not use up what
    everybody else's crisis will need: a reply costs nothing and leaves as quickly.
    """

    def __init__(self) -> None:
        self._taken: dict[str, deque[int]] = {}

    def many(self, conversation: str, now: int) -> bool:
        """Whether this conversation has had its share of the hour."""
        taken = self._taken.get(conversation, ())
        return sum(now - at < HOUR for at in taken) >= CRISES_AN_HOUR

    def take(self, conversation: str, now: int) -> None:
        """One more was pushed."""
        taken = self._taken.pop(conversation, deque(maxlen=CRISES_AN_HOUR))
        taken.append(now)
        self._taken[conversation] = taken
        while len(self._taken) > REMEMBERED:
            del self._taken[next(iter(self._taken))]
