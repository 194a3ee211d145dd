"""The whole service behind its real ASGI application, fed with bodies from a seed.

No sockets: the platforms take everything. The clock stands still between bodies and is moved on
with each, so that timers, retention and the pace of people all have their turn.
"""

from __future__ import annotations

import asyncio
import dataclasses
import gc
import logging
import sys
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

from bot.app.assembly import Service
from bot.app.content import read_content
from bot.app.serving import real_parts
from bot.config import Secrets, read_settings
from bot.privacy.keyring import new_keyring
from bot.services.ports import Allowance, Outcome
from bot.store.keyfile import write_keyring
from tests.app.house import START, FrozenClock, _compiled
from tests.repository import ROOT
from tests.torture.bodies import PEOPLE, Post, draw_post
from tests.torture.child import LINE_SECRET, LINE_TOKEN, TELEGRAM_SECRET, TELEGRAM_TOKEN

STEP = 400
"""Ms of the clock between two bodies."""
EVERY = 50
"""Bodies between two looks at what is due."""
ALARMING = (
    "turn_failed",
    "turn_set_aside",
    "errand_failed",
    "loop_stumbled",
    "seal_broken",
    "walk_ended",
    "send_dead",
    "500",
)
"""What the log must never say, but that a walk was ended at a limit of its size."""
ALLOWED = ("code=session_too_big",)
LOGGERS = (logging.getLogger("engawa"), logging.getLogger("bot"))
MODES = ("full", "buttons_only", "door_only")


class Listening(logging.Handler):
    """Counts what the service logs, and keeps what should never be there."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.alarms: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """One line of the log."""
        line = record.getMessage()
        named = any(word in line.split() for word in ALARMING) or record.exc_info
        if named and not any(word in line for word in ALLOWED):
            self.alarms.append(line)


class Fuzzed:
    """One service in a folder. `turn` chooses the modes of the channels."""

    def __init__(self, folder: Path, turn: int = 0) -> None:
        self.folder = folder
        self.modes = MODES[turn % 3], MODES[(turn + 1) % 3]
        self.clock = FrozenClock()
        self.statuses: Counter[int] = Counter()
        self.blocks: list[int] = []
        self.log = Listening()
        self.rooms: dict[str, str] = {}

    async def __aenter__(self) -> Fuzzed:
        key_file = self.folder / "keys.json"
        write_keyring(key_file, new_keyring())
        environment = {
            "DATABASE_URL": f"sqlite:///{self.folder / 'engawa.db'}",
            "ENGAWA__LINE__MODE": self.modes[0],
            "ENGAWA__LINE__DECISION": "a test, 2026-11-01, No. 1",
            "ENGAWA__TELEGRAM__MODE": self.modes[1],
            "ENGAWA__TELEGRAM__DECISION": "a test, 2026-11-01, No. 1",
        }
        settings = read_settings(ROOT / "config.toml", environment)
        secrets = Secrets(LINE_SECRET, LINE_TOKEN, TELEGRAM_TOKEN, TELEGRAM_SECRET, str(key_file))
        parts = dataclasses.replace(real_parts(settings, secrets), clock=self.clock)
        for channel in parts.channels.values():
            _unplug(channel)
        self.service = Service(parts)
        self.service.delivery._sleep = self.clock.sleep
        self.service.programs._compile = _compiled
        await self.service.prepare(read_content(ROOT))
        self.application: Any = self.service.application()
        for logger in LOGGERS:
            logger.addHandler(self.log)
            logger.propagate = False  # who else listens keeps every line, and memory would grow
        for number in range(PEOPLE):
            await self._open_room(str(number))
        return self

    async def __aexit__(self, *_: object) -> None:
        for logger in LOGGERS:
            logger.removeHandler(self.log)
            logger.propagate = True
        await self.service.stop()

    async def run(self, seed: int, first: int, bodies: int) -> None:
        """Post `bodies` bodies, the first of them number `first`; memory is noted four times."""
        for number in range(first, first + bodies):
            # Each body has a seed of its own, so that a bad one can be sent again alone.
            random = Random(f"{seed}.{number}")
            self.clock.now += STEP
            post = draw_post(random, number, self.clock.now, self.rooms)
            status = await self.post(post)
            self.statuses[status] += 1
            assert status < 500, f"seed {seed}, body {number}: {status}"
            if number % EVERY == 0:
                await self._settle()
                assert self.log.alarms == [], f"seed {seed}, up to body {number}"
            if (number - first + 1) % max(1, bodies // 4) == 0:
                await self._settle()
                gc.collect()
                self.blocks.append(sys.getallocatedblocks())

    async def post(self, post: Post) -> int:
        """One request to the application; its status."""
        status, answered = await self._ask(post)
        if post.person and b"max-age=0" in answered.get(b"set-cookie", b"").lower():
            await self._open_room(post.person)  # erased: somebody new comes in
        return status

    async def _ask(self, post: Post) -> tuple[int, dict[bytes, bytes]]:
        sent: list[dict[str, Any]] = []
        body = [{"type": "http.request", "body": post.body, "more_body": False}]

        async def receive() -> dict[str, Any]:
            return body.pop() if body else {"type": "http.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        headers = [(name.encode(), value.encode()) for name, value in post.headers.items()]
        headers.append((b"content-length", str(len(post.body)).encode()))
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": post.path,
            "raw_path": post.path.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": headers,
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
        }
        await self.application(scope, receive, send)
        start = next(one for one in sent if one["type"] == "http.response.start")
        return start["status"], dict(start["headers"])

    async def _open_room(self, person: str) -> None:
        headers = {"content-type": "application/x-www-form-urlencoded", "host": "127.0.0.1"}
        status, answered = await self._ask(Post("/room", headers, b"language=ja"))
        assert status == 303
        cookie = answered[b"set-cookie"].decode()
        self.rooms[person] = cookie.split(";")[0].partition("=")[2]

    async def _settle(self) -> None:
        await self.service.errands.drain()
        await self.service.timers.run_once()
        await self.service.delivery.run_once()
        if self.clock.now - START > 0 and self.clock.now % (STEP * EVERY * 20) < STEP * EVERY:
            await self.service.retention.run_once()
        await asyncio.sleep(0)


def _unplug(channel: Any) -> None:
    """A channel whose platform takes everything and says nothing."""

    async def taken(*_: object) -> Outcome:
        return Outcome("sent")

    async def nothing(*_: object) -> None:
        return None

    async def plenty() -> Allowance | None:
        return Allowance(1_000_000, 1_000_000)

    if channel.pushes:
        channel.send, channel.quota = taken, plenty
        channel.acknowledge = channel.show_loading = nothing
