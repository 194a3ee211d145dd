"""What is new while a page stands open: a live stream, and the same by asking.

Looking by itself never keeps a session alive; when the session ends, the page is told to go.
May import the web room's own modules, services' data and errors.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from weakref import WeakKeyDictionary

from sse_starlette.event import ServerSentEvent
from sse_starlette.sse import EventSourceResponse
from starlette.responses import Response

from bot.errors import KeyringError, StoreError
from bot.services.staff.answers import Who
from bot.web.faults import spot
from bot.web.staff.cookies import read_token
from bot.web.staff.headers import PAGE
from bot.web.staff.office import Office
from bot.web.staff.visits import Visit

log = logging.getLogger(__name__)

PING_SECONDS = 15
GONE = "gone"
# Streams that are open now, by account, for each application.
_open: WeakKeyDictionary[Office, Counter[str]] = WeakKeyDictionary()


async def ask(office: Office, visit: Visit) -> Response:
    """The numbers now: for where streams are held back."""
    return office.data(visit, await _numbers(office, visit.me))


async def stream(office: Office, visit: Visit) -> Response:
    """The numbers now and whenever they change; ends with the session."""
    open_now = _open.setdefault(office, Counter())
    account, settings = visit.me.account.id, office.ports.settings
    if open_now.total() >= settings.streams or open_now[account] >= settings.streams_each:
        return Response(status_code=503, headers=PAGE)
    token = read_token(visit.request, "staff")
    return EventSourceResponse(
        _events(office, token, account),
        headers={**PAGE, "X-Accel-Buffering": "no"},
        ping=PING_SECONDS,
        ping_message_factory=lambda: ServerSentEvent(comment=""),
    )


async def _events(office: Office, token: str, account: str) -> AsyncIterator[ServerSentEvent]:
    with _counted(office, account):
        try:
            async for numbers in _changes(office, token):
                yield ServerSentEvent(json.dumps(numbers), event="news")
            yield ServerSentEvent("", event=GONE)
        except Exception as error:
            # The page comes back by itself.
            known = isinstance(error, StoreError | KeyringError)
            level = logging.WARNING if known else logging.ERROR
            log.log(level, "staff.stream_ended %s %s", type(error).__name__, spot(error))


async def _changes(office: Office, token: str) -> AsyncIterator[Mapping[str, int]]:
    """The numbers at once and after each change; ends when the session has ended."""
    shown: Mapping[str, int] | None = None
    while (who := await office.desk.sessions.who(token, counts=False)) is not None:
        numbers = await _numbers(office, who)
        if numbers != shown:
            shown = numbers
            yield numbers
        await asyncio.sleep(office.ports.settings.recheck)


async def _numbers(office: Office, who: Who) -> dict[str, int]:
    numbers = {}
    if "audit.read" in who.may:
        numbers["audit"] = await office.desk.trail.newest(who)
    if "limits.set" in who.may:
        numbers["limits"] = len(await office.desk.limits.asked(who))
    return numbers


@contextmanager
def _counted(office: Office, account: str) -> Iterator[None]:
    open_now = _open.setdefault(office, Counter())
    open_now[account] += 1
    try:
        yield
    finally:
        open_now[account] -= 1
        if not open_now[account]:
            del open_now[account]
