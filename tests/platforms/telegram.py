"""Telegram's Bot API, scripted: /bot<TOKEN>/<method>, limits and error texts.

Acts besides those of the network: error (500 without effect), error_after, throttled,
throttled_bare (without retry_after), forbidden, unauthorized, invalid, gone,
odd (a 200 that is no answer). What Telegram keeps about the bot itself is `account`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

from tests.platforms.server import Request, Response, ScriptedPlatform, Shown, real_clock, serve
from tests.platforms.telegram_account import TelegramAccount

RETRY_AFTER = 7
_REFUSALS = {
    "error": (500, "Internal Server Error"),
    "error_after": (500, "Internal Server Error"),
    "throttled": (429, f"Too Many Requests: retry after {RETRY_AFTER}"),
    "throttled_bare": (429, "Too Many Requests"),
    "forbidden": (403, "Forbidden: bot was blocked by the user"),
    "unauthorized": (401, "Unauthorized"),
    "invalid": (400, "Bad Request: message is too long"),
    "gone": (400, "Bad Request: chat not found"),
    "missing": (404, "Not Found"),
    "old_query": (400, "Bad Request: query is too old and response timeout expired"),
}


class ScriptedTelegram(ScriptedPlatform):
    """Telegram for tests: `answered` are callback ids, `left` chats, `typing` chats."""

    def __init__(
        self,
        token: str = "1234567:telegram-token",
        clock: Callable[[], int] = real_clock,
        faults: Mapping[str, float] | None = None,
        seed: int = 0,
    ) -> None:
        super().__init__(clock, faults, seed)
        self.token = token
        self.answered: list[str] = []
        self.left: list[str] = []
        self.typing: list[str] = []
        self.old_queries = False
        self.account = TelegramAccount()

    def sends(self, request: Request) -> bool:
        """Only sendMessage sends."""
        return request.path.endswith("/sendMessage")

    def refusal(self, act: str) -> Response:
        """Telegram's own words for an act."""
        if act == "odd":
            return Response(200, ["not", "an", "answer"])
        status, description = _REFUSALS[act]
        body: dict[str, Any] = {"ok": False, "error_code": status, "description": description}
        if act == "throttled":
            body["parameters"] = {"retry_after": RETRY_AFTER}
        return Response(status, body)

    def handle(self, request: Request) -> Response:
        """The answer for a method."""
        _, bot, method = request.path.split("/", 2)
        if bot != f"bot{self.token}":
            return self.refusal("unauthorized")
        fields = _fields(request)
        if method == "sendMessage":
            return self._send(fields)
        if method == "answerCallbackQuery":
            self.answered.append(fields["callback_query_id"])
            return self.refusal("old_query") if self.old_queries else _result(True)
        if method == "leaveChat":
            self.left.append(fields["chat_id"])
            return _result(True)
        if method == "sendChatAction":
            self.typing.append(fields["chat_id"])
            return _result(True)
        about_us = self.account.handle(method, fields)
        if about_us is None:
            return self.refusal("missing")
        if about_us.status == 400:
            self.violations.append(about_us.body["description"])
        return about_us

    def _send(self, fields: dict[str, str]) -> Response:
        markup = json.loads(fields.get("reply_markup", '{"inline_keyboard": []}'))
        if found := problems(fields, markup):
            self.violations += found
            return self.refusal("invalid")
        user = fields["chat_id"]
        if user in self.blocked:
            return self.refusal("forbidden")
        keys = [key for row in markup["inline_keyboard"] for key in row]
        self.show(user, Shown(fields["text"], tuple((k["text"], k["callback_data"]) for k in keys)))
        chat = {"id": int(user), "type": "private", "first_name": "scripted"}
        number = len(self.visible[user])
        return _result({"message_id": number, "date": self.clock() // 1000, "chat": chat})


def problems(fields: Mapping[str, Any], markup: Mapping[str, Any]) -> list[str]:
    """What Telegram would refuse in a sendMessage, and a parse mode, which we must not use."""
    found = []
    if not fields.get("text", "").strip() or len(fields["text"]) > 4096:
        found.append("a text outside 1 to 4096")
    if "parse_mode" in fields:
        found.append("a parse mode")
    keys = [key for row in markup.get("inline_keyboard", []) for key in row]
    if len(keys) > 100 or any(len(row) > 8 for row in markup.get("inline_keyboard", [])):
        found.append("too many keys")
    for key in keys:
        if set(key) != {"text", "callback_data"} or not key["text"].strip():
            found.append("a key that is not text and callback")
        elif not 1 <= len(key["callback_data"].encode()) <= 64:
            found.append("callback data outside 1 to 64 bytes")
    return found


def _fields(request: Request) -> dict[str, str]:
    if "json" in request.headers.get("content-type", ""):
        return {key: str(value) for key, value in json.loads(request.body or b"{}").items()}
    found = parse_qs(request.body.decode(), keep_blank_values=True)
    return {key: values[0] for key, values in found.items()}


def _result(result: object) -> Response:
    return Response(200, {"ok": True, "result": result})


if __name__ == "__main__":
    serve(
        lambda faults, seed, token: ScriptedTelegram(token, faults=faults, seed=seed),
        "1234567:telegram-token",
    )
