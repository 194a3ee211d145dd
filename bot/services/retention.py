"""Deletes what is past its time, at start and once a day. Imports ports only."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from bot.errors import StoreUnavailableError
from bot.services.alarm import Alarm
from bot.services.journal import Journal
from bot.services.ports import Clock, Retention, Store

DAY = 86_400_000
AGAIN = 10 * 60_000
"""Ms until the next try while the store is down."""


class Tidying:
    """The daily round."""

    def __init__(self, store: Store, rules: Retention, clock: Clock, journal: Journal) -> None:
        self._store = store
        self._rules = rules
        self._clock = clock
        self._journal = journal
        self._alarm = Alarm(clock)

    async def run_once(self) -> Mapping[str, int]:
        """One round; how many rows of each kind went."""
        gone = await self._store.retention(self._clock(), self._rules)
        self._journal.note("retention_done", rows=sum(gone.values()))
        return gone

    async def run(self, stop: asyncio.Event) -> None:
        """A round now, then one a day, until `stop`."""
        while not stop.is_set():
            pause = DAY
            try:
                await self.run_once()
            except StoreUnavailableError as error:
                self._journal.fault("store_unavailable", error)
                pause = AGAIN
            except Exception as error:
                # A round that stumbles must not end all later ones: people were told a date.
                self._journal.fault("loop_stumbled", error)
                pause = AGAIN
            await self._alarm.sleep(self._clock() + pause, pause, stop)
