"""Renders the room's pages and fragments from templates. May import the web room's own modules.

Templates escape everything; only bot.web.linking makes markup of text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from bot.rendering.bubbles import Button
from bot.web.headers import PAGE, STRICT_TRANSPORT
from bot.web.linking import linked_lines
from bot.web.ports import WebSettings
from bot.web.showing import Row
from bot.web.static import StaticFiles
from bot.web.texts import Wording

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class RoomShown:
    """Everything a room page or fragment needs. `seq` is the cursor after what is shown.

    `typed` and `event` come back unchanged after a refusal, so that nothing typed is lost and a
    second try is known as the same.
    """

    seq: int
    rows: Sequence[Row] = ()
    buttons: Sequence[Button] | None = None  # None: not known, leave them as they are
    proof: str = ""
    event: str = ""
    tap_event: str = ""
    typed: str = ""
    notice: str = ""
    card: str = ""  # the safety card, where the store is down

    @property
    def newest(self) -> int:
        """The row a page opens at, so that a long answer is read from its beginning: the person's
        last words, before any the first row; 0 if there is none.
        """
        first = self.rows[0].seq if self.rows else 0
        return max((row.seq for row in self.rows if row.author == "person"), default=first)


class Pages:
    """The pages, in a language, with the headers they need."""

    def __init__(self, wording: Wording, settings: WebSettings, static: StaticFiles) -> None:
        self._wording = wording
        self._environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.filters["linked"] = linked_lines
        self._environment.globals.update(
            static=static.address, title=settings.title, demo=settings.demo
        )

    def door(self, request: Request, language: str, code: str, status: int = 200) -> HTMLResponse:
        """The first page: what this is, and one button."""
        home = self.languages[0]
        # What is close to the first language stands next to it.
        ordered = sorted(self.languages, key=lambda name: (not name.startswith(home), name))
        names = [(name, self._wording(name, "pages.language_name")) for name in ordered]
        html = self._render("door.html", language, code=code, names=names)
        return self._answer(request, html, status)

    def room(self, request: Request, language: str, shown: RoomShown, status: int) -> HTMLResponse:
        """The chat room, complete."""
        return self._answer(request, self._render("room.html", language, shown=shown), status)

    def fragment(
        self, request: Request, language: str, shown: RoomShown, status: int = 200
    ) -> HTMLResponse:
        """What is new in the room, for the room's script."""
        return self._answer(request, self.piece(language, shown), status)

    def piece(self, language: str, shown: RoomShown) -> str:
        """The same as a string, for the live stream."""
        return self._render("fragment.html", language, shown=shown)

    def word(
        self,
        request: Request,
        language: str,
        keys: Sequence[str],
        status: int,
        said: str = "",
        whole: bool = True,
        typed: str = "",
    ) -> HTMLResponse:
        """A page that says something and offers the door; `said` is put before the sentences.

        With `whole=False` only its middle, which the room's script puts in place of the room.
        `typed` stays in a box that goes along through the door.
        """
        html = self.farewell(language, keys, said, whole, typed)
        return self._answer(request, html, status)

    def farewell(
        self, language: str, keys: Sequence[str], said: str, whole: bool, typed: str = ""
    ) -> str:
        """The page of `word` as a string."""
        texts = [text for text in (said, *(self._wording(language, key) for key in keys)) if text]
        name = "word.html" if whole else "word_part.html"
        return self._render(name, language, texts=texts, typed=typed)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that can be chosen."""
        return self._wording.languages

    def _render(self, name: str, language: str, **values: object) -> str:
        def say(key: str) -> str:
            return self._wording(language, key)

        def show(key: str) -> Markup:
            return linked_lines(say(key))

        template = self._environment.get_template(name)
        spoken = language.partition("-")[0]
        return template.render(language=language, spoken=spoken, say=say, show=show, **values)

    def _answer(self, request: Request, html: str, status: int) -> HTMLResponse:
        response = HTMLResponse(html, status, headers=PAGE)
        if request.url.scheme == "https":
            response.headers[STRICT_TRANSPORT[0]] = STRICT_TRANSPORT[1]
        return response
