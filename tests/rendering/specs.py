"""The platforms' own specifications as checkers, where a folder with them is at hand.

The folder is named by ENGAWA_CHANNEL_SPECS, or lies at ../shared/channel-specs beside the checkout.
Without it the same bodies are checked against the limits tables by the scripted platforms' rules,
so a test with a checker is never empty.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

from tests.platforms import line as scripted_line
from tests.platforms import telegram as scripted_telegram

ROOT = Path(__file__).resolve().parents[2]


def spec_folder() -> Path | None:
    """Where the official specifications lie, or None."""
    named = os.environ.get("ENGAWA_CHANNEL_SPECS")
    folder = Path(named) if named else ROOT.parent / "shared" / "channel-specs"
    return folder if folder.is_dir() else None


@cache
def openapi(name: str) -> dict[str, Any]:
    """The schemas of one of LINE's OpenAPI files, by name; empty without the folder."""
    folder = spec_folder()
    if folder is None:
        return {}
    document = yaml.load((folder / name).read_text("utf-8"), Loader=yaml.CSafeLoader)
    schemas: dict[str, Any] = document["components"]["schemas"]
    return schemas


@cache
def bot_api() -> dict[str, Any]:
    """Telegram's api.json; empty without the folder."""
    folder = spec_folder()
    if folder is None:
        return {}
    api: dict[str, Any] = json.loads((folder / "api.json").read_text("utf-8"))
    return api


def line_problems(body: Mapping[str, Any]) -> list[str]:
    """What is wrong with a push body, by our tables and, where given, by LINE's specification."""
    found = scripted_line.problems(dict(body), {"to", "messages"})
    if openapi("messaging-api.yml"):
        found += _schema_problems("PushMessageRequest", body)
        for message in body["messages"]:
            found += _schema_problems("TextMessage", message)
            for item in message.get("quickReply", {}).get("items", []):
                found += _schema_problems("QuickReplyItem", item)
                found += _schema_problems("PostbackAction", item["action"])
    return found


def telegram_problems(message: Mapping[str, Any]) -> list[str]:
    """What is wrong with a sendMessage, by our tables and, where given, by Telegram's own."""
    found = scripted_telegram.problems(message, message.get("reply_markup", {}))
    api = bot_api()
    if api:
        found += _field_problems(api["methods"]["sendMessage"], message)
        preview = message.get("link_preview_options", {})
        found += _field_problems(api["types"]["LinkPreviewOptions"], preview)
        for row in message.get("reply_markup", {}).get("inline_keyboard", []):
            for key in row:
                found += _field_problems(api["types"]["InlineKeyboardButton"], key)
    return found


@cache
def _validator(name: str) -> Draft202012Validator:
    schemas = openapi("messaging-api.yml")
    return Draft202012Validator(
        {"$ref": f"#/components/schemas/{name}", "components": {"schemas": schemas}}
    )


def _schema_problems(name: str, value: Mapping[str, Any]) -> list[str]:
    """Errors of JSON Schema, and names the schema has no property for."""
    errors = [f"{name}: {error.message[:200]}" for error in _validator(name).iter_errors(value)]
    unknown = set(value) - _properties(openapi("messaging-api.yml")[name])
    return errors + [f"{name}: no property {key}" for key in sorted(unknown)]


def _properties(schema: Mapping[str, Any]) -> set[str]:
    names = set(schema.get("properties", {}))
    for part in schema.get("allOf", []):
        named = part.get("$ref", "").rsplit("/", 1)[-1]
        names |= _properties(openapi("messaging-api.yml")[named] if named else part)
    return names


def _field_problems(described: Mapping[str, Any], value: Mapping[str, Any]) -> list[str]:
    fields = {field["name"]: field for field in described["fields"]}
    found = [f"{described['name']}: no field {key}" for key in value if key not in fields]
    if described["name"] != "sendMessage":  # its chat_id is added when it is sent
        found += [
            f"{described['name']}: {name} is missing"
            for name, field in fields.items()
            if field["required"] and name not in value
        ]
    return found
