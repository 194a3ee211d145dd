"""JIS X 8341-3:2016 AA in the browser: one test for each criterion that a test can judge.

docs/accessibility.md lists all 38, from tests/browser/criteria.py. axe-core has a file of its own.
"""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page, expect

from bot.rendering.bubbles import Bubble, Button
from bot.web.static import FOLDER
from tests.browser.pages import Pages
from tests.browser.test_room import WIDE, go_in, opened, write
from tests.web.stand_ins import RAILS, TinyService, read_messages

TEXTS = read_messages().texts["ja"]
# What overlaps what: two things to press or read that lie on each other although neither holds the
# other. Things that stick to an edge lie on what scrolls below them, by design.
OVERLAPS = """() => {
  const stuck = one => one.closest('header, .say');
  const all = [...document.querySelectorAll('a, button, summary, textarea, .bubble, h1, p')]
      .filter(one => one.checkVisibility() && !one.closest('.who') && !one.matches('.who, .skip'));
  const boxes = all.map(one => one.getBoundingClientRect());
  const found = [];
  for (let i = 0; i < all.length; i++) for (let j = i + 1; j < all.length; j++) {
    if (all[i].contains(all[j]) || all[j].contains(all[i])) continue;
    if (!stuck(all[i]) !== !stuck(all[j])) continue;
    const a = boxes[i], b = boxes[j];
    const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const tall = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    if (wide > 1 && tall > 1)
      found.push(all[i].outerHTML.slice(0, 60) + ' / ' + all[j].outerHTML.slice(0, 60));
  }
  return found;
}"""
CUT = """() => [...document.querySelectorAll('a, button, summary, .bubble, p, h1')]
    .filter(one => one.checkVisibility() && !one.matches('.who, .skip')
        && (one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).display !== 'inline'))
    .map(one => one.outerHTML.slice(0, 80))"""
FOCUSED = """() => {
  const one = document.activeElement, style = getComputedStyle(one);
  if (one === document.body) return null;
  const box = one.getBoundingClientRect();
  return {name: (one.id || one.className || one.name || one.tagName) + ':' + one.innerText.trim(),
      ring: parseFloat(style.outlineWidth) * (style.outlineStyle !== 'none'),
      top: box.top, bottom: box.bottom, tall: innerHeight};
}"""
LARGER = "document.documentElement.style.fontSize = '200%'"


async def walk(page: Page, most: int = 60) -> list[dict[str, object]]:
    """Everything Tab reaches from the top of the page until the page is left."""
    await page.locator(".skip").focus()
    seen: list[dict[str, object]] = [await page.evaluate(FOCUSED)]
    for _ in range(most):
        await page.keyboard.press("Tab")
        found = await page.evaluate(FOCUSED)
        if found is None:
            return seen
        seen.append(found)
    raise AssertionError(f"Tab never left the page: {seen[-5:]}")


@pytest.mark.parametrize("width", [320, 640, 1280])
async def test_letters_twice_as_large(pages: Pages, width: int) -> None:
    """1.4.4: with letters of 200 % nothing is cut off, covered or pushed out, at any width."""
    service = TinyService()
    async with opened(pages, service) as address:
        page = await pages(device="desktop")
        await page.set_viewport_size({"width": width, "height": 900})
        await page.goto(address)
        for enter in (False, True):
            if enter:
                await go_in(page)
                await write(page, "はい")
                await expect(page.locator(".row.person")).to_be_visible()
            await page.evaluate(LARGER)
            assert await page.evaluate(WIDE) == []
            assert await page.evaluate(OVERLAPS) == []
            assert await page.evaluate(CUT) == []
        await page.get_by_text(TEXTS["pages.looks"], exact=True).click()
        assert await page.evaluate(WIDE) == []
        await expect(page.get_by_role("textbox")).to_be_visible()


async def test_every_look_fits(pages: Pages) -> None:
    """Readings, pictures and large letters together on the smallest phone: nothing overlaps."""
    service = TinyService()
    async with opened(pages, service) as address:
        page = await pages()
        await page.set_viewport_size({"width": 320, "height": 568})
        await page.context.add_cookies([{"name": "look", "value": "flp", "url": address}])
        await page.goto(address)
        assert await page.evaluate(WIDE) == []
        await page.get_by_role("button", name=TEXTS["room.start"]).click()
        await expect(page.locator(".pic").first).to_be_visible()
        assert await page.evaluate(WIDE) == []
        assert await page.evaluate(OVERLAPS) == []


async def test_the_keyboard_reaches_everything_in_order(pages: Pages) -> None:
    """2.1.1, 2.1.2, 2.4.3: Tab goes through the page as it reads, and leaves it again."""
    service = TinyService()
    async with opened(pages, service) as address:
        page = await pages(address, device="desktop")
        await go_in(page)
        seen = [str(one["name"]) for one in await walk(page)]
        labels = [name.split(":", 1)[1] for name in seen]
        wanted = [
            *(TEXTS[key] for key in ("pages.skip", "room.title", "pages.looks", "pages.exit")),
            *("119", "110", "話してみる", "家族や友人のこと", "人と話す", "おわる", "たすけて"),
        ]
        # A browser may let Tab stop at the log too, where that can be scrolled.
        assert [label for label in labels if label in wanted] == wanted
        assert seen[-2].startswith("text:")
        assert labels[-1] == TEXTS["room.send"]


async def test_focus_is_seen(pages: Pages) -> None:
    """2.4.7: whatever has the focus has a ring of 3 pixels and stands inside the window."""
    service = TinyService()
    async with opened(pages, service) as address:
        page = await pages(address, device="desktop")
        for enter in (False, True):
            if enter:
                await go_in(page)
            for one in await walk(page):
                assert one["ring"] == 3, one
                assert float(str(one["bottom"])) > 0, one
                assert float(str(one["top"])) < float(str(one["tall"])), one


async def test_the_panel_opens_by_keyboard(pages: Pages) -> None:
    """2.1.1: 見え方 opens, turns a look on and stays reachable without a pointer."""
    service = TinyService()
    async with opened(pages, service) as address:
        page = await pages(address, device="desktop")
        await go_in(page)
        await page.get_by_role("textbox").fill("書きかけ")
        await page.locator("summary").focus()
        await page.keyboard.press("Enter")
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("button", name=TEXTS["pages.look_furigana"])).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(page.locator("rt").first).to_be_visible()
        await expect(page.get_by_role("textbox")).to_have_value("書きかけ")


async def test_the_skip_link_skips(pages: Pages) -> None:
    """2.4.1: the first stop leads past the header to what is said."""
    service = TinyService()
    async with opened(pages, service) as address:
        page = await pages(address, device="desktop")
        await page.keyboard.press("Tab")
        skip = page.get_by_role("link", name=TEXTS["pages.skip"])
        await expect(skip).to_be_focused()
        await expect(skip).to_be_in_viewport()
        await page.keyboard.press("Enter")
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("button", name=TEXTS["room.start"])).to_be_focused()


async def test_nothing_happens_by_looking(pages: Pages) -> None:
    """3.2.1, 3.2.2: focus and typing change nothing; only pressing does."""
    service = TinyService()
    async with opened(pages, service) as address:
        page = await pages(address, device="desktop")
        await go_in(page)
        before = page.url
        await walk(page)
        await page.get_by_role("textbox").fill("まだ送らない")
        assert page.url == before
        assert len(service.heard) == 1
        await expect(page.locator(".row")).to_have_count(1)


@pytest.mark.parametrize(
    ("language", "spoken"), [("ja", "ja"), ("ja-easy", "ja"), ("en", "en")], ids=lambda one: one
)
async def test_the_language_is_said(pages: Pages, language: str, spoken: str) -> None:
    """3.1.1, 3.1.2: the page says its language, and each name of another language its own."""
    service = TinyService()
    async with opened(pages, service) as address:
        page = await pages(f"{address}/?lang={language}")
        await expect(page.locator("html")).to_have_attribute("lang", spoken)
        other = "en" if spoken == "ja" else "ja"
        name = read_messages().texts[other]["pages.language_name"]
        link = page.get_by_role("link", name=name, exact=True)
        await expect(link).to_have_attribute("lang", other)


@pytest.mark.parametrize(
    "javascript", [pytest.param(True, id="with"), pytest.param(False, id="without")]
)
async def test_mistakes_are_explained(pages: Pages, javascript: bool) -> None:
    """3.3.1, 3.3.3: what is wrong and what helps stands in words, announced, near the box."""
    service = TinyService()
    async with opened(pages, service) as address:
        page = await pages(address, javascript=javascript)
        await go_in(page, javascript)
        await write(page, "あ" * 2_001)
        status = page.get_by_role("status")
        await expect(status).to_have_text(TEXTS["room.too_long"])
        await expect(page.get_by_role("textbox")).to_have_value("あ" * 2_001)
    pages.complaints.clear()  # the browser itself reports the 422


async def test_what_is_new_is_announced(pages: Pages) -> None:
    """1.3.1, 4.1.2: the log and the notice are live regions; a heading and landmarks are there."""
    service = TinyService()
    async with opened(pages, service) as address:
        page = await pages(address)
        await go_in(page)
        await expect(page.get_by_role("log")).to_have_attribute("aria-live", "polite")
        await expect(page.get_by_role("status")).to_have_count(1)
        for landmark in ("banner", "main"):
            await expect(page.get_by_role(landmark)).to_have_count(1)
        await expect(page.get_by_role("heading", level=1)).to_have_count(1)
        box = page.get_by_role("textbox", name=TEXTS["room.placeholder"])
        await expect(box).to_have_count(1)
        held = page.get_by_role("button", name=TEXTS["pages.look_large"], include_hidden=True)
        await expect(held).to_have_attribute("aria-pressed", "false")


async def test_the_page_reads_in_order(pages: Pages) -> None:
    """1.3.2: without any style the page reads as it is meant: said, then asked, then written."""
    service = TinyService()
    async with opened(pages, service) as address:
        page = await pages(address, javascript=False)
        await go_in(page, javascript=False)
        await page.route("**/*.css", lambda route: route.fulfill(body=""))
        await page.reload()
        words = await page.locator("main").inner_text()
        order = ["薬のことを", "話してみる", "人と話す", TEXTS["room.reload"]]
        places = [words.index(one) for one in order]
        assert places == sorted(places)


async def test_colour_is_never_alone(pages: Pages) -> None:
    """1.4.1: who speaks is said in words, a look that is on has a mark, links are underlined."""
    service = TinyService()
    async with opened(pages, service) as address:
        page = await pages(address)
        await page.context.add_cookies([{"name": "look", "value": "l", "url": address}])
        await go_in(page)
        service.say(next(iter(service.rooms)), "bot", Bubble("119に", (Button("x", "x"), *RAILS)))
        await write(page, "はい")
        for author, key in (("person", "room.you"), ("bot", "room.bot")):
            speaker = page.locator(f".row.{author} .who").first
            assert await speaker.inner_text() == TEXTS[key]
        mark = "getComputedStyle(document.querySelector('[aria-pressed=true]'), '::before').content"
        assert "✓" in await page.evaluate(mark)
        line = "getComputedStyle(document.querySelector('.emergency a')).textDecorationLine"
        assert await page.evaluate(line) == "underline"


async def test_headers_are_the_same_everywhere(pages: Pages) -> None:
    """3.2.3, 3.2.4: the same things stand in the same order at the top of every page."""
    service = TinyService()
    async with opened(pages, service) as address:
        page = await pages(device="desktop")
        tops = []
        for path in ("/", "/room", "/nowhere"):
            await page.goto(f"{address}{path}")
            tops.append(await page.locator("header").inner_text())
        assert tops[0] == tops[1] == tops[2]
    pages.complaints.clear()  # the browser itself reports the 404


def test_nothing_moves_or_flashes() -> None:
    """2.2.2, 2.3.1: no animation, no transition, no blinking title, no sound by itself."""
    css = (FOLDER / "room.css").read_text("utf-8")
    assert not re.search(r"animation|transition|@keyframes|blink|marquee", css)
    scripts = "".join(path.read_text("utf-8") for path in FOLDER.glob("*.js"))
    assert scripts.count("document.title") == 1  # the quick exit's
    assert not re.search(r"Audio|vibrate|Notification|setInterval", scripts)
    assert scripts.count(".speak(") == 1  # when the button for it is pressed
