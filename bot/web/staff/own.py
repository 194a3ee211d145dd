"""Each one's own account: password, second factors, recovery codes, sessions.

May import the web room's own modules and services' data.
"""

from __future__ import annotations

from starlette.responses import Response

from bot.services.staff.answers import Enrolment, Opened, Refused
from bot.web.staff.drawing import qr_code
from bot.web.staff.entry import ceremony
from bot.web.staff.office import Office, reason_key
from bot.web.staff.visits import Visit

ME = "/staff/me"


async def look(office: Office, visit: Visit) -> Response:
    """What one can prove oneself with, and where one is signed in."""
    return await _overview(office, visit)


async def password_form(office: Office, visit: Visit) -> Response:
    """The page for another password."""
    return office.page(visit, "password.html")


async def change_password(office: Office, visit: Visit) -> Response:
    """Another password; all other sessions end."""
    if visit.field("new") != visit.field("again"):
        return office.page(visit, "password.html", 422, notice="staff.reason_not_twice")
    answer = await office.desk.own.change_password(visit.me, visit.field("old"), visit.field("new"))
    if isinstance(answer, Opened):
        return office.opened(visit, answer, office.go(visit, ME))
    wrong = answer.reason == "no_entry"
    notice = "staff.reason_wrong_password" if wrong else reason_key(answer)
    return office.page(visit, "password.html", 422, notice=notice)


async def begin_totp(office: Office, visit: Visit) -> Response:
    """A new secret to put into a device."""
    enrolment = await office.desk.own.begin_totp(visit.me)
    return _totp_page(office, visit, enrolment.token, enrolment)


async def confirm_totp(office: Office, visit: Visit) -> Response:
    """Take it into use."""
    token = visit.field("token")
    refused = await office.desk.own.confirm_totp(visit.me, token, visit.field("code"))
    if refused is not None and refused.reason == "no_entry":
        return _totp_page(office, visit, token, notice="staff.reason_wrong_code")
    return await _done(office, visit, refused)


async def drop_totp(office: Office, visit: Visit) -> Response:
    """Do without codes of six digits."""
    return await _done(office, visit, await office.desk.own.drop_totp(visit.me))


async def passkey_form(office: Office, visit: Visit) -> Response:
    """The page on which a passkey is added."""
    return office.page(visit, "passkey.html")


async def passkey_options(office: Office, visit: Visit) -> Response:
    """Begin to add a passkey."""
    return ceremony(office, visit, await office.desk.own.passkey_options(visit.me))


async def add_passkey(office: Office, visit: Visit) -> Response:
    """Finish it."""
    answer = await office.desk.own.add_passkey(
        visit.me, visit.field("ceremony"), visit.field("answer"), visit.field("label")
    )
    if isinstance(answer, Refused):
        return office.page(visit, "passkey.html", 422, notice=reason_key(answer))
    return office.go(visit, ME)


async def drop_passkey(office: Office, visit: Visit) -> Response:
    """Forget a passkey."""
    refused = await office.desk.own.drop_passkey(visit.me, visit.field("passkey"))
    return await _done(office, visit, refused)


async def new_codes(office: Office, visit: Visit) -> Response:
    """Ten new recovery codes, shown this once."""
    codes = await office.desk.own.new_codes(visit.me)
    return office.page(visit, "codes.html", codes=codes, joined=False)


async def end_session(office: Office, visit: Visit) -> Response:
    """End one of one's own sessions; somebody else's, or none, is "not found"."""
    mine = await office.desk.sessions.mine(visit.me)
    session = visit.field("session")
    if session not in {each.id for each in mine}:
        return office.word(visit, ("staff.no_session",), 404, ME, "staff.to_me")
    await office.desk.sessions.end(visit.me, session)
    return office.go(visit, ME)


async def end_others(office: Office, visit: Visit) -> Response:
    """End all but this one."""
    await office.desk.sessions.end_others(visit.me)
    return office.go(visit, ME)


async def _done(office: Office, visit: Visit, refused: Refused | None) -> Response:
    if refused is None:
        return office.go(visit, ME)
    return await _overview(office, visit, reason_key(refused))


async def _overview(office: Office, visit: Visit, notice: str = "") -> Response:
    return office.page(
        visit,
        "me.html",
        422 if notice else 200,
        notice=notice,
        ways=await office.desk.own.ways(visit.me),
        sessions=await office.desk.sessions.mine(visit.me),
    )


def _totp_page(
    office: Office, visit: Visit, token: str, new: Enrolment | None = None, notice: str = ""
) -> Response:
    return office.page(
        visit,
        "totp.html",
        422 if notice else 200,
        notice=notice,
        token=token,
        enrolment=new,
        picture=qr_code(new.address) if new else "",
    )
