"""The thread that reads, on its own connection, so that no query waits for a commit.

Imports nothing of ours.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


class Reader:
    """Runs queries one after another; each sees what was committed before it began."""

    def __init__(
        self,
        connect: Callable[[], sqlite3.Connection],
        reword: Callable[[Exception], Exception],
    ) -> None:
        self._reword = reword
        self._connection = connect()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="engawa-store-reader")

    async def run(self, query: Callable[[sqlite3.Connection], T]) -> T:
        """The query's result; a query is finished even if who awaits it is cancelled."""
        loop = asyncio.get_running_loop()
        try:
            return await asyncio.shield(loop.run_in_executor(self._thread, query, self._connection))
        except (sqlite3.Error, OSError) as error:
            raise self._reword(error) from error

    def stop(self) -> None:
        """End the thread after the query it is at, then close the connection."""
        self._thread.shutdown(wait=True, cancel_futures=True)
        self._connection.close()
