"""How many pushes the month still has, asked rarely. Imports ports only."""

from __future__ import annotations

from bot.services.ports import Channel, Clock
from bot.services.verdicts import Level

REFRESH = 10 * 60_000
"""The platform is asked at most this often (ms)."""


class Quota:
    """One channel's monthly pushes and the share of them that is kept for crisis and staff.

    `total` is what the plan gives a month; without it the most ever seen left stands in.
    """

    def __init__(
        self, channel: Channel, clock: Clock, reserve: float = 0.2, total: int | None = None
    ) -> None:
        self._channel = channel
        self._clock = clock
        self._reserve = reserve
        self._total = total
        self._most = 0
        self._asked: int | None = None
        self.level: Level = "ample"

    async def refresh(self) -> None:
        """Ask again if the answer is old; where there is no quota the level stays ample."""
        now = self._clock()
        if self._asked is not None and now - self._asked < REFRESH:
            return
        self._asked = now
        left = await self._channel.quota_left()
        if left is not None:
            self._most = max(self._most, left)
            self.level = self._read(left)

    def run_out(self) -> None:
        """The platform just said that nothing is left; believed until the next refresh."""
        self.level = "gone"
        self._asked = self._clock()

    def _read(self, left: int) -> Level:
        if left <= 0:
            return "gone"
        total = self._total if self._total is not None else self._most
        return "reserve" if left <= total * self._reserve else "ample"
