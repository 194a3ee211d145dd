"""Both platforms' doors in one shape, so that one table of cases goes over both."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from bot.channels.line.client import LineChannel
from bot.channels.line.signature import sign
from bot.channels.telegram.client import TelegramChannel
from bot.services.ports import Heard

LINE_SECRET = "line-channel-secret"
TELEGRAM_SECRET = "telegram_webhook_secret"
DOORS = ("line", "telegram")


@cache
def channel(name: str) -> LineChannel | TelegramChannel:
    """A channel that reads and never sends."""
    if name == "line":
        return LineChannel(LINE_SECRET, "line-access-token")
    return TelegramChannel("1234567:telegram-token", TELEGRAM_SECRET)


def signed(name: str, body: bytes) -> dict[str, str]:
    """The headers a platform sends with this body."""
    if name == "line":
        return {"x-line-signature": sign(LINE_SECRET.encode(), body)}
    return {"x-telegram-bot-api-secret-token": TELEGRAM_SECRET}


def heard(name: str, body: bytes) -> Sequence[Heard]:
    """What a channel hears in a properly signed body."""
    return channel(name).read(signed(name, body), body)


def short(found: Sequence[Heard]) -> list[str]:
    """What was heard in a word or two: «text», «tap», «edited», «unsent» …"""
    return [
        one.inbound.kind if one.what == "inbound" and one.inbound else one.what for one in found
    ]
