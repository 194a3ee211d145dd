"""From an invitation to the last sign-out over real HTTP, in a browser without JavaScript."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from bot.services.staff.permissions import Role
from tests.browser.serving import serving
from tests.web.staff.house import COUNSELOR, MINUTE, PASSWORD, TEXTS, Browser, StaffHouse


@pytest.fixture
async def browser(house: StaffHouse) -> AsyncIterator[Browser]:
    """A browser in front of a real server on loopback."""
    async with (
        serving(house.application()) as address,
        httpx.AsyncClient(base_url=address) as client,
    ):
        yield Browser(client)


NEW_PASSWORD = "the reed bends and the heron stays"
SECRET = re.compile(r'class="secret">([^<]+)<')


async def come_in(browser: Browser, house: StaffHouse, login: str) -> httpx.Response:
    """Sign in through the pages, with the next code."""
    house.now += 30_000
    await browser.get("/staff/sign-in")
    await browser.send("/staff/sign-in", login=login, password=PASSWORD)
    return await browser.send("/staff/sign-in/code", code=house.code(login))


async def prove_again(browser: Browser, house: StaffHouse, login: str, to: str) -> None:
    """Give the second proof that a page asked for, and stand on that page."""
    house.now += 30_000
    answer = await browser.get(to)
    assert answer.headers["location"] == f"/staff/again?to={to}"
    await browser.get(answer.headers["location"])
    answer = await browser.send("/staff/again", code=house.code(login))
    assert answer.headers["location"] == to
    await browser.get(to)


async def test_from_invitation_to_sign_out(house: StaffHouse, browser: Browser) -> None:
    """Invite, join, sign in, prove again, end a session, sign out: the whole way."""
    roles: tuple[Role, ...] = ("administrator", "supervisor")
    invitation = await house.invite("tanaka", roles, "田中")
    join = f"/join/{invitation.token}"
    await browser.get(join)
    assert "田中" in browser.page
    answer = await browser.send(f"{join}/password", password="short", again="short")
    assert answer.status_code == 422
    assert TEXTS["staff.reason_too_short"] in browser.page
    answer = await browser.send(f"{join}/password", password=PASSWORD, again=PASSWORD + "!")
    assert TEXTS["staff.reason_not_twice"] in browser.page
    answer = await browser.send(f"{join}/password", password=PASSWORD, again=PASSWORD)
    assert answer.headers["location"] == join
    await browser.get(join)
    found = SECRET.search(browser.page)
    assert found is not None
    house.secrets["tanaka"] = found[1].replace(" ", "")
    assert '<svg viewBox="' in browser.page
    answer = await browser.send(f"{join}/code", code="000000")
    assert TEXTS["staff.reason_wrong_code"] in browser.page
    answer = await browser.send(f"{join}/code", code=house.code("tanaka"))
    assert answer.status_code == 200
    assert len(re.findall(r"<li><code>", browser.page)) == 10
    assert (await browser.get("/staff")).status_code == 200
    assert (await browser.get(join)).status_code == 404  # the invitation works once

    # A second browser, which is ended from the first.
    opened = await house.sign_in("tanaka")
    await browser.get("/staff/me")
    assert "Firefox, Linux" in browser.page
    answer = await browser.send("/staff/me/sessions/end")
    assert answer.headers["location"] == "/staff/me"
    assert await house.desk.sessions.who(opened.token) is None

    # Later a weighty act asks for a second proof first, and gives another token.
    house.now += 6 * MINUTE
    before = browser.client.cookies["staff"]
    await prove_again(browser, house, "tanaka", "/staff/people/invite")
    assert browser.client.cookies["staff"] != before
    assert await house.desk.sessions.who(before) is None
    answer = await browser.send(
        "/staff/people/invite", login="sato", name="佐藤", role_counselor="1"
    )
    assert answer.status_code == 200
    assert f"{browser.client.base_url}/join/" in browser.page

    # Out: the cookie is taken, and whoever copied it has nothing.
    token = browser.client.cookies["staff"]
    await browser.get("/staff")
    answer = await browser.send("/staff/sign-out")
    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    assert "staff" not in browser.client.cookies
    browser.carry(token)
    assert (await browser.get("/staff")).headers["location"] == "/staff/sign-in"
    browser.carry(token)
    answer = await browser.client.post("/staff/sign-out", data={"proof": "x"})
    assert answer.status_code == 401


async def test_guessing_keeps_nobody_out(house: StaffHouse, browser: Browser) -> None:
    """A browser in which somebody signed in before lets them in while strangers guess at their
    login; what it holds for that stays at signing out, and is as strict as the rest.
    """
    await house.join("tanaka", COUNSELOR)
    answer = await come_in(browser, house, "tanaka")
    (known,) = (each for each in answer.headers.get_list("set-cookie") if "staff-known" in each)
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(known.split("; "))
    await browser.get("/staff")
    await browser.send("/staff/sign-out")
    for _ in range(12):
        await house.desk.sign_in.password("tanaka", "guessed wrongly again", "bot")
    assert (await come_in(browser, house, "tanaka")).headers["location"] == "/staff"
    stranger = Browser(browser.client)
    browser.client.cookies.clear()
    house.now += 30_000
    await stranger.get("/staff/sign-in")
    for _ in range(11):
        answer = await stranger.send("/staff/sign-in", login="tanaka", password="wrong, wrong")
    answer = await stranger.send("/staff/sign-in", login="tanaka", password=PASSWORD)
    assert answer.status_code == 422


async def test_a_code_works_once(house: StaffHouse, browser: Browser) -> None:
    """The same six digits again are refused, also with spaces or wide digits."""
    await house.join("tanaka")
    assert (await come_in(browser, house, "tanaka")).headers["location"] == "/staff"
    used = house.code("tanaka")
    for replayed in (used, f" {used} ", f"{used[:3]} {used[3:]}", used.translate(_WIDE)):
        await browser.get("/staff/sign-in")
        await browser.send("/staff/sign-in", login="tanaka", password=PASSWORD)
        answer = await browser.send("/staff/sign-in/code", code=replayed)
        assert answer.status_code == 422
        assert TEXTS["staff.reason_wrong_code"] in browser.page


_WIDE = {ord("0") + digit: ord("０") + digit for digit in range(10)}


async def test_a_recovery_code_works_once(house: StaffHouse, browser: Browser) -> None:
    """One of the ten opens the door once; then it is an unknown word."""
    codes = (await house.join("tanaka")).codes
    for status, where in ((303, "/staff"), (422, None)):
        await browser.get("/staff/sign-in")
        await browser.send("/staff/sign-in", login="tanaka", password=PASSWORD)
        answer = await browser.send("/staff/sign-in/recovery", code=codes[3].lower())
        assert (answer.status_code, answer.headers.get("location")) == (status, where)
        browser.client.cookies.delete("staff", domain="127.0.0.1")


@pytest.mark.parametrize(
    "login",
    [
        pytest.param("tanaka", id="somebody"),
        pytest.param("nobody", id="nobody of that name"),
        pytest.param("gone", id="somebody switched off"),
        pytest.param("waiting", id="somebody who has not joined yet"),
        pytest.param("' OR 1=1 --", id="no login at all"),
    ],
)
async def test_the_door_tells_nothing(house: StaffHouse, browser: Browser, login: str) -> None:
    """Whoever is wrong, in whatever way, reads the same page."""
    await house.join("tanaka")
    await house.join("gone")
    await house.disable("gone")
    await house.invite("waiting")
    password = PASSWORD if login in {"gone", "waiting"} else "a wrong password it is"
    await browser.get("/staff/sign-in")
    answer = await browser.send("/staff/sign-in", login=login, password=password)
    assert answer.status_code == 422
    assert TEXTS["staff.reason_no_entry"] in browser.page
    page = re.sub(r'value="[^"]*"', "", browser.page)
    await browser.get("/staff/sign-in")
    await browser.send("/staff/sign-in", login="tanaka", password="also wrong, but other")
    assert re.sub(r'value="[^"]*"', "", browser.page) == page


async def test_guessing_gets_slow(house: StaffHouse, browser: Browser) -> None:
    """After ten wrong passwords the right one is refused with the same words."""
    await house.join("tanaka")
    await browser.get("/staff/sign-in")
    for _ in range(10):
        await browser.send("/staff/sign-in", login="tanaka", password="guess after guess")
    answer = await browser.send("/staff/sign-in", login="tanaka", password=PASSWORD)
    assert answer.status_code == 422
    assert TEXTS["staff.reason_no_entry"] in browser.page


async def test_guessing_codes_ends(house: StaffHouse, browser: Browser) -> None:
    """After five wrong codes the half sign-in is over: the right one no longer helps."""
    await house.join("tanaka")
    house.now += MINUTE
    await browser.get("/staff/sign-in")
    await browser.send("/staff/sign-in", login="tanaka", password=PASSWORD)
    for _ in range(5):
        await browser.send("/staff/sign-in/code", code="000000")
    answer = await browser.send("/staff/sign-in/code", code=house.code("tanaka"))
    assert answer.status_code == 422
    assert TEXTS["staff.reason_expired"] in browser.page
    assert "/staff/sign-in/code" not in browser.page


async def test_out_at_once(house: StaffHouse, browser: Browser) -> None:
    """Whoever is switched off is out with the next click; other roles count from then, too."""
    roles: tuple[Role, ...] = ("supervisor",)
    browser.carry((await house.join("tanaka", roles)).opened.token)
    assert (await browser.get("/staff/audit")).status_code == 200
    await house.set_roles("tanaka", COUNSELOR)
    assert (await browser.get("/staff/audit")).status_code == 403
    assert (await browser.get("/staff")).status_code == 200
    await house.disable("tanaka")
    assert (await browser.get("/staff")).headers["location"] == "/staff/sign-in"


async def test_another_password(house: StaffHouse, browser: Browser) -> None:
    """It needs the old one; all other sessions end, this one gets another token."""
    browser.carry((await house.join("tanaka")).opened.token)
    elsewhere = await house.sign_in("tanaka")
    await browser.get("/staff/me/password")
    answer = await browser.send(
        "/staff/me/password", old="not this", new=NEW_PASSWORD, again=NEW_PASSWORD
    )
    assert TEXTS["staff.reason_wrong_password"] in browser.page
    before = browser.client.cookies["staff"]
    answer = await browser.send(
        "/staff/me/password", old=PASSWORD, new=NEW_PASSWORD, again=NEW_PASSWORD
    )
    assert answer.headers["location"] == "/staff/me"
    assert browser.client.cookies["staff"] != before
    assert await house.desk.sessions.who(elsewhere.token) is None
    assert (await browser.get("/staff/me")).status_code == 200


async def test_another_device_for_the_codes(house: StaffHouse, browser: Browser) -> None:
    """A new secret counts once a code of it was given; the old one no longer does."""
    browser.carry((await house.join("tanaka")).opened.token)
    await browser.get("/staff/me")
    await browser.send("/staff/me/totp")
    found = SECRET.search(browser.page)
    assert found is not None
    old, house.secrets["tanaka"] = house.secrets["tanaka"], found[1].replace(" ", "")
    answer = await browser.send("/staff/me/totp/confirm", code="000000")
    assert TEXTS["staff.reason_wrong_code"] in browser.page
    answer = await browser.send("/staff/me/totp/confirm", code=house.code("tanaka"))
    assert answer.headers["location"] == "/staff/me"
    await house.sign_in("tanaka")
    assert house.secrets["tanaka"] != old


async def test_signing_in_again_ends_the_session_before(
    house: StaffHouse, browser: Browser
) -> None:
    """A browser has one session: the one it carried ends when it signs in anew."""
    await house.join("tanaka")
    await come_in(browser, house, "tanaka")
    before = browser.client.cookies["staff"]
    await come_in(browser, house, "tanaka")
    assert browser.client.cookies["staff"] != before
    assert await house.desk.sessions.who(before) is None


@pytest.mark.parametrize(
    ("asked", "to"),
    [
        pytest.param("/staff/people", "/staff/people", id="a page of ours"),
        pytest.param("/staff/nowhere", "/staff", id="no page"),
        pytest.param("//evil.example/staff", "/staff", id="another host"),
        pytest.param("https://evil.example/", "/staff", id="another address"),
        pytest.param("/staff/me\r\nSet-Cookie: x=y", "/staff", id="a header in it"),
        pytest.param("/staff/sign-out", "/staff", id="an act"),
        pytest.param("/staff/live", "/staff", id="no page for people"),
        pytest.param("javascript:alert(1)", "/staff", id="a script"),
        pytest.param("/staff/../join/x", "/staff", id="a way round"),
    ],
)
async def test_the_way_back_is_ours(
    house: StaffHouse, browser: Browser, asked: str, to: str
) -> None:
    """After a second proof one comes to a page of ours, whatever the address asked for."""
    browser.carry((await house.join("tanaka")).opened.token)
    house.now += MINUTE
    await browser.get("/staff/again")
    answer = await browser.send("/staff/again", code=house.code("tanaka"), to=asked)
    assert answer.headers["location"] == to


async def test_in_the_demo_one_tap_is_enough() -> None:
    """Each demo account signs in with one tap, proves itself by the password, and says so."""
    house = StaffHouse(demo=True)
    await house.seed_demo()
    transport = httpx.ASGITransport(house.application())
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        browser = Browser(client)
        await browser.get("/staff/sign-in")
        assert TEXTS["staff.demo"] in browser.page
        assert browser.page.count('action="/staff/sign-in/demo"') == 5
        answer = await browser.send("/staff/sign-in/demo", login="administrator")
        assert answer.headers["location"] == "/staff"
        house.now += 6 * MINUTE
        answer = await browser.get("/staff/people/invite")
        await browser.get(answer.headers["location"])
        answer = await browser.send("/staff/again/password", password=house.demo_password)
        assert answer.headers["location"] == "/staff/people/invite"


async def test_no_demo_outside_the_demo(house: StaffHouse, browser: Browser) -> None:
    """The one-tap door of the demo is shut everywhere else, also for whoever knows its address."""
    await house.seed_demo()
    await browser.get("/staff/sign-in")
    assert "/staff/sign-in/demo" not in browser.page
    form = browser.hidden("/staff/sign-in")
    answer = await browser.client.post(
        "/staff/sign-in/demo", data={**form, "login": "administrator"}
    )
    assert answer.status_code == 422
    assert "staff" not in browser.client.cookies
