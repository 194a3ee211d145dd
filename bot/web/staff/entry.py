"""The sign-in: password, then a second factor; or a passkey alone. And the way out.

May import the web room's own modules and services' data.
"""

from __future__ import annotations

from starlette.responses import Response

from bot.services.staff.answers import Ceremony, Half, Opened, Refused
from bot.web.staff.cookies import read_cookie, read_token, take_cookie
from bot.web.staff.devices import device_words
from bot.web.staff.headers import AT_THE_END
from bot.web.staff.office import HOME, SIGN_IN, Office, reason_key
from bot.web.staff.visits import Visit


async def look(office: Office, visit: Visit) -> Response:
    """The first step's page."""
    return await _first(office, visit)


async def password(office: Office, visit: Visit) -> Response:
    """The first step."""
    login, browser = visit.field("login"), read_cookie(visit.request, "staff-known")
    answer = await office.desk.sign_in.password(
        login, visit.field("password"), device_of(visit), browser
    )
    if isinstance(answer, Half):
        return _second(office, visit, answer.token, answer.ways)
    if isinstance(answer, Opened):
        return await _enter(office, visit, answer)
    return await _first(office, visit, answer, login)


async def totp(office: Office, visit: Visit) -> Response:
    """The second step, by a code of six digits."""
    answer = await office.desk.sign_in.totp(
        visit.field("half"), visit.field("code"), device_of(visit)
    )
    return await _after_second(office, visit, answer)


async def recovery(office: Office, visit: Visit) -> Response:
    """The second step, by a recovery code."""
    answer = await office.desk.sign_in.recovery(
        visit.field("half"), visit.field("code"), device_of(visit)
    )
    return await _after_second(office, visit, answer)


async def passkey_options(office: Office, visit: Visit) -> Response:
    """Begin a passkey ceremony, alone or as the second step."""
    browser = read_cookie(visit.request, "staff-known")
    begun = await office.desk.sign_in.passkey_options(visit.field("half"), browser)
    return ceremony(office, visit, begun)


async def passkey(office: Office, visit: Visit) -> Response:
    """Finish it."""
    answer = await office.desk.sign_in.passkey(
        visit.field("ceremony"), visit.field("answer"), device_of(visit)
    )
    return await _after_second(office, visit, answer)


async def demo(office: Office, visit: Visit) -> Response:
    """In the demo: one tap."""
    answer = await office.desk.sign_in.demo(visit.field("login"), device_of(visit))
    if isinstance(answer, Opened):
        return await _enter(office, visit, answer)
    return await _first(office, visit, answer)


async def sign_out(office: Office, visit: Visit) -> Response:
    """End the session, and leave nothing in the browser."""
    await office.desk.sessions.sign_out(visit.me)
    response = office.go(visit, SIGN_IN)
    take_cookie(visit.request, response, "staff")
    response.headers[AT_THE_END[0]] = AT_THE_END[1]
    return response


def device_of(visit: Visit) -> str:
    """Words about the browser that asks."""
    return device_words(visit.request.headers.get("user-agent", ""))


def ceremony(office: Office, visit: Visit, begun: Ceremony | Refused) -> Response:
    """What the script needs for a ceremony, or why there is none."""
    if isinstance(begun, Refused):
        return office.data(visit, {"reason": begun.reason}, 422)
    return office.data(visit, {"token": begun.token, "options": begun.options})


async def _after_second(office: Office, visit: Visit, answer: Opened | Refused) -> Response:
    if isinstance(answer, Opened):
        return await _enter(office, visit, answer)
    half = visit.field("half")
    if half and answer.reason == "no_entry":
        return _second(office, visit, half, visit.field("ways").split(), answer)
    return await _first(office, visit, answer)


async def _enter(office: Office, visit: Visit, opened: Opened) -> Response:
    """The session begins; one that this browser carried before ends."""
    earlier = read_token(visit.request, "staff")
    who = await office.desk.sessions.who(earlier) if earlier else None
    if who is not None:
        await office.desk.sessions.sign_out(who)
    return office.opened(visit, opened, office.go(visit, HOME))


async def _first(
    office: Office, visit: Visit, refused: Refused | None = None, login: str = ""
) -> Response:
    return office.page(
        visit,
        "sign_in.html",
        422 if refused else 200,
        notice=reason_key(refused) if refused else "",
        login=login[:64],
        people=await office.desk.sign_in.demo_logins(),
    )


def _second(
    office: Office,
    visit: Visit,
    half: str,
    ways: tuple[str, ...] | list[str],
    refused: Refused | None = None,
) -> Response:
    return office.page(
        visit,
        "second.html",
        422 if refused else 200,
        notice="staff.reason_wrong_code" if refused else "",
        half=half,
        ways=ways,
    )
