"""A running service per test, with everything that is logged in its folder."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.app.journaling import LOUD, quiet_logging
from tests.leaks.service import LINE_TOKEN, TELEGRAM_TOKEN, RunningService
from tests.platforms.line import ScriptedLine
from tests.platforms.server import Request, Response
from tests.platforms.telegram import ScriptedTelegram


class Telltale(logging.Formatter):
    """The line as it is written, the arguments as they came, and the traceback."""

    def format(self, record: logging.LogRecord) -> str:
        return f"{super().format(record)} {record.args!r}"


@pytest.fixture
def everything_logged(tmp_path: Path) -> Iterator[Path]:
    """The root logger at DEBUG writes to a file; then the service's own quieting, as it starts."""
    root = logging.getLogger()
    names = [*LOUD, "engawa", "sse_starlette", "uvicorn", "uvicorn.error"]
    before = {name: logging.getLogger(name).level for name in names}
    level = root.level
    for name in names:
        logging.getLogger(name).setLevel(logging.NOTSET)
    file = tmp_path / "service" / "log.txt"
    file.parent.mkdir()
    handler = logging.FileHandler(file, encoding="utf-8")
    handler.setFormatter(Telltale("%(asctime)s %(levelname)s %(name)s %(message)s"))
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    quiet_logging(logging.DEBUG)
    yield file
    root.removeHandler(handler)
    handler.close()
    root.setLevel(level)
    for name, old in before.items():
        logging.getLogger(name).setLevel(old)


class EchoingLine(ScriptedLine):
    """LINE whose refusals quote the request, as an error text may."""

    last = ""

    def handle(self, request: Request) -> Response:
        self.last = request.body.decode(errors="replace")
        return super().handle(request)

    def sends(self, request: Request) -> bool:
        self.last = request.body.decode(errors="replace")
        return super().sends(request)

    def refusal(self, act: str) -> Response:
        status, body, headers = super().refusal(act)
        return Response(status, {**body, "details": [{"message": self.last}]}, headers)


class EchoingTelegram(ScriptedTelegram):
    """Telegram likewise."""

    last = ""

    def sends(self, request: Request) -> bool:
        self.last = request.path + request.body.decode(errors="replace")
        return super().sends(request)

    def refusal(self, act: str) -> Response:
        status, body, headers = super().refusal(act)
        if isinstance(body, dict):
            body = {**body, "description": f"{body['description']} {self.last}"}
        return Response(status, body, headers)


@pytest.fixture
async def running(tmp_path: Path, everything_logged: Path) -> AsyncIterator[RunningService]:
    """The service, served; the platforms quote what they refuse."""
    async with EchoingLine(LINE_TOKEN) as line, EchoingTelegram(TELEGRAM_TOKEN) as telegram:
        line.quota = None
        service = RunningService(everything_logged.parent, line, telegram)
        await service.start()
        yield service
        await service.stop()
