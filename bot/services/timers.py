"""Wakes what is due: silence that was waited for, sessions whose life is over, lanes left behind.

Imports ports and this room's conversations.
"""

from __future__ import annotations

import asyncio

from bot.errors import StoreUnavailableError, UnknownKeyError
from bot.services.alarm import Alarm
from bot.services.conversations import Conversations
from bot.services.journal import Journal
from bot.services.lanes import Vault
from bot.services.ports import Clock, Store

CEILING = 15_000
"""Ms after which the loop looks even if nobody rang: other processes may have left lanes."""


class Timers:
    """The loop behind the webhooks."""

    def __init__(
        self,
        store: Store,
        conversations: Conversations,
        vault: Vault,
        alarm: Alarm,
        clock: Clock,
        journal: Journal,
        limit: int = 100,
    ) -> None:
        self._store = store
        self._conversations = conversations
        self._vault = vault
        self._alarm = alarm
        self._clock = clock
        self._journal = journal
        self._limit = limit

    async def run_once(self) -> int:
        """Fire what is due and take every turn that waits; how many timers and lanes."""
        fired = 0
        while True:
            some = await self._store.fire_timers(self._vault.door({}), self._clock(), self._limit)
            fired += some
            if some < self._limit:
                break
        lanes = await self._conversations.work_waiting()
        if fired:
            self._journal.note("timers_fired", timers=fired)
        if lanes > fired:
            self._journal.note("lanes_recovered", lanes=lanes - fired)
        return fired + lanes

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`; a store that is down or a key that is missing is tried again."""
        while not stop.is_set():
            due: int | None = None
            try:
                await self.run_once()
                due = await self._store.next_due()
            except StoreUnavailableError as error:
                self._journal.fault("store_unavailable", error)
            except UnknownKeyError as error:
                self._journal.fault("key_unknown", error)
            except Exception as error:
                # Whatever it is, other people's turns and timers must not wait for a restart.
                self._journal.fault("loop_stumbled", error)
            await self._alarm.sleep(due, CEILING, stop)
