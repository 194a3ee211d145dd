"""What holds for everybody at a moment: opening hours and the standing values of messages.

Pure but for the holiday calendar; the directory comes from the active revision.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from bot.app.naming import centre_name
from bot.config import Settings
from bot.flow.definition import Messages
from bot.flow.directory import place_lines
from bot.flow.hours import Hours, is_open, next_opening, parse_hours
from bot.flow.messages import text
from bot.services.revisions import Published

ZONE = ZoneInfo("Asia/Tokyo")
MINUTE = 60_000
OCCASIONS = {"places_now": "now", "places_crisis": "crisis"}
MARK = "everywhere.unverified_mark"


def parse_queues(settings: Settings) -> Mapping[str, Hours]:
    """The opening hours of each queue; raises ConfigurationError naming the queue."""
    return {name: parse_hours(shape, f"hours.{name}") for name, shape in settings.hours.items()}


class OpeningHours:
    """Which queues are open, from config.toml until the console keeps them."""

    def __init__(self, queues: Mapping[str, Hours]) -> None:
        self._queues = queues
        # Hours change at full minutes, and every turn asks: one look a minute is enough.
        self._open = lru_cache(maxsize=2)(self._look)
        self._next = lru_cache(maxsize=2)(self._search)

    def open(self, now: int) -> Mapping[str, bool]:
        """Of each queue, whether it is open at `now` (UTC ms)."""
        return self._open(now // MINUTE)

    def next_opening(self, now: int) -> int | None:
        """The next moment at which any queue opens (while open: this minute), or None."""
        return self._next(now // MINUTE)

    def _look(self, minute: int) -> Mapping[str, bool]:
        now = minute * MINUTE
        return {name: is_open(hours, now) for name, hours in self._queues.items()}

    def _search(self, minute: int) -> int | None:
        moments = [next_opening(hours, minute * MINUTE) for hours in self._queues.values()]
        return min((moment for moment in moments if moment is not None), default=None)


class StandingValues:
    """Fills `{days_left}`, `{places_now}`, `{centre}` and the like.

    `drafts`: show unverified places with their mark (the demo); else they are left out.
    """

    def __init__(self, settings: Settings, hours: OpeningHours, drafts: bool) -> None:
        self._settings = settings
        self._hours = hours
        self._drafts = drafts
        self._lines: dict[tuple[str, str, str], Mapping[str, str]] = {}

    def values(self, published: Published, language: str, now: int) -> Mapping[str, str]:
        """The values in a language; the slow part is kept for the day."""
        today = datetime.fromtimestamp(now / 1000, ZONE).date().isoformat()
        key = (published.revision, language, today)
        if key not in self._lines:
            self._lines = {key_: value for key_, value in self._lines.items() if key_[2] == today}
            self._lines[key] = self._of_the_day(published, language, now)
        return {
            **self._lines[key],
            "hours_now": self._hours_now(now),
            "rest_until": self._rest_until(now),
        }

    def _of_the_day(self, published: Published, language: str, now: int) -> Mapping[str, str]:
        retention = self._settings.retention
        return {
            "days_left": str(retention.messages),
            "shell_days_left": str(retention.shell),
            "centre": centre_name(self._settings, language),
            "languages": " / ".join(_names_of_languages(published.bundle.messages, language)),
            **self._places(published, language, now),
        }

    def _places(self, published: Published, language: str, now: int) -> Mapping[str, str]:
        today = datetime.fromtimestamp(now / 1000, ZONE).date()
        mark = text(published.bundle.messages, language, MARK, {})
        return {
            name: place_lines(published.directory, occasion, language, self._drafts, mark, today)
            for name, occasion in OCCASIONS.items()
        }

    def _rest_until(self, now: int) -> str:
        """When a rest that begins now is over, to the minute that has surely come."""
        minutes = self._settings.floods.rest_minutes + 1
        local = datetime.fromtimestamp(now / 1000 + 60 * minutes, ZONE)
        return f"{local.hour}:{local.minute:02}"

    def _hours_now(self, now: int) -> str:
        """The next opening as month/day hour:minute, which reads alike in every language."""
        moment = self._hours.next_opening(now)
        if moment is None:
            return "–"
        local = datetime.fromtimestamp(moment / 1000, ZONE)
        return f"{local.month}/{local.day} {local.hour}:{local.minute:02}"


def _names_of_languages(messages: Messages, language: str) -> Iterator[str]:
    """Each language by the label of its button, or by its folder's name while it has none."""
    for code in messages.languages:
        key = f"language.button_{code.replace('-', '_')}"
        yield messages.texts[language].get(key, code)
