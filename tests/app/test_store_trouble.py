"""The database is locked, full, read-only or gone while people write: they are not left alone, and
nothing is lost.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from tests.app.house import MINUTE, PATIENCE, House
from tests.app.people import InTheRoom, OnLine, OnTelegram
from tests.web.visiting import hidden, read_form

LONG = "さみしい夜。" * 600
"""Needs pages of its own, so that a full database has no room for it."""

Trouble = Callable[[House], AbstractAsyncContextManager[None]]

_HOLDER = """
import sqlite3, sys
held = sqlite3.connect(sys.argv[1], isolation_level=None)
held.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""


@contextlib.asynccontextmanager
async def locked(house: House) -> AsyncIterator[None]:
    """Another process holds the write lock."""
    other = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        _HOLDER,
        str(house.database),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert other.stdin is not None
    assert other.stdout is not None
    assert await other.stdout.readline() == b"held\n"
    try:
        yield
    finally:
        other.stdin.close()
        await asyncio.wait_for(other.wait(), PATIENCE)


@contextlib.asynccontextmanager
async def full(house: House) -> AsyncIterator[None]:
    """The disk has no room for one more page."""
    (pages,) = await _pragma(house, "page_count")
    await _pragma(house, f"max_page_count = {pages}")
    yield
    await _unlimited(house)


@contextlib.asynccontextmanager
async def read_only(house: House) -> AsyncIterator[None]:
    """The database can't be written."""
    writer = house.store._open_writer()
    set_full, can = writer._set_full, "ON"

    def before_each_group(connection: sqlite3.Connection, full: bool) -> None:
        set_full(connection, full)
        connection.execute(f"PRAGMA query_only = {can}")

    writer._set_full = before_each_group  # type: ignore[method-assign]
    yield
    can = "OFF"


@contextlib.asynccontextmanager
async def gone(house: House) -> AsyncIterator[None]:
    """Somebody moved the file away while it is served."""
    away = house.database.rename(house.folder / "moved.db")
    yield
    away.rename(house.database)


@contextlib.asynccontextmanager
async def replaced(house: House) -> AsyncIterator[None]:
    """Somebody put another file in its place."""
    away = house.database.rename(house.folder / "moved.db")
    house.database.write_bytes(b"a letter, not a database")
    yield
    away.replace(house.database)


async def _pragma(house: House, pragma: str) -> list[Any]:
    def run(connection: sqlite3.Connection) -> list[Any]:
        return [row[0] for row in connection.execute(f"PRAGMA {pragma}")]

    return await house.store._write(run)


async def _unlimited(house: House) -> None:
    await _pragma(house, "max_page_count = 1073741823")


TROUBLES = [pytest.param(one, id=one.__name__) for one in (locked, full, read_only, gone, replaced)]
pytestmark = pytest.mark.parametrize("trouble", TROUBLES)


def _card(house: House) -> str:
    return house.service.card.words("ja")


async def test_line(house: House, trouble: Trouble) -> None:
    """LINE is told to send again, the person gets the card by reply once in ten minutes, and after
    the trouble each of their messages is taken once.
    """
    person = OnLine(house)
    await person.begin()
    events = [house.line_text(f"{n} {LONG}") for n in range(2)]
    async with trouble(house):
        for event in events:
            assert (await house.post_line(event, settle=False)).status_code >= 500
            await house.service.errands.drain()
        assert house.line.texts("Uhana").count(_card(house)) == 1
        house.clock.now += 10 * MINUTE
        third = house.line_text("三つめ " + LONG)
        assert (await house.post_line(third, settle=False)).status_code >= 500
        await house.service.errands.drain()
        assert house.line.texts("Uhana").count(_card(house)) == 2
    paths = [request.path for request in house.line.received]
    assert "/v2/bot/message/push" not in paths
    for event in [*events, third, *events]:
        event["deliveryContext"] = {"isRedelivery": True}
        assert (await house.post_line(event)).status_code == 200
    said = await house.said_by("line", "Uhana")
    assert [text.split()[0] for text in said] == ["0", "1", "三つめ"]
    assert len(house.line.texts("Uhana")) > 5


async def test_telegram(house: House, trouble: Trouble) -> None:
    """Telegram is told to send again, the card is sent once in ten minutes, and after the trouble
    the message is taken once.
    """
    person = OnTelegram(house)
    await person.begin()
    updates = [house.telegram_text(f"{n} {LONG}") for n in range(2)]
    async with trouble(house):
        for update in updates:
            assert (await house.post_telegram(update, settle=False)).status_code >= 500
            await house.service.errands.drain()
        assert house.telegram.texts("70001").count(_card(house)) == 1
    for update in [*updates, *updates]:
        assert (await house.post_telegram(update)).status_code == 200
    said = await house.said_by("telegram", "70001")
    assert [text.split()[0] for text in said] == ["0", "1"]


async def test_the_room(house: House, trouble: Trouble) -> None:
    """The page says 503 with the card and keeps the words; the same form later is taken once."""
    person = InTheRoom(house)
    await person.begin()
    form = {**await read_form(house.browser), "text": LONG[:1_900]}
    async with trouble(house):
        answer = await house.browser.post("/room/send", data=form)
        while answer.status_code == 303:  # it found room somewhere; the next one won't
            form = {**await read_form(house.browser), "text": LONG[:1_900]}
            answer = await house.browser.post("/room/send", data=form)
        assert answer.status_code == 503
        assert 'class="card"' in answer.text
        assert LONG[:1_900] in answer.text
        assert (await house.browser.get("/")).status_code == 200
        assert (await house.browser.get("/healthz")).status_code == 200
    again = {**hidden(answer.text), "text": LONG[:1_900]}
    assert again == form
    before = (await house.browser.get("/room")).text.count(LONG[:1_900])
    for _ in range(2):
        assert (await house.browser.post("/room/send", data=again)).status_code == 303
    await house.settle()
    assert (await house.browser.get("/room")).text.count(LONG[:1_900]) == before + 1


async def test_readiness(house: House, trouble: Trouble) -> None:
    """/readyz says 503 with one sentence that names the database, and 200 when it is over."""
    await OnLine(house).begin()
    async with trouble(house):
        if trouble is full:
            await house.post_line(house.line_text(LONG), settle=False)
        answer = await house.browser.get("/readyz")
        if trouble is not full:  # a trifle still fits into a page that is there
            assert answer.status_code == 503
            sentence = answer.text.splitlines()[0]
            assert str(house.database) in sentence
            assert "Traceback" not in answer.text
    answer = await house.browser.get("/readyz")
    assert (answer.status_code, answer.text.splitlines()[0]) == (200, "ready")


class Notes(logging.Handler):
    """Sets an event at the last of so many notes."""

    def __init__(self, note: str, times: int) -> None:
        super().__init__()
        self.seen = asyncio.Event()
        self._note = note
        self._left = times

    def emit(self, record: logging.LogRecord) -> None:
        """Look at a record."""
        self._left -= self._note in record.getMessage()
        if not self._left:
            self.seen.set()


async def test_the_loops_live_on(
    house: House, trouble: Trouble, caplog: pytest.LogCaptureFixture
) -> None:
    """Sending, timers, retention and publishing outlive the trouble, and go on by themselves."""
    person = OnLine(house)
    await person.begin()
    caplog.set_level("INFO", "engawa")
    # The webhook meets it, and two loops; where only long texts find no room, the webhook alone.
    notes = Notes("store_unavailable", 1 if trouble is full else 3)
    logger = logging.getLogger("engawa")
    logger.addHandler(notes)
    shown = asyncio.Event()
    show = house.line.show

    def noticed(user: str, *messages: Any) -> None:
        show(user, *messages)
        if user == "Uhana":
            shown.set()

    house.line.show = noticed  # type: ignore[method-assign]
    try:
        async with asyncio.timeout(PATIENCE):
            async with trouble(house):
                house.service.start()
                await house.post_line(house.line_text(LONG), settle=False)
                await notes.seen.wait()
                await house.service.errands.drain()
                assert [task for task in house.service._loops if task.done()] == []
            shown.clear()
            house.clock.now += MINUTE
            await house.post_line(house.line_text("もどりました"), settle=False)
            await shown.wait()
    finally:
        logger.removeHandler(notes)
    assert [task for task in house.service._loops if task.done()] == []
    assert "もどりました" in await house.said_by("line", "Uhana")
