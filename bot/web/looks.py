"""How somebody wants to see the pages: a cookie of a few letters that says nothing about anybody.

Imports Starlette and the web room's own modules.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from bot.web.passes import is_private_road

COOKIE = "look"
AGE = 90 * 86_400
LETTERS = {"furigana": "f", "aloud": "a", "pictures": "p", "large": "l", "neutral": "n"}
"""Each way of seeing by its name, with its letter in the cookie."""


@dataclass(frozen=True, slots=True)
class Look:
    """Readings above kanji, read aloud by the device, pictures beside choices, larger letters, and
    a name that tells nothing.
    """

    chosen: frozenset[str] = frozenset()

    def __contains__(self, name: str) -> bool:
        return name in self.chosen

    def turned(self, name: str) -> Look:
        """With `name` on where it was off, or the other way round; unknown names do nothing."""
        return Look(self.chosen ^ {name}) if name in LETTERS else self

    @property
    def letters(self) -> str:
        """As the cookie says it."""
        return "".join(sorted(LETTERS[name] for name in self.chosen))


PLAIN = Look()


def read_look(request: Request) -> Look:
    """What the cookie says; nonsense says nothing."""
    letters = request.cookies.get(COOKIE, "")[: len(LETTERS)]
    return Look(frozenset(name for name, letter in LETTERS.items() if letter in letters))


def give_look(request: Request, response: Response, look: Look) -> None:
    """Remember it in this browser, or forget it where nothing is chosen."""
    # Only the server reads it, so no script needs to.
    response.set_cookie(
        COOKIE,
        look.letters,
        max_age=AGE if look.chosen else 0,
        path="/",
        secure=is_private_road(request),
        httponly=True,
        samesite="strict",
    )
