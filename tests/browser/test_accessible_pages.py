"""JIS X 8341-3:2016 AA, what each page is made of: drawings, titles, names and ids, and rest."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import expect

from bot.web.application import build_application
from tests.browser.house import running_service
from tests.browser.pages import Pages
from tests.browser.test_room import go_in, opened
from tests.web.stand_ins import TinyService, ports, read_messages

TEXTS = read_messages().texts["ja"]
REPEATED = """() => {
  const ids = [...document.querySelectorAll('[id]')].map(one => one.id);
  return ids.filter((one, index) => ids.indexOf(one) !== index);
}"""
DANGLING = """() => ['for', 'form', 'aria-describedby'].flatMap(name =>
    [...document.querySelectorAll(`[${name}]`)].map(one => one.getAttribute(name))
        .filter(id => !document.getElementById(id)))"""
DRAWN = "document.querySelector('.pic use').getBoundingClientRect().width"
NOON = 1_795_230_000_000  # 21 November 2026, 12:00 in Japan
NIGHT = 1_795_273_200_000  # 22 November 2026, 00:00 in Japan


async def test_pictures_say_nothing_alone(pages: Pages) -> None:
    """1.1.1: drawings are hidden from readers, and each stands beside words that say the same."""
    service = TinyService()
    async with opened(pages, service) as address:
        page = await pages()
        await page.context.add_cookies([{"name": "look", "value": "p", "url": address}])
        await page.goto(address)
        assert await page.locator("img:not([alt=''])").count() == 0
        await go_in(page)
        drawn = page.locator("button:has(svg)")
        await expect(drawn).to_have_count(2)
        for button in await drawn.all():
            assert (await button.inner_text()).strip()
            await expect(button.locator("svg")).to_have_attribute("aria-hidden", "true")
        await page.wait_for_function(f"{DRAWN} > 20")  # the drawing is really there


async def test_titles_and_addresses_tell_nothing(pages: Pages) -> None:
    """2.4.2: each page has the room's name for a title; no title or address says what it is for."""
    service = TinyService()
    async with opened(pages, service) as address:
        page = await pages()
        for path in ("/", "/code", "/d/x", "/room", "/nowhere"):
            await page.goto(f"{address}{path}")
            await expect(page).to_have_title(TEXTS["room.title"])
        paths = [getattr(route, "path", "") for route in build_application(ports(service)).routes]
        telling = re.compile("drug|yaku|addict|kusuri|消|薬|health|centre|center|soudan")
        assert not [path for path in paths if telling.search(path) and path != "/healthz"]
    pages.complaints.clear()  # the browser itself reports the 404


async def test_pages_are_whole(pages: Pages) -> None:
    """4.1.1: no page repeats an id, and labels, forms and descriptions name what is there."""
    service = TinyService()
    async with opened(pages, service) as address:
        page = await pages()
        await page.context.add_cookies([{"name": "look", "value": "aflp", "url": address}])
        for path in ("/", "/code", "/d/x", "/room", "/nowhere", "in"):
            await page.goto(address if path == "in" else f"{address}{path}")
            if path == "in":
                await page.locator(".start").click()
                await expect(page.locator("html.lives")).to_be_attached()
            assert await page.evaluate(REPEATED) == []
            assert await page.evaluate(DANGLING) == []
    pages.complaints.clear()  # the browser itself reports the 404


@pytest.mark.parametrize(
    ("now", "speaks"),
    [pytest.param(NOON, True, id="by day"), pytest.param(NIGHT, False, id="at night")],
)
async def test_nothing_comes_by_itself(
    pages: Pages, tmp_path: Path, now: int, speaks: bool
) -> None:
    """2.2.2 and quiet hours: after ten silent minutes one line by day, at night nothing at all."""
    clock = [now]
    async with running_service(pages, tmp_path, lambda: clock[0]) as (address, service):
        page = await pages(address)
        for key in ("room.start", "welcome.button_talk"):
            await page.get_by_role("button", name=TEXTS[key], exact=True).click()
        await expect(page.get_by_text(TEXTS["listening.when"])).to_be_visible()
        title = await page.title()
        clock[0] += 11 * 60 * 1_000
        assert await service.timers.run_once() >= 1
        await page.reload()
        await expect(page.locator("html.lives")).to_be_attached()
        await expect(page.get_by_text(TEXTS["listening.quiet"])).to_have_count(int(speaks))
        assert await page.title() == title
