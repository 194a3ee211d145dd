"""The record of what staff did: page through it, and see whether it is whole.

May import the web room's own modules and services' data.
"""

from __future__ import annotations

from starlette.responses import Response

from bot.services.staff.answers import Verdict
from bot.web.staff.office import Office
from bot.web.staff.visits import Visit

ROWS = 50


async def look(office: Office, visit: Visit) -> Response:
    """The newest rows, or those before `?before=`."""
    asked = visit.request.query_params.get("before", "")
    before = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 16 else 0
    return await _page(office, visit, before)


async def verify(office: Office, visit: Visit) -> Response:
    """Look at every link of the chain."""
    return await _page(office, visit, 0, await office.desk.trail.verify(visit.me))


async def _page(
    office: Office, visit: Visit, before: int, verdict: Verdict | None = None
) -> Response:
    rows = await office.desk.trail.page(visit.me, before, ROWS)
    older = rows[-1].seq if len(rows) == ROWS and rows[-1].seq > 1 else 0
    newest = await office.desk.trail.newest(visit.me)
    return office.page(
        visit,
        "audit.html",
        rows=rows,
        names=await office.desk.trail.names(visit.me),
        older=older,
        before=before,
        newest=newest,
        verdict=verdict,
    )
