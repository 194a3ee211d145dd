"""At 320 px with every way of seeing on: what is first needed is there, and nothing is torn."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser.house import whole_service
from tests.browser.pages import Pages
from tests.web.stand_ins import read_messages

SMALL = {"width": 320, "height": 640}
TEXTS = read_messages().texts["ja"]
# Of each button with a picture: does any line of its words begin left of the picture's right edge?
UNDER = """() => [...document.querySelectorAll('#choices .plain button')].filter(button => {
  const words = document.createRange(), edge = button.querySelector('.pic').getBoundingClientRect();
  words.setStartAfter(button.querySelector('.pic'));
  words.setEndAfter(button.lastChild);
  return [...words.getClientRects()].some(line => line.width && line.left < edge.right);
}).map(button => button.textContent.trim())"""
# On how many lines each word of the return code stands.
LINES = """() => {
  const code = [...document.querySelectorAll('.code')].pop().firstChild;
  let at = 0;
  return code.data.split('\\u3000').map(word => {
    const range = document.createRange();
    range.setStart(code, at);
    range.setEnd(code, at + word.length);
    at += word.length + 1;
    return range.getClientRects().length;
  });
}"""


async def opened(pages: Pages, address: str, look: str) -> Page:
    """The door on a very small phone."""
    page = await pages()
    await page.set_viewport_size({"width": SMALL["width"], "height": SMALL["height"]})
    await page.context.add_cookies([{"name": "look", "value": look, "url": address}])
    await page.goto(address)
    return page


async def bottom(page: Page, selector: str) -> float:
    """Where this ends, from the top of the screen."""
    box = await page.locator(selector).first.bounding_box()
    assert box is not None
    return box["y"] + box["height"]


@pytest.mark.parametrize("look", [pytest.param("", id="plain"), pytest.param("fpl", id="all")])
async def test_the_first_screen(pages: Pages, tmp_path: Path, look: str) -> None:
    """Begin stands on the first screen, and the head takes less than a fifth of it."""
    async with whole_service(pages, tmp_path) as address:
        page = await opened(pages, address, look)
        assert await bottom(page, ".door .start") <= SMALL["height"]
        assert await bottom(page, "header") <= SMALL["height"] / 5


@pytest.mark.parametrize("look", [pytest.param("fp", id="usual"), pytest.param("fpl", id="large")])
async def test_words_stand_beside_their_picture(pages: Pages, tmp_path: Path, look: str) -> None:
    """However many lines a label has, none of them begins under its picture."""
    async with whole_service(pages, tmp_path) as address:
        page = await opened(pages, address, look)
        await page.locator(".start").click()
        await expect(page.locator("#choices .pic").first).to_be_visible()
        under = await page.evaluate(UNDER)
        for _ in range(120):  # frames: on a busy machine the drawings come a moment later
            if not under:
                break
            await page.evaluate("new Promise((done) => requestAnimationFrame(done))")
            under = await page.evaluate(UNDER)
        assert under == []


@pytest.mark.parametrize("look", [pytest.param("", id="usual"), pytest.param("l", id="large")])
async def test_no_word_of_a_code_is_broken(pages: Pages, tmp_path: Path, look: str) -> None:
    """Each of the four words stands on one line, so that it is written down as it is."""
    async with whole_service(pages, tmp_path) as address:
        page = await opened(pages, address, look)
        await page.locator(".start").click()
        await page.get_by_role("textbox").fill("合言葉")
        await page.get_by_role("button", name=TEXTS["room.send"], exact=True).click()
        await expect(page.locator(".code")).to_be_visible()
        assert await page.evaluate(LINES) == [1, 1, 1, 1]
