"""Work that goes on behind an answered request: kept track of, never left to be forgotten.

Imports journal only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from bot.services.journal import Journal

T = TypeVar("T")


class Errands:
    """Tasks that nobody awaits at once; how they failed is written down."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Begin; an error that nobody else takes is noted by its class."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._end)
        return task

    async def drain(self) -> None:
        """Return when all that was begun has ended."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    def _end(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if error is not None:
            self._journal.fault("errand_failed", error)
