"""What is unsent on LINE or edited on Telegram: our copy of before is gone from every byte."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from bot.privacy.lookup import message_ref
from bot.services.turns import Turns
from tests.leaks.canaries import Canaries, traces
from tests.leaks.service import RunningService

SECRET = Canaries().words()


async def copies(running: RunningService, channel: str, user: str) -> list[str]:
    """Our copy of what the person said, opened."""
    lane = await running.lane(channel, user)
    assert lane is not None
    opened = running.vault.open(lane)
    rows = await running.service.parts.store.transcript(lane.conversation.id, 0, 100)
    return [opened.message(row).text for row in rows if row.author == "person"]


def envelopes(running: RunningService, channel: str, user: str, message: str) -> dict[str, bytes]:
    """The envelopes that hold this message now."""
    ref = message_ref(running.keyring.lookup_key, channel, user, message)
    quoted = f"x'{ref.hex()}'"
    sealed = [
        row[0]
        for table in ("inbound", "message")
        for row in running.rows(f"SELECT sealed FROM {table} WHERE message_ref = {quoted}")
    ]
    return {
        f"{n}+{start}": data[start : start + 16]
        for n, data in enumerate(sealed)
        for start in (0, 20, len(data) - 16)
        if data
    }


def unsend(running: RunningService, user: str, message: str) -> bytes:
    """LINE's unsend event."""
    return running.line_body(user, "unsend", unsend={"messageId": message})


def said(running: RunningService, user: str, message: str) -> bytes:
    """A text with this message id."""
    return running.line_body(user, message={"id": message, "type": "text", "text": SECRET})


async def test_unsent_after_its_turn(running: RunningService) -> None:
    """Unsent later: the copy, the log and the file lose the words; the rest stays."""
    await running.line_event("U1", "follow")
    assert await running.post_line(said(running, "U1", "m-1")) == 200
    await running.settle()
    left = envelopes(running, "line", "U1", "m-1")
    assert traces(running.files(), left) != []
    assert SECRET in await copies(running, "line", "U1")
    assert await running.post_line(unsend(running, "U1", "m-1")) == 200
    assert traces(await running.everything(), left) == []
    assert await copies(running, "line", "U1") == [""]


async def test_unsent_answer(running: RunningService) -> None:
    """Words that were kept as an answer leave the sealed session too."""
    await running.line_event("U1", "follow")
    await running.line_event("U1", text="話してみる")
    assert await running.post_line(said(running, "U1", "m-5")) == 200
    await running.settle()
    assert SECRET in await session(running, "U1")
    assert await running.post_line(unsend(running, "U1", "m-5")) == 200
    await running.settle()
    assert SECRET not in await session(running, "U1")


async def session(running: RunningService, user: str) -> str:
    """The session as it is kept, opened."""
    lane = await running.lane("line", user)
    assert lane is not None
    return repr(running.vault.open(lane).session())


async def test_unsent_before_it_came(running: RunningService) -> None:
    """The unsend overtakes its message, in one delivery or two: the words are never kept."""
    await running.line_event("U1", "follow")
    assert await running.post_line(unsend(running, "U1", "m-2")) == 200
    assert await running.post_line(said(running, "U1", "m-2")) == 200
    message, gone = (
        json.loads(one)["events"]
        for one in (said(running, "U1", "m-3"), unsend(running, "U1", "m-3"))
    )
    assert await running.post_line(json.dumps({"events": message + gone}).encode()) == 200
    await running.settle()
    assert await copies(running, "line", "U1") == []


async def test_unsent_during_its_turn(
    running: RunningService, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unsent while its turn is being taken: what is saved afterwards is an empty place."""
    await running.line_event("U1", "follow")
    begun, unsent = asyncio.Event(), asyncio.Event()
    take = Turns.take

    async def slow(self: Turns, *arguments: Any) -> Any:
        taken = await take(self, *arguments)
        begun.set()
        await unsent.wait()
        return taken

    monkeypatch.setattr(Turns, "take", slow)
    posting = asyncio.create_task(running.post_line(said(running, "U1", "m-4")))
    await begun.wait()
    left = envelopes(running, "line", "U1", "m-4")
    assert left
    assert await running.post_line(unsend(running, "U1", "m-4")) == 200
    unsent.set()
    assert await posting == 200
    await running.settle()
    assert traces(await running.everything(), left) == []
    assert await copies(running, "line", "U1") == [""]


async def test_edited(running: RunningService) -> None:
    """A Telegram edit puts the new words in the place of the old, which are gone everywhere."""
    await running.telegram_says(700_002, "/start")
    body = await running.telegram_says(700_002, SECRET)
    message = json.loads(body)["message"]["message_id"]
    left = envelopes(running, "telegram", "700002", f"700002:{message}")
    assert traces(running.files(), left) != []
    more = {"message_id": message, "edit_date": 1_800_000_000}
    await running.telegram_says(700_002, "ちがう言葉", kind="edited_message", **more)
    assert await copies(running, "telegram", "700002") == ["ちがう言葉"]
    assert traces(await running.everything(), left) == []
