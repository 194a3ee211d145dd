"""A loop's alarm clock: rung by whoever made work, or set for a time. Imports ports only."""

from __future__ import annotations

import asyncio

from bot.services.ports import Clock

FLOOR = 1_000  # ms; what is due but can't be done yet must not make the loop spin


class Alarm:
    """Wakes one loop when rung, or when the earliest set time has come."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._rung = asyncio.Event()
        self._due: int | None = None

    def ring(self) -> None:
        """There is work now."""
        self._rung.set()

    def set(self, due: int) -> None:
        """There will be work at `due` (UTC ms)."""
        if self._due is None or due < self._due:
            self._due = due
            self._rung.set()  # whoever sleeps too long looks again

    async def sleep(self, until: int | None, ceiling_ms: int, stop: asyncio.Event) -> None:
        """Sleep until rung, until `until` or a set time (UTC ms), at most `ceiling_ms`; `stop`
        wakes too.
        """
        now = self._clock()
        dues = [due for due in (until, self._due) if due is not None]
        pause = max(FLOOR, min([due - now for due in dues] + [ceiling_ms]))
        ringing = asyncio.ensure_future(self._rung.wait())
        stopping = asyncio.ensure_future(stop.wait())
        try:
            await asyncio.wait(
                (ringing, stopping), timeout=pause / 1_000, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            ringing.cancel()
            stopping.cancel()
        self._rung.clear()
        if self._due is not None and self._due <= self._clock():
            self._due = None
