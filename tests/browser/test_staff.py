"""The staff pages in Chromium: passkeys, keyboard, small screens, live news, hostile names."""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, expect

from bot.services.staff.permissions import Role
from bot.services.staff.ports import RelyingParty
from bot.web.staff.ports import StaffSettings
from tests.browser.axe import faults
from tests.browser.pages import Pages
from tests.browser.serving import serving
from tests.web.staff.house import HOSTILE, MINUTE, PASSWORD, SUPERVISOR, TEXTS, StaffHouse

EVERYTHING: tuple[Role, ...] = ("administrator", "supervisor", "counselor", "editor")
SIGNED_IN = (
    "/staff",
    "/staff/me",
    "/staff/me/password",
    "/staff/me/passkeys",
    "/staff/again",
    "/staff/people",
    "/staff/people/invite",
    "/staff/audit",
    "/staff/limits",
)
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@contextlib.asynccontextmanager
async def opened(house: StaffHouse, pages: Pages) -> AsyncIterator[str]:
    """The staff pages at a name to which passkeys can be bound; pages are closed before it ends."""
    async with serving(house.application()) as number:
        address = number.replace("127.0.0.1", "localhost")
        house.relying = RelyingParty("localhost", (address,))
        try:
            yield address
        finally:
            await pages.close()


async def carry(page: Page, address: str, token: str) -> None:
    """Hold a session's cookie."""
    await page.context.add_cookies([{"name": "staff", "value": token, "url": address}])


async def give_key(page: Page) -> None:
    """A device of its own that makes and keeps passkeys, and whose owner is always there."""
    session = await page.context.new_cdp_session(page)
    await session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    await session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


async def press(page: Page, key: str) -> None:
    """Press the button with these words."""
    await page.get_by_role("button", name=TEXTS[key], exact=True).first.click()


async def stands_at(page: Page, path: str) -> None:
    """Wait until the page of this path is shown."""
    await expect(page).to_have_url(re.compile(rf"^https?://[^/]+{re.escape(path)}$"))


async def test_a_passkey_is_enough(pages: Pages) -> None:
    """Joined, signed in and proved again by a passkey alone; the last proof can't be dropped."""
    house = StaffHouse()
    invitation = await house.invite("tanaka", EVERYTHING)
    async with opened(house, pages) as address:
        page = await pages()
        await give_key(page)
        await page.goto(f"{address}/join/{invitation.token}")
        await page.get_by_label(TEXTS["staff.new_password"]).fill(PASSWORD)
        await page.get_by_label(TEXTS["staff.password_again"]).fill(PASSWORD)
        await press(page, "staff.go_on")
        await page.get_by_label(TEXTS["staff.passkey_label"]).fill("机の鍵")
        await press(page, "staff.make_passkey")
        await expect(page.locator(".codes li")).to_have_count(10)
        await page.get_by_role("link", name=TEXTS["staff.codes_kept"]).click()
        await stands_at(page, "/staff")
        await press(page, "staff.sign_out")
        await stands_at(page, "/staff/sign-in")
        await press(page, "staff.with_passkey")
        await stands_at(page, "/staff")
        house.now += 6 * MINUTE
        await page.goto(f"{address}/staff/people/invite")
        await press(page, "staff.with_passkey")
        await stands_at(page, "/staff/people/invite")
        await page.goto(f"{address}/staff/me")
        await expect(page.get_by_text("机の鍵")).to_be_visible()
        await page.locator("form[action='/staff/me/passkeys/drop'] button").click()
        await expect(page.get_by_role("alert")).to_have_text(TEXTS["staff.reason_last_factor"])
    assert _expected(pages, 1) == []


async def test_a_passkey_as_second_step(pages: Pages) -> None:
    """Added to an account that has codes, it serves after the password; a replay does not."""
    house = StaffHouse()
    token = (await house.join("tanaka")).opened.token
    async with opened(house, pages) as address:
        page = await pages()
        await give_key(page)
        await carry(page, address, token)
        await page.goto(f"{address}/staff/me/passkeys")
        await page.get_by_label(TEXTS["staff.passkey_label"]).fill("鍵")
        await press(page, "staff.make_passkey")
        await stands_at(page, "/staff/me")
        await press(page, "staff.sign_out")
        await stands_at(page, "/staff/sign-in")
        await page.get_by_label(TEXTS["staff.login"]).fill("tanaka")
        await page.get_by_label(TEXTS["staff.password"]).fill(PASSWORD)
        await press(page, "staff.go_on")
        async with page.expect_request("**/staff/sign-in/passkey") as sent:
            await press(page, "staff.with_passkey")
        await stands_at(page, "/staff")
        # Whoever overheard the answer of the device can do nothing with it.
        await press(page, "staff.sign_out")
        await stands_at(page, "/staff/sign-in")
        body = (await sent.value).post_data
        assert body is not None
        again = await page.evaluate(
            """async body => {
                const fresh = document.querySelector('[name=proof]').value;
                const fields = new URLSearchParams(body);
                fields.set('proof', fresh);
                const answer = await fetch('/staff/sign-in/passkey',
                  {method: 'POST', body: fields});
                return answer.status;
            }""",
            body,
        )
        assert again == 422
    assert _expected(pages, 1) == []


async def test_a_device_that_refuses(pages: Pages) -> None:
    """Nothing happens but a sentence beside the button, and it can be pressed again."""
    house = StaffHouse()
    await house.join("tanaka")
    async with opened(house, pages) as address:
        page = await pages()
        await give_key(page)  # it holds no passkey of this place
        await page.goto(f"{address}/staff/sign-in")
        await press(page, "staff.with_passkey")
        status = page.locator("form.passkey [role=status]")
        await expect(status).to_have_text(TEXTS["staff.passkey_failed"])
        button = page.get_by_role("button", name=TEXTS["staff.with_passkey"])
        await expect(button).to_be_enabled()


async def test_without_script_there_is_no_passkey(pages: Pages) -> None:
    """Without JavaScript the passkey's form is not shown, and all else works."""
    house = StaffHouse()
    await house.join("tanaka")
    async with opened(house, pages) as address:
        page = await pages(f"{address}/staff/sign-in", javascript=False)
        button = page.get_by_role("button", name=TEXTS["staff.with_passkey"])
        await expect(button).to_be_hidden()
        await _sign_in(page, house)
        await stands_at(page, "/staff")


async def test_by_keyboard_alone(pages: Pages) -> None:
    """Signing in needs no pointer: fields, Enter, and the way to the content."""
    house = StaffHouse()
    await house.join("tanaka")
    house.now += MINUTE
    async with opened(house, pages) as address:
        page = await pages(f"{address}/staff/sign-in", device="desktop")
        keys = page.keyboard
        await keys.press("Tab")
        await expect(page.get_by_text(TEXTS["staff.skip"])).to_be_focused()
        await keys.press("Tab")
        await keys.press("Tab")
        await expect(page.get_by_label(TEXTS["staff.login"])).to_be_focused()
        await keys.type("tanaka")
        await keys.press("Tab")
        await keys.type(PASSWORD)
        await keys.press("Enter")
        await expect(page.get_by_label(TEXTS["staff.code"])).to_be_visible()
        await page.get_by_label(TEXTS["staff.code"]).focus()
        await keys.type(house.code("tanaka"))
        await keys.press("Enter")
        await stands_at(page, "/staff")


@pytest.mark.parametrize("dark", [pytest.param(False, id="light"), pytest.param(True, id="dark")])
async def test_every_page_is_accessible(pages: Pages, dark: bool) -> None:
    """axe-core finds nothing, and nothing is wider than 320 pixels of a small screen."""
    house = StaffHouse()
    invitation = await house.invite("sato")
    token = (await house.join("tanaka", EVERYTHING)).opened.token
    suzuki = (await house.join("suzuki")).opened.account
    house.limits.ask("somebody")
    async with opened(house, pages) as address:
        page = await pages(dark=dark)
        await page.set_viewport_size({"width": 320, "height": 640})
        shown = ["/staff/sign-in", f"/join/{invitation.token}"]
        for path in shown:
            await _looks_well(page, address + path)
        await house.desk.joining.choose_password(invitation.token, PASSWORD)
        await _looks_well(page, f"{address}/join/{invitation.token}")
        await carry(page, address, token)
        for path in (*SIGNED_IN, f"/staff/people/{suzuki.id}"):
            await _looks_well(page, address + path)


async def test_the_demo_says_so_on_every_page(pages: Pages) -> None:
    """One tap signs in; every page tells that it is a demo, and the password; axe is content."""
    settings = StaffSettings(demo=True, demo_password="the demo's password")
    house = StaffHouse(demo=True, settings=settings)
    await house.seed_demo()
    async with opened(house, pages) as address:
        page = await pages(f"{address}/staff/sign-in")
        await _looks_well(page, f"{address}/staff/sign-in")
        await page.get_by_role("button", name="supervisor").click()
        await stands_at(page, "/staff")
        for path in ("/staff", "/staff/limits", "/staff/audit", "/staff/me"):
            await page.goto(address + path)
            await expect(page.get_by_role("complementary")).to_contain_text(TEXTS["staff.demo"])
            await expect(page.get_by_role("complementary")).to_contain_text("the demo's password")


async def test_news_come_by_themselves(pages: Pages) -> None:
    """A request for a limit shows in the navigation; a session that ends leaves the page."""
    house = StaffHouse(settings=StaffSettings(recheck=0.05))
    token = (await house.join("tanaka", SUPERVISOR)).opened.token
    async with opened(house, pages) as address:
        page = await pages()
        await carry(page, address, token)
        await page.goto(f"{address}/staff/audit")
        count = page.locator("nav [data-news=limits]")
        await expect(count).to_be_hidden()
        house.limits.ask("somebody")
        await expect(count).to_have_text("1")
        await house.sign_in("tanaka")
        await expect(page.locator("[data-news=audit]")).to_be_visible()
        await house.disable("tanaka")
        await stands_at(page, "/staff/sign-in")
    assert [each for each in pages.complaints if "401" not in each] == []
    pages.complaints.clear()


async def test_a_new_token_leaves_other_tabs_alone(pages: Pages) -> None:
    """A second proof in one tab renews the token; the other tab stays where it is, and hears."""
    house = StaffHouse(settings=StaffSettings(recheck=0.05))
    token = (await house.join("tanaka", SUPERVISOR)).opened.token
    house.now += MINUTE
    async with opened(house, pages) as address:
        one = await pages()
        await carry(one, address, token)
        other = await one.context.new_page()
        await other.goto(f"{address}/staff/audit")
        await one.goto(f"{address}/staff/again")
        await one.get_by_label(TEXTS["staff.code"]).fill(house.code("tanaka"))
        await press(one, "staff.go_on")
        await stands_at(one, "/staff")
        assert await house.desk.sessions.who(token) is None
        house.limits.ask("somebody")
        await expect(other.locator("nav [data-news=limits]")).to_have_text("1")
        await stands_at(other, "/staff/audit")


async def test_news_come_where_streams_are_held(pages: Pages) -> None:
    """Where a proxy lets no stream through, the page asks by itself."""
    house = StaffHouse(settings=StaffSettings(streams=0))
    token = (await house.join("tanaka", SUPERVISOR)).opened.token
    house.limits.ask("somebody")
    async with opened(house, pages) as address:
        page = await pages()
        await page.clock.install()
        await carry(page, address, token)
        await page.goto(f"{address}/staff/audit")
        for _ in range(4):
            await page.clock.run_for(10_000)
        await expect(page.locator("nav [data-news=limits]")).to_have_text("1")
    assert [each for each in pages.complaints if "503" not in each] == []
    pages.complaints.clear()


@pytest.mark.parametrize("hostile", HOSTILE)
async def test_hostile_names_stay_words(pages: Pages, hostile: str) -> None:
    """No page runs, opens or complains of anything because of how somebody calls themselves."""
    house = StaffHouse()
    token = (await house.join("tanaka", EVERYTHING)).opened.token
    suzuki = (await house.join("suzuki")).opened.account
    await house.spoil("tanaka", hostile)
    await house.spoil("suzuki", hostile)
    async with opened(house, pages) as address:
        page = await pages(device="desktop")
        opened_windows: list[str] = []
        page.on("dialog", lambda dialog: opened_windows.append(dialog.message))
        await carry(page, address, token)
        for path in ("/staff", "/staff/people", f"/staff/people/{suzuki.id}", "/staff/audit"):
            await page.goto(address + path)
            assert await page.locator("script:not([src]), img, main svg").count() == 0
        assert opened_windows == []


async def _sign_in(page: Page, house: StaffHouse) -> None:
    house.now += MINUTE
    await page.get_by_label(TEXTS["staff.login"]).fill("tanaka")
    await page.get_by_label(TEXTS["staff.password"]).fill(PASSWORD)
    await press(page, "staff.go_on")
    await page.get_by_label(TEXTS["staff.code"]).fill(house.code("tanaka"))
    await press(page, "staff.sign_in")


async def _looks_well(page: Page, address: str) -> None:
    await page.goto(address)
    assert await faults(page) == [], address
    assert await page.evaluate(WIDER) <= 0, address


def _expected(pages: Pages, refusals: int) -> list[str]:
    """The complaints but for that many refused forms, which a browser logs; clears them."""
    complaints = list(pages.complaints)
    pages.complaints.clear()
    refused = [each for each in complaints if "422" in each]
    assert len(refused) == refusals
    return [each for each in complaints if each not in refused]
