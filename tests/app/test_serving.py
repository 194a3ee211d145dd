"""`engawa serve` as a city starts it: what it refuses, what it prints, how it ends and goes on."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.app.house import (
    LINE_SECRET,
    LINE_TOKEN,
    PATIENCE,
    TELEGRAM_SECRET,
    TELEGRAM_TOKEN,
    House,
    sign,
)
from tests.app.process import Serving, engawa, environment, key_file, serving, stop
from tests.deciding import decided
from tests.platforms.line import ScriptedLine
from tests.platforms.server import real_clock
from tests.repository import ROOT
from tests.web.visiting import go_in, write

LINE_IS_ON = {"LINE_CHANNEL_SECRET": LINE_SECRET, "LINE_CHANNEL_ACCESS_TOKEN": LINE_TOKEN}
TELEGRAM_IS_ON = {
    "TELEGRAM_BOT_TOKEN": TELEGRAM_TOKEN,
    "TELEGRAM_WEBHOOK_SECRET": TELEGRAM_SECRET,
}
LINE = LINE_IS_ON | decided()
TELEGRAM = TELEGRAM_IS_ON | decided()


@pytest.mark.parametrize(
    ("change", "named"),
    [
        pytest.param({"ENGAWA_KEY_FILE": ""}, "ENGAWA_KEY_FILE", id="no key file"),
        pytest.param({"ENGAWA_KEY_FILE": "/no/such"}, "/no/such", id="a key file that isn't there"),
        pytest.param({"ENGAWA__SERVER__DEBUG": "true"}, "server.debug", id="debug"),
        pytest.param({"LINE_CHANNEL_SECRET": "x"}, "LINE_CHANNEL_ACCESS_TOKEN", id="half of LINE"),
        pytest.param({"TELEGRAM_BOT_TOKEN": "1:x"}, "TELEGRAM_WEBHOOK_SECRET", id="half: Telegram"),
        pytest.param({"DATABASE_URL": "postgres://x"}, "DATABASE_URL", id="another database"),
        pytest.param({"DATABASE_URL": "sqlite:////proc/x/y.db"}, "/proc/x", id="no such place"),
        pytest.param(
            {"DATABASE_URL": "sqlite:////proc/version"}, "/proc/version", id="no database"
        ),
        pytest.param({"PORT": "many"}, "PORT", id="a port that is no number"),
        pytest.param({"HOST": "256.1.1.1"}, "no address '256.1.1.1'", id="no address"),
        pytest.param({"ENGAWA__SERVER__PROT": "1"}, "ENGAWA__SERVER__PROT", id="a typo"),
        pytest.param({"ENGAWA_HOME": "/"}, "flows", id="a folder without flows"),
        pytest.param(
            LINE_IS_ON | {"ENGAWA__LINE__MODE": "full"},
            "ENGAWA__LINE__DECISION",
            id="LINE in full without a decision",
        ),
        pytest.param(
            TELEGRAM_IS_ON | {"ENGAWA__TELEGRAM__MODE": "buttons_only"},
            "telegram.decision",
            id="Telegram with buttons without a decision",
        ),
        pytest.param(
            LINE_IS_ON | {"ENGAWA__LINE__MODE": "full", "ENGAWA__LINE__DECISION": "yes"},
            "line.decision",
            id="a decision that says neither who nor when",
        ),
    ],
)
async def test_refuses(tmp_path: Path, change: dict[str, str], named: str) -> None:
    """What must not face people, or can't, is refused with one sentence that names it."""
    env = environment(tmp_path, ENGAWA_KEY_FILE=key_file(tmp_path)) | change
    ended = await engawa("serve", env=env, folder=tmp_path)
    assert ended.code == 2
    said = [line for line in ended.err.splitlines() if " INFO " not in line]
    assert len(said) == 1
    assert named in said[0]


async def test_refuses_a_demo_key(tmp_path: Path) -> None:
    """A keyring that was made for the demo does not serve people."""
    env = environment(tmp_path, ENGAWA_KEY_FILE=key_file(tmp_path, demo=True))
    ended = await engawa("serve", env=env, folder=tmp_path)
    assert ended.code == 2
    assert "demo keys" in ended.err


async def test_refuses_a_port_in_use(tmp_path: Path) -> None:
    """A port that somebody has is named, with what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        env = environment(tmp_path, ENGAWA_KEY_FILE=key_file(tmp_path), PORT=str(port))
        ended = await engawa("serve", env=env, folder=tmp_path)
    assert ended.code == 2
    assert f"Port {port}" in ended.err
    assert "PORT=" in ended.err


async def test_refuses_a_newer_database(tmp_path: Path) -> None:
    """A database that a newer program has changed is left as it is."""
    env = environment(tmp_path, ENGAWA_KEY_FILE=key_file(tmp_path))
    assert (await engawa("flows", "publish", env=env)).code == 0
    database = tmp_path / "engawa.db"
    with closing(sqlite3.connect(database)) as opened:
        opened.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) "
            "VALUES ('engawa', 'from_the_future', '2030-01-01')"
        )
        opened.commit()
    before = database.read_bytes()
    ended = await engawa("serve", env=env, folder=tmp_path)
    assert ended.code == 2
    assert "newer" in ended.err
    assert database.read_bytes() == before


async def test_refuses_broken_files_at_first(tmp_path: Path) -> None:
    """Nothing was ever published and the files are broken: each issue with file and line."""
    home = _home(tmp_path)
    (home / "flows" / "welcome.yaml").write_text("engawa: 1\nflow: welcome\nabuot: x\n")
    env = environment(tmp_path, ENGAWA_KEY_FILE=key_file(tmp_path), ENGAWA_HOME=str(home))
    ended = await engawa("serve", env=env, folder=tmp_path)
    assert ended.code == 2
    assert "flows/welcome.yaml:3" in ended.err


async def test_serves_on_with_broken_files(tmp_path: Path) -> None:
    """Once something was published, a start with broken files serves that and tells the line."""
    home = _home(tmp_path)
    env = environment(tmp_path, ENGAWA_KEY_FILE=key_file(tmp_path), ENGAWA_HOME=str(home))
    assert (await engawa("flows", "publish", env=env)).code == 0
    (home / "flows" / "welcome.yaml").write_text("engawa: 1\nflow: welcome\nabuot: x\n")
    async with serving("serve", env=env, folder=tmp_path) as process:
        assert any("flows/welcome.yaml:3" in line for line in process.printed)
        async with httpx.AsyncClient(base_url=process.address) as browser:
            await go_in(browser)
            assert "話してみる" in (await browser.get("/room")).text
        assert (await stop(process)).code == 0


async def test_says_where_to_click(tmp_path: Path) -> None:
    """The room and the webhooks that are on are printed; the web is served; SIGTERM ends it well:
    everything is put away, nothing of a person was printed.
    """
    env = environment(tmp_path, ENGAWA_KEY_FILE=key_file(tmp_path), **LINE | TELEGRAM)
    async with serving("serve", env=env, folder=tmp_path) as process:
        printed = "\n".join(process.printed)
        assert f"{process.address}/" in printed
        assert f"{process.address}/webhooks/line" in printed
        assert f"{process.address}/webhooks/telegram" in printed
        async with httpx.AsyncClient(base_url=process.address) as browser:
            assert (await browser.get("/healthz")).text == "alive\n"
            assert (await browser.get("/readyz")).status_code == 200
            await go_in(browser)
            assert (await write(browser, "カナリアの夜")).status_code == 303
        ended = await stop(process)
    assert ended.code == 0
    assert "カナリア" not in ended.out + ended.err
    assert "Traceback" not in ended.err
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == ["engawa.db", "engawa.db.lock", "keys.json"]


async def test_one_process_serves_a_database(tmp_path: Path) -> None:
    """A second process on the same database is refused; the first goes on."""
    env = environment(tmp_path, ENGAWA_KEY_FILE=key_file(tmp_path))
    async with serving("serve", env=env, folder=tmp_path) as first:
        ended = await engawa("serve", env=env, folder=tmp_path)
        assert ended.code == 2
        assert "served by another process" in ended.err
        async with httpx.AsyncClient(base_url=first.address) as browser:
            assert (await browser.get("/readyz")).status_code == 200
        assert (await stop(first)).code == 0


async def test_takes_up_what_is_published(tmp_path: Path) -> None:
    """`engawa flows publish` beside a running service is live in it without a restart."""
    home = _home(tmp_path)
    env = environment(tmp_path, ENGAWA_KEY_FILE=key_file(tmp_path), ENGAWA_HOME=str(home))
    async with serving("serve", env=env, folder=tmp_path) as process:
        path = home / "messages" / "ja" / "room.yaml"
        path.write_text(
            path.read_text("utf-8").replace("start: はじめる", "start: すわる"), "utf-8"
        )
        assert (await engawa("flows", "publish", env=env)).code == 0
        noted = process.process.stderr
        assert noted is not None
        async with asyncio.timeout(PATIENCE):
            while b"revision_active ready=2" not in await noted.readline():
                continue
        async with httpx.AsyncClient(base_url=process.address) as browser:
            assert "すわる" in (await browser.get("/")).text
        assert (await stop(process)).code == 0


async def test_a_restart_finishes_the_work(tmp_path: Path) -> None:
    """What a process left behind, an inbound without its turn and a request without its answer, is
    finished by the next one, once.
    """
    house = House(tmp_path)
    house.clock.now = real_clock()
    await house.open()
    house.line.script("error", "error")
    follow = house.line_event("follow", "Uhana", follow={"isUnblocked": False})
    assert (await house.post_line(follow, settle=False)).status_code == 200
    await house.service.delivery.run_once()  # refused: the row waits
    other = house.line_event("follow", "Uother", follow={"isUnblocked": False})
    assert (await house.post_line(other, settle=False)).status_code == 200
    await house.service.delivery.run_once()
    await _park(house, house.line_text("さみしい夜", "Uother"))
    assert len(await house.rows("new")) > 0
    seen_before = len(house.line.texts("Uother"))
    assert house.line.texts("Uhana") == []
    await house.close()

    line = _Watched(LINE_TOKEN)
    async with line:
        env = environment(
            tmp_path,
            ENGAWA_KEY_FILE=key_file(tmp_path),
            LINE_API_BASE=line.base_url,
            **LINE,
        )
        async with serving("serve", env=env, folder=tmp_path) as process:
            await line.until("Uhana")
            await line.until("Uother")
            await _answers(process, line)
            assert (await stop(process)).code == 0
    assert line.violations == []
    assert len(line.texts("Uhana")) == len(set(line.texts("Uhana"))) == seen_before


async def _park(house: House, event: dict[str, Any]) -> None:
    """File an inbound as a webhook does, and die before its turn."""
    taken = house.service.conversations

    async def nothing(_: object) -> object:
        raise asyncio.CancelledError

    taken._lane = nothing  # type: ignore[assignment,method-assign]
    with pytest.raises(asyncio.CancelledError):
        body = {"destination": "U", "events": [event]}
        await taken.accept(house.service.parts.channels["line"].read(*_signed(body)))
    await house.store.flush()


def _signed(body: object) -> tuple[dict[str, str], bytes]:
    data = json.dumps(body).encode()
    return {"x-line-signature": sign(data)}, data


class _Watched(ScriptedLine):
    """LINE, with a way to wait until somebody sees something."""

    def __init__(self, token: str) -> None:
        super().__init__(token)
        self._seen_by: dict[str, asyncio.Event] = {}

    def show(self, user: str, *shown: Any) -> None:
        """Show, and tell whoever waits."""
        super().show(user, *shown)
        self._seen_by.setdefault(user, asyncio.Event()).set()

    async def until(self, user: str) -> None:
        """Return once this person has seen something more."""
        async with asyncio.timeout(PATIENCE):
            await self._seen_by.setdefault(user, asyncio.Event()).wait()
        self._seen_by[user].clear()


async def _answers(process: Serving, line: _Watched) -> None:
    """The service that did the old work takes new work as ever."""
    event = {
        "type": "message",
        "mode": "active",
        "timestamp": line.clock(),
        "source": {"type": "user", "userId": "Unew"},
        "webhookEventId": "01NEW",
        "replyToken": line.reply_token("Unew"),
        "message": {"id": "1", "type": "text", "text": "こんにちは"},
    }
    headers, body = _signed({"destination": "U", "events": [event]})
    async with httpx.AsyncClient(base_url=process.address) as client:
        answer = await client.post("/webhooks/line", content=body, headers=headers)
    assert answer.status_code == 200
    await line.until("Unew")


def _home(folder: Path) -> Path:
    """A project folder of its own, whose files may be changed."""
    home = folder.parent / f"{folder.name}-home"
    for name in ("flows", "messages"):
        shutil.copytree(ROOT / name, home / name)
    return home
