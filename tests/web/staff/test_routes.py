"""The table of routes against every role and every way of asking: a generated matrix."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import httpx
import pytest
from starlette.routing import Route

from bot.services.staff.answers import Opened
from bot.services.staff.permissions import PERMISSIONS, ROLES, Permission, Role
from bot.web.application import build_application
from bot.web.staff.cookies import seal_form
from bot.web.staff.ports import StaffSettings
from bot.web.staff.routes import ROUTES
from bot.web.staff.visits import StaffRoute
from tests.web.staff.house import HOUR, MINUTE, StaffHouse
from tests.web.stand_ins import TinyService, ports

ORIGIN = "http://127.0.0.1"
ANOTHERS = "B" * 43
SAME, CROSS = {"sec-fetch-site": "same-origin"}, {"sec-fetch-site": "cross-site"}
# Written out here once more: a role that may suddenly do more must be noticed.
WHO_MAY: dict[Permission, set[Role]] = {
    "own.account": set(ROLES),
    "audit.read": {"supervisor", "administrator"},
    "limits.set": {"supervisor"},
    "staff.manage": {"administrator"},
}
WEIGHTY = {
    "GET /staff/me/password",
    "POST /staff/me/password",
    "POST /staff/me/totp",
    "POST /staff/me/totp/confirm",
    "POST /staff/me/totp/drop",
    "GET /staff/me/passkeys",
    "POST /staff/me/passkeys",
    "POST /staff/me/passkeys/options",
    "POST /staff/me/passkeys/drop",
    "POST /staff/me/codes",
    "GET /staff/people/invite",
    "POST /staff/people/invite",
    "GET /staff/people/{account}",
    "POST /staff/people/{account}/roles",
    "POST /staff/people/{account}/reset",
    "POST /staff/people/{account}/disable",
    "POST /staff/people/{account}/enable",
}


def named(route: StaffRoute) -> str:
    return f"{route.method} {route.path}"


@dataclass
class Asking:
    """One way of asking, which may spoil anything about the request."""

    cookie: str
    secret: str
    headers: dict[str, str]
    proof: bool = True


Spoil = Callable[[StaffHouse, Asking, str, Opened], Awaitable[None]]


async def nothing(house: StaffHouse, asking: Asking, login: str, opened: Opened) -> None:
    """All is as it should be."""


async def no_session(house: StaffHouse, asking: Asking, login: str, opened: Opened) -> None:
    asking.cookie = ""


async def forged(house: StaffHouse, asking: Asking, login: str, opened: Opened) -> None:
    asking.cookie = "A" * 43


async def ended(house: StaffHouse, asking: Asking, login: str, opened: Opened) -> None:
    who = await house.desk.sessions.who(opened.token)
    assert who is not None
    await house.desk.sessions.sign_out(who)


async def idle(house: StaffHouse, asking: Asking, login: str, opened: Opened) -> None:
    house.now += 21 * MINUTE


async def disabled(house: StaffHouse, asking: Asking, login: str, opened: Opened) -> None:
    if login == "administrator":
        roles: tuple[Role, ...] = ("administrator",)
        if await house.store.account_by_login("another") is None:
            await house.join("another", roles)
    await house.disable(login)


async def no_proof(house: StaffHouse, asking: Asking, login: str, opened: Opened) -> None:
    asking.proof = False


async def anothers_proof(house: StaffHouse, asking: Asking, login: str, opened: Opened) -> None:
    asking.secret = ANOTHERS


async def cross_site(house: StaffHouse, asking: Asking, login: str, opened: Opened) -> None:
    asking.headers = CROSS


async def other_origin(house: StaffHouse, asking: Asking, login: str, opened: Opened) -> None:
    asking.headers = {"origin": "https://elsewhere.example"}


async def old_proof(house: StaffHouse, asking: Asking, login: str, opened: Opened) -> None:
    house.now += 6 * MINUTE


WAYS: tuple[Spoil, ...] = (
    nothing,
    no_session,
    forged,
    ended,
    idle,
    disabled,
    no_proof,
    anothers_proof,
    cross_site,
    other_origin,
    old_proof,
)
OUT = {no_session, forged, ended, idle, disabled}
UNPROVED = {no_proof, anothers_proof}
ELSEWHERE = {cross_site, other_origin}


def expected(route: StaffRoute, role: Role, way: Spoil) -> tuple[int, str]:
    """What the route must answer, and where it must send; (0, "") lets the person through."""
    page = route.method == "GET" and route.shape == "page"
    if way in ELSEWHERE and not page:
        return 403, ""
    if route.need == "open":
        return (403, "") if route.method == "POST" and way in UNPROVED else (0, "")
    if way in OUT:
        return (303, "/staff/sign-in") if page else (401, "")
    if route.method == "POST" and way in UNPROVED:
        return 403, ""
    if role not in WHO_MAY[route.need]:
        return 403, ""
    if way is old_proof and named(route) in WEIGHTY:
        return (303, "/staff/again") if page else (403, "")
    return 0, ""


async def ask(
    client: httpx.AsyncClient, route: StaffRoute, path: str, asking: Asking
) -> httpx.Response:
    """Send the request as it is spoiled."""
    cookies = {"staff": asking.cookie, "staff-door": "D" * 43}
    carried = "; ".join(f"{name}={value}" for name, value in cookies.items() if value)
    secret = "D" * 43 if route.need == "open" and asking.secret != ANOTHERS else asking.secret
    form = {"proof": seal_form(secret)} if asking.proof else {"nothing": "x"}
    return await client.request(
        route.method,
        path,
        data=form if route.method == "POST" else None,
        headers={**asking.headers, "cookie": carried},
    )


@pytest.mark.parametrize("route", [pytest.param(each, id=named(each)) for each in ROUTES])
async def test_the_matrix(route: StaffRoute) -> None:
    """Each role, asking in each right and wrong way, gets exactly what the table says."""
    house = StaffHouse(settings=StaffSettings(streams=0))
    other = await house.join("somebody")
    for role in ROLES:
        await house.join(role, (role,))
    path = route.path.format(account=other.opened.account.id, invitation="I" * 43)
    transport = httpx.ASGITransport(house.application())
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
        for role in ROLES:
            for way in WAYS:
                opened = await house.sign_in(role)
                asking = Asking(opened.token, opened.session.csrf, SAME)
                await way(house, asking, role, opened)
                answer = await ask(client, route, path, asking)
                status, to = expected(route, role, way)
                label = f"{role}, {way.__name__}: {answer.status_code} {answer.headers}"
                where = answer.headers.get("location", "")
                if status:
                    assert answer.status_code == status, label
                    assert where.startswith(to), label
                else:
                    assert answer.status_code in {200, 303, 404, 422, 503}, label
                    assert not where.startswith(("/staff/again", "http", "//")), label
                await house.put_back(role)


def test_every_route_names_a_permission() -> None:
    """A permission of the table of roles, or `open` for exactly the door and the invitation."""
    assert {each.need for each in ROUTES} <= {*PERMISSIONS, "open"}
    in_front = {each.path for each in ROUTES if each.need == "open"}
    assert all(path.startswith(("/staff/sign-in", "/join/")) for path in in_front)
    assert {each.need for each in ROUTES} - {"open"} == set(WHO_MAY)


def test_weighty_acts_need_a_second_proof() -> None:
    """What changes who may come in is asked for a fresh proof, on the page and on its form."""
    assert {named(each) for each in ROUTES if each.step_up} == WEIGHTY


def test_the_table_is_all_there_is() -> None:
    """The application has no route besides the table, its files, the way home and its pulse."""
    served = {
        (each.path, method)
        for each in StaffHouse().application().routes
        if isinstance(each, Route)
        for method in (each.methods or set()) - {"HEAD"}
    }
    table = {(each.path, each.method) for each in ROUTES}
    besides = {("/", "GET"), ("/healthz", "GET"), ("/staff/static/{name}", "GET")}
    assert served == table | besides
    assert len(table) == len(ROUTES)


def test_a_route_without_a_permission_cannot_be_written() -> None:
    """Leaving it out is an error of the program, not an open door."""
    with pytest.raises(TypeError, match="need"):
        StaffRoute("GET", "/staff/new", ROUTES[0].serve)  # type: ignore[call-arg]


async def test_the_public_has_none_of_it() -> None:
    """On the public listener each staff path is the room's own 404, and the reverse."""
    public = build_application(ports(TinyService()))
    staff = StaffHouse().application()
    async with (
        httpx.AsyncClient(transport=httpx.ASGITransport(public), base_url=ORIGIN) as room,
        httpx.AsyncClient(transport=httpx.ASGITransport(staff), base_url=ORIGIN) as office,
    ):
        nowhere = await room.get("/nowhere")
        for route in ROUTES:
            path = route.path.format(account="a" * 22, invitation="I" * 43)
            answer = await room.request(route.method, path)
            assert (answer.status_code, answer.text) == (404, nowhere.text), path
            assert "set-cookie" not in answer.headers
        for each in public.routes:
            assert isinstance(each, Route)
            if each.path not in {"/", "/healthz"}:
                path = re.sub(r"\{\w+(:\w+)?\}", "x", each.path)
                assert (await office.get(path)).status_code == 404, path
        assert (await office.get("/")).headers["location"] == "/staff"
        assert (await office.get("/healthz")).text == "alive\n"


async def test_the_longest_session_ends() -> None:
    """Used all the time, a session still ends after its longest time."""
    house = StaffHouse()
    opened = (await house.join("tanaka")).opened
    transport = httpx.ASGITransport(house.application())
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
        client.cookies.set("staff", opened.token)
        for _ in range(10 * HOUR // (10 * MINUTE) - 1):
            house.now += 10 * MINUTE
            assert (await client.get("/staff")).status_code == 200
        house.now += 10 * MINUTE
        assert (await client.get("/staff")).headers["location"] == "/staff/sign-in"
        await house.sign_in("tanaka")
