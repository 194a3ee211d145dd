"""What is new in a room: a stream that rings from a cursor on, and the words by asking.

May import the web room's own modules.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

from sse_starlette.event import ServerSentEvent
from sse_starlette.sse import EventSourceResponse
from starlette.requests import Request
from starlette.responses import Response

from bot.errors import KeyringError, StoreError
from bot.web.desk import Desk
from bot.web.faults import spot
from bot.web.headers import PAGE
from bot.web.passes import read_pass
from bot.web.room import GONE, SHOWN, read_cursor, shown_of

log = logging.getLogger(__name__)

PING_SECONDS = 15


class Live:
    """GET /room/live (server-sent events) and GET /room/after (one fragment)."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._open: Counter[str] = Counter()
        # The library logs each chunk at DEBUG: when somebody said something is nobody's business.
        logging.getLogger("sse_starlette").setLevel(logging.WARNING)

    async def after(self, request: Request) -> Response:
        """The rows after `?seq=` and the choices that stand."""
        token = read_pass(request)
        view = await self._desk.ports.transcripts.newest(token, SHOWN) if token else None
        language = self._desk.language(request, view.language if view else "")
        if view is None:
            return self._desk.pages.word(request, language, GONE, 200, whole=False)
        cursor = read_cursor(request.query_params.get("seq", ""))
        shown = shown_of(self._desk.ports.chance, token, view, cursor)
        return self._desk.pages.fragment(request, language, shown)

    async def stream(self, request: Request) -> Response:
        """Rings, and says nothing: each event is the newest cursor, and the page asks `after` for
        what it doesn't have yet. So an answer that a page got already never comes twice.
        """
        token = read_pass(request)
        view = await self._desk.ports.transcripts.newest(token, 1) if token else None
        conversation = view.conversation if view else ""
        settings = self._desk.ports.settings
        if (
            self._open.total() >= settings.streams
            or self._open[conversation] >= settings.streams_each
        ):
            return Response(status_code=503, headers=PAGE)
        asked = request.headers.get("last-event-id") or request.query_params.get("after", "")
        return EventSourceResponse(
            self._events(token, conversation, read_cursor(asked)),
            headers=PAGE,
            ping=PING_SECONDS,
            ping_message_factory=lambda: ServerSentEvent(comment=""),
        )

    async def _events(
        self, token: str, conversation: str, cursor: int
    ) -> AsyncIterator[ServerSentEvent]:
        # Sent at once, so that the page can tell a proxy that holds the stream from a quiet night.
        yield ServerSentEvent("", event="here")
        with self._counted(conversation):
            try:
                async for newest in self._rings(token, conversation, cursor):
                    if newest is None:
                        yield ServerSentEvent("", event="gone")
                        return
                    yield ServerSentEvent(str(newest), id=str(newest))
            except Exception as error:
                # The page comes back by itself and asks from its cursor.
                known = isinstance(error, StoreError | KeyringError)
                level = logging.WARNING if known else logging.ERROR
                log.log(level, "live.ended %s %s", type(error).__name__, spot(error))

    async def _rings(self, token: str, conversation: str, cursor: int) -> AsyncIterator[int | None]:
        """The newest cursor whenever there is a newer one; None, and the end, once the conversation
        is gone from here.
        """
        ports = self._desk.ports
        moved: bool | None = None
        rings = ports.bell.listen(conversation)
        ring = asyncio.ensure_future(_next(rings))
        try:
            while True:
                await asyncio.sleep(0)  # the listener stands before we look: no ring is missed
                view = await ports.transcripts.newest(token, 1) if conversation else None
                moved = view.moved if view and moved is None else moved
                if view is None or view.moved != moved:
                    yield None
                    return
                if view.entries and view.entries[-1].seq > cursor:
                    cursor = view.entries[-1].seq
                    yield cursor
                await asyncio.wait({ring}, timeout=ports.settings.recheck)
                if ring.done():
                    ring.result()
                    ring = asyncio.ensure_future(_next(rings))
        finally:
            ring.cancel()

    @contextmanager
    def _counted(self, conversation: str) -> Iterator[None]:
        self._open[conversation] += 1
        try:
            yield
        finally:
            self._open[conversation] -= 1
            if not self._open[conversation]:
                del self._open[conversation]


async def _next(rings: AsyncIterator[None]) -> None:
    await anext(rings)
