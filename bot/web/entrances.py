"""Ways in for somebody who is known: /d/<token>, a door link, and /code, the four words.

May import the web room's own modules.
"""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from bot.web.desk import Desk, go_to
from bot.web.intake import FORM_CAP, headers_of, read_form
from bot.web.passes import TOKEN, comes_from_us, give_pass, read_pass
from bot.web.thresholds import leave_mark, read_mark, seal_entry, take_mark, was_shown_here

ROOM = "/room#new"
WORDS_MAX = 200
REFUSED = {"missed": ("pages.code_missed", 422), "slow": ("pages.code_slow", 429)}


class Entrances:
    """Pages that never tell whether a link or a code was ever there."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def door(self, request: Request) -> Response:
        """One button: whoever only looks at the link (a preview, a scanner) uses nothing up."""
        return self._ask(request, "entrance.html", self._desk.language(request), 200)

    async def open_door(self, request: Request) -> Response:
        """Use the link: the conversation comes to this browser. One answer for every failure."""
        if not comes_from_us(request):
            return self._desk.refuse(request, 403)
        language = self._desk.language(request)
        ports = self._desk.ports
        form: Mapping[str, str] = {}
        if "content-type" in request.headers:  # the button alone, without its page, has no form
            form = await read_form(headers_of(request.headers.raw), request.receive, FORM_CAP)
        if not was_shown_here(request, form.get("proof", "")):
            return self._again(request, "entrance.html", language)
        link, here = request.path_params["token"], read_pass(request)
        token = await ports.open_door(link, language, _pass_of(form), here)
        if token is None:
            return self._desk.pages.word(request, language, ("pages.door_failed",), 404)
        return self._inside(request, token)

    async def code(self, request: Request) -> Response:
        """The form for the four words."""
        language = self._desk.language(request, request.query_params.get("lang", ""))
        return self._ask(request, "code.html", language, 200)

    async def use_code(self, request: Request) -> Response:
        """Use the words: the conversation comes to this browser, or the same kind refusal."""
        if not comes_from_us(request):
            return self._desk.refuse(request, 403)
        form = await read_form(headers_of(request.headers.raw), request.receive, FORM_CAP)
        language = self._desk.language(request, form.get("language", ""))
        if not was_shown_here(request, form.get("proof", "")):
            return self._again(request, "code.html", language)
        typed = form.get("words", "")[:WORDS_MAX]
        fresh, here = _pass_of(form), read_pass(request)
        token, refused = await self._desk.ports.use_code(typed, language, fresh, here)
        if refused is None:
            return self._inside(request, token)
        key, status = REFUSED[refused]
        notice = self._desk.say(language, key)
        return self._ask(request, "code.html", language, status, fresh, notice, typed)

    def _again(self, request: Request, template: str, language: str) -> Response:
        """The form anew, where it was not shown in this browser lately: nothing is used up, and
        nothing that was sent with it stands there, since a page elsewhere may have written it.
        """
        notice = self._desk.say(language, "pages.once_more")
        return self._ask(request, template, language, 403, notice=notice)

    def _ask(
        self,
        request: Request,
        template: str,
        language: str,
        status: int,
        fresh: str = "",
        notice: str = "",
        typed: str = "",
    ) -> Response:
        """A page with one form. `fresh` is the pass that whoever sends it will have: sent twice, it
        leads to the same room, also where the first answer was lost on the way.
        """
        chance = self._desk.ports.chance
        mark = read_mark(request) or chance.id()
        response = self._desk.pages.page(
            request,
            template,
            language,
            status,
            fresh=fresh or chance.id() + chance.id(),
            proof=seal_entry(mark),
            notice=notice,
            typed=typed,
        )
        leave_mark(request, response, mark)
        return response

    def _inside(self, request: Request, token: str) -> Response:
        response = go_to(ROOM)
        give_pass(request, response, token, self._desk.ports.settings.pass_age)
        take_mark(request, response)
        return response


def _pass_of(form: Mapping[str, str]) -> str:
    """The pass in a form, or "" (none, or not of our making)."""
    fresh = form.get("fresh", "")
    return fresh if TOKEN.fullmatch(fresh) else ""
