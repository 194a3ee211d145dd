"""消して at doorsteps, after moves, in others' hands, with codes live, after a restored backup."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.app.lifetimes import retention_of
from tests.deciding import decided
from tests.leaks.canaries import Canaries, hits, traces
from tests.leaks.opening import opened
from tests.leaks.service import RunningService
from tests.leaks.test_erase import gone, is_new_again, marks, told
from tests.leaks.test_moved import four_words

SECRET = Canaries().words()
DAY = 86_400_000


@pytest.mark.parametrize("mode", ["buttons_only", "door_only"])
@pytest.mark.parametrize(
    ("before", "word"),
    [
        pytest.param([], "消して", id="in Japanese"),
        pytest.param(["ことば", "やさしい日本語"], "消して", id="easy"),
        pytest.param(["ことば", "English"], "erase", id="in English"),
    ],
)
async def test_where_no_words_are_taken(
    running: RunningService, mode: str, before: list[str], word: str
) -> None:
    """At a door and under buttons only, in each language, nothing is left of who asks for it."""
    await running.restart(**decided(mode))
    user = f"U{Canaries().word()}"
    _, left = await told(running, user, [*before, SECRET, f"死にたい {SECRET}", word])
    await running.line_event(user, text="1")
    await gone(running, left)
    assert len(running.ledger.read_bytes().split()) == 1
    await is_new_again(running, user)


async def moved(running: RunningService) -> dict[str, bytes]:
    """Uhome talks, is shown a code and comes back with it at Uaway; every mark that was left."""
    await told(running, "Uhome", ["話してみる", SECRET, "合言葉"])
    left = marks(running)
    await told(running, "Uaway", [SECRET])
    left |= marks(running)
    await running.line_event("Uaway", text=four_words(running, "Uhome"))
    return left | marks(running)


@pytest.mark.parametrize("where", ["Uhome", "Uaway"])
async def test_after_a_move(running: RunningService, where: str) -> None:
    """From the new address or the former one: both are gone, and so is the code that was live."""
    left = await moved(running)
    assert running.rows("SELECT count(*) FROM code") == [(1,)]
    for text in ("こんにちは", "消して"):
        await running.line_event("Uhome", text=text)
        left |= marks(running)
    if where == "Uaway":
        await running.line_event(where, text="消して")
        left |= marks(running)
    await running.line_event(where, text="1")
    assert running.line.texts(where)[-1].startswith("消しました")
    await gone(running, left)
    assert len(running.ledger.read_bytes().split()) == 2  # the newcomer ended with the move


async def test_while_staff_have_it(running: RunningService) -> None:
    """A conversation that somebody of the staff owns is erased by the person's word alike."""
    await told(running, "Uheld", ["人と話す", SECRET, "合言葉"])
    running.tamper("UPDATE conversation SET owner = 'staff1', epoch = epoch + 1")
    left = marks(running)
    await running.line_event("Uheld", text="消して")
    left |= marks(running)
    await running.line_event("Uheld", text="1")
    await gone(running, left)


def back_up(running: RunningService, to: Path) -> None:
    """A copy of the database as it is now."""
    with closing(sqlite3.connect(running.database)) as live, closing(sqlite3.connect(to)) as copy:
        live.backup(copy)


async def test_a_backup_of_before_a_move(running: RunningService, tmp_path: Path) -> None:
    """Restored, it brings back the conversation that moved, but not the newcomer who ended."""
    await told(running, "Uhome", [SECRET, "合言葉"])
    kept = marks(running)
    await told(running, "Uaway", [SECRET])
    theirs = {name: mark for name, mark in marks(running).items() if name not in kept}
    backup = tmp_path / "backup.db"
    back_up(running, backup)
    assert traces({"backup": backup.read_bytes()}, theirs) != []
    await running.line_event("Uaway", text=four_words(running, "Uhome"))
    await running.stop()
    shutil.copy(backup, running.database)
    await running.start()
    assert await running.lane("line", "Uhome") is not None
    assert await running.lane("line", "Uaway") is None
    found = await running.everything()
    assert traces(found, theirs) == []
    assert hits(found) == []


async def test_retention_leaves_no_byte(running: RunningService) -> None:
    """After seven days no message or request is in any byte; after thirty nothing of the person.
    What a session forgets by then is the engine's business: its own clock runs there.
    """
    left = await moved(running)
    words = {
        f"{table} {start} {data.hex()}": data[start : start + 16]
        for table in ("message", "outbox")
        for (data,) in running.rows(f"SELECT sealed FROM {table} WHERE sealed != x''")
        for start in (0, len(data) - 16)
    }
    store, rules = running.service.parts.store, retention_of(running.service.parts.settings)
    now = running.service.parts.clock()
    assert traces(running.files(), words) != []
    await store.retention(now + rules.messages + DAY, rules)
    found = await running.everything()
    assert traces(found, words) == []
    assert hits(found) == []
    await store.retention(now + rules.shell + DAY, rules)
    await gone(running, left)


async def test_unsent_after_a_move(running: RunningService) -> None:
    """A message that is taken back at the former address is emptied in every byte."""
    await running.line_event("Uhome", "follow")
    message = {"id": "m-9", "type": "text", "text": SECRET}
    assert await running.post_line(running.line_body("Uhome", message=message)) == 200
    await running.settle()
    (sealed,) = running.rows("SELECT sealed FROM message WHERE message_ref != x''")[0]
    left = {"first": sealed[:16], "last": sealed[-16:]}
    await running.line_event("Uhome", text="合言葉")
    await running.telegram_says(5_550_002, "/start")
    await running.telegram_says(5_550_002, four_words(running, "Uhome"))
    assert traces(running.files(), left) != []
    body = running.line_body("Uhome", "unsend", unsend={"messageId": "m-9"})
    assert await running.post_line(body) == 200
    await running.settle()
    assert traces(await running.everything(), left) == []
    assert hits(await opened(running)) == []
