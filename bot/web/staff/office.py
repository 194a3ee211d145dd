"""What every staff page shares: the ports, the sentences, the templates, kind refusals.

May import the web room's own modules and services' data.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from bot.services.staff.answers import Opened, Refused
from bot.services.staff.permissions import Permission
from bot.web.headers import STRICT_TRANSPORT
from bot.web.staff.cookies import give_cookie, read_cookie, seal_form, take_cookie
from bot.web.staff.headers import PAGE
from bot.web.staff.ports import StaffPorts
from bot.web.staff.visits import Visit
from bot.web.staff.wording import StaffWording, pick_language
from bot.web.static import StaticFiles

HERE = Path(__file__).parent
HOME: Final = "/staff"
SIGN_IN: Final = "/staff/sign-in"
STATIC: Final = "/staff/static/"
REFUSALS: Final[dict[int, str]] = {
    400: "staff.bad_form",
    401: "staff.signed_out",
    403: "staff.not_yours",
    404: "staff.not_found",
    405: "staff.not_found",
    413: "staff.too_large",
    500: "staff.error",
    503: "staff.store_down",
}


class Sign(NamedTuple):
    """An entry of the navigation: shown to whoever has the permission."""

    path: str
    key: str
    need: Permission


NAVIGATION: Final = (
    Sign("/staff", "staff.nav_home", "own.account"),
    Sign("/staff/limits", "staff.nav_limits", "limits.set"),
    Sign("/staff/audit", "staff.nav_audit", "audit.read"),
    Sign("/staff/people", "staff.nav_people", "staff.manage"),
    Sign("/staff/me", "staff.nav_me", "own.account"),
)


class Office:
    """Handed to every staff page."""

    def __init__(self, ports: StaffPorts, safe_way: Callable[[str], str]) -> None:
        self.ports = ports
        self.safe_way = safe_way  # an address somebody named → a page of ours
        self.desk = ports.desk
        self.static = StaticFiles(HERE / "static", STATIC)
        self.wording = StaffWording(ports.messages, ports.settings.zone)
        self._environment = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.filters["time"] = self.wording.time
        self._environment.globals.update(
            static=self.static.address,
            demo=ports.settings.demo,
            demo_password=ports.settings.demo_password,
            alias=ports.alias,
        )

    def language(self, request: Request) -> str:
        """The language of the pages in this browser."""
        return pick_language(request.headers.get("accept-language", ""))

    def page(self, visit: Visit, template: str, status: int = 200, **values: object) -> Response:
        """A page. `notice` (a message key) is shown at its top; "" for none."""

        def say(key: str) -> str:
            return self.wording(visit.language, key)

        def say_or(key: str, otherwise: str) -> str:
            return self.wording.find(visit.language, key) or otherwise

        values.setdefault("notice", "")
        html = self._environment.get_template(template).render(
            language=visit.language,
            say=say,
            say_or=say_or,
            title=self.ports.settings.title or say("room.title"),
            who=visit.who,
            here=visit.request.url.path,
            proof=seal_form(visit.secret),
            signs=[sign for sign in NAVIGATION if visit.who and sign.need in visit.who.may],
            **values,
        )
        return self._finish(visit, HTMLResponse(html, status, headers=PAGE))

    def word(
        self, visit: Visit, keys: Sequence[str], status: int, way: str = HOME, way_key: str = ""
    ) -> Response:
        """A page that says something and shows one way on."""
        way_key = way_key or "staff.to_home"
        return self.page(visit, "word.html", status, keys=keys, way=way, way_key=way_key)

    def data(self, visit: Visit, values: object, status: int = 200) -> Response:
        """An answer for one of our scripts."""
        return self._finish(visit, JSONResponse(values, status, headers=PAGE))

    def go(self, visit: Visit, address: str) -> Response:
        """After a form: see the page, so that a reload sends nothing twice."""
        return self._finish(visit, RedirectResponse(address, 303, headers=PAGE))

    def opened(self, visit: Visit, opened: Opened, response: Response) -> Response:
        """The response with the new session's cookie, in the place of any other; the browser is
        known from now on.
        """
        held = read_cookie(visit.request, "staff-known")
        known = self.desk.sign_in.known(held, opened.account)
        give_cookie(visit.request, response, "staff-known", known)
        give_cookie(visit.request, response, "staff", opened.token)
        take_cookie(visit.request, response, "staff-door")
        return response

    def stranger(self, request: Request) -> Visit:
        """A visit without a session, for refusals."""
        return Visit(request, self.language(request), "")

    def refuse(self, request: Request, status: int, key: str = "") -> Response:
        """A kind page for a refusal; it needs neither session nor store."""
        way = SIGN_IN if status == 401 else HOME
        way_key = "staff.to_sign_in" if status == 401 else ""
        known = key or REFUSALS.get(status, "staff.error")
        return self.word(self.stranger(request), (known,), status, way, way_key)

    def _finish(self, visit: Visit, response: Response) -> Response:
        if visit.request.url.scheme == "https":
            response.headers[STRICT_TRANSPORT[0]] = STRICT_TRANSPORT[1]
        if visit.door:
            give_cookie(visit.request, response, "staff-door", visit.door)
        return response


def reason_key(refused: Refused) -> str:
    """The message that says why something was refused."""
    return f"staff.reason_{refused.reason}"
