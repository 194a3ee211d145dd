"""Secrets come from the environment or from a file it names; never from config.toml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import msgspec

from bot.errors import ConfigurationError

NAMES: Mapping[str, str] = {
    "LINE_CHANNEL_SECRET": "LINE: the channel secret; verifies that a webhook comes from LINE",
    "LINE_CHANNEL_ACCESS_TOKEN": "LINE: the long-lived channel access token; sends messages",
    "TELEGRAM_BOT_TOKEN": "Telegram: the bot's token; sends messages",
    "TELEGRAM_WEBHOOK_SECRET": "Telegram: the secret_token given to setWebhook; verifies updates",
    "ENGAWA_KEY_FILE": "the keyring of `engawa keys new FILE`; never in the database's backup",
}

_WEBHOOK_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")


class Secrets(msgspec.Struct, frozen=True):
    """What must never be printed: the class hides its values from repr."""

    line_secret: str = ""
    line_token: str = ""
    telegram_token: str = ""
    telegram_secret: str = ""
    key_file: str = ""

    def __repr__(self) -> str:
        given = [name for name in self.__struct_fields__ if getattr(self, name)]
        return f"Secrets(given: {', '.join(given) or 'none'})"

    @property
    def line(self) -> bool:
        """Whether LINE is switched on."""
        return bool(self.line_secret and self.line_token)

    @property
    def telegram(self) -> bool:
        """Whether Telegram is switched on."""
        return bool(self.telegram_token and self.telegram_secret)


def read_secrets(environment: Mapping[str, str]) -> Secrets:
    """The secrets that are given; raises ConfigurationError naming the missing half of a pair."""
    secrets = Secrets(
        line_secret=_one(environment, "LINE_CHANNEL_SECRET"),
        line_token=_one(environment, "LINE_CHANNEL_ACCESS_TOKEN"),
        telegram_token=_one(environment, "TELEGRAM_BOT_TOKEN"),
        telegram_secret=_one(environment, "TELEGRAM_WEBHOOK_SECRET"),
        key_file=environment.get("ENGAWA_KEY_FILE", ""),
    )
    _whole_pair(environment, "LINE_CHANNEL_SECRET", "LINE_CHANNEL_ACCESS_TOKEN")
    _whole_pair(environment, "TELEGRAM_BOT_TOKEN", "TELEGRAM_WEBHOOK_SECRET")
    if secrets.telegram and not _WEBHOOK_SECRET.fullmatch(secrets.telegram_secret):
        raise ConfigurationError(
            "TELEGRAM_WEBHOOK_SECRET holds what Telegram doesn't take. Choose another: 1 to 256 "
            "letters (A–Z, a–z), digits, _ and -."
        )
    return secrets


def _one(environment: Mapping[str, str], name: str) -> str:
    if file := environment.get(f"{name}_FILE"):
        try:
            return Path(file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(
                f"{name}_FILE names {file}, which can't be read ({type(error).__name__}). "
                f"Put the secret there, or set {name}."
            ) from error
    return environment.get(name, "").strip()


def _whole_pair(environment: Mapping[str, str], first: str, second: str) -> None:
    given = [bool(_one(environment, name)) for name in (first, second)]
    if any(given) and not all(given):
        missing, there = (second, first) if given[0] else (first, second)
        raise ConfigurationError(
            f"{there} is set but {missing} is missing. Set {missing} (or {missing}_FILE) as well, "
            "or unset both to run without that channel."
        )
