"""How many pushes the month still has, asked rarely. Imports ports only."""

from __future__ import annotations

from bot.services.ports import Allowance, Channel, Clock
from bot.services.verdicts import Level

REFRESH = 10 * 60_000
"""The platform is asked at most this often (ms)."""


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
