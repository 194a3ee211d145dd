"""Real-shaped webhook bodies; whatever is not on our allow-list is a canary.

A canary names the field it stands in: `canary<message.fileName>`. Numbers are 987654321.
"""

from __future__ import annotations

import json
from typing import Any

USER = "U" + "1" * 32
GROUP = "C" + "2" * 32
ROOM = "R" + "3" * 32
AT = 1_800_000_000_000
NUMBER = 987_654_321
Json = dict[str, Any]


def canary(field: str) -> str:
    """A word that must not be seen again, unless the field is one we read."""
    return f"canary<{field}>"


def line_body(*events: object) -> bytes:
    """A webhook body of LINE with these events."""
    return json.dumps({"destination": canary("destination"), "events": events}).encode()


def line_event(kind: str, n: int = 1, at: int = AT, **fields: Any) -> Json:
    """An event of LINE with every common field."""
    return {
        "type": kind,
        "mode": "active",
        "timestamp": at,
        "webhookEventId": f"01EVENT{n}",
        "deliveryContext": {"isRedelivery": False, "more": canary("deliveryContext.more")},
        "source": {"type": "user", "userId": USER, "displayName": canary("source.displayName")},
        "replyToken": f"token{n}",
        "unknownThing": {"name": canary("unknownThing.name"), "phone": NUMBER},
        **fields,
    }


def line_message(kind: str, n: int = 1, at: int = AT, **fields: Any) -> Json:
    """A message event of LINE."""
    message = {
        "type": kind,
        "id": f"m{n}",
        "quoteToken": canary("message.quoteToken"),
        "markAsReadToken": canary("message.markAsReadToken"),
        **fields,
    }
    return line_event("message", n, at, message=message)


def line_text(text: str = "つらい", n: int = 1, at: int = AT) -> Json:
    """A text on LINE, with mentions and emoji."""
    mention = {"mentionees": [{"index": 0, "length": 2, "userId": canary("mention.userId")}]}
    emojis = [{"index": 0, "length": 1, "productId": canary("e.productId"), "emojiId": "1"}]
    return line_message("text", n, at, text=text, mention=mention, emojis=emojis)


def line_in(source: Json, event: Json) -> Json:
    """The same event out of a group or room."""
    return {**event, "source": source}


LINE_GROUP = {"type": "group", "groupId": GROUP, "userId": canary("source.userId")}
LINE_ROOM = {"type": "room", "roomId": ROOM, "userId": canary("source.userId")}
LINE_CONTENT = {"type": "external", "originalContentUrl": canary("content.originalContentUrl")}
LINE_MEDIA: dict[str, Json] = {
    "sticker": {
        "packageId": canary("packageId"),
        "stickerId": canary("stickerId"),
        "stickerResourceType": "MESSAGE",
        "keywords": [canary("keywords")],
        "text": canary("sticker.text"),
    },
    "image": {"contentProvider": LINE_CONTENT, "imageSet": {"id": canary("imageSet.id")}},
    "audio": {"contentProvider": LINE_CONTENT, "duration": NUMBER},
    "video": {"contentProvider": LINE_CONTENT, "duration": NUMBER},
    "file": {"fileName": canary("fileName"), "fileSize": NUMBER},
    "location": {
        "title": canary("title"),
        "address": canary("address"),
        "latitude": NUMBER + 0.5,
        "longitude": NUMBER + 0.5,
    },
    "hologram": {"text": canary("hologram.text"), "url": canary("hologram.url")},
}


def telegram_user(**fields: Any) -> Json:
    """A person on Telegram, with everything Telegram tells about them."""
    return {
        "id": 4242,
        "is_bot": False,
        "first_name": canary("first_name"),
        "last_name": canary("last_name"),
        "username": canary("username"),
        "language_code": "ja-JP",
        **fields,
    }


def telegram_chat(kind: str = "private", number: int = 4242) -> Json:
    """A chat on Telegram."""
    return {
        "id": number,
        "type": kind,
        "title": canary("chat.title"),
        "username": canary("chat.username"),
        "first_name": canary("chat.first_name"),
        "last_name": canary("chat.last_name"),
    }


def telegram_message(chat: Json | None = None, **fields: Any) -> Json:
    """A message on Telegram."""
    return {
        "message_id": 17,
        "date": AT // 1000,
        "chat": chat or telegram_chat(),
        "from": telegram_user(),
        "author_signature": canary("author_signature"),
        "unknown_thing": {"name": canary("unknown_thing.name"), "phone": NUMBER},
        **fields,
    }


def telegram_body(n: int = 9, **kinds: Any) -> bytes:
    """A webhook body of Telegram."""
    return json.dumps({"update_id": n, **kinds}).encode()


def telegram_membership(status: str, chat: Json | None = None) -> Json:
    """A change of our own membership."""
    return {
        "chat": chat or telegram_chat(),
        "from": telegram_user(),
        "date": AT // 1000,
        "old_chat_member": {"status": "left", "user": telegram_user()},
        "new_chat_member": {"status": status, "user": telegram_user(), "until_date": 0},
        "invite_link": {"invite_link": canary("invite_link"), "creator": telegram_user()},
    }


FILE = {"file_id": canary("file_id"), "file_unique_id": canary("u"), "file_size": NUMBER}
TELEGRAM_MEDIA: dict[str, Any] = {
    "sticker": {**FILE, "emoji": canary("emoji"), "set_name": canary("set_name")},
    "photo": [{**FILE, "width": NUMBER, "height": NUMBER}],
    "voice": {**FILE, "duration": NUMBER},
    "audio": {**FILE, "performer": canary("performer"), "title": canary("audio.title")},
    "video": {**FILE, "file_name": canary("video.file_name")},
    "video_note": {**FILE, "length": NUMBER},
    "animation": {**FILE, "file_name": canary("animation.file_name")},
    "document": {**FILE, "file_name": canary("document.file_name")},
    "location": {"latitude": NUMBER + 0.5, "longitude": NUMBER + 0.5},
    "venue": {"title": canary("venue.title"), "address": canary("venue.address")},
    "contact": {
        "phone_number": canary("phone_number"),
        "first_name": canary("contact.first_name"),
        "vcard": canary("vcard"),
    },
    "poll": {"id": canary("poll.id"), "question": canary("poll.question")},
    "hologram": {"text": canary("hologram.text")},
}
