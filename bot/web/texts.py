"""Finds the pages' sentences in the right language. Imports flow's data and errors only."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.errors import ConfigurationError
from bot.flow.definition import Messages
from bot.flow.messages import text

REQUIRED_KEYS = (
    "doorstep.moved_away",
    "data.link",
    "erase.done",
    "everywhere.slow_down",
    "room.title",
    "room.lead",
    "room.program_note",
    "room.start",
    "room.send",
    "room.placeholder",
    "room.emergency",
    "room.reload",
    "room.closed",
    "room.you",
    "room.bot",
    "room.error",
    "room.too_long",
    "room.offline",
    "pages.language_name",
    "pages.languages",
    "pages.pace",
    "pages.demo",
    "pages.log",
    "pages.staff",
    "pages.choices",
    "pages.received",
    "pages.empty",
    "pages.again",
    "pages.gone_more",
    "pages.not_found",
    "pages.not_allowed",
    "pages.refused",
    "pages.bad_form",
    "pages.too_large",
    "pages.back",
    "pages.typed_kept",
    "pages.typed_here",
    "pages.skip",
    "pages.exit",
    "pages.exit_note",
    "pages.traces",
    "pages.leaving",
    "pages.looks",
    "pages.look_furigana",
    "pages.look_aloud",
    "pages.look_pictures",
    "pages.look_large",
    "pages.look_neutral",
    "pages.read_aloud",
    "pages.neutral_name",
    "pages.neutral_lead",
    "pages.cover",
    "pages.cover_word",
    "pages.cover_note",
    "pages.cover_box",
    "pages.cover_write",
    "pages.hidden",
    "pages.code_link",
    "pages.code_title",
    "pages.code_lead",
    "pages.code_label",
    "pages.code_button",
    "pages.code_missed",
    "pages.code_slow",
    "pages.door_title",
    "pages.door_lead",
    "pages.door_button",
    "pages.door_failed",
    "pages.once_more",
)
"""Every sentence the pages use; `Wording` refuses to start without one of them."""


class Wording:
    """Looks sentences up in the active revision, and falls back so that a page is never blank.

    The order: the asked language, the source language, what was there at the start.
    Raises ConfigurationError at once if a sentence is missing at the start.
    """

    def __init__(self, messages: Callable[[], Messages]) -> None:
        self._messages = messages
        first = messages()
        self._first = first.texts[first.source_language]
        missing = [key for key in REQUIRED_KEYS if key not in self._first]
        if missing:
            raise ConfigurationError(
                f"The chat room needs sentences that messages/{first.source_language} does not "
                f"have: {', '.join(missing)}. Add them there."
            )

    def __call__(self, language: str, key: str) -> str:
        """The sentence `key` in `language`."""
        messages = self._messages()
        for name in (language, messages.source_language):
            found = messages.texts.get(name, {}).get(key)
            if found is not None:
                return found
        return self._first[key]

    def filled(self, language: str, key: str, values: Mapping[str, str]) -> str:
        """The sentence with its placeholders filled."""
        return text(self._messages(), language, key, values)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that can be chosen, the source language first."""
        return self._messages().languages

    def pick(self, asked: str, accepted: str) -> str:
        """The language asked for by name, else the best of an Accept-Language header.

        Easy Japanese is never guessed: a header can't say who needs it.
        """
        languages = self.languages
        if asked in languages:
            return asked
        for tag in _by_weight(accepted):
            primary = tag.split("-")[0]
            if primary in languages:
                return primary
        return languages[0]


def _by_weight(header: str) -> list[str]:
    """The tags of an Accept-Language header, the most wanted first; nonsense is left out."""
    weighted: list[tuple[float, str]] = []
    for part in header[:200].lower().split(","):
        tag, _, weight = part.strip().partition(";q=")
        try:
            value = float(weight) if weight else 1.0
        except ValueError:
            continue
        if tag and value > 0:
            weighted.append((value, tag))
    return [tag for _, tag in sorted(weighted, key=lambda pair: -pair[0])]
