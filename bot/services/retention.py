"""Deletes what is past its time, when its time is over. Imports ports only.

When that is stands in the rows themselves, so nothing is lost by a restart: the first round comes
at the start, the next when the store says that the next row is due.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from bot.errors import StoreUnavailableError
from bot.services.alarm import Alarm
from bot.services.journal import Journal
from bot.services.ports import Clock, Retention, Store

CEILING = 10 * 60_000
"""Ms after which the loop looks even if nothing was due: a code drawn meanwhile may be."""
FLOOR = 10_000
"""Ms between two rounds: many rows that fall due one after the other go together."""
AGAIN = 60_000
"""Ms until the next try while the store is down."""


class Tidying:
    """The loop that keeps what people were told: あと12日で消えます."""

    def __init__(self, store: Store, rules: Retention, clock: Clock, journal: Journal) -> None:
        self._store = store
        self._rules = rules
        self._clock = clock
        self._journal = journal
        self._alarm = Alarm(clock)

    async def run_once(self) -> Mapping[str, int]:
        """One round; how many rows of each kind went."""
        gone = await self._store.retention(self._clock(), self._rules)
        if rows := sum(gone.values()):
            self._journal.note("retention_done", rows=rows)
        return gone

    async def next_round(self) -> int:
        """When to look again (UTC ms): as the next row is due, but neither at once nor too late."""
        due = await self._store.next_expiry(self._rules)
        now = self._clock()
        latest = now + CEILING
        return latest if due is None else min(max(due, now + FLOOR), latest)

    async def run(self, stop: asyncio.Event) -> None:
        """A round now, then one whenever a row is due, until `stop`."""
        while not stop.is_set():
            until = self._clock() + AGAIN
            try:
                await self.run_once()
                until = await self.next_round()
            except StoreUnavailableError as error:
                self._journal.fault("store_unavailable", error)
            except Exception as error:
                # A round that stumbles must not end all later ones: people were told a date.
                self._journal.fault("loop_stumbled", error)
            await self._alarm.sleep(until, CEILING, stop)
