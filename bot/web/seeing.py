"""How the pages are seen (見え方): turns one way of seeing on or off, and shows the page again.

May import the web room's own modules.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from bot.web.desk import Desk, go_to
from bot.web.door import entry_code
from bot.web.intake import FORM_CAP, headers_of, read_form
from bot.web.looks import Look, give_look, read_look
from bot.web.passes import comes_from_us, is_our_form, read_pass
from bot.web.room import SHOWN, shown_of


class Seeing:
    """POST /look, from the door or, with what stands in the box, from the room."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def turn(self, request: Request) -> Response:
        """Remember the look in this browser; what was typed in the room stays in its box."""
        if not comes_from_us(request):
            return self._desk.refuse(request, 403)
        form = await read_form(headers_of(request.headers.raw), request.receive, FORM_CAP)
        look = read_look(request).turned(form.get("look", ""))
        if "event" not in form:
            response: Response = go_to(self._door(form))
        elif form.get("text"):
            response = await self._room(request, form, look)
        else:
            response = go_to("/room#new")
        give_look(request, response, look)
        return response

    def _door(self, form: Mapping[str, str]) -> str:
        asked = {"lang": form.get("language", ""), "c": entry_code(form.get("c", ""))}
        if asked["lang"] not in self._desk.pages.languages:
            del asked["lang"]
        given = {name: value for name, value in asked.items() if value}
        return f"/?{urlencode(given)}" if given else "/"

    async def _room(self, request: Request, form: Mapping[str, str], look: Look) -> Response:
        token, typed = read_pass(request), form["text"]
        proven = bool(token) and is_our_form(token, form.get("proof", ""))
        view = await self._desk.ports.transcripts.newest(token, SHOWN) if proven else None
        if view is None:
            return self._desk.keep(request, ("pages.gone_more",), 200, typed)
        shown = shown_of(self._desk.ports.chance, token, view)
        kept = replace(shown, typed=typed, event=form["event"])
        language = self._desk.language(request, view.language)
        return self._desk.pages.room(request, language, kept, 200, look)
