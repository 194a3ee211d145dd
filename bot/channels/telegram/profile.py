"""What people see of us on Telegram before they write: commands and descriptions. Pure.

Imports flow, rendering and this folder. The name is left as @BotFather has it.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from bot.channels.telegram.commands import COMMANDS
from bot.channels.telegram.setup import Command
from bot.channels.wording import platform_text
from bot.flow.definition import Bundle
from bot.flow.normalisation import normalise

LANGUAGES: Mapping[str, str] = {"": "ja", "ja": "ja", "en": "en"}
"""Telegram's language code → ours. It knows two letters only, so やさしい日本語 has no place here;
whoever speaks another language sees the Japanese one.
"""


class Profile(msgspec.Struct, frozen=True):
    """What stands there for one language."""

    commands: tuple[Command, ...]
    description: str
    short_description: str


def profiles(bundle: Bundle) -> Mapping[str, Profile]:
    """The profile for each of Telegram's language codes; raises ConfigurationError."""
    names = _commands(bundle)
    return {code: _profile(bundle, language, names) for code, language in LANGUAGES.items()}


def _commands(bundle: Bundle) -> tuple[str, ...]:
    """The commands whose words this content has."""
    known = {variant for word in bundle.everywhere.words.values() for variant in word.variants}
    return tuple(name for name, word in COMMANDS.items() if normalise(word) in known)


def _profile(bundle: Bundle, language: str, names: tuple[str, ...]) -> Profile:
    def text(name: str) -> str:
        return platform_text(bundle, language, f"platforms.{name}")

    return Profile(
        tuple(Command(name, text(f"command_{name}")) for name in names),
        text("telegram_description"),
        text("telegram_short"),
    )
