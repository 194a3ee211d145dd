"""The fields of an update that may become an object of ours. Imports bot.channels.decoding only.

python-telegram-bot's Update would read everything, names and phone numbers included; so an update
passes through these structs first, and Update sees only what they let through.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from bot.channels.decoding import decode_part

Number = Annotated[int, msgspec.Meta(ge=-(2**53), le=2**53)]
Seconds = Annotated[int, msgspec.Meta(ge=0, le=2**37)]  # a date ends with the year 9999


class _Chat(msgspec.Struct):
    id: Number
    type: str


class _User(msgspec.Struct, omit_defaults=True):
    id: Number
    language_code: str | None = None


class _Message(msgspec.Struct, omit_defaults=True):
    message_id: Number
    date: Seconds
    chat: _Chat
    from_: _User | None = msgspec.field(default=None, name="from")
    edit_date: Seconds | None = None
    text: str | None = None
    caption: str | None = None


class _Callback(msgspec.Struct, omit_defaults=True):
    id: str
    from_: _User = msgspec.field(name="from")
    message: _Message | None = None
    data: str | None = None


class _Status(msgspec.Struct):
    status: str


class _Membership(msgspec.Struct):
    chat: _Chat
    from_: _User = msgspec.field(name="from")
    date: Seconds
    new_chat_member: _Status


class AllowedUpdate(msgspec.Struct, omit_defaults=True):
    """An update of a kind we know, reduced to what we read; any other kind is not in it."""

    update_id: Annotated[int, msgspec.Meta(ge=0, le=2**53)]
    message: _Message | None = None
    edited_message: _Message | None = None
    channel_post: _Message | None = None
    callback_query: _Callback | None = None
    my_chat_member: _Membership | None = None


class _Keys(msgspec.Struct):
    message: dict[str, msgspec.Raw] = {}


def allowed(body: bytes) -> dict[str, Any] | None:
    """The update as a dict that telegram.Update reads; None where its shape is odd.

    Fields Update insists on and we must not read (a first name, both membership records) are
    filled with blanks.
    """
    update = decode_part(body, AllowedUpdate)
    if update is None:
        return None
    plain: dict[str, Any] = msgspec.to_builtins(update)
    for kind, part in plain.items():
        if kind != "update_id":
            _fill(part)
    return plain


def message_fields(body: bytes) -> frozenset[str]:
    """Which fields the update's message has, without their content: they tell its kind."""
    keys = decode_part(body, _Keys)
    return frozenset(keys.message) if keys else frozenset()


def _fill(part: dict[str, Any]) -> None:
    if "from" in part:
        part["from"].update(first_name="", is_bot=False)
    if "new_chat_member" in part:
        status = part["new_chat_member"]["status"]
        status = status if status in ("left", "kicked") else "member"  # others need more fields
        part["old_chat_member"] = {"status": "left", "user": part["from"]}
        part["new_chat_member"] = {"status": status, "user": part["from"], "until_date": 0}
    if "message" in part:
        _fill(part["message"])
    if "message_id" not in part and "id" in part:
        part["chat_instance"] = ""
