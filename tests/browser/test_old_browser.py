"""A browser of ten years ago: the scripts can be read, the pages stand, a conversation goes on."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page, expect

from bot.web.static import FOLDER
from tests.browser.old import as_read_in_2016, make_old
from tests.browser.pages import Pages
from tests.browser.test_accessibility import OVERLAPS
from tests.browser.test_room import WIDE, go_in, opened, write
from tests.provision import provide_checkers
from tests.web.stand_ins import COVER_WORD, RECEIPT, TinyService, read_messages

TEXTS = read_messages().texts["ja"]
SCRIPTS = sorted(path.name for path in FOLDER.glob("*.js"))


def seen_by_old(script: str) -> str:
    """A test's own look at the page, without what that page lacks."""
    seen = "one.offsetParent && !one.closest('.panel')"
    return script.replace("one.checkVisibility()", seen)


@pytest.mark.parametrize("name", SCRIPTS)
async def test_scripts_are_of_the_oldest_kind(pages: Pages, name: str) -> None:
    """Each script is ECMAScript 5: a browser that knows no more runs it."""
    page = await pages()
    await page.evaluate(provide_checkers().acorn.read_text("utf-8"))
    source = (FOLDER / name).read_text("utf-8")
    parse = "source => { try { acorn.parse(source, {ecmaVersion: 5}); return ''; }"
    assert (
        await page.evaluate(f"{parse} catch (error) {{ return error.message; }} }}", source) == ""
    )
    # What the tests' own tool cannot do without, so that it can't be taken from the page.
    assert not re.search(r"globalThis|Object\.(values|entries)|\.includes\(", source)
    newer = "const x = () => `${1}`"
    assert "reserved" in await page.evaluate(
        f"{parse} catch (error) {{ return error.message; }} }}", newer
    )


def test_style_of_2016_leaves_nothing_to_chance() -> None:
    """What that browser doesn't know is really taken out, and what it knows stays."""
    css = as_read_in_2016((FOLDER / "room.css").read_text("utf-8"))
    assert not re.search(r"sticky|focus-visible|scroll-|text-wrap|env\(|prefers-|grid", css)
    assert "display: flex" in css
    assert "position: fixed" in css
    assert css.count("{") == css.count("}")


@pytest.mark.parametrize("width", [320, 390, 800])
async def test_the_pages_stand(pages: Pages, width: int) -> None:
    """Door and room: nothing lies on anything else, sticks out, or is gone."""
    service = TinyService()
    async with opened(pages, service) as address:
        page = await pages()
        await make_old(page)
        await page.set_viewport_size({"width": width, "height": 640})
        for path in ("/", "/code", "/d/x"):
            await page.goto(f"{address}{path}")
            await stands(page)
        await page.goto(address)
        await page.get_by_role("button", name=TEXTS["room.start"]).click()
        await expect(page.locator("html.lives")).to_be_attached()
        await stands(page)
        for name in ("話してみる", "人と話す", TEXTS["room.send"], TEXTS["pages.exit"]):
            await expect(page.get_by_role("button", name=name)).to_be_visible()
        # The exit stays in sight wherever the page is.
        await page.evaluate("scrollTo(0, 9999)")
        await expect(page.get_by_role("button", name=TEXTS["pages.exit"])).to_be_in_viewport()


async def stands(page: Page) -> None:
    """Nothing overlaps and nothing is wider than the window."""
    assert await page.evaluate(WIDE) == []
    assert await page.evaluate(seen_by_old(OVERLAPS)) == []


async def test_a_conversation(pages: Pages) -> None:
    """Taps, words, what comes by itself, the cover and the end; only the cover loads anew."""
    service = TinyService()
    async with opened(pages, service) as address:
        page = await pages()
        await make_old(page)
        await page.goto(address)
        await go_in(page)
        await page.get_by_role("button", name="話してみる").click()
        await expect(page.get_by_text("聞かせてくれて")).to_be_visible()
        assert "#new" in page.url
        await write(page, "古い電話からです")
        await expect(page.locator(".row.person")).to_have_count(2)
        await expect(page.get_by_role("textbox")).to_have_value("")
        service.say(next(iter(service.rooms)), "staff", "おまたせしました。")
        await expect(page.get_by_text("おまたせしました。")).to_be_visible()
        await write(page, COVER_WORD)
        await expect(page.get_by_text("今夜の献立")).to_be_visible()
        await expect(page.get_by_text("古い電話")).to_have_count(0)
        await page.get_by_role("textbox").fill(COVER_WORD)
        await page.get_by_role("button", name=TEXTS["pages.cover_write"]).click()
        await expect(page.get_by_text("古い電話")).to_be_visible()
        await page.get_by_role("button", name="消す").click()
        await expect(page.get_by_text(RECEIPT)).to_be_visible()


async def test_quick_exit(pages: Pages) -> None:
    """The button leaves at once; the room shows nothing of before."""
    service = TinyService()
    async with opened(pages, service) as address:
        page = await pages()
        await make_old(page)
        await page.route("https://www.jma.go.jp/**", lambda route: route.fulfill(body="sunny"))
        await page.goto(address)
        await go_in(page)
        await page.get_by_role("button", name=TEXTS["pages.exit"]).click()
        await expect(page.get_by_text("sunny")).to_be_visible()
        await page.goto(f"{address}/room")
        await expect(page.get_by_text(TEXTS["pages.hidden"])).to_be_visible()
