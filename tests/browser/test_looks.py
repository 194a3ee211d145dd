"""見え方 in the browser: each look does what it says, with and without a script."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.browser.pages import Pages
from tests.browser.test_room import go_in, opened
from tests.web.stand_ins import TinyService, read_messages

TEXTS = read_messages().texts["ja"]
# A voice that remembers what it was asked to say, since a test has no ears.
VOICE = """
window.spoken = [];
window.SpeechSynthesisUtterance = function (text) { this.text = text; };
Object.defineProperty(window, 'speechSynthesis', {value: {
  speaking: false, cancel() { this.speaking = false; },
  speak(one) { this.speaking = true; spoken.push([one.lang, one.text]); }}});
"""
MUTE = "delete window.speechSynthesis; delete Window.prototype.speechSynthesis;"
SIZE = "parseFloat(getComputedStyle(document.querySelector('.bubble')).fontSize)"


async def turn(page: Page, name: str) -> None:
    """Open 見え方 and press one of its buttons."""
    await page.locator("summary").click()
    await page.locator(f"button[value={name}]").click()
    await expect(page.locator("details[open]")).to_have_count(0)
    await page.wait_for_load_state()


@pytest.mark.parametrize(
    "javascript", [pytest.param(True, id="with"), pytest.param(False, id="without")]
)
async def test_looks_are_one_tap_away(pages: Pages, javascript: bool) -> None:
    """Readings, pictures and large letters come and go, and stay in this browser."""
    service = TinyService()
    async with opened(pages, service) as address:
        page = await pages(address, javascript=javascript)
        await go_in(page, javascript)
        before = await page.evaluate(SIZE)
        for name in ("furigana", "pictures", "large"):
            await turn(page, name)
        await expect(page.locator("ruby", has_text="薬").locator("rt")).to_have_text("くすり")
        await expect(page.locator("button svg")).to_have_count(2)
        assert await page.evaluate(SIZE) > before * 1.3
        await page.goto(address)
        await expect(page.locator("rt").first).to_be_visible()
        for name in ("furigana", "pictures", "large"):
            await turn(page, name)
        await expect(page.locator("rt")).to_have_count(0)
        assert await page.context.cookies() != []
        assert "look" not in {one.get("name") for one in await page.context.cookies()}


async def test_messages_are_read_aloud(pages: Pages) -> None:
    """A press says one message in its language, without what stands above kanji; again, silence."""
    service = TinyService()
    async with opened(pages, service) as address:
        page = await pages()
        await page.add_init_script(VOICE)
        await page.goto(address)
        await go_in(page)
        await expect(page.locator(".row .aloud")).to_have_count(0)
        await turn(page, "aloud")
        await turn(page, "furigana")
        await expect(page.locator("html.lives")).to_be_attached()
        listen = page.locator(".row .aloud")
        await expect(listen).to_have_text(TEXTS["pages.read_aloud"])
        await listen.first.click()
        ((language, said),) = await page.evaluate("spoken")
        assert language == "ja"
        assert said.startswith("薬のことを、名前を言わずに話せる場所です。")
        await listen.first.click()
        assert len(await page.evaluate("spoken")) == 1
        await page.get_by_role("textbox").fill("はい")
        await page.locator("#say button").click()
        await expect(listen).to_have_count(2)
        await expect(page.locator(".row.person .aloud")).to_have_count(0)


@pytest.mark.parametrize(
    "javascript", [pytest.param(True, id="no voice"), pytest.param(False, id="no script")]
)
async def test_no_voice_is_promised_where_there_is_none(pages: Pages, javascript: bool) -> None:
    """Where the device cannot read aloud, nothing offers it."""
    service = TinyService()
    async with opened(pages, service) as address:
        page = await pages(javascript=javascript)
        await page.add_init_script(MUTE)
        await page.context.add_cookies([{"name": "look", "value": "a", "url": address}])
        await page.goto(address)
        await go_in(page, javascript)
        await page.get_by_text(TEXTS["pages.looks"], exact=True).click()
        await expect(page.locator("button[value=large]")).to_be_visible()
        await expect(page.locator("button[value=aloud]")).to_be_hidden()
        await expect(page.locator(".row .aloud")).to_have_count(0)


async def test_a_cover_in_another_window(pages: Pages) -> None:
    """Drawn in one window, the cover is drawn in the other by itself, and lifted too."""
    service = TinyService()
    async with opened(pages, service) as address:
        page = await pages(address)
        await go_in(page)
        other = await page.context.new_page()
        await other.goto(f"{address}/room")
        await expect(other.locator("html.lives")).to_be_attached()
        for shown, gone in (("今夜の献立", "薬のことを"), ("薬のことを", "メモを書く")):
            await page.get_by_role("textbox").fill("献立")
            await page.locator("#say button").click()
            for each in (page, other):
                await expect(each.get_by_text(shown).first).to_be_visible()
                await expect(each.get_by_text(gone)).to_have_count(0)
