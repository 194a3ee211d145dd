"""`engawa serve` as a process of its own between two scripted platforms, stopped and started again.

May import the tests' house, process and platforms, and nothing of `bot`.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sqlite3
from collections.abc import Mapping
from pathlib import Path

import httpx

from tests.app.house import (
    LINE_SECRET,
    LINE_TOKEN,
    TELEGRAM_SECRET,
    TELEGRAM_TOKEN,
    FrozenClock,
    House,
)
from tests.app.process import PATIENCE, Serving, environment, key_file, serving, stop
from tests.platforms.server import real_clock
from tests.torture.history import left_over

LOOK_AGAIN = 0.05
"""Seconds between two looks at the database."""


class RealClock(FrozenClock):
    """Goes on by itself, as that of the other process does."""

    def __call__(self) -> int:
        """The time (UTC ms)."""
        return real_clock()


class Outside(House):
    """The service seen from outside: its address, its database file, and what platforms show."""

    def __init__(self, folder: Path, **settings: str) -> None:
        super().__init__(folder, RealClock())
        self._settings = settings
        self._around = contextlib.AsyncExitStack()
        self._running = contextlib.AsyncExitStack()
        self._process: Serving | None = None

    async def __aenter__(self) -> Outside:
        for platform in (self.line, self.telegram):
            await self._around.enter_async_context(platform)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        await self._start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._running.aclose()
        await self._around.aclose()

    async def stop(self) -> None:
        """Stop it as a system does; it lets land what flies."""
        assert self._process is not None
        ended = await stop(self._process)
        assert ended.code == 0
        assert "Traceback" not in ended.out + ended.err
        await self._running.aclose()

    async def restart(self, meanwhile: str = "") -> None:
        """Stop it and start it again on the same port; `meanwhile` is SQL for while it stands."""
        await self.stop()
        if meanwhile:
            with contextlib.closing(sqlite3.connect(self.database)) as opened, opened:
                assert opened.execute(meanwhile).rowcount > 0
        await self._start()

    async def settle(self) -> None:
        """Until nothing is left to be done; fails if the process ends."""
        assert self._process is not None
        died = asyncio.ensure_future(self._process.process.wait())
        try:
            async with asyncio.timeout(PATIENCE):
                while any(left_over(self.database)):
                    await asyncio.wait({died}, timeout=LOOK_AGAIN)
                    assert not died.done(), "the service ended"
        finally:
            died.cancel()

    def count(self, table: str) -> int:
        """How many rows a table of the running service holds."""
        name = f"{self.database.absolute().as_uri()}?mode=ro"
        with contextlib.closing(sqlite3.connect(name, uri=True)) as opened:
            return int(opened.execute(f"SELECT count(*) FROM {table}").fetchone()[0])

    async def _start(self) -> None:
        self._running = contextlib.AsyncExitStack()
        started = serving("serve", env=self._environment(), folder=self.folder)
        self._process = await self._running.enter_async_context(started)
        self.address = self._process.address
        self.browser = httpx.AsyncClient(base_url=self.address, timeout=PATIENCE)
        await self._running.enter_async_context(self.browser)

    def _environment(self) -> Mapping[str, str]:
        given = {
            "PORT": str(self._port),
            "ENGAWA_KEY_FILE": key_file(self.folder),
            "LINE_CHANNEL_SECRET": LINE_SECRET,
            "LINE_CHANNEL_ACCESS_TOKEN": LINE_TOKEN,
            "TELEGRAM_BOT_TOKEN": TELEGRAM_TOKEN,
            "TELEGRAM_WEBHOOK_SECRET": TELEGRAM_SECRET,
            "LINE_API_BASE": self.line.base_url,
            "LINE_DATA_API_BASE": self.line.base_url,
            "TELEGRAM_API_BASE": self.telegram.base_url,
        }
        return environment(self.folder, **given, **self._settings)
