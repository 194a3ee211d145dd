"""python-telegram-bot's Bot, as much of it as we use, and what its errors mean. Imports ports.

Only Bot and its request are used: its Application swallows errors, its rate limiter would hold
back a crisis message in memory. `initialize` is left out because it would ask the network at start.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any

os.environ.setdefault("PTB_TIMEDELTA", "1")  # noqa: TID251 - set, not read: else each RetryAfter warns

import httpx
from telegram import Bot, InlineKeyboardMarkup, LinkPreviewOptions
from telegram.constants import ChatAction
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)
from telegram.request import HTTPXRequest

from bot.channels.quiet import hush
from bot.services.ports import Outcome

_GONE = ("chat not found", "user is deactivated", "peer_id_invalid", "user not found")
_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class TelegramApi:
    """Telegram's Bot API. `base` is without the token, e.g. https://api.telegram.org."""

    def __init__(self, base: str, token: str, timeout: float) -> None:
        hush("httpx", "httpcore", "telegram")
        self._request = HTTPXRequest(
            connect_timeout=timeout / 2,
            read_timeout=timeout,
            write_timeout=timeout,
            pool_timeout=timeout / 2,
        )
        self._bot = Bot(
            token,
            base_url=f"{base}/bot",
            request=self._request,
            get_updates_request=self._request,
        )

    async def send(self, chat: int, message: dict[str, Any]) -> Outcome:
        """Send a finished message; never raises for what Telegram or the network may do."""
        keyboard = message.get("reply_markup")
        preview = message.get("link_preview_options")
        return await outcome_of(
            self._bot.send_message(
                chat,
                message["text"],
                reply_markup=InlineKeyboardMarkup.de_json(keyboard, None) if keyboard else None,
                link_preview_options=LinkPreviewOptions.de_json(preview, None) if preview else None,
            )
        )

    async def answer(self, callback: str) -> bool:
        """Stop the progress bar of a tap; whether Telegram took it."""
        return (await outcome_of(self._bot.answer_callback_query(callback))).kind == "sent"

    async def leave(self, chat: int) -> bool:
        """Leave a group or channel; whether Telegram took it."""
        return (await outcome_of(self._bot.leave_chat(chat))).kind == "sent"

    async def show_typing(self, chat: int) -> bool:
        """Show "typing" for five seconds; whether Telegram took it."""
        call = self._bot.send_chat_action(chat, ChatAction.TYPING)
        return (await outcome_of(call)).kind == "sent"

    async def close(self) -> None:
        """Let go of connections."""
        await self._request.shutdown()


async def outcome_of(call: Awaitable[object]) -> Outcome:
    """Wait for a call of the Bot and say what its end means for a row of the outbox."""
    try:
        await call
    except RetryAfter as error:
        wait = error.retry_after
        seconds = wait.total_seconds() if isinstance(wait, timedelta) else wait
        return Outcome("throttled", retry_after=int(seconds * 1000), reason="telegram-429")
    except Forbidden:
        return Outcome("blocked", reason="telegram-403")
    except InvalidToken:  # our token, not our content: nothing left, and it may be mended
        return Outcome("unsent", reason="telegram-401")
    except BadRequest as error:
        gone = any(words in error.message.lower() for words in _GONE)
        return Outcome("blocked" if gone else "rejected", reason="telegram-400")
    except ChatMigrated:
        return Outcome("rejected", reason="telegram-migrated")
    except NetworkError as error:
        return _network(error)
    except (TelegramError, TypeError, ValueError, KeyError, AttributeError):
        # A 200 whose content the library cannot read is as good as no answer.
        return Outcome("ambiguous", reason="telegram-odd-answer")
    return Outcome("sent")


def _network(error: NetworkError) -> Outcome:
    if isinstance(error.__cause__, _NEVER_LEFT):
        return Outcome("unsent", reason="telegram-unreachable")
    if error.message.lower().startswith("too many requests"):
        return Outcome("throttled", reason="telegram-429")
    if error.message.lower().startswith("request entity too large"):
        return Outcome("rejected", reason="telegram-413")
    return Outcome("ambiguous", reason="telegram-no-answer")
