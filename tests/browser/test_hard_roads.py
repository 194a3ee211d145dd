"""The roads that are hardest: a slow line and an old phone, no script, keys alone.

On each of them the whole service is walked: a first contact, a return by code on another device,
the cover word, quick exit, and an erase.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser.house import whole_service
from tests.browser.pages import Device, Pages
from tests.browser.roads import PATIENT_MS, Finger, Keys, Road, slow_down
from tests.web.stand_ins import read_messages

TEXTS = read_messages().texts["ja"]
ELSEWHERE = "https://www.jma.go.jp/**"
SECRET = "弟のことで夜も考えてしまいます"


async def sees(page: Page, key: str) -> None:
    """The beginning of this message is to be read."""
    words = TEXTS[key].split("{")[0].split("\n")[0].strip()
    await expect(page.get_by_text(words).last).to_be_visible(timeout=PATIENT_MS)


async def sees_nothing_of_before(page: Page) -> None:
    """Neither the secret nor any answer of the first contact stands in the page."""
    content = await page.content()
    for words in (SECRET, TEXTS["listening.reflect_night"], TEXTS["listening.when"]):
        assert words not in content


async def first_contact(road: Road, page: Page) -> str:
    """From the door to どんなとき and words of one's own; then the return code, which it gives."""
    await road.press(page, TEXTS["room.start"])
    await sees(page, "welcome.ask")
    await road.press(page, TEXTS["welcome.button_talk"])
    await sees(page, "listening.when")
    await road.press(page, TEXTS["listening.button_night"])
    await sees(page, "listening.reflect_night")
    await road.write(page, SECRET)
    await expect(page.locator(".row.person", has_text=SECRET)).to_be_visible(timeout=PATIENT_MS)
    await road.write(page, "合言葉")
    await sees(page, "return_code.what")
    shown = await page.locator(".bubble", has_text="四つの言葉は、ここには").last.inner_text()
    return shown.split("\n")[0].strip()


async def return_by_code(road: Road, page: Page, code: str) -> None:
    """On another device: the four words lead back, nothing of before is shown, a new code is."""
    await road.press(page, TEXTS["pages.code_link"])
    await sees(page, "pages.code_lead")
    await page.locator("#words").focus()
    await page.keyboard.insert_text(code)
    await page.keyboard.press("Enter")
    await sees(page, "moved.ask")
    await sees_nothing_of_before(page)
    assert code not in await page.content()


async def nothing_at_the_former(page: Page, address: str) -> None:
    """The first device says that the talk has moved, by itself where it can, and shows no more."""
    if not await page.locator("html.lives").count():
        await page.goto(f"{address}/room")
    await sees(page, "doorstep.moved_away")
    await sees_nothing_of_before(page)


async def under_the_cover(road: Road, page: Page) -> None:
    """One button draws the cover: harmless words, no choices, another title; a word lifts it."""
    await road.press(page, TEXTS["pages.looks"])
    await road.press(page, TEXTS["pages.cover"])
    await sees(page, "cover.menu")
    await expect(page).to_have_title("メモ")
    await expect(page.locator("#choices button")).to_have_count(0)
    await sees_nothing_of_before(page)
    assert TEXTS["moved.ask"] not in await page.content()
    await road.write(page, "もどる")
    await expect(page).to_have_title("縁側", timeout=PATIENT_MS)
    await expect(page.locator("#choices button").first).to_be_visible(timeout=PATIENT_MS)


async def quick_exit(road: Road, page: Page, address: str) -> None:
    """Another page stands there at once; neither back nor the room itself shows anything."""
    await road.press(page, TEXTS["pages.exit"])
    await expect(page.get_by_text("sunny")).to_be_visible(timeout=PATIENT_MS)
    await page.go_back()
    await sees_nothing_of_before(page)
    assert TEXTS["moved.ask"] not in await page.content()
    await page.goto(f"{address}/room")
    await sees(page, "pages.hidden")
    await expect(page.locator(".row")).to_have_count(0)


async def erase(road: Road, page: Page, address: str) -> None:
    """The word asks once more, the button erases, and nothing is left."""
    await road.write(page, "消して")
    await sees(page, "erase.confirm")
    await road.press(page, TEXTS["erase.button_erase_now"])
    await sees(page, "erase.done")
    await page.goto(f"{address}/room")
    await sees(page, "pages.gone_more")


async def visit(pages: Pages, road: Road, address: str, device: Device, **how: bool) -> None:
    """All five, on two devices."""

    async def opened() -> Page:
        page = await pages(device=device, javascript=how["javascript"])
        await page.route(ELSEWHERE, lambda route: route.fulfill(body="sunny"))
        if how["slow"]:
            await slow_down(page)
        await page.goto(address)
        return page

    first = await opened()
    code = await first_contact(road, first)
    second = await opened()
    await return_by_code(road, second, code)
    await nothing_at_the_former(first, address)
    await under_the_cover(road, second)
    await quick_exit(road, second, address)
    await erase(road, second, address)


@pytest.mark.parametrize(
    "javascript", [pytest.param(True, id="with a script"), pytest.param(False, id="without")]
)
async def test_a_whole_visit_over_a_slow_line(
    pages: Pages, tmp_path: Path, javascript: bool
) -> None:
    """50 kbit/s, 400 ms, a phone six times slower: everything works, with script and without."""
    async with whole_service(pages, tmp_path) as address:
        await visit(pages, Finger(), address, "phone", javascript=javascript, slow=True)


@pytest.mark.parametrize(
    "javascript", [pytest.param(True, id="with a script"), pytest.param(False, id="without")]
)
async def test_a_whole_visit_by_keyboard(pages: Pages, tmp_path: Path, javascript: bool) -> None:
    """Keys alone, with script and without: everything is reached, and the focus is never lost."""
    async with whole_service(pages, tmp_path) as address:
        await visit(pages, Keys(), address, "desktop", javascript=javascript, slow=False)


THREE_TIMES = """
["a", "Escape", "Escape", "Escape"].forEach((key) => document.body.dispatchEvent(
  new KeyboardEvent("keydown", { key, keyCode: key === "a" ? 65 : 27, bubbles: true })))
"""


async def test_esc_three_times(pages: Pages, tmp_path: Path) -> None:
    """Esc pressed three times in a row leaves like the button; twice, or slowly, it does not."""
    async with whole_service(pages, tmp_path) as address:
        page = await pages(address, device="desktop")
        await page.route(ELSEWHERE, lambda route: route.fulfill(body="sunny"))
        await Finger().press(page, TEXTS["room.start"])
        await sees(page, "welcome.ask")
        for key in ("Escape", "Escape", "a", "Escape", "Escape"):
            await page.keyboard.press(key)
        await expect(page.get_by_role("textbox")).to_be_visible()
        # In the page itself: on a busy machine keys from outside may come too far apart.
        await page.evaluate(THREE_TIMES)
        await expect(page.get_by_text("sunny")).to_be_visible()
        await page.goto(f"{address}/room")
        await sees(page, "pages.hidden")
