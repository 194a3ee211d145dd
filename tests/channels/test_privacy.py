"""Names, pictures, phone numbers and places never become an object of ours, nor a line in a log."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from bot.channels.line.client import LineChannel
from bot.channels.telegram.client import TelegramChannel
from bot.rendering.bubbles import Bubble
from tests.channels.bodies import (
    AT,
    NUMBER,
    USER,
    canary,
    line_body,
    telegram_body,
    telegram_message,
)
from tests.channels.doors import LINE_SECRET, TELEGRAM_SECRET, heard
from tests.channels.test_reading import READING
from tests.platforms.line import ScriptedLine
from tests.platforms.telegram import ScriptedTelegram
from tests.rendering.specs import bot_api, openapi

READ = {  # the fields of LINE that are read, by their place in the specification
    "webhookEventId",
    "replyToken",
    "source.groupId",
    "source.roomId",
    "message.id",
    "message.text",
    "postback.data",
    "unsend.messageId",
}
SCHEMAS: dict[str, Any] = openapi("webhook.yml")
API: dict[str, Any] = bot_api()


def leaks(door: str, body: bytes, allowed: set[str]) -> set[str]:
    """Canaries, by field, in what was heard; read as people's eyes and as a store would see it."""
    found = heard(door, body)
    seen = repr(found) + msgspec.json.encode(found).decode()
    fields = set(re.findall(r"canary<([^>]*)>", seen)) - allowed
    return fields | ({"a number"} if str(NUMBER) in seen else set())


def of_schema(schema: dict[str, Any], field: str) -> Any:
    """A value of a schema of webhook.yml with every property in it."""
    if "$ref" in schema:
        return of_schema(SCHEMAS[schema["$ref"].rsplit("/", 1)[1]], field)
    kind = schema.get("type")
    if "allOf" in schema or "properties" in schema:
        whole: dict[str, Any] = {}
        for part in schema.get("allOf", []):
            whole |= of_schema(part, field)
        for name, inner in schema.get("properties", {}).items():
            whole[name] = of_schema(inner, f"{field}.{name}".lstrip("."))
        return whole
    if "enum" in schema:
        return schema["enum"][0]
    values = {"integer": NUMBER, "number": NUMBER + 0.5, "boolean": True}
    if kind == "array":
        return [of_schema(schema["items"], field)]
    if kind == "object":
        return {"more": canary(f"{field}.more")}
    return values.get(str(kind), canary(field))


def kinds_of(name: str) -> dict[str, str]:
    """The kinds a schema of webhook.yml comes in: type → schema."""
    mapping: dict[str, str] = SCHEMAS.get(name, {}).get("discriminator", {}).get("mapping", {})
    return {kind: ref.rsplit("/", 1)[1] for kind, ref in mapping.items()}


def official_events() -> Iterator[Any]:
    """Every event of LINE's specification, from a person and from a group, with every field."""
    for kind, schema in kinds_of("Event").items():
        contents = kinds_of("MessageContent").items() if kind == "message" else [("", "")]
        for content, content_schema in contents:
            for source in kinds_of("Source"):
                event = of_schema(SCHEMAS[schema], "")
                event |= {"type": kind, "mode": "active", "timestamp": AT}
                event["source"] = of_schema(SCHEMAS[kinds_of("Source")[source]], "source")
                event["source"] |= {"type": source, "userId": USER}
                if content:
                    event["message"] = of_schema(SCHEMAS[content_schema], "message")
                    event["message"]["type"] = content
                yield pytest.param("line", line_body(event), id=f"line-{kind}-{content}-{source}")


def of_type(kind: str, field: str, depth: int = 0) -> Any:
    """A value of a type of Telegram's description, as deep as a person's data lies."""
    if kind.startswith("Array of "):
        return [of_type(kind.removeprefix("Array of "), field, depth)]
    if kind in ("Integer", "Float"):
        return NUMBER
    if kind == "Boolean":
        return True
    described = API["types"].get(kind)
    if described is None or kind == "String" or depth > 3:
        return canary(field)
    return {
        inner["name"]: of_type(inner["types"][0], f"{field}.{inner['name']}", depth + 1)
        for inner in described.get("fields", [])
        if inner["types"][0] not in ("Message", "MaybeInaccessibleMessage")
    }


def official_messages() -> Iterator[Any]:
    """A message for each field Telegram's description has, that field filled to its depth."""
    for field in API["types"]["Message"]["fields"] if API else []:
        name = field["name"]
        if name not in ("message_id", "date", "edit_date", "chat", "from", "text", "caption"):
            filled = telegram_message(**{name: of_type(field["types"][0], name)})
            yield pytest.param("telegram", telegram_body(message=filled), id=f"telegram-{name}")


OFFICIAL = [*official_events(), *official_messages()]
OURS = [pytest.param(*row.values[:2], id=str(row.id)) for row in READING]


@pytest.mark.parametrize(("door", "body"), [*OURS, *OFFICIAL])
def test_nothing_unlisted_is_kept(door: str, body: bytes) -> None:
    """Of all a platform tells, only the listed fields are in what we heard."""
    assert leaks(door, body, READ) == set()


def test_the_canaries_sing() -> None:
    """The test above can fail: a listed field's canary is found when it is not allowed."""
    event = {"type": "message", "timestamp": AT, "webhookEventId": canary("webhookEventId")}
    event |= {"source": {"type": "user", "userId": USER}}
    event |= {"message": {"id": "1", "type": "text", "text": str(NUMBER)}}
    assert leaks("line", line_body(event), set()) == {"webhookEventId", "a number"}


@pytest.mark.parametrize("act", ["ok", "lost_response", "error", "invalid", "throttled"])
async def test_nothing_is_logged_while_sending(
    act: str,
    caplog: pytest.LogCaptureFixture,
    scripted_line: ScriptedLine,
    scripted_telegram: ScriptedTelegram,
) -> None:
    """Even with all loggers at DEBUG, no token, id or text reaches the log."""
    line = LineChannel(LINE_SECRET, scripted_line.token, scripted_line.base_url)
    telegram = TelegramChannel(scripted_telegram.token, TELEGRAM_SECRET, scripted_telegram.base_url)
    bubbles = [Bubble(canary("text"))]
    with caplog.at_level(logging.DEBUG):
        scripted_line.script(act)
        scripted_telegram.script(act)
        key = "123e4567-e89b-12d3-a456-426614174000"
        await line.send("push", USER, line.requests(bubbles)[0], "", key)
        await telegram.send("send", "4242", telegram.requests(bubbles)[0], "", "")
        await line.close()
        await telegram.close()
    secrets = [scripted_line.token, scripted_telegram.token, "canary", USER, "4242", key]
    assert [secret for secret in secrets if secret in caplog.text] == []
