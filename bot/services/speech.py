"""From what the engine said to bubbles: sentences by key in the person's language, labels, values.

Imports flow's messages and the engine's and rendering's data.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from bot.engine.events import Offered, Said, SpeechClass
from bot.flow.definition import Messages
from bot.flow.messages import text
from bot.rendering.bubbles import Bubble, Button


class Spoken(msgspec.Struct, frozen=True):
    """One bubble with the class it is sent in."""

    bubble: Bubble
    speech: SpeechClass


class Wording(msgspec.Struct, frozen=True):
    """Where sentences come from in one turn.

    `pinned` are the messages of the session's revision, `active` those of the newest approved one:
    what is said in a crisis is never pinned (decisions.md, section 5). `standing` are the values
    that hold for everybody, already in `language`; `pictures` name a drawing by a label's key.
    """

    pinned: Messages
    active: Messages
    language: str
    standing: Mapping[str, str]
    pictures: Mapping[str, str] = {}

    def with_values(self, values: Mapping[str, str]) -> Wording:
        """The same with more standing values, or others in their place."""
        return msgspec.structs.replace(self, standing={**self.standing, **values})

    def speak(self, said: Iterable[Said]) -> tuple[Spoken, ...]:
        """Bubbles for what was said, in order. Raises KeyError for a key that no revision has."""
        return tuple(Spoken(self._bubble(one), one.speech) for one in said)

    def line(self, key: str) -> str:
        """One sentence of the active revision, for what is said without the engine."""
        return text(self.active, self.language, key, self.standing)

    def _bubble(self, said: Said) -> Bubble:
        messages = self._messages(said.key, said.speech == "crisis")
        values = {**said.values, **self.standing}
        buttons = tuple(self._button(one, said.speech == "crisis") for one in said.choices)
        return Bubble(text(messages, self.language, said.key, values), buttons)

    def _button(self, offered: Offered, crisis: bool) -> Button:
        messages = self._messages(offered.label, crisis)
        label = text(messages, self.language, offered.label, self.standing)
        picture = self.pictures.get(offered.label, "")
        return Button(offered.data, label, offered.rail, picture)

    def _messages(self, key: str, crisis: bool) -> Messages:
        first, second = (self.active, self.pinned) if crisis else (self.pinned, self.active)
        return first if key in first.texts[first.source_language] else second
