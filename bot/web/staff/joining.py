"""From an invitation to an account: a password, a second factor, recovery codes.

May import the web room's own modules and services' data.
"""

from __future__ import annotations

from starlette.responses import Response

from bot.services.staff.answers import Invitee, Joined, Refused
from bot.web.staff.drawing import qr_code
from bot.web.staff.entry import ceremony, device_of
from bot.web.staff.office import SIGN_IN, Office, reason_key
from bot.web.staff.visits import Visit


async def look(office: Office, visit: Visit) -> Response:
    """Where this invitation stands: the password, or the second factor."""
    return await _page(office, visit)


async def password(office: Office, visit: Visit) -> Response:
    """Choose the password; may be done again until the last step."""
    if visit.field("password") != visit.field("again"):
        return await _page(office, visit, "staff.reason_not_twice")
    answer = await office.desk.joining.choose_password(_token(visit), visit.field("password"))
    if isinstance(answer, Invitee):
        return office.go(visit, f"/join/{_token(visit)}")
    return await _page(office, visit, reason_key(answer))


async def totp(office: Office, visit: Visit) -> Response:
    """The last step, by a code from the device that has the secret."""
    joined = await office.desk.joining.confirm_totp(
        _token(visit), visit.field("code"), device_of(visit)
    )
    return await _arrive(office, visit, joined)


async def passkey_options(office: Office, visit: Visit) -> Response:
    """Begin the last step by a passkey."""
    return ceremony(office, visit, await office.desk.joining.passkey_options(_token(visit)))


async def passkey(office: Office, visit: Visit) -> Response:
    """Finish it."""
    joined = await office.desk.joining.passkey(
        _token(visit),
        visit.field("ceremony"),
        visit.field("answer"),
        visit.field("label"),
        device_of(visit),
    )
    return await _arrive(office, visit, joined)


def _token(visit: Visit) -> str:
    return str(visit.request.path_params["invitation"])


async def _arrive(office: Office, visit: Visit, joined: Joined | Refused) -> Response:
    if isinstance(joined, Refused):
        wrong = joined.reason == "no_entry"
        return await _page(
            office, visit, "staff.reason_wrong_code" if wrong else reason_key(joined)
        )
    page = office.page(visit, "codes.html", codes=joined.codes, joined=True)
    return office.opened(visit, joined.opened, page)


async def _page(office: Office, visit: Visit, notice: str = "") -> Response:
    invitee = await office.desk.joining.look(_token(visit))
    if invitee is None:
        return office.word(visit, ("staff.join_over",), 404, SIGN_IN, "staff.to_sign_in")
    template = "join_factor.html" if invitee.password_chosen else "join_password.html"
    enrolment = invitee.enrolment
    return office.page(
        visit,
        template,
        422 if notice else 200,
        notice=notice,
        invitee=invitee,
        enrolment=enrolment,
        picture=qr_code(enrolment.address) if enrolment else "",
        token=_token(visit),
    )
