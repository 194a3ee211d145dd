"""The door: what this is, and はじめる. Shown without asking the store, so it stands when that is
down.

May import the web room's own modules, the engine's Inbound and services' ports.
"""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.responses import Response

from bot.engine.inbound import Inbound
from bot.services.ports import Heard
from bot.web.desk import Desk, go_to
from bot.web.intake import headers_of, read_form
from bot.web.passes import comes_from_us, give_pass, read_pass

CODE = re.compile(r"[A-Za-z0-9_-]{1,64}")
FORM_CAP = 65_536


class Door:
    """GET / and POST /room."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def look(self, request: Request) -> Response:
        """The door page, in the language of the link or the browser; `?c=` is an entry code."""
        language = self._desk.language(request, request.query_params.get("lang", ""))
        return self._desk.pages.door(request, language, _code(request.query_params.get("c", "")))

    async def enter(self, request: Request) -> Response:
        """Begin: a new pass and the first inbound; whoever already has a room goes back to it."""
        if not comes_from_us(request):
            return self._desk.refuse(request, 403)
        form = await read_form(headers_of(request.headers.raw), request.receive, FORM_CAP)
        ports = self._desk.ports
        held = read_pass(request)
        token = held
        if not (held and await ports.transcripts.newest(held, 1)):
            # Two ids of 128 bits: the pass is all that keeps strangers out of a conversation.
            token = ports.chance.id() + ports.chance.id()
            language = self._desk.language(request, form.get("language", ""))
            await ports.accept([self._begin(token, _code(form.get("c", "")), language)])
        response = go_to("/room#end")
        give_pass(request, response, token, ports.settings.pass_age)
        return response

    def _begin(self, token: str, code: str, language: str) -> Heard:
        ports = self._desk.ports
        inbound = Inbound(kind="begin", code=code, language=language)
        return Heard("inbound", "web", ports.chance.id(), token, ports.clock(), inbound)


def _code(text: str) -> str:
    """An entry code as it is, or nothing if it can't be one."""
    return text if CODE.fullmatch(text) else ""
