"""消して on the real service: not a byte of the person is left, from wherever they asked."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bot.errors import StoreUnavailableError
from bot.store.sqlite import SqliteStore
from tests.leaks.canaries import Canaries, hits, traces
from tests.leaks.service import RunningService
from tests.web.visiting import go_in, write

OF_A_PERSON = (
    "SELECT id, key FROM contact",
    "SELECT id, lookup, key, platform_id, session FROM address",
    "SELECT id, key, session FROM conversation",
    "SELECT sealed, message_ref FROM message",
    "SELECT sealed, message_ref FROM inbound",
    "SELECT id, sealed, retry_key FROM outbox",
    "SELECT mark, contact FROM code",
)


def marks(running: RunningService) -> dict[str, bytes]:
    """What the database knows of people: ids, keyed hashes, and pieces of every envelope."""
    found: dict[str, bytes] = {}
    for query in OF_A_PERSON:
        for value in {value for row in running.rows(query) for value in row if value}:
            data = value.encode() if isinstance(value, str) else value
            pieces = {data} if len(data) <= 36 else {data[:16], data[-16:], data[30:46]}
            found |= {f"{query.split()[-1]} {piece.hex()}": piece for piece in pieces}
    return found


async def told(
    running: RunningService, user: str, texts: list[str]
) -> tuple[list[bytes], dict[str, bytes]]:
    """A person begins and writes; their bodies, and every mark they ever left."""
    sent, left = [await running.line_event(user, "follow")], marks(running)
    for text in texts:
        sent.append(await running.line_event(user, text=text))
        left |= marks(running)
    return sent, left


async def gone(running: RunningService, left: Mapping[str, bytes]) -> None:
    """Nothing of the person is anywhere, while the service runs and after it has ended."""
    assert running.rows("SELECT count(*) FROM contact") == [(0,)]
    for table in ("address", "conversation", "message", "inbound", "outbox", "timer", "code"):
        assert running.rows(f"SELECT count(*) FROM {table}") == [(0,)], table
    found = await running.everything()
    assert hits(found) == []
    assert traces(found, left) == []


SECRET = Canaries().words()
STATES = [
    pytest.param([], "消して", "はい、消す", id="welcome"),
    pytest.param(["話してみる", SECRET], "消して", "1", id="listening"),
    pytest.param(["話してみる", f"死にたい {SECRET}"], "全部消して", "はい", id="crisis"),
    pytest.param([f"薬を全部飲んだ {SECRET}"], "消して", "1", id="life in danger"),
    pytest.param(["人と話す", SECRET], "削除して", "1", id="human"),
    pytest.param(["消して", SECRET], "消して", "1", id="erase itself"),
    pytest.param(["おわる"], "消して", "1", id="ended"),
    pytest.param(["ことば", "English", SECRET], "erase", "Yes, erase it", id="in English"),
    pytest.param(["ことば", "やさしい日本語", SECRET], "消してください", "はい、消す", id="easy"),
]


@pytest.mark.parametrize(("before", "word", "yes"), STATES)
async def test_from_every_state(
    running: RunningService, before: list[str], word: str, yes: str
) -> None:
    """Wherever somebody asks, in each language, nothing of them is left but counts and a mark."""
    user = f"U{Canaries().word()}"
    sent, left = await told(running, user, [*before, word])
    assert len(left) > 10
    assert traces(running.files(), left) != []
    sent.append(await running.line_event(user, text=yes))
    assert "消しました" in running.line.texts(user)[-1] or "erased" in running.line.texts(user)[-1]
    await gone(running, left)
    assert running.rows("SELECT n FROM count WHERE event = 'erased'") == [(1,)]
    assert len(running.ledger.read_bytes().split()) == 1
    await late_copies_bring_nobody_back(running, sent)
    await is_new_again(running, user)


async def late_copies_bring_nobody_back(running: RunningService, sent: list[bytes]) -> None:
    """Marks of events survive: what LINE delivers a second time is dropped."""
    for body in sent:
        assert await running.post_line(body) == 200
    await running.settle()
    assert running.rows("SELECT count(*) FROM contact") == [(0,)]


async def is_new_again(running: RunningService, user: str) -> None:
    """The same person is welcomed as somebody who was never here."""
    seen = len(running.line.texts(user))
    await running.line_event(user, text="こんにちは")
    assert running.line.texts(user)[seen] == running.line.texts(user)[0]
    assert running.rows("SELECT version FROM conversation") == [(1,)]


async def test_twice_and_others_stay(running: RunningService) -> None:
    """Erasing twice is two erasures; nobody else loses anything."""
    await running.line_event("Uother", "follow")
    await running.line_event("Uother", text=SECRET)
    for _ in range(2):
        await told(running, "Utwice", ["消して", "1"])
    assert len(set(running.ledger.read_bytes().split())) == 2
    assert await running.lane("line", "Utwice") is None
    other = await running.lane("line", "Uother")
    assert other is not None
    assert other.conversation.version == 2


async def test_telegram_and_the_room(running: RunningService) -> None:
    """On Telegram by its command, in the web room by word; the room's cookie is taken back."""
    await running.telegram_says(700_001, "/start")
    await running.telegram_says(700_001, SECRET)
    left = marks(running)
    await running.telegram_says(700_001, "/erase")
    left |= marks(running)
    await running.telegram_says(700_001, "1")
    assert running.telegram.texts("700001")[-1].startswith("消しました")
    async with running.browser() as browser:
        await go_in(browser)
        for text in (SECRET, "消して"):
            await write(browser, text)
        left |= marks(running)
        left["the pass"] = browser.cookies["room"].encode()
        answer = await write(browser, "1")
        assert "消しました" in answer.text
        assert "room" not in browser.cookies
    await gone(running, left)


async def test_with_sends_pending(running: RunningService) -> None:
    """What is being sent, waits or failed goes too; a late settlement brings nothing back."""
    await running.line_event("Upending", "follow")
    running.line.script("error", "hang_before")
    for text in (f"話してみる {SECRET}", "消して"):
        assert await running.post_line(running.line_body("Upending", text=text)) == 200
    left = marks(running)
    assert await running.post_line(running.line_body("Upending", text="1")) == 200
    await running.service.errands.drain()
    await running.settle()
    await gone(running, left)


async def test_over_its_budget(running: RunningService, monkeypatch: pytest.MonkeyPatch) -> None:
    """Turns that go on behind their webhooks, and what was parked there, erase all the same."""
    monkeypatch.setattr(running.service.conversations, "_budget", 0.0)
    bodies = [running.line_body("Ulate", text=text) for text in (SECRET, "消して", "1")]
    statuses = await asyncio.gather(*(running.post_line(body) for body in bodies))
    assert statuses == [200] * 3
    left = marks(running)
    await running.settle()
    await gone(running, left)


async def restarted(running: RunningService, *events: Any) -> None:
    """Stop, do something to the files, start."""
    await running.stop()
    for event in events:
        event()
    await running.start()


async def test_restored_backup(running: RunningService, tmp_path: Path) -> None:
    """Putting back a backup of before brings nobody back: the ledger is replayed at the start."""
    await running.line_event("Uother", "follow")
    _, left = await told(running, "Uback", [SECRET, "消して"])
    others = await running.lane("line", "Uother")
    assert others is not None
    backup = tmp_path / "backup.db"
    with (
        closing(sqlite3.connect(running.database)) as live,
        closing(sqlite3.connect(backup)) as copy,
    ):
        live.backup(copy)
    await running.line_event("Uback", text="1")
    assert traces({"backup": backup.read_bytes()}, left) != []
    await restarted(running, lambda: shutil.copy(backup, running.database))
    assert await running.lane("line", "Uback") is None
    assert await running.lane("line", "Uother") is not None
    kept = marks(running)
    found = await running.everything()
    assert traces(found, {name: mark for name, mark in left.items() if name not in kept}) == []
    assert b"erased_again contacts=1" in found["log.txt"]


async def test_ledger_is_on_the_disk_first(
    running: RunningService, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ledger is fsynced before the store erases; a crash between the two still erases."""
    order: list[str] = []
    real_fsync, real_erase = os.fsync, SqliteStore.erase

    def fsync(descriptor: int) -> None:
        order.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
        real_fsync(descriptor)

    async def dies(*_: object) -> None:
        order.append("erase")
        raise StoreUnavailableError("the process died here")

    _, left = await told(running, "Ucrash", [SECRET, "消して"])
    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(SqliteStore, "erase", dies)
    await running.post_line(running.line_body("Ucrash", text="1"))
    assert order[0] == running.ledger.name
    assert order.index("erase") > 0
    assert await running.lane("line", "Ucrash") is not None
    await restarted(running, lambda: monkeypatch.setattr(SqliteStore, "erase", real_erase))
    await running.settle()
    await gone(running, left)
    assert not running.line.texts("Ucrash")[-1].startswith("消しました")


async def test_killed_before_the_log_was_emptied(running: RunningService) -> None:
    """A process that died after the erase and before it emptied the log: the next start does it."""
    _, left = await told(running, "Ukilled", [SECRET, "消して"])
    with closing(sqlite3.connect(running.database)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM contact").fetchall()  # a reader keeps the log in use
        await running.line_event("Ukilled", text="1")
        files = running.files()
    frozen = {name: files[name] for name in ("engawa.db", "engawa.db-wal")}
    assert traces(frozen, left) != []

    def as_it_was_then() -> None:
        for name, data in frozen.items():
            (running.folder / name).write_bytes(data)

    await restarted(running, as_it_was_then)
    await gone(running, left)
