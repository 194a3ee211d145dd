"""Quick exit: hides what was said at this pass, then another page takes the place of ours.

May import the web room's own modules and errors.
"""

from __future__ import annotations

import asyncio
import logging

from starlette.requests import Request
from starlette.responses import Response

from bot.errors import KeyringError, StoreError
from bot.web.desk import Desk
from bot.web.faults import spot
from bot.web.headers import PAGE
from bot.web.intake import FORM_CAP, headers_of, read_capped
from bot.web.passes import comes_from_us, give_pass, read_pass

log = logging.getLogger(__name__)

PATIENCE = 1.0
"""Seconds that leaving waits for hiding; the page goes then in any case, and hiding goes on."""
# What a browser stored of us is style and drawings. Only the script's signal asks to forget them:
# there nobody waits, while a browser holds back a page until its store is cleared.
FORGET = {**PAGE, "Clear-Site-Data": '"cache"'}


class Leaving:
    """POST /exit, from the button or, with `beacon`, from the script that has left already."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._hiding: set[asyncio.Task[None]] = set()

    async def leave(self, request: Request) -> Response:
        """Hide, then go. The conversation stays as it is, and goes on when the person comes back.

        A page that goes on by itself and not a redirect: browsers hold the target of a redirected
        form against the policy of the page it came from.
        """
        if not comes_from_us(request):
            return self._desk.refuse(request, 403)
        # Whatever stands in the body, nobody is kept from leaving.
        body = await read_capped(headers_of(request.headers.raw), request.receive, FORM_CAP)
        token = read_pass(request)
        if token:
            task = asyncio.create_task(self._hide(token))
            self._hiding.add(task)
            task.add_done_callback(self._hiding.discard)
            await asyncio.wait({task}, timeout=PATIENCE)
        if b"beacon" in body:
            return Response(status_code=204, headers=FORGET)
        language = self._desk.language(request)
        response = self._desk.pages.page(request, "leaving.html", language, 200)
        if token:
            # A changed cookie makes a browser let go of pages that it held for the way back.
            give_pass(request, response, token, self._desk.ports.settings.pass_age)
        return response

    async def _hide(self, token: str) -> None:
        try:
            await self._desk.ports.veil(token)
        except (StoreError, KeyringError) as error:
            log.error("exit.not_hidden %s %s", type(error).__name__, spot(error))
