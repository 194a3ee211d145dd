"""Telegram's webhook body → what we heard. Imports telegram, ports, inbound and this folder.

An update with a bad *content* is left out, never refused: Telegram would hold back everything of
that chat behind it.
"""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
from telegram import CallbackQuery, ChatMemberUpdated, Message, Update

from bot.channels.decoding import decode_body
from bot.channels.languages import language_of
from bot.channels.telegram.allowed import allowed, message_fields
from bot.channels.telegram.commands import entry_code, word_of
from bot.engine.inbound import Inbound, InboundKind
from bot.errors import BadSignatureError
from bot.services.ports import Heard

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
LONGEST_TEXT = 10_000

_KINDS: dict[str, InboundKind] = {
    "text": "text",
    "sticker": "sticker",
    "photo": "picture",
    "voice": "voice",
    "audio": "voice",
    "video": "video",
    "video_note": "video",
    "animation": "video",
    "location": "place",
    "venue": "place",
    "contact": "contact_card",
    "document": "file",
}
_SERVICE = frozenset(  # what Telegram itself notes in a private chat; nobody said anything
    [
        "boost_added",
        "chat_background_set",
        "chat_shared",
        "connected_website",
        "message_auto_delete_timer_changed",
        "pinned_message",
        "proximity_alert_triggered",
        "refunded_payment",
        "successful_payment",
        "users_shared",
        "write_access_allowed",
    ]
)


class _Numbered(msgspec.Struct):
    update_id: Annotated[int, msgspec.Meta(ge=0, le=2**53)]


def verify(secret: bytes, given: str) -> None:
    """Raises BadSignatureError unless the header holds our secret; constant time."""
    if not secret or not hmac.compare_digest(secret, given.encode("utf-8", "surrogatepass")):
        raise BadSignatureError("Telegram's secret header is missing or wrong.")


def heard_in(body: bytes, channel: str, seen: Counter[str]) -> Sequence[Heard]:
    """What a verified body says; raises BadBodyError where it is no update at all.

    `seen` counts what was left out: "odd" (not Telegram's shape), "ignored" (nothing for us).
    """
    decode_body(body, _Numbered)
    plain = allowed(body)
    update = _update(plain) if plain else None
    if update is None:
        seen["odd"] += 1
        return []
    heard = _heard(update, channel, message_fields(body))
    seen["ignored"] += not heard
    return heard


def _update(plain: dict[str, Any]) -> Update | None:
    try:
        return Update.de_json(plain, None)
    except (TypeError, ValueError, KeyError, OverflowError):  # what it does with fields it misses
        return None


def _heard(update: Update, channel: str, fields: frozenset[str]) -> list[Heard]:
    first = Heard("inbound", channel, str(update.update_id), "", 0)
    chat = update.effective_chat
    if chat is not None and chat.type != "private":
        return _leave(update, first)
    if update.message is not None:
        return _said(update.message, first, fields)
    if update.edited_message is not None:
        return _edited(update.edited_message, first)
    if update.callback_query is not None:
        return _tapped(update.callback_query, first)
    if update.my_chat_member is not None:
        return _membership(update.my_chat_member, first)
    return []


def _leave(update: Update, first: Heard) -> list[Heard]:
    """In a group or channel we say nothing and leave, unless we are out already."""
    member = update.my_chat_member
    chat = update.effective_chat
    if chat is None or (member and member.new_chat_member.status in ("left", "kicked")):
        return []
    return [msgspec.structs.replace(first, what="leave_group", user_id=str(chat.id))]


def _said(message: Message, first: Heard, fields: frozenset[str]) -> list[Heard]:
    if fields & _SERVICE:
        return []
    text = (message.text or message.caption or "")[:LONGEST_TEXT]
    language = language_of((message.from_user and message.from_user.language_code) or "")
    code = entry_code(message.text or "")
    if code is not None:
        inbound = Inbound("begin", code=code, language=language)
    else:
        inbound = Inbound(_kind(message, fields), text=word_of(text), language=language)
    return [_of_message(message, first, inbound, message.date)]


def _kind(message: Message, fields: frozenset[str]) -> InboundKind:
    """The kind by field; a caption is what the person says, so it makes a text of its picture."""
    if message.caption:
        return "text"
    return next((kind for field, kind in _KINDS.items() if field in fields), "file")


def _edited(message: Message, first: Heard) -> list[Heard]:
    text = (message.text or message.caption or "")[:LONGEST_TEXT]
    if not text:
        return []
    first = msgspec.structs.replace(first, what="edited")
    return [_of_message(message, first, Inbound("edited", text), message.edit_date or message.date)]


def _of_message(message: Message, first: Heard, inbound: Inbound, at: datetime) -> Heard:
    """Message ids count per chat, so ours are made of both."""
    return msgspec.structs.replace(
        first,
        user_id=str(message.chat.id),
        at=_milliseconds(at),
        inbound=inbound,
        message_id=f"{message.chat.id}:{message.message_id}",
    )


def _tapped(query: CallbackQuery, first: Heard) -> list[Heard]:
    """A tap. Telegram gives it no time: `at` is 0."""
    language = language_of(query.from_user.language_code or "")
    inbound = Inbound("tap", data=query.data or "", language=language)
    user = str(query.from_user.id)
    return [msgspec.structs.replace(first, user_id=user, inbound=inbound, callback=query.id)]


def _membership(member: ChatMemberUpdated, first: Heard) -> list[Heard]:
    user, at = str(member.chat.id), _milliseconds(member.date)
    if member.new_chat_member.status == "kicked":
        return [msgspec.structs.replace(first, what="blocked", user_id=user, at=at)]
    if member.new_chat_member.status == "member":
        return [msgspec.structs.replace(first, what="unblocked", user_id=user, at=at)]
    return []


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp()) * 1000
