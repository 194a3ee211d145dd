"""What Telegram keeps about the bot itself: webhook, commands, descriptions; with its limits."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from tests.platforms.server import Response

PORTS = (None, 443, 80, 88, 8443)
_LANGUAGE = re.compile(r"([a-z]{2})?")
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")


class TelegramAccount:
    """The settings of one bot, as the Bot API shows them; a test may change any."""

    def __init__(self) -> None:
        self.can_join_groups = False
        self.url = ""
        self.secret = ""
        self.allowed: list[str] = []
        self.connections = 40
        self.pending = 0
        self.last_error = (0, "")
        self.commands: dict[str, list[dict[str, str]]] = {}
        self.descriptions: dict[str, str] = {}
        self.short_descriptions: dict[str, str] = {}

    def handle(self, method: str, fields: Mapping[str, str]) -> Response | None:
        """The answer, or None for a method that is about something else."""
        answer = getattr(self, f"_{method}", None)
        if answer is None:
            return None
        if not _LANGUAGE.fullmatch(fields.get("language_code", "")):
            return refused("invalid language code specified")
        found: Response = answer(fields)
        return found

    def _getMe(self, fields: Mapping[str, str]) -> Response:
        me = {"id": 1234567, "is_bot": True, "first_name": "x", "username": "engawa_bot"}
        return result({**me, "can_join_groups": self.can_join_groups})

    def _getWebhookInfo(self, fields: Mapping[str, str]) -> Response:
        info: dict[str, Any] = {
            "url": self.url,
            "has_custom_certificate": False,
            "pending_update_count": self.pending,
        }
        if self.url:
            info |= {"max_connections": self.connections, "ip_address": "192.0.2.1"}
        if self.allowed:
            info["allowed_updates"] = self.allowed
        if self.last_error[0]:
            info["last_error_date"], info["last_error_message"] = self.last_error
        return result(info)

    def _setWebhook(self, fields: Mapping[str, str]) -> Response:
        address = urlsplit(fields["url"])
        if address.scheme != "https":
            return refused("bad webhook: An HTTPS URL must be provided for webhook")
        if address.port not in PORTS:
            return refused("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
        if not _SECRET.fullmatch(fields.get("secret_token", "")):
            return refused("secret token contains unallowed characters")
        self.url, self.secret = fields["url"], fields["secret_token"]
        if "allowed_updates" in fields:  # left out: as it was before
            self.allowed = json.loads(fields["allowed_updates"])
        self.connections = int(fields.get("max_connections", "40"))
        return result(True)

    def _deleteWebhook(self, fields: Mapping[str, str]) -> Response:
        self.url = self.secret = ""
        if fields.get("drop_pending_updates") == "true":
            self.pending = 0
        return result(True)

    def _getMyCommands(self, fields: Mapping[str, str]) -> Response:
        return result(self.commands.get(fields.get("language_code", ""), []))

    def _setMyCommands(self, fields: Mapping[str, str]) -> Response:
        commands = json.loads(fields["commands"])
        for one in commands:
            if not _COMMAND.fullmatch(one["command"]) or not 1 <= len(one["description"]) <= 256:
                return refused("BOT_COMMAND_INVALID")
        if len(commands) > 100:
            return refused("too many commands")
        self.commands[fields.get("language_code", "")] = commands
        return result(True)

    def _deleteMyCommands(self, fields: Mapping[str, str]) -> Response:
        self.commands.pop(fields.get("language_code", ""), None)
        return result(True)

    def _getMyDescription(self, fields: Mapping[str, str]) -> Response:
        return result({"description": _kept(self.descriptions, fields)})

    def _setMyDescription(self, fields: Mapping[str, str]) -> Response:
        return _keep(self.descriptions, fields, "description", 512)

    def _getMyShortDescription(self, fields: Mapping[str, str]) -> Response:
        return result({"short_description": _kept(self.short_descriptions, fields)})

    def _setMyShortDescription(self, fields: Mapping[str, str]) -> Response:
        return _keep(self.short_descriptions, fields, "short_description", 120)


def _kept(texts: Mapping[str, str], fields: Mapping[str, str]) -> str:
    return texts.get(fields.get("language_code", ""), "")


def _keep(texts: dict[str, str], fields: Mapping[str, str], name: str, most: int) -> Response:
    if len(fields.get(name, "")) > most:
        return refused(f"{name} is too long")
    texts[fields.get("language_code", "")] = fields.get(name, "")
    return result(True)


def result(value: object) -> Response:
    """A 200 with this result."""
    return Response(200, {"ok": True, "result": value})


def refused(description: str) -> Response:
    """A 400 in Telegram's words."""
    body = {"ok": False, "error_code": 400, "description": f"Bad Request: {description}"}
    return Response(400, body)
