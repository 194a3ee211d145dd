"""Telegram's methods for setting up and looking after: webhook, commands, descriptions.

Imports asking, ports and errors. Nothing here sends a message to anybody.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from bot.channels.asking import Asker, Reply, quoted
from bot.errors import PlatformRefusedError
from bot.services.ports import Clock

ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")
"""The kinds of update that are read; Telegram keeps all others to itself."""
CONNECTIONS = 20
"""How many updates Telegram may bring at once."""
T = TypeVar("T")


class Me(msgspec.Struct, frozen=True):
    """Who we are on Telegram."""

    username: str = ""
    can_join_groups: bool = False


class WebhookInfo(msgspec.Struct, frozen=True):
    """Where Telegram sends updates; dates are UTC seconds, 0 for never."""

    url: str = ""
    pending_update_count: int = 0
    last_error_date: int = 0
    last_error_message: str = ""
    max_connections: int = 0
    allowed_updates: tuple[str, ...] = ()


class Command(msgspec.Struct, frozen=True):
    """A command (without its slash) and what the menu says about it."""

    command: str
    description: str


class TelegramSetup:
    """Asks Telegram. Use as `async with`; every verb raises PlatformRefusedError with a sentence.

    `language` is a two-letter code, "" for everybody whose language has nothing of its own.
    """

    def __init__(self, token: str, api_base: str, timeout: float, clock: Clock) -> None:
        self.asker = Asker("Telegram", {}, timeout, clock)
        self._base = f"{api_base.rstrip('/')}/bot{token}"

    async def __aenter__(self) -> TelegramSetup:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.asker.__aexit__()

    async def me(self) -> Me:
        """Who we are; the cheapest question that needs a good token."""
        return await self._told("getMe", Me)

    async def webhook(self) -> WebhookInfo:
        """Where updates go, what waits and what went wrong last."""
        return await self._told("getWebhookInfo", WebhookInfo)

    async def set_webhook(self, url: str, secret: str) -> None:
        """Send the updates that are read there, with this secret; what waits is kept."""
        await self._done(
            "setWebhook",
            url=url,
            secret_token=secret,
            allowed_updates=json.dumps(ALLOWED_UPDATES),
            max_connections=str(CONNECTIONS),
        )

    async def delete_webhook(self) -> None:
        """Send no updates any more; Telegram keeps what waits for a day."""
        await self._done("deleteWebhook", drop_pending_updates="false")

    async def commands(self, language: str) -> tuple[Command, ...]:
        """The commands in the menu for a language."""
        return await self._told("getMyCommands", tuple[Command, ...], language)

    async def set_commands(self, language: str, commands: Sequence[Command]) -> None:
        """Put these commands into the menu."""
        given = msgspec.json.encode(commands).decode()
        await self._done("setMyCommands", language, commands=given)

    async def delete_commands(self, language: str) -> None:
        """Empty the menu of this language."""
        await self._done("deleteMyCommands", language)

    async def description(self, language: str) -> str:
        """What an empty chat shows."""
        return (await self._told("getMyDescription", _Described, language)).description

    async def set_description(self, language: str, text: str) -> None:
        """What an empty chat shows from now on; "" for nothing."""
        await self._done("setMyDescription", language, description=text)

    async def short_description(self, language: str) -> str:
        """What the profile shows."""
        return (await self._told("getMyShortDescription", _Described, language)).short_description

    async def set_short_description(self, language: str, text: str) -> None:
        """What the profile shows from now on; "" for nothing."""
        await self._done("setMyShortDescription", language, short_description=text)

    async def _told(self, method: str, shape: type[T], language: str = "") -> T:
        reply = await self._asked(method, {"language_code": language} if language else {})
        try:
            return msgspec.convert(reply.body.get("result"), shape)
        except msgspec.ValidationError:
            raise _odd() from None

    async def _done(self, method: str, language: str = "", **fields: str) -> None:
        given = {**fields, "language_code": language} if language else fields
        if (await self._asked(method, given)).body.get("result") is not True:
            raise _odd()

    async def _asked(self, method: str, fields: Mapping[str, str]) -> Reply:
        reply = await self.asker.ask("POST", f"{self._base}/{method}", data=fields)
        if reply.status != 200 or reply.body.get("ok") is not True:
            raise _refusal(reply, method)
        return reply


class _Described(msgspec.Struct):
    description: str = ""
    short_description: str = ""


def _odd() -> PlatformRefusedError:
    return PlatformRefusedError(
        "Telegram answered something that its own documentation does not know. Run the command "
        "again; if it stays so, tell the developers of Engawa.",
        status=200,
    )


def _refusal(reply: Reply, method: str) -> PlatformRefusedError:
    words = quoted(reply.body.get("description"))
    said = f"{reply.status}: «{words}»" if words else f"{reply.status}"
    return PlatformRefusedError(_what(reply, method, said), reply.status)


def _what(reply: Reply, method: str, said: str) -> str:
    if reply.status in (401, 404):
        return (
            f"Telegram does not accept TELEGRAM_BOT_TOKEN ({said}). Copy the token from "
            "@BotFather again (/mybots, API Token) and set it."
        )
    if reply.status == 429:
        return (
            f"Telegram asks us to slow down ({said}). Wait {_pause(reply.body)} and run it again."
        )
    if reply.status >= 500:
        return (
            f"Telegram has trouble of its own ({said}). Wait some minutes and run the command "
            "again: it goes on where it stopped."
        )
    if method == "setWebhook":
        return (
            f"Telegram refused the webhook ({said}). Its address must be https on port 443, 80, 88 "
            "or 8443, with a name that everybody can look up, and TELEGRAM_WEBHOOK_SECRET 1 to 256 "
            "letters, digits, _ or -."
        )
    return f"Telegram refused {method} ({said}). Run the command again, or ask @BotFather."


def _pause(body: Mapping[str, Any]) -> str:
    parameters = body.get("parameters")
    told = parameters.get("retry_after") if isinstance(parameters, dict) else None
    return f"{told} s" if isinstance(told, int) else "a minute"
