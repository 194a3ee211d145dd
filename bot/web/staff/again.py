"""The second proof that weighty acts need just before (step-up).

May import the web room's own modules and services' data.
"""

from __future__ import annotations

from starlette.responses import Response

from bot.services.staff.answers import Opened, Refused
from bot.web.staff.entry import ceremony
from bot.web.staff.office import Office
from bot.web.staff.visits import Visit


async def look(office: Office, visit: Visit) -> Response:
    """The page that asks for it."""
    return await _page(office, visit, visit.request.query_params.get("to", ""))


async def totp(office: Office, visit: Visit) -> Response:
    """By a code of six digits."""
    answer = await office.desk.sessions.step_up_totp(visit.me, visit.field("code"))
    return await _after(office, visit, answer)


async def password(office: Office, visit: Visit) -> Response:
    """By the password: demo accounts only, which have nothing else."""
    answer = await office.desk.sessions.step_up_password(visit.me, visit.field("password"))
    return await _after(office, visit, answer)


async def passkey_options(office: Office, visit: Visit) -> Response:
    """Begin it by a passkey."""
    return ceremony(office, visit, await office.desk.sessions.step_up_options(visit.me))


async def passkey(office: Office, visit: Visit) -> Response:
    """Finish it."""
    answer = await office.desk.sessions.step_up_passkey(
        visit.me, visit.field("ceremony"), visit.field("answer")
    )
    return await _after(office, visit, answer)


async def _after(office: Office, visit: Visit, answer: Opened | Refused) -> Response:
    to = visit.field("to")
    if isinstance(answer, Opened):
        return office.opened(visit, answer, office.go(visit, office.safe_way(to)))
    wrong = answer.reason == "no_entry"
    notice = "staff.reason_wrong_proof" if wrong else f"staff.reason_{answer.reason}"
    return await _page(office, visit, to, notice)


async def _page(office: Office, visit: Visit, to: str, notice: str = "") -> Response:
    return office.page(
        visit,
        "again.html",
        422 if notice else 200,
        notice=notice,
        to=office.safe_way(to),
        ways=await office.desk.own.ways(visit.me),
    )
