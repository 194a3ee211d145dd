"""What every page of the room shares: the ports, the pages, the language, and kind refusals.

May import the web room's own modules and errors.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.web.faults import spot, status_of
from bot.web.headers import PAGE
from bot.web.intake import Disconnected
from bot.web.pages import Pages, RoomShown
from bot.web.ports import WebPorts
from bot.web.static import StaticFiles
from bot.web.texts import Wording

log = logging.getLogger(__name__)

Endpoint = Callable[[Request], Awaitable[Response]]
REFUSALS: dict[int, str] = {
    400: "pages.bad_form",
    403: "pages.refused",
    404: "pages.not_found",
    405: "pages.not_allowed",
    413: "pages.too_large",
    500: "room.error",
    503: "room.error",
}
# The room's script sends its cursor along; then the answer is what is new, not the whole page.
CURSOR = "engawa-after"


class Desk:
    """Handed to every page of the room."""

    def __init__(self, ports: WebPorts, wording: Wording, static: StaticFiles) -> None:
        self.ports = ports
        self.static = static
        self.pages = Pages(wording, ports.settings, static, ports.readings)
        self._wording = wording

    def language(self, request: Request, asked: str = "") -> str:
        """The language asked for, else what the browser prefers."""
        return self._wording.pick(asked, request.headers.get("accept-language", ""))

    def say(self, language: str, key: str) -> str:
        """A sentence."""
        return self._wording(language, key)

    def farewell(self, language: str, receipt: str) -> str:
        """What is said once after an erase; the receipt was shown before it."""
        return self._wording.filled(language, "erase.done", {"receipt": receipt})

    def card_for(self, language: str, written: str) -> str:
        """The safety card where words that aren't taken call for it, else nothing."""
        return self.ports.card(language) if self.ports.risky(written) else ""

    def refuse(self, request: Request, status: int, written: str = "") -> Response:
        """A kind page for a refusal; it needs neither the store nor the disk. `written` is read
        for risk.

        The room's script gets a notice instead, and leaves what was typed where it is.
        """
        language = self.language(request)
        # 413: what could not be read may have been a cry for help.
        unread = status >= 500 or status == 413
        card = self.ports.card(language) if unread else self.card_for(language, written)
        key = REFUSALS[status]
        if CURSOR in request.headers:
            shown = RoomShown(0, notice=self.say(language, key), card=card)
            return self.pages.fragment(request, language, shown, status)
        return self.pages.word(request, language, (key,), status, card)

    def keep(
        self, request: Request, keys: Sequence[str], status: int, typed: str, whole: bool = True
    ) -> Response:
        """A page for words that can't be taken now: they stay in a box, with the card if they call
        for it.
        """
        language = self.language(request)
        card = self.ports.card(language) if status >= 500 else self.card_for(language, typed)
        return self.pages.word(request, language, keys, status, card, whole, typed)

    def kindly(self, endpoint: Endpoint) -> Endpoint:
        """`endpoint`, but whatever goes wrong in it ends in a kind page and one line in the log."""

        async def guarded(request: Request) -> Response:
            try:
                return await endpoint(request)
            except Disconnected:
                return Response(status_code=400)
            except Exception as error:
                status = status_of(error)
                level = logging.ERROR if status == 500 else logging.WARNING
                log.log(level, "pages.refused %d %s %s", status, type(error).__name__, spot(error))
                return self.refuse(request, status)

        return guarded


def go_to(address: str) -> RedirectResponse:
    """After a form: see the page, so that a reload sends nothing twice."""
    return RedirectResponse(address, 303, headers=PAGE)
