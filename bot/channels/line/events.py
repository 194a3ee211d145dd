"""LINE's webhook body → what we heard, event by event. Imports ports, inbound and decoding only.

The structs below are the allow-list: a name, a picture, a place or a file name is not in them.
Newly invented events, message kinds and modes of LINE cost nothing but themselves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Annotated

import msgspec

from bot.channels.decoding import decode_body, decode_part
from bot.engine.inbound import Inbound, InboundKind
from bot.services.ports import Heard

LONGEST_TEXT = 10_000
"""Characters of a text we read; LINE itself lets people send about half of that."""

_KINDS: dict[str, InboundKind] = {
    "text": "text",
    "sticker": "sticker",
    "image": "picture",
    "audio": "voice",
    "video": "video",
    "file": "file",
    "location": "place",
}
_Id = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
_Milliseconds = Annotated[int, msgspec.Meta(ge=0, le=2**53)]


class _Source(msgspec.Struct, rename="camel"):
    type: str = ""
    user_id: str | None = None
    group_id: str | None = None
    room_id: str | None = None


class _Message(msgspec.Struct):
    id: _Id
    type: str
    text: str = ""


class _Postback(msgspec.Struct):
    data: str


class _Unsend(msgspec.Struct, rename="camel"):
    message_id: _Id


class _Delivery(msgspec.Struct, rename="camel"):
    is_redelivery: bool = False


class _Event(msgspec.Struct, rename="camel"):
    type: str
    timestamp: _Milliseconds
    webhook_event_id: _Id
    mode: str = "active"
    source: _Source | None = None
    reply_token: str | None = None
    delivery_context: _Delivery | None = None
    message: _Message | None = None
    postback: _Postback | None = None
    unsend: _Unsend | None = None


class _Sound(msgspec.Struct):
    """A body all of whose events have LINE's shape: read in one go."""

    events: list[_Event]


class _Body(msgspec.Struct):
    """Any other body: read event by event."""

    events: list[msgspec.Raw]


def heard_in(body: bytes, channel: str, seen: Counter[str]) -> Sequence[Heard]:
    """What a verified body says, ordered by event time; raises BadBodyError for the whole of it.

    `seen` counts what was left out: "odd" (not LINE's shape), "ignored" (nothing for us).
    """
    heard: list[Heard] = []
    for event in sorted(_events(body, seen), key=lambda event: event.timestamp):
        found = _heard(event, channel)
        seen["ignored"] += not found
        heard += found
    return heard


def _events(body: bytes, seen: Counter[str]) -> list[_Event]:
    sound = decode_part(body, _Sound)
    if sound is not None:
        return sound.events
    read = [decode_part(raw, _Event) for raw in decode_body(body, _Body).events]
    events = [event for event in read if event is not None]
    seen["odd"] += len(read) - len(events)
    return events


def _heard(event: _Event, channel: str) -> list[Heard]:
    source = event.source or _Source()
    if source.type != "user":
        return _leave(event, source, channel)
    read = _READERS.get(event.type)
    if not read or not source.user_id:  # without a user id (LINE on a PC) nobody could be answered
        return []
    if event.mode != "active" and event.type not in _SAYS_NOTHING:
        return []  # in standby another system answers, and we must not
    first = Heard(
        what="inbound",
        channel=channel,
        event_id=event.webhook_event_id,
        user_id=source.user_id,
        at=event.timestamp,
        reply_token=event.reply_token or "",
        redelivered=bool(event.delivery_context and event.delivery_context.is_redelivery),
    )
    return read(event, first)


def _leave(event: _Event, source: _Source, channel: str) -> list[Heard]:
    """In a group we say nothing and leave; `callback` says which kind of group it is."""
    place = source.group_id or source.room_id
    if not place or event.mode != "active" or event.type not in ("join", "message"):
        return []
    kind = "group" if source.group_id else "room"
    at, event_id = event.timestamp, event.webhook_event_id
    return [Heard("leave_group", channel, event_id, place, at, callback=kind)]


def _follow(event: _Event, first: Heard) -> list[Heard]:
    back = msgspec.structs.replace(first, what="unblocked", reply_token="")
    return [back, msgspec.structs.replace(first, inbound=Inbound("begin"))]


def _unfollow(event: _Event, first: Heard) -> list[Heard]:
    return [msgspec.structs.replace(first, what="blocked")]


def _message(event: _Event, first: Heard) -> list[Heard]:
    if event.message is None:
        return []
    kind = _KINDS.get(event.message.type, "file")
    text = event.message.text[:LONGEST_TEXT] if kind == "text" else ""
    inbound = Inbound(kind, text=text)
    return [msgspec.structs.replace(first, inbound=inbound, message_id=event.message.id)]


def _edited(event: _Event, first: Heard) -> list[Heard]:
    if event.message is None or event.message.type != "text":
        return []
    inbound = Inbound("edited", text=event.message.text[:LONGEST_TEXT])
    message_id = event.message.id
    return [msgspec.structs.replace(first, what="edited", inbound=inbound, message_id=message_id)]


def _unsend(event: _Event, first: Heard) -> list[Heard]:
    if event.unsend is None:
        return []
    message_id = event.unsend.message_id
    return [msgspec.structs.replace(first, what="unsent", message_id=message_id)]


def _postback(event: _Event, first: Heard) -> list[Heard]:
    if event.postback is None:
        return []
    return [msgspec.structs.replace(first, inbound=Inbound("tap", data=event.postback.data[:1000]))]


_READERS: dict[str, Callable[[_Event, Heard], list[Heard]]] = {
    "message": _message,
    "messageEdited": _edited,
    "postback": _postback,
    "follow": _follow,
    "unfollow": _unfollow,
    "unsend": _unsend,
}
_SAYS_NOTHING = ("unfollow", "unsend")  # these only take away, so they count in every mode
