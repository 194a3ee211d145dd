"""The process that dies: the real service with LINE and Telegram, wired as `engawa serve`."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import socket
from datetime import date, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

# Loaded here so that a process forked from the warmed parent starts at once.
import linebot.v3.messaging  # type: ignore[import-untyped]  # noqa: F401
import telegram  # noqa: F401
import uvicorn  # noqa: F401

from bot.app.assembly import Service
from bot.app.content import read_content
from bot.app.journaling import quiet_logging
from bot.app.serving import PoliteServer, real_parts, web_configuration
from bot.config import Secrets, read_settings
from bot.flow.hours import is_holiday
from tests.deciding import decided
from tests.torture.crashing import Crash, Crashing, Plan, crash_in_sql

# The holiday calendar takes a second to make; a fork inherits it.
for ahead in range(2):
    is_holiday(date.today() + timedelta(days=365 * ahead))

ROOT = Path(__file__).resolve().parents[2]
LINE_SECRET = "line-channel-secret"
LINE_TOKEN = "line-access-token"
TELEGRAM_TOKEN = "1234567:telegram-token"
TELEGRAM_SECRET = "telegram-secret"
SENDING = frozenset({"send"})


class Spec(NamedTuple):
    """What a child needs to know."""

    database: str
    key_file: str
    line_base: str
    telegram_base: str
    log: str
    plan: Plan = Plan()


def run(spec: Spec, ready: Connection) -> None:
    """The process: sends its port when it serves, and its crash points' passes when it stops."""
    handler = logging.FileHandler(spec.log, encoding="utf-8")
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    quiet_logging()
    asyncio.run(_main(spec, ready))


async def _main(spec: Spec, ready: Connection) -> None:
    crash = Crash(spec.plan)
    crash_in_sql(crash)
    environment = {
        "DATABASE_URL": f"sqlite:///{spec.database}",
        "LINE_API_BASE": spec.line_base,
        "LINE_DATA_API_BASE": spec.line_base,
        "TELEGRAM_API_BASE": spec.telegram_base,
        "ENGAWA__DELIVERY__TIMEOUT_MS": "2000",
        **decided(),
    }
    settings = read_settings(ROOT / "config.toml", environment)
    secrets = Secrets(LINE_SECRET, LINE_TOKEN, TELEGRAM_TOKEN, TELEGRAM_SECRET, spec.key_file)
    parts = real_parts(settings, secrets)
    parts = dataclasses.replace(
        parts,
        store=Crashing(parts.store, crash),
        ledger=Crashing(parts.ledger, crash),
        channels={
            name: Crashing(channel, crash, SENDING) for name, channel in parts.channels.items()
        },
    )
    service = Service(parts)
    await service.prepare(read_content(ROOT))
    service.start()
    listener = socket.create_server(("127.0.0.1", 0))
    server = PoliteServer(web_configuration(service))
    ready.send(listener.getsockname()[1])
    await server.serve(sockets=[listener])
    await service.stop()
    ready.send(dict(crash.passes))
