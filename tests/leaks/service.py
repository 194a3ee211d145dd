"""The real service on SQLite with LINE, Telegram and the web room, every logger at DEBUG, and all
that it writes in one folder.

Runs in this process, served by uvicorn over loopback; its secrets are canaries.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import os
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx

from bot.app.assembly import Service
from bot.app.content import read_content
from bot.app.here import LEDGER_SUFFIX
from bot.app.serving import PoliteServer, real_parts, web_configuration
from bot.channels.line.signature import sign
from bot.cli.outbox import STATUSES
from bot.config import Secrets, read_settings
from bot.privacy.keyring import Keyring, new_keyring
from bot.services.lanes import Vault
from bot.services.records import Lane
from bot.store.keyfile import read_keyring, write_keyring
from bot.store.sqlite import SqliteStore
from tests.deciding import decided
from tests.leaks.canaries import MARK
from tests.platforms.line import ScriptedLine
from tests.platforms.telegram import ScriptedTelegram
from tests.repository import ROOT

LINE_SECRET = f"{MARK}LineSecret"
LINE_TOKEN = f"{MARK}LineToken"
TELEGRAM_TOKEN = f"1234567:{MARK}TelegramToken"
TELEGRAM_SECRET = f"{MARK}TelegramSecret"
PATIENCE = 20.0
"""Seconds after which what has not ended will not end."""
BUSY_MS = 100


class RunningService:
    """One service in `folder`; start, stop and start again as often as wanted."""

    def __init__(self, folder: Path, line: ScriptedLine, telegram: ScriptedTelegram) -> None:
        self.folder = folder
        self.line = line
        self.telegram = telegram
        self.database = folder / "engawa.db"
        self.key_file = folder / "keys.json"
        self.ledger = Path(f"{self.key_file}{LEDGER_SUFFIX}")
        self.environment = {
            "DATABASE_URL": f"sqlite:///{self.database}",
            "LINE_API_BASE": line.base_url,
            "LINE_DATA_API_BASE": line.base_url,
            "TELEGRAM_API_BASE": telegram.base_url,
            "ENGAWA__DELIVERY__TIMEOUT_MS": "2000",
            "ENGAWA_KEY_FILE": str(self.key_file),
            **decided(),
        }
        self._numbers = 0

    async def start(self) -> None:
        """Serve; the key file is made if there is none."""
        if not self.key_file.exists():
            write_keyring(self.key_file, new_keyring())
        settings = read_settings(ROOT / "config.toml", self.environment)
        secrets = Secrets(
            LINE_SECRET, LINE_TOKEN, TELEGRAM_TOKEN, TELEGRAM_SECRET, str(self.key_file)
        )
        parts = real_parts(settings, secrets)
        parts = dataclasses.replace(parts, store=SqliteStore(self.database, busy_ms=BUSY_MS))
        self.service = Service(parts)
        await self.service.prepare(read_content(ROOT))
        self.service.start()
        listener = socket.create_server(("127.0.0.1", 0))
        self.server = PoliteServer(web_configuration(self.service))
        self._serving = asyncio.create_task(self.server.serve(sockets=[listener]))
        self._base = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self.service.address = self._base
        self.client = self.browser()

    async def restart(self, **environment: str) -> None:
        """Stop, and start with other settings on top of those of before."""
        await self.stop()
        self.environment |= environment
        await self.start()

    async def stop(self) -> None:
        """End politely: everything begun is finished, the database's log is folded in."""
        await self.client.aclose()
        self.server.should_exit = True
        await self._serving
        await self.service.stop()

    def browser(self, **headers: str) -> httpx.AsyncClient:
        """Somebody who has no cookie yet; to be closed."""
        # uvicorn closes a connection that was idle for five seconds, perhaps as we write to it.
        limits = httpx.Limits(max_keepalive_connections=0)
        return httpx.AsyncClient(
            base_url=self._base, headers=headers, timeout=PATIENCE, limits=limits
        )

    # What platforms send.

    async def post_line(self, body: bytes) -> int:
        """A LINE webhook with these bytes; the status, once all that follows is done."""
        headers = {"x-line-signature": sign(LINE_SECRET.encode(), body)}
        return await self._post("line", body, headers)

    async def post_telegram(self, body: bytes) -> int:
        """A Telegram webhook; the same."""
        return await self._post(
            "telegram", body, {"x-telegram-bot-api-secret-token": TELEGRAM_SECRET}
        )

    async def line_event(self, user: str, kind: str = "message", **more: Any) -> bytes:
        """An event of this person is posted and taken; its body, to be posted again."""
        body = self.line_body(user, kind, **more)
        assert await self.post_line(body) == 200
        await self.settle()
        return body

    def line_body(self, user: str, kind: str = "message", text: str = "", **more: Any) -> bytes:
        """A LINE body with one event; the token is one that the scripted LINE takes."""
        self._numbers += 1
        event = {
            "type": kind,
            "mode": "active",
            "timestamp": self.line.clock(),
            "source": {"type": "user", "userId": user},
            "webhookEventId": f"01LEAK{self._numbers:05}",
            "replyToken": self.line.reply_token(user),
        }
        if kind == "message":
            event["message"] = {"id": f"m{self._numbers}", "type": "text", "text": text}
        return json.dumps({"events": [{**event, **more}]}).encode()

    async def telegram_says(self, person: int, text: str, **more: Any) -> bytes:
        """A person's message on Telegram is posted and taken; its body."""
        body = self.telegram_body(person, text, **more)
        assert await self.post_telegram(body) == 200
        await self.settle()
        return body

    def telegram_body(self, person: int, text: str, kind: str = "message", **more: Any) -> bytes:
        """A Telegram update."""
        self._numbers += 1
        message = {
            "message_id": self._numbers,
            "date": self.line.clock() // 1000,
            "chat": {"id": person, "type": "private"},
            "from": {"id": person, "is_bot": False, "first_name": "x"},
            "text": text,
        }
        return json.dumps({"update_id": self._numbers, kind: {**message, **more}}).encode()

    async def _post(self, channel: str, body: bytes, headers: dict[str, str]) -> int:
        answer = await self.client.post(f"/webhooks/{channel}", content=body, headers=headers)
        return answer.status_code

    async def settle(self) -> None:
        """Until no turn waits, nothing is to be sent and no errand is under way."""
        async with asyncio.timeout(PATIENCE):
            while self._busy():
                await asyncio.wait({self._serving}, timeout=0.01)
            await self.service.errands.drain()

    async def tried(self) -> None:
        """Until no turn waits and everybody's first request was tried; what failed may wait."""
        async with asyncio.timeout(PATIENCE):
            while self.rows(
                "SELECT 1 FROM inbound WHERE status = 'waiting' UNION ALL "
                "SELECT 1 FROM outbox WHERE status = 'sending' UNION ALL "
                "SELECT 1 FROM outbox o WHERE status = 'new' AND tries = 0 AND NOT EXISTS ("
                "SELECT 1 FROM outbox b WHERE b.conversation = o.conversation AND b.status = 'new' "
                "AND b.seq < o.seq)"
            ):
                await asyncio.wait({self._serving}, timeout=0.01)

    async def settle_later(self) -> None:
        """Until nothing is to be sent, also what failed and waits for its next try."""
        async with asyncio.timeout(PATIENCE):
            while self.rows("SELECT 1 FROM outbox WHERE status IN ('new', 'sending')"):
                await asyncio.wait({self._serving}, timeout=0.01)

    def _busy(self) -> bool:
        # One statement: between two, a row could pass from one status to the other unseen.
        return bool(
            self.rows(
                "SELECT 1 FROM inbound WHERE status = 'waiting' UNION ALL SELECT 1 FROM outbox "
                "WHERE status = 'sending' OR status = 'new' AND next_at <= "
                f"{self.line.clock()}"
            )
        )

    # What is kept.

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Read the database beside the service."""
        uri = f"{self.database.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True)) as opened:
            return opened.execute(query).fetchall()

    def tamper(self, *statements: str) -> None:
        """Change the database behind the service's back."""
        with closing(sqlite3.connect(self.database, isolation_level=None)) as opened:
            for statement in statements:
                opened.execute(statement)

    async def lane(self, channel: str, user: str) -> Lane | None:
        """A person's lane."""
        return await self.service.parts.store.locate(self.vault.lookup(channel, user))

    @property
    def keyring(self) -> Keyring:
        """The keys, as the file has them."""
        return read_keyring(self.key_file)

    @property
    def vault(self) -> Vault:
        """Opens what the service sealed."""
        parts = self.service.parts
        return Vault(lambda: parts.keyring, parts.chance, parts.clock)

    async def everything(self) -> dict[str, bytes]:
        """Every byte the service wrote or tells: files, a dump, its pages for operators, commands.

        The key file is left out: it is where the keys must be.
        """
        found = self.files()
        with closing(sqlite3.connect(self.database)) as opened:
            found["dump"] = "\n".join(opened.iterdump()).encode()
        for page in ("readyz", "healthz"):
            found[page] = (await self.client.get(f"/{page}")).content
        return found | {"commands": await self._run("-c", _COMMANDS)}

    def files(self) -> dict[str, bytes]:
        """Every file in the folder but the keys, by name.

        Read by another process: closing the database's file in this one would take its locks away.
        """
        paths = [path for path in sorted(self.folder.rglob("*")) if path != self.key_file]
        found = {}
        for path in paths:
            read = subprocess.run(["cat", path], check=False, capture_output=True)
            if read.returncode == 0:  # the log goes when the database is closed
                found[path.name] = read.stdout
        return found

    async def command(self, *words: str, ends: tuple[int, ...] = (0,), **more: str) -> bytes:
        """What a command prints in the service's environment (and `more`); how it may end."""
        return await self._run("-m", "bot", *words, ends=ends, **more)

    async def _run(self, *words: str, ends: tuple[int, ...] = (0,), **more: str) -> bytes:
        environment = {
            **os.environ,
            **self.environment,
            **more,
            "ENGAWA_HOME": str(ROOT),
            "COLUMNS": "999",
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *words,
            env=environment,
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate()
        assert process.returncode in ends, said
        return said


_EVERY_STATUS = [word for status in STATUSES for word in ("--status", status)]
# One process for all three: starting one costs more than what it does.
_COMMANDS = f"""
from bot.cli.main import main
commands = (["outbox", *{_EVERY_STATUS!r}], ["counts"], ["inventory"])
raise SystemExit(max(main(words) for words in commands))
"""
