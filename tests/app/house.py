"""The whole service for tests: a real database, real channels, served over loopback.

Its loops are moved by hand (`settle`), so that nothing has to be waited for; `start` lets them run.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import dataclasses
import hashlib
import hmac
import json
import socket
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import httpx

from bot.app.assembly import Service
from bot.app.content import read_content
from bot.app.serving import PoliteServer, real_parts, web_configuration
from bot.config import Secrets, read_settings
from bot.engine.world import Mode
from bot.flow.loader import revision_of
from bot.privacy.keyring import new_keyring
from bot.services.records import OutboxRow, OutboxStatus
from bot.services.revisions import Published, compile_files
from bot.store.keyfile import write_keyring
from bot.store.sqlite import SqliteStore
from tests.deciding import decided
from tests.platforms.line import ScriptedLine
from tests.platforms.telegram import ScriptedTelegram
from tests.repository import ROOT

START = 1_800_000_000_000
SECOND, MINUTE, HOUR = 1_000, 60_000, 3_600_000
LINE_SECRET = "line-channel-secret"
LINE_TOKEN = "line-access-token"
TELEGRAM_TOKEN = "1234567:telegram-token"
TELEGRAM_SECRET = "telegram-secret"
BUSY_MS = 30
SOON = 30 * SECOND
PATIENCE = 20.0
"""Seconds after which what has not come will not come."""


class FrozenClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> int:
        """The time (UTC ms)."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Sleeping moves the clock instead of waiting."""
        self.now += round(seconds * 1_000)


class House:
    """One service in `folder`. Open and close it as often as wanted: the folder stays."""

    def __init__(self, folder: Path, clock: FrozenClock | None = None) -> None:
        self.folder = folder
        self.clock = clock or FrozenClock()
        self.line = ScriptedLine(LINE_TOKEN, clock=self.clock)
        self.telegram = ScriptedTelegram(TELEGRAM_TOKEN, clock=self.clock)
        self.database = folder / "engawa.db"
        self.address = ""
        self._numbers = 0
        self._closing = contextlib.AsyncExitStack()

    async def open(self, files: Mapping[str, bytes] | None = None, mode: Mode = "full") -> None:
        """Prepare the service and serve; its loops stand still. Both platforms take what `mode`
        says, and the city has decided that.
        """
        self._closing = contextlib.AsyncExitStack()
        for platform in (self.line, self.telegram):
            await self._closing.enter_async_context(platform)
        key_file = self.folder / "keys.json"
        if not key_file.exists():
            write_keyring(key_file, new_keyring(now=self.clock.now))
        environment = {
            "DATABASE_URL": f"sqlite:///{self.database}",
            "LINE_API_BASE": self.line.base_url,
            "LINE_DATA_API_BASE": self.line.base_url,
            "TELEGRAM_API_BASE": self.telegram.base_url,
            **decided(mode),
        }
        settings = read_settings(ROOT / "config.toml", environment)
        secrets = Secrets(LINE_SECRET, LINE_TOKEN, TELEGRAM_TOKEN, TELEGRAM_SECRET, str(key_file))
        self.store = SqliteStore(self.database, busy_ms=BUSY_MS)
        parts = real_parts(settings, secrets)
        self.service = Service(dataclasses.replace(parts, store=self.store, clock=self.clock))
        self.service.delivery._sleep = self.clock.sleep
        self.service.programs._compile = _compiled
        self._closing.push_async_callback(self.service.stop)
        self.refusal = await self.service.prepare(files or read_content(ROOT))
        self.address = await self._closing.enter_async_context(_listening(self.service))
        self.browser = httpx.AsyncClient(base_url=self.address, timeout=PATIENCE)
        await self._closing.enter_async_context(self.browser)

    async def close(self) -> None:
        """Stop serving and put everything away."""
        await self._closing.aclose()

    async def settle(self) -> None:
        """Let everything happen that is due, the pace of a channel and a few retries included."""
        await self.service.errands.drain()
        await self.service.timers.run_once()
        await self.service.delivery.run_once()
        while (due := await self.store.next_due()) and due <= self.clock.now + SOON:
            self.clock.now = max(self.clock.now + 1, due)
            await self.service.delivery.run_once()
        await self.service.errands.drain()

    # What platforms post.

    async def post_line(self, *events: Any, **more: Any) -> httpx.Response:
        """A webhook of LINE with these events, signed as LINE signs."""
        body = json.dumps({"destination": "Ubot", "events": events}).encode()
        return await self.post_line_bytes(body, **more)

    async def post_line_bytes(
        self, body: bytes, signature: str | None = None, settle: bool = True
    ) -> httpx.Response:
        """A webhook of LINE with this body; signed, unless another signature is given."""
        headers = {"X-Line-Signature": sign(body) if signature is None else signature}
        answer = await self.browser.post("/webhooks/line", content=body, headers=headers)
        if settle:
            await self.settle()
        return answer

    def line_event(self, kind: str, person: str = "Uhana", **fields: Any) -> dict[str, Any]:
        """An event of LINE that happens now, with a new id and a fresh reply token."""
        self._numbers += 1
        return {
            "type": kind,
            "mode": "active",
            "timestamp": self.clock(),
            "source": {"type": "user", "userId": person},
            "webhookEventId": f"01EVENT{self._numbers:05}",
            "deliveryContext": {"isRedelivery": False},
            "replyToken": self.line.reply_token(person),
            **fields,
        }

    def line_text(self, text: str, person: str = "Uhana", **fields: Any) -> dict[str, Any]:
        """A text message of LINE."""
        message = {"id": str(9000 + self._numbers), "type": "text", "text": text, "quoteToken": "q"}
        return self.line_event("message", person, message=message, **fields)

    async def post_telegram(self, update: Any, **more: Any) -> httpx.Response:
        """A webhook of Telegram with its secret."""
        return await self.post_telegram_bytes(json.dumps(update).encode(), **more)

    async def post_telegram_bytes(
        self, body: bytes, secret: str | None = TELEGRAM_SECRET, settle: bool = True
    ) -> httpx.Response:
        """A webhook of Telegram with this body and secret (None: without the header)."""
        headers = {} if secret is None else {"X-Telegram-Bot-Api-Secret-Token": secret}
        answer = await self.browser.post("/webhooks/telegram", content=body, headers=headers)
        if settle:
            await self.settle()
        return answer

    def telegram_text(self, text: str, person: int = 70001, **fields: Any) -> dict[str, Any]:
        """An update with a text message."""
        self._numbers += 1
        message = {
            "message_id": self._numbers,
            "date": self.clock() // 1000,
            "chat": {"id": person, "type": "private", "first_name": "x"},
            "from": {"id": person, "is_bot": False, "first_name": "x", "language_code": "ja"},
            "text": text,
            **fields,
        }
        return {"update_id": 500 + self._numbers, "message": message}

    def telegram_tap(self, data: str, person: int = 70001) -> dict[str, Any]:
        """An update with a press on an inline button."""
        self._numbers += 1
        query = {
            "id": f"query{self._numbers}",
            "from": {"id": person, "is_bot": False, "first_name": "x", "language_code": "ja"},
            "chat_instance": "1",
            "data": data,
        }
        return {"update_id": 500 + self._numbers, "callback_query": query}

    # What is kept.

    async def rows(self, *statuses: OutboxStatus) -> list[OutboxRow]:
        """Outbox rows in these states."""
        return list(await self.store.outbox_rows(statuses, 1_000))

    async def turns(self, channel: str, person: str) -> int:
        """How many turns this person's conversation has had."""
        lane = await self.store.locate(self.service._vault.lookup(channel, person))
        return lane.conversation.version if lane else 0

    async def tier(self, channel: str, person: str) -> int:
        """The risk tier of this person's conversation."""
        lane = await self.store.locate(self.service._vault.lookup(channel, person))
        return lane.conversation.tier if lane else 0

    async def said_by(self, channel: str, person: str) -> list[str]:
        """The person's words, as our copy holds them."""
        lane = await self.store.locate(self.service._vault.lookup(channel, person))
        if lane is None:
            return []
        opened = self.service._vault.open(lane)
        rows = await self.store.transcript(lane.conversation.id, 0, 1_000)
        return [opened.message(row).text for row in rows if row.author == "person"]


_COMPILED: dict[str, Published] = {}


def _compiled(files: Mapping[str, bytes]) -> Published:
    """As the service compiles, but the same files once for the whole run."""
    revision = revision_of(files)
    if revision not in _COMPILED:
        _COMPILED[revision] = compile_files(files)
    return _COMPILED[revision]


def sign(body: bytes) -> str:
    """LINE's signature of a body."""
    digest = hmac.new(LINE_SECRET.encode(), body, hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


@contextlib.asynccontextmanager
async def _listening(service: Service) -> AsyncIterator[str]:
    """Serve as `engawa serve` does, but told to stop rather than signalled."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = PoliteServer(web_configuration(service))
    serving = asyncio.create_task(server._serve(sockets=[listener]))
    while not server.started:  # noqa: ASYNC110 (uvicorn has no event for it)
        await asyncio.sleep(0)
    service.address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    try:
        yield service.address
    finally:
        server.should_exit = True
        await serving
        listener.close()
