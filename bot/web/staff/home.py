"""The first page after the sign-in: what one may do here. May import the web room's own modules."""

from __future__ import annotations

from starlette.responses import Response

from bot.services.staff.permissions import PERMISSIONS
from bot.web.staff.office import Office
from bot.web.staff.visits import Visit


async def look(office: Office, visit: Visit) -> Response:
    """What there is for these roles, and what is still to be built."""
    may = [each for each in PERMISSIONS if each in visit.me.may]
    asked = 0
    if "limits.set" in visit.me.may:
        asked = len(await office.desk.limits.asked(visit.me))
    return office.page(visit, "home.html", may=may, asked=asked)
