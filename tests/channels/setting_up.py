"""What the tests of connect, disconnect and doctor share: content, clients, specifications."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import date
from functools import cache
from typing import Any
from urllib.parse import parse_qs

from jsonschema import Draft202012Validator

from bot.app.content import read_content
from bot.channels.line.menu.layout import Menu, menu_of
from bot.channels.line.menu.pictures import picture_of
from bot.channels.line.setup import LineSetup
from bot.channels.steps import Step
from bot.channels.telegram.setup import TelegramSetup
from bot.services.checkup import Check
from bot.services.revisions import Published, compile_files
from tests.platforms.fixtures import NOW
from tests.platforms.line import ScriptedLine
from tests.platforms.server import Request
from tests.platforms.telegram import ScriptedTelegram
from tests.rendering.specs import bot_api, openapi
from tests.repository import ROOT

LINE_URL = "https://room.example/webhooks/line"
TELEGRAM_URL = "https://room.example/webhooks/telegram"
SECRET = "telegram_webhook_secret"
TODAY = date(2026, 11, 21)
PATIENCE = 5.0
_BODIES = {
    "PUT /v2/bot/channel/webhook/endpoint": "SetWebhookEndpointRequest",
    "POST /v2/bot/channel/webhook/test": "TestWebhookEndpointRequest",
    "POST /v2/bot/richmenu": "RichMenuRequest",
}


@cache
def content() -> Published:
    """The repository's own content."""
    return compile_files(read_content(ROOT))


def menu() -> Menu:
    """LINE's menu as the repository's content says it."""
    return menu_of(content().bundle, content().directory, TODAY)


def picture() -> bytes:
    """Its drawing."""
    return picture_of(menu())


def line_setup(platform: ScriptedLine, timeout: float = PATIENCE, token: str = "") -> LineSetup:
    """Asks the scripted LINE, with its own clock."""
    base = platform.base_url
    return LineSetup(token or platform.token, base, base, timeout, lambda: NOW)


def telegram_setup(platform: ScriptedTelegram, timeout: float = PATIENCE) -> TelegramSetup:
    """Asks the scripted Telegram, with its own clock."""
    return TelegramSetup(platform.token, platform.base_url, timeout, lambda: NOW)


async def steps(found: AsyncIterator[Step]) -> list[Step]:
    """Every step, as (state, text)."""
    return [step async for step in found]


async def checks(found: AsyncIterator[Check]) -> list[Check]:
    """Every check."""
    return [check async for check in found]


def states(found: list[Step]) -> list[str]:
    """Their states alone, without the notes."""
    return [step.state for step in found if step.state != "note"]


def worst(found: list[Check]) -> list[Check]:
    """What is not as it should be."""
    return [check for check in found if check.state != "ok"]


def line_spec_problems(request: Request) -> list[str]:
    """What LINE's own specification says about a request; nothing where it is not at hand."""
    name = _BODIES.get(f"{request.method} {request.path}")
    schemas = openapi("messaging-api.yml")
    if name is None or not schemas:
        return []
    body = json.loads(request.body)
    schema = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": schemas}}
    found = [error.message[:200] for error in Draft202012Validator(schema).iter_errors(body)]
    found += [f"no property {key}" for key in set(body) - set(schemas[name]["properties"])]
    for area in body.get("areas", []):
        found += _action_problems(schemas, area["action"])
    return found


def _action_problems(schemas: dict[str, Any], action: dict[str, str]) -> list[str]:
    name = {"postback": "PostbackAction", "uri": "URIAction"}[action["type"]]
    properties = {"type", "label", *schemas[name]["allOf"][1]["properties"]}
    return [f"{name}: no property {key}" for key in set(action) - properties]


def telegram_spec_problems(request: Request) -> list[str]:
    """What Telegram's own description says about a request; nothing where it is not at hand."""
    if not bot_api():
        return []
    described = bot_api()["methods"][request.path.rpartition("/")[2]]
    known = {field["name"]: field for field in described.get("fields", [])}
    given = parse_qs(request.body.decode(), keep_blank_values=True)
    found = [f"{described['name']}: no field {key}" for key in given if key not in known]
    needed = {name for name, field in known.items() if field["required"]}
    return found + [f"{described['name']}: {name} is missing" for name in needed - given.keys()]
