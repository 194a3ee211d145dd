"""The staff pages' sentences and times, in Japanese or English. Imports flow's data only."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.flow.definition import Messages


class StaffWording:
    """Looks sentences up in the active revision.

    A sentence that is missing (an older revision serves) shows as its key: staff can go on working,
    and see what is wrong.
    """

    def __init__(self, messages: Callable[[], Messages], zone: str) -> None:
        self._messages = messages
        self._zone = ZoneInfo(zone)

    def __call__(self, language: str, key: str) -> str:
        """The sentence `key` in `language`, else in the source language, else the key."""
        return self.find(language, key) or key

    def find(self, language: str, key: str) -> str:
        """The same, or "" where there is none."""
        messages = self._messages()
        for name in (language, messages.source_language):
            found = messages.texts.get(name, {}).get(key)
            if found is not None:
                return found
        return ""

    def time(self, at: int) -> str:
        """A time (UTC ms) as the wall clock of the centre shows it; "—" for never."""
        if not at:
            return "—"
        return datetime.fromtimestamp(at / 1_000, self._zone).strftime("%Y-%m-%d %H:%M")


def pick_language(accepted: str) -> str:
    """English where a browser's Accept-Language wants it first, else Japanese."""
    return "en" if accepted.strip().lower().startswith("en") else "ja"
