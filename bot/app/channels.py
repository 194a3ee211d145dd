"""Builds the channels whose secrets are given, and settles what each may take; the web room is
always there and takes everything.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from bot.channels.web import WebChannel
from bot.config import Secrets, Settings
from bot.config.settings import Decision, Line, Telegram
from bot.engine.world import Mode
from bot.errors import ConfigurationError
from bot.services.ports import Channel

STRICTEST: Mode = "door_only"
_DATE = re.compile(
    r"\d{4}\s*[-/.年]\s*\d{1,2}|令和\s*[\d元一二三四五六七八九十]|[rR]\s*\d{1,2}\.\s*\d"
)
_PARTS = re.compile(r"[,，、;；\n\u3000]")


def modes_of(settings: Settings, demo: bool) -> Mapping[str, Mode]:
    """What each platform may take: as set, else all of it in the demo, only a door elsewhere."""
    standard: Mode = "full" if demo else STRICTEST
    return {
        "line": settings.line.mode or standard,
        "telegram": settings.telegram.mode or standard,
    }


def check_modes(settings: Settings, secrets: Secrets) -> None:
    """Raises ConfigurationError where a platform that is on may take more than a door without the
    city's recorded decision.
    """
    for name, section, on in (
        ("line", settings.line, secrets.line),
        ("telegram", settings.telegram, secrets.telegram),
    ):
        if on and section.mode not in ("", STRICTEST) and not is_decided(section):
            raise ConfigurationError(
                f"{name}.mode is {section.mode}, but {name}.decision does not say who decided it, "
                "when (a date) and where that is written: set "
                f'ENGAWA__{name.upper()}__DECISION="Head of the centre, 2026-11-01, No. 12", or '
                f"ENGAWA__{name.upper()}__MODE=door_only."
            )


def is_decided(section: Line | Telegram) -> bool:
    """Whether the city's decision is recorded: who, when and where, one of them a date, as a table
    or as one text of three parts.
    """
    decision = section.decision
    if isinstance(decision, Decision):
        return all(map(str.strip, (decision.who, decision.reference))) and _dated(decision.when)
    parts = [part for part in _PARTS.split(decision) if part.strip()]
    return len(parts) >= 3 and any(map(_dated, parts))


def _dated(text: str) -> bool:
    return _DATE.search(text) is not None


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
