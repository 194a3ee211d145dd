"""`engawa connect` and `disconnect` as processes, against scripted platforms over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.app.process import engawa, environment
from tests.platforms.line import ScriptedLine
from tests.platforms.telegram import ScriptedTelegram

URL = "https://room.example"
LINE_SECRET = "line-channel-secret"
TELEGRAM_SECRET = "telegram_webhook_secret"


class Outside(NamedTuple):
    """Both platforms, and the environment that leads to them."""

    line: ScriptedLine
    telegram: ScriptedTelegram
    env: dict[str, str]


@pytest.fixture
async def outside(tmp_path: Path) -> AsyncIterator[Outside]:
    """Platforms on loopback with the real clock, secrets set, nothing served yet."""
    async with ScriptedLine() as line, ScriptedTelegram() as telegram:
        yield Outside(
            line,
            telegram,
            environment(
                tmp_path,
                LINE_CHANNEL_SECRET=LINE_SECRET,
                LINE_CHANNEL_ACCESS_TOKEN=line.token,
                TELEGRAM_BOT_TOKEN=telegram.token,
                TELEGRAM_WEBHOOK_SECRET=TELEGRAM_SECRET,
                LINE_API_BASE=line.base_url,
                LINE_DATA_API_BASE=line.base_url,
                TELEGRAM_API_BASE=telegram.base_url,
                ENGAWA__ROOM__URL=URL,
            ),
        )
        assert (line.violations, telegram.violations) == ([], [])


async def test_line(outside: Outside) -> None:
    """Connected twice, then disconnected: 0 each time, and no secret is printed."""
    account = outside.line.account
    first = await engawa("connect", "line", env=outside.env)
    assert (first.code, first.err) == (0, "")
    assert "A menu was made" in first.out
    assert account.endpoint == f"{URL}/webhooks/line"
    assert account.default_menu
    again = await engawa("connect", "line", env=outside.env)
    assert again.code == 0
    assert "The menu is as it should be." in again.out
    last = await engawa("disconnect", "line", env=outside.env)
    assert last.code == 0
    assert account.menus == {}
    for ended in (first, again, last):
        assert outside.line.token not in ended.out + ended.err
        assert LINE_SECRET not in ended.out + ended.err


async def test_telegram(outside: Outside) -> None:
    """Connected to another address than room.url, then disconnected; no secret is printed."""
    account = outside.telegram.account
    url = "https://other.example/engawa/"
    first = await engawa("connect", "telegram", "--url", url, env=outside.env)
    assert (first.code, first.err) == (0, "")
    assert account.url == "https://other.example/engawa/webhooks/telegram"
    assert account.secret == TELEGRAM_SECRET
    last = await engawa("disconnect", "telegram", env=outside.env)
    assert last.code == 0
    assert (account.url, account.commands) == ("", {})
    for ended in (first, last):
        assert outside.telegram.token not in ended.out + ended.err
        assert TELEGRAM_SECRET not in ended.out + ended.err


@pytest.mark.parametrize(
    ("command", "change", "words"),
    [
        pytest.param("line", {"ENGAWA__ROOM__URL": ""}, "Set room.url", id="no address"),
        pytest.param(
            "line", {"ENGAWA__ROOM__URL": "http://room.example"}, "https://your.host", id="no TLS"
        ),
        pytest.param(
            "telegram",
            {"ENGAWA__ROOM__URL": "https://room.example/?a=1"},
            "https://your.host",
            id="an address with a query",
        ),
        pytest.param(
            "line",
            {"LINE_CHANNEL_SECRET": "", "LINE_CHANNEL_ACCESS_TOKEN": ""},
            "LINE_CHANNEL_SECRET and LINE_CHANNEL_ACCESS_TOKEN are missing",
            id="no secrets",
        ),
        pytest.param(
            "telegram", {"TELEGRAM_WEBHOOK_SECRET": ""}, "TELEGRAM_WEBHOOK_SECRET", id="half a pair"
        ),
    ],
)
async def test_refused_before_anything_is_asked(
    command: str, change: dict[str, str], words: str, outside: Outside
) -> None:
    """What can't work is one sentence and 2; no platform hears of it."""
    ended = await engawa("connect", command, env={**outside.env, **change})
    assert (ended.code, ended.out) == (2, "")
    assert words in ended.err
    assert len(ended.err.splitlines()) == 1
    assert (outside.line.received, outside.telegram.received) == ([], [])


async def test_refused_by_the_platform(outside: Outside) -> None:
    """A refusal of one part ends with 2, on standard error, and the rest is done."""
    outside.line.script_for("PUT", "forbidden")
    ended = await engawa("connect", "line", env=outside.env)
    assert ended.code == 2
    assert ended.err.startswith("refused")
    assert "403" in ended.err
    assert outside.line.account.default_menu


async def test_a_platform_that_hangs(outside: Outside) -> None:
    """One that never answers is given up after delivery.timeout_ms."""
    outside.telegram.script_for("getMe", "hang_before")
    env = {**outside.env, "ENGAWA__DELIVERY__TIMEOUT_MS": "300"}
    ended = await engawa("connect", "telegram", env=env)
    assert ended.code == 2
    assert "did not answer within 0.3 s" in ended.err


async def test_a_directory_without_its_drawing(outside: Outside, tmp_path: Path) -> None:
    """Where no drawing fits what the city's directory says, the menu waits and the webhook not."""
    pack = tmp_path / "pack"
    pack.mkdir()
    (pack / "directory.yaml").write_text(
        f"engawa: 1\nplaces:\n  yorisoi: {{status: verified, verified_on: {date.today()}, "
        "phone: 0120-000-000}\n",
        "utf-8",
    )
    ended = await engawa("connect", "line", env={**outside.env, "ENGAWA__CONTENT__CITY": str(pack)})
    assert ended.code == 2
    assert "Run `make pictures`" in ended.err
    assert outside.line.account.endpoint == f"{URL}/webhooks/line"
    assert outside.line.account.menus == {}
