"""What a message makes by being said: the four words of a return code, a fresh door link.

Only their keyed hashes are kept. Imports the words' list, the vault, ports and records.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from bot.privacy.words import spoken
from bot.services.lanes import Vault
from bot.services.ports import Chance
from bot.services.records import Code

RETURN_CODE = "return_code"
DOOR_LINK = "door_link"
DOOR_LIFE = 10 * 60_000
"""Ms in which a door link opens, once."""
RETURN_LIFE = 90 * 86_400_000
"""Ms a return code lives at most; it goes with its contact in any case."""
HIDDEN = "…"
"""Stands in our copy where such a value was said, wherever the copy is not what people see."""

_LATIN = ("en",)
"""Languages whose readers get the words in Latin letters."""


class Drawn(msgspec.Struct, frozen=True):
    """Values for placeholders, and the codes to keep with the turn that says them."""

    values: Mapping[str, str] = {}
    codes: tuple[Code, ...] = ()

    def hidden(self, text: str) -> str:
        """A text of this turn without them."""
        for value in self.values.values():
            text = text.replace(value, HIDDEN)
        return text


class Draws:
    """Draws them for one contact; `room` tells where the web room is reached."""

    def __init__(self, vault: Vault, chance: Chance, room: Callable[[], str]) -> None:
        self._vault = vault
        self._chance = chance
        self._room = room

    def draw(self, tells: Callable[[str], bool], contact: str, language: str, now: int) -> Drawn:
        """What the turn's messages need; `tells` says whether a placeholder stands in them."""
        values: dict[str, str] = {}
        codes: list[Code] = []
        if tells(RETURN_CODE):
            numbers = self._chance.words()
            values[RETURN_CODE] = spoken(numbers, latin=language in _LATIN)
            mark = self._vault.return_mark(numbers)
            codes.append(Code(mark, "return", contact, now + RETURN_LIFE))
        if tells(DOOR_LINK):
            token = self._chance.id()
            values[DOOR_LINK] = f"{self._room().rstrip('/')}/d/{token}"
            codes.append(Code(self._vault.door_mark(token), "door", contact, now + DOOR_LIFE))
        return Drawn(values, tuple(codes))
