"""Renders the room's pages and fragments from templates. May import the web room's own modules.

Templates escape everything; only bot.web.linking makes markup of text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from bot.flow.readings import NO_READINGS, Readings
from bot.rendering.bubbles import Button
from bot.web.headers import ONION, PAGE, STRICT_TRANSPORT
from bot.web.linking import linked_lines, plain_lines, read_out
from bot.web.looks import LETTERS, PLAIN, Look, read_look
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
    covered: bool = False
    moved: bool = False

    @property
    def state(self) -> str:
        """What kind of page this is: one of another kind must be loaded anew."""
        return "covered" if self.covered else "moved" if self.moved else ""

    @property
    def newest(self) -> int:
        """The row a page opens at, so that a long answer is read from its beginning: the person's
        last words, before any the first row; 0 if there is none.
        """
        first = self.rows[0].seq if self.rows else 0
        return max((row.seq for row in self.rows if row.author == "person"), default=first)


@dataclass(frozen=True, slots=True)
class Voice:
    """The sentences of one page, in the language and look of who reads it.

    `name` is what the page calls itself.
    """

    language: str
    look: Look
    name: str
    wording: Wording
    readings: Readings

    @property
    def spoken(self) -> str:
        """The language for the `lang` attribute; easy Japanese is Japanese."""
        return self.language.partition("-")[0]

    def say(self, key: str) -> str:
        """A sentence as it is, for attributes."""
        return self.wording(self.language, key)

    def show(self, key: str) -> Markup:
        """A sentence to read: links, and readings for who wants them."""
        return self.linked(self.say(key))

    def linked(self, text: str) -> Markup:
        """Our words to read."""
        return linked_lines(text, self.readings)

    def label(self, text: str) -> Markup:
        """What stands on a button."""
        return read_out(text, self.readings)

    def plain(self, text: str) -> Markup:
        """The person's own words, as they are."""
        return plain_lines(text)

    @property
    def looks(self) -> tuple[str, ...]:
        """The ways of seeing that make sense in this language."""
        return tuple(name for name in LETTERS if name != "furigana" or self.spoken == "ja")


class Pages:
    """The pages, in a language and a look, with the headers they need."""

    def __init__(
        self,
        wording: Wording,
        settings: WebSettings,
        static: StaticFiles,
        readings: Callable[[], Readings] = lambda: NO_READINGS,
    ) -> None:
        self._wording = wording
        self._settings = settings
        self._readings = readings
        self._environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.globals.update(
            static=static.address, demo=settings.demo, exit_url=settings.exit_url
        )

    def door(self, request: Request, language: str, code: str, status: int = 200) -> HTMLResponse:
        """The first page: what this is, and one button."""
        home = self.languages[0]
        # What is close to the first language stands next to it.
        ordered = sorted(self.languages, key=lambda name: (not name.startswith(home), name))
        names = [(name, self._wording(name, "pages.language_name")) for name in ordered]
        return self.page(request, "door.html", language, status, code=code, names=names)

    def room(
        self,
        request: Request,
        language: str,
        shown: RoomShown,
        status: int,
        look: Look | None = None,
    ) -> HTMLResponse:
        """The chat room, complete; under the cover, what stands there instead."""
        name = "covered.html" if shown.covered else "room.html"
        html = self._render(name, language, look or read_look(request), shown=shown)
        return self._answer(request, html, status)

    def fragment(
        self, request: Request, language: str, shown: RoomShown, status: int = 200
    ) -> HTMLResponse:
        """What is new in the room, for the room's script."""
        return self._answer(request, self.piece(language, shown, read_look(request)), status)

    def piece(self, language: str, shown: RoomShown, look: Look = PLAIN) -> str:
        """The same as a string, for the live stream."""
        return self._render("fragment.html", language, look, shown=shown)

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
        html = self.farewell(language, keys, said, whole, typed, read_look(request))
        return self._answer(request, html, status)

    def farewell(
        self,
        language: str,
        keys: Sequence[str],
        said: str,
        whole: bool,
        typed: str = "",
        look: Look = PLAIN,
    ) -> str:
        """The page of `word` as a string."""
        texts = [text for text in (said, *(self._wording(language, key) for key in keys)) if text]
        name = "word.html" if whole else "word_part.html"
        return self._render(name, language, look, texts=texts, typed=typed)

    def page(
        self, request: Request, template: str, language: str, status: int, **values: object
    ) -> HTMLResponse:
        """Any page of ours from its template."""
        html = self._render(template, language, read_look(request), **values)
        return self._answer(request, html, status)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that can be chosen."""
        return self._wording.languages

    def _render(self, template: str, language: str, look: Look, **values: object) -> str:
        page = Voice(
            language,
            look,
            self._name(language, look),
            self._wording,
            self._readings() if "furigana" in look else NO_READINGS,
        )
        neutral = self._settings.neutral or "neutral" in look
        plain_name = self._neutral_name(language)
        return self._environment.get_template(template).render(
            page=page, neutral=neutral, plain_name=plain_name, **values
        )

    def _name(self, language: str, look: Look) -> str:
        if self._settings.neutral or "neutral" in look:
            return self._neutral_name(language)
        return self._settings.title or self._wording(language, "room.title")

    def _neutral_name(self, language: str) -> str:
        return self._settings.neutral_name or self._wording(language, "pages.neutral_name")

    def _answer(self, request: Request, html: str, status: int) -> HTMLResponse:
        response = HTMLResponse(html, status, headers=PAGE)
        if request.url.scheme == "https":
            response.headers[STRICT_TRANSPORT[0]] = STRICT_TRANSPORT[1]
        if self._settings.onion:
            # Quoted: a path can name any character, and a header can't.
            response.headers[ONION] = f"{self._settings.onion}{quote(request.scope['path'])}"
        return response
