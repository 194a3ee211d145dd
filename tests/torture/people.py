"""The stories told to the service under fire: who writes what, as each platform sends it.

Nothing in them depends on a random draw (labels are typed, not tapped), so that what people see can
be compared with an undisturbed run.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import NamedTuple

from tests.platforms.line import ScriptedLine
from tests.torture.child import LINE_SECRET, TELEGRAM_SECRET

FOLLOW = "(follow)"
STORIES: dict[str, tuple[str, ...]] = {
    "Ulistens": (FOLLOW, "話してみる", "1", "次に進む"),
    "Ufears": (FOLLOW, "通報が心配", "もどる"),
    "Udanger": (FOLLOW, "話してみる", "死にたい", "このまま続ける"),
    "70001": (FOLLOW, "話してみる", "2"),
    "70002": (FOLLOW, "死にたい", "たすけて"),
    "Uerases": (FOLLOW, "消して", "はい、消す"),
}
"""Each person's id and what they do, in order; ids of digits are on Telegram."""
ERASED = frozenset({"Uerases"})
IN_DANGER = frozenset({"Udanger", "70002"})


class Post(NamedTuple):
    """One webhook request, and whose it is."""

    person: str
    path: str
    headers: dict[str, str]
    body: bytes


def on_telegram(person: str) -> bool:
    """Whether this person writes on Telegram."""
    return person.isdigit()


def posts(line: ScriptedLine) -> list[Post]:
    """All webhooks: everybody's first, everybody's second …, each in their own order."""
    longest = max(len(story) for story in STORIES.values())
    return [
        post(line, person, story[turn], n)
        for n, (turn, person, story) in enumerate(
            (turn, person, story)
            for turn in range(longest)
            for person, story in STORIES.items()
            if turn < len(story)
        )
    ]


def post(line: ScriptedLine, person: str, text: str, n: int) -> Post:
    """What this person does, as the n-th webhook."""
    if on_telegram(person):
        return Post(person, "/webhooks/telegram", _telegram_headers(), _telegram(person, text, n))
    body = _line(line, person, text, n)
    return Post(person, "/webhooks/line", {"x-line-signature": _signature(body)}, body)


def _signature(body: bytes) -> str:
    digest = hmac.new(LINE_SECRET.encode(), body, hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def _telegram_headers() -> dict[str, str]:
    return {"x-telegram-bot-api-secret-token": TELEGRAM_SECRET}


def _line(line: ScriptedLine, person: str, text: str, n: int) -> bytes:
    event = {
        "type": "follow" if text == FOLLOW else "message",
        "mode": "active",
        "timestamp": line.clock(),
        "source": {"type": "user", "userId": person},
        "webhookEventId": f"01EVENT{n:05}",
        "deliveryContext": {"isRedelivery": False},
        "replyToken": line.reply_token(person),
    }
    if text == FOLLOW:
        event["follow"] = {"isUnblocked": False}
    else:
        event["message"] = {"id": str(9000 + n), "type": "text", "text": text, "quoteToken": "q"}
    return json.dumps({"destination": "Ubot", "events": [event]}).encode()


def _telegram(person: str, text: str, n: int) -> bytes:
    chat = int(person)
    message = {
        "message_id": n,
        "date": 1_800_000_000,
        "chat": {"id": chat, "type": "private", "first_name": "x"},
        "from": {"id": chat, "is_bot": False, "first_name": "x"},
        "text": "/start" if text == FOLLOW else text,
    }
    return json.dumps({"update_id": 500 + n, "message": message}).encode()
