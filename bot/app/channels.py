"""Builds the channels whose secrets are given; the web room is always there."""

from __future__ import annotations

import os
from collections.abc import Mapping

from bot.channels.web import WebChannel
from bot.config import Secrets, Settings
from bot.services.ports import Channel


def open_channels(settings: Settings, secrets: Secrets) -> Mapping[str, Channel]:
    """The channels by name. Platform libraries load only for a channel that is on."""
    channels: dict[str, Channel] = {"web": WebChannel()}
    timeout = settings.delivery.timeout_ms / 1_000
    if secrets.line:
        from bot.channels.line.client import LineChannel

        channels["line"] = LineChannel(
            secrets.line_secret,
            secrets.line_token,
            settings.line.api_base,
            settings.line.data_api_base,
            timeout,
        )
    if secrets.telegram:
        # python-telegram-bot otherwise gives retry_after as a number and warns about it.
        os.environ.setdefault("PTB_TIMEDELTA", "1")
        from bot.channels.telegram.client import TelegramChannel

        channels["telegram"] = TelegramChannel(
            secrets.telegram_token,
            secrets.telegram_secret,
            settings.telegram.api_base,
            timeout,
        )
    return channels
