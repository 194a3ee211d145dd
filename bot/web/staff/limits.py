"""Conversations whose tone crossed the line three times: a supervisor limits them, or doesn't.

No text is shown, and nobody in danger is cut off. May import the web room's own modules
and services.
"""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from bot.services.staff.limits import DANGER
from bot.web.staff.office import Office, reason_key
from bot.web.staff.visits import Visit

LIMITS = "/staff/limits"
CHOICES: Final[dict[str, int]] = {"day": 24, "week": 7 * 24, "no": 0}
"""What can be chosen, in hours."""


async def look(office: Office, visit: Visit) -> Response:
    """Those that wait for an answer."""
    return await _page(office, visit)


async def answer(office: Office, visit: Visit) -> Response:
    """Limit one for a day or a week, or don't."""
    hours = CHOICES.get(visit.field("choice"))
    if hours is None:
        return await _page(office, visit, "staff.bad_form")
    refused = await office.desk.limits.answer(visit.me, visit.field("conversation"), hours)
    if refused is not None:
        return await _page(office, visit, reason_key(refused))
    return office.go(visit, LIMITS)


async def _page(office: Office, visit: Visit, notice: str = "") -> Response:
    asked = await office.desk.limits.asked(visit.me)
    return office.page(
        visit,
        "limits.html",
        422 if notice else 200,
        notice=notice,
        asked=asked,
        choices=tuple(CHOICES.items()),
        danger=DANGER,
    )
