"""The door: what this is, and はじめる. Shown without asking the store, so it stands when that is
down.

May import the web room's own modules, the engine's Inbound and services' ports.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from bot.engine.inbound import Inbound
from bot.errors import KeyringError, StoreError
from bot.services.ports import Heard
from bot.web.desk import REFUSALS, Desk, go_to
from bot.web.intake import FORM_CAP, headers_of, read_form
from bot.web.passes import comes_from_us, give_pass, read_pass
from bot.web.room import GONE, SHOWN, shown_of

ROOM = "/room#new"
CODE = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Door:
    """GET / and POST /room."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def look(self, request: Request) -> Response:
        """The door page, in the language of the link or the browser; `?c=` is an entry code."""
        language = self._desk.language(request, request.query_params.get("lang", ""))
        return self._desk.pages.door(
            request, language, entry_code(request.query_params.get("c", ""))
        )

    async def enter(self, request: Request) -> Response:
        """Begin: a new pass and the first inbound; whoever already has a room goes back to it.

        Words from a room that is gone come along, and wait in the new room's box.
        """
        if not comes_from_us(request):
            return self._desk.refuse(request, 403)
        form = await read_form(headers_of(request.headers.raw), request.receive, FORM_CAP)
        typed = form.get("text", "")
        try:
            token = await self._room_of(request, form)
            response = await self._with_words(request, token, typed) if typed else go_to(ROOM)
        except (StoreError, KeyringError):
            if not typed:
                raise
            return self._desk.keep(request, (REFUSALS[503],), 503, typed)
        give_pass(request, response, token, self._desk.ports.settings.pass_age)
        return response

    async def _room_of(self, request: Request, form: Mapping[str, str]) -> str:
        """The pass of the room that this browser has, else of a new one."""
        ports = self._desk.ports
        held = read_pass(request)
        if held and await ports.transcripts.newest(held, 1):
            return held
        # Two ids of 128 bits: the pass is all that keeps strangers out of a conversation.
        token = ports.chance.id() + ports.chance.id()
        language = self._desk.language(request, form.get("language", ""))
        await ports.accept([self._begin(token, entry_code(form.get("c", "")), language)])
        return token

    async def _with_words(self, request: Request, token: str, typed: str) -> Response:
        """The room with these words in its box; the person sends them, not we."""
        view = await self._desk.ports.transcripts.newest(token, SHOWN)
        if view is None:
            return self._desk.keep(request, GONE, 200, typed)
        language = self._desk.language(request, view.language)
        notice = self._desk.say(language, "pages.typed_here")
        shown = shown_of(self._desk.ports.chance, token, view, notice=notice)
        return self._desk.pages.room(request, language, replace(shown, typed=typed), 200)

    def _begin(self, token: str, code: str, language: str) -> Heard:
        ports = self._desk.ports
        inbound = Inbound(kind="begin", code=code, language=language)
        return Heard("inbound", "web", ports.chance.id(), token, ports.clock(), inbound)


def entry_code(text: str) -> str:
    """An entry code as it is, or nothing if it can't be one."""
    return text if CODE.fullmatch(text) else ""
