"""Who may come in: every staff route is served through here, and asked for all that its line of
the table demands. May import the web room's own modules, services' data and errors.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import compile_path

from bot.errors import NotAllowedError, StepUpNeededError
from bot.web.faults import spot, status_of
from bot.web.intake import FORM_CAP, Disconnected, headers_of, read_form
from bot.web.passes import LOOPBACK, comes_from_us
from bot.web.staff.cookies import is_our_form, read_cookie, read_token, take_cookie
from bot.web.staff.headers import PAGE
from bot.web.staff.office import HOME, SIGN_IN, Office
from bot.web.staff.visits import StaffRoute, Visit

log = logging.getLogger(__name__)

AGAIN: Final = "/staff/again"
_PLAIN_PATH = re.compile(r"/staff(/[A-Za-z0-9_-]{1,64}){0,3}")


class Guard:
    """Stands before every route."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def __call__(self, route: StaffRoute) -> Callable[[Request], Awaitable[Response]]:
        """The route's endpoint, guarded; whatever goes wrong in it ends in a kind page."""

        async def guarded(request: Request) -> Response:
            try:
                return await self._serve(route, request)
            except Disconnected:
                return Response(status_code=400, headers=PAGE)
            except StepUpNeededError:
                return self._ask_again(route, request)
            except NotAllowedError:
                return self._refuse(route, request, 403)
            except Exception as error:
                status = status_of(error)
                level = logging.ERROR if status == 500 else logging.WARNING
                log.log(level, "staff.refused %d %s %s", status, type(error).__name__, spot(error))
                return self._refuse(route, request, status)

        return guarded

    async def _serve(self, route: StaffRoute, request: Request) -> Response:
        if not self._is_ours(request):
            return self._refuse(route, request, 403, "staff.not_found")
        asks_script = route.shape == "data" or route.method == "POST"
        if asks_script and not comes_from_us(request):
            return self._refuse(route, request, 403, "staff.elsewhere")
        visit = await self._visit(route, request)
        if visit is None:
            return self._turn_away(route, request)
        if route.method == "POST" and not is_our_form(visit.secret, visit.field("proof")):
            key = "staff.stale_form" if visit.secret else "staff.no_cookie"
            return self._refuse(route, request, 403, key)
        if visit.who is not None:
            if route.need not in visit.who.may:
                return self._refuse(route, request, 403)
            if route.step_up and not visit.who.stepped_up:
                return self._ask_again(route, request)
        return await route.serve(self._office, visit)

    def _is_ours(self, request: Request) -> bool:
        """Whether the browser came by our name: a page elsewhere can make its own name lead to this
        machine, and would be "the same site" then. Without a name of ours, any will do.
        """
        url = self._office.ports.settings.url
        host = request.url.hostname or ""
        return not url or host in LOOPBACK or host == urlsplit(url).hostname

    async def _visit(self, route: StaffRoute, request: Request) -> Visit | None:
        """The visit, its form read; None where a session is needed and there is none."""
        office, who, door = self._office, None, ""
        if route.need == "open":
            secret = read_token(request, "staff-door")
            if not secret and route.method == "GET":
                secret = door = office.ports.chance.token()
        else:
            token = read_token(request, "staff")
            who = await office.desk.sessions.who(token, route.counts) if token else None
            if who is None:
                return None
            secret = who.session.csrf
        form = {}
        if route.method == "POST":
            headers = headers_of(request.headers.raw)
            form = await read_form(headers, request.receive, FORM_CAP)
        return Visit(request, office.language(request), secret, who, form, door)

    def _turn_away(self, route: StaffRoute, request: Request) -> Response:
        """Nobody is signed in."""
        if route.method == "GET" and route.shape == "page":
            response = self._office.go(self._office.stranger(request), SIGN_IN)
        else:
            response = self._refuse(route, request, 401)
        if read_cookie(request, "staff"):
            take_cookie(request, response, "staff")
        return response

    def _ask_again(self, route: StaffRoute, request: Request) -> Response:
        """A second proof is needed just now."""
        stranger = self._office.stranger(request)
        if route.shape == "data":
            return self._office.data(stranger, {"reason": "again"}, 403)
        if route.method == "GET":
            return self._office.go(stranger, f"{AGAIN}?to={request.url.path}")
        way = f"{AGAIN}?to={route.back_from(request)}"
        keys = ("staff.again_needed", "staff.again_nothing_done")
        return self._office.word(stranger, keys, 403, way, "staff.to_again")

    def _refuse(self, route: StaffRoute, request: Request, status: int, key: str = "") -> Response:
        if route.shape == "data":
            return Response(status_code=status, headers=PAGE)
        return self._office.refuse(request, status, key)


def safe_way(routes: Sequence[StaffRoute], asked: str) -> str:
    """Where to go after a second proof: a page of ours, whatever was asked for."""
    if not _PLAIN_PATH.fullmatch(asked):
        return HOME
    pages = (
        compile_path(route.path)[0]
        for route in routes
        if route.method == "GET" and route.shape == "page" and route.need != "open"
    )
    return asked if any(page.match(asked) for page in pages) else HOME
