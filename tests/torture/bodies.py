"""Bodies to fuzz with: what the platforms and the room's forms send, spoilt in shape or in bytes.

Everything is drawn from a seed; signatures are made over what is really sent.
"""

from __future__ import annotations

import base64
import copy
import hashlib
import hmac
import json
from random import Random
from typing import Any, NamedTuple
from urllib.parse import urlencode

from bot.web.passes import seal_form
from tests.channels import bodies as real
from tests.torture.child import LINE_SECRET, TELEGRAM_SECRET
from tests.torture.texts import draw_text, long_text, noise

PEOPLE = 150
"""How many people there are on each channel: many enough for nobody to be throttled always."""
SPOILT = 0.45
"""Share of bodies whose shape or bytes are spoilt."""


class Post(NamedTuple):
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes
    person: str = ""  # in the room: whose pass it is


def draw_post(random: Random, number: int, now: int, rooms: dict[str, str]) -> Post:
    """A webhook of LINE or Telegram, or a form of the room; `rooms` holds each person's pass."""
    kind = random.choice(("line", "line", "telegram", "telegram", "room"))
    if kind == "room":
        return _form(random, number, rooms)
    document = _line(random, number, now) if kind == "line" else _telegram(random, number, now)
    if random.random() < SPOILT:
        for _ in range(random.randrange(1, 4)):
            document = spoil(random, document)
    body = json.dumps(document, ensure_ascii=random.random() < 0.95)
    raw = body.encode("utf-8", "surrogatepass")
    if random.random() < SPOILT / 3:
        raw = _scratched(random, raw)
    if kind == "line":
        return Post("/webhooks/line", {"x-line-signature": _signature(raw)}, raw)
    return Post("/webhooks/telegram", {"x-telegram-bot-api-secret-token": TELEGRAM_SECRET}, raw)


def _signature(raw: bytes) -> str:
    return base64.b64encode(hmac.digest(LINE_SECRET.encode(), raw, hashlib.sha256)).decode()


def _line(random: Random, number: int, now: int) -> Any:
    events = [_line_event(random, number * 10 + n, now) for n in range(random.choice((1, 1, 1, 4)))]
    return {"destination": "U", "events": events}


def _line_event(random: Random, n: int, now: int) -> dict[str, Any]:
    person = {"type": "user", "userId": f"U{random.randrange(PEOPLE)}"}
    event = _line_kind(random, n, now)
    return {**event, "source": person}


def _line_kind(random: Random, n: int, now: int) -> dict[str, Any]:
    roll = random.random()
    if roll < 0.55:
        return real.line_text(_text(random), n, now)
    if roll < 0.7:
        return real.line_event("postback", n, now, postback={"data": _data(random)})
    if roll < 0.85:
        kind = random.choice(list(real.LINE_MEDIA))
        return real.line_message(kind, n, now, **real.LINE_MEDIA[kind])
    if roll < 0.9:
        return real.line_event("unsend", n, now, unsend={"messageId": f"m{n - 40}"})
    return real.line_event(random.choice(("follow", "unfollow", "join", "hologram")), n, now)


def _telegram(random: Random, number: int, now: int) -> Any:
    person = 70_000 + random.randrange(PEOPLE)
    chat, sender = real.telegram_chat(number=person), real.telegram_user(id=person)
    roll = random.random()
    base = {"chat": chat, "from": sender, "date": now // 1000, "message_id": number}
    if roll < 0.15:
        query = {"id": str(number), "from": sender, "chat_instance": "1", "data": _data(random)}
        return {"update_id": number, "callback_query": query}
    if roll < 0.25:
        return {"update_id": number, "edited_message": {**base, "text": _text(random)}}
    if roll < 0.3:
        status = random.choice(("kicked", "member", "left", "hologram"))
        member = real.telegram_membership(status, chat)
        return {"update_id": number, "my_chat_member": {**member, "from": sender}}
    if roll < 0.4:
        kind = random.choice(list(real.TELEGRAM_MEDIA))
        media = {kind: real.TELEGRAM_MEDIA[kind], "caption": _text(random)}
        return {"update_id": number, "message": {**base, **media}}
    return {"update_id": number, "message": {**base, "text": _text(random)}}


def _form(random: Random, number: int, rooms: dict[str, str]) -> Post:
    person = str(random.randrange(PEOPLE))
    token = rooms[person]
    fields: dict[str, str] = {
        "proof": seal_form(token),
        "event": f"event-{number:012}",
        "text": _text(random),
    }
    if random.random() < 0.3:
        fields["data"] = _data(random)
    if random.random() < SPOILT:
        name = random.choice((*fields, "word", "x", "cursor"))
        fields[name] = draw_text(random)
    raw = urlencode(fields, errors="surrogatepass").encode()
    if random.random() < SPOILT / 3:
        raw = _scratched(random, raw)
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "cookie": f"room={token}",
        "host": "127.0.0.1",
    }
    return Post("/room/send", headers, raw, person)


def _text(random: Random) -> str:
    return long_text(random) if random.random() < 0.0005 else draw_text(random)


def _data(random: Random) -> str:
    return random.choice(("x.1", "x.help", "x.erase", "x.human", "n1.2", "", draw_text(random)))


def spoil(random: Random, document: Any) -> Any:
    """The document with one thing somewhere inside removed, replaced, added or made deep."""
    document = copy.deepcopy(document)
    holder = document
    while isinstance(holder, dict | list) and holder:
        keys: list[Any] = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        key = random.choice(keys)
        inner = holder[key]
        if isinstance(inner, dict | list) and inner and random.random() < 0.75:
            holder = inner
            continue
        roll = random.random()
        if roll < 0.2:
            del holder[key]
        elif roll < 0.3 and isinstance(holder, dict):
            holder[noise(random, 4)] = inner
        else:
            holder[key] = strange(random)
        return document
    return strange(random)


def strange(random: Random) -> Any:
    """A value where another was expected."""
    deep: Any = "x"
    for _ in range(random.choice((1, 30, 400))):
        deep = [deep] if random.random() < 0.5 else {"events": deep, "message": deep}
        if isinstance(deep, dict):
            deep = {random.choice(("events", "message")): deep["events"]}
    values: tuple[Any, ...] = (
        *(None, True, False, 0, -1, 1.5, 10**400, -(10**18), 2**63, float("nan"), float("inf")),
        *("", "user", "group", "follow", draw_text(random), [], {}, [[]], deep),
        *([draw_text(random)] * 3, {"id": 2**70}, {"type": "user", "userId": draw_text(random)}),
    )
    return random.choice(values)


def _scratched(random: Random, raw: bytes) -> bytes:
    """Some bytes changed, cut or doubled."""
    data = bytearray(raw[:200_000])
    for _ in range(random.randrange(1, 6)):
        at = random.randrange(len(data) + 1)
        roll = random.random()
        if roll < 0.4 and at < len(data):
            data[at] = random.randrange(256)
        elif roll < 0.6:
            del data[at : at + random.randrange(1, 40)]
        elif roll < 0.8:
            data[at:at] = random.randbytes(random.randrange(1, 8))
        else:
            data[at:at] = data[at : at + random.randrange(1, 80)]
    return bytes(data)
