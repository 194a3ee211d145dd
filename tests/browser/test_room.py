"""The chat room in a real browser: phone and desk, with JavaScript and without."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, expect

from bot.rendering.bubbles import Bubble, Button
from bot.web.application import build_application
from bot.web.ports import WebSettings
from tests.browser.pages import Device, Pages
from tests.browser.serving import serving
from tests.web.stand_ins import RAILS, RECEIPT, STORE_DOWN, TinyService, ports, read_messages

TEXTS = read_messages().texts["ja"]
WIDE = """() => [...document.querySelectorAll('*')]
    .filter(one => one.getBoundingClientRect().right > innerWidth + 0.5
        && getComputedStyle(one).position !== 'absolute')
    .map(one => one.outerHTML.slice(0, 80))"""
SMALL = """() => [...document.querySelectorAll('button, summary, header a, nav a, textarea')]
    .filter(one => one.checkVisibility())
    .filter(one => { const box = one.getBoundingClientRect();
        return box.height < 44 || box.width < 24; })
    .map(one => one.outerHTML.slice(0, 80))"""
EVERYWHERE = pytest.mark.parametrize(
    ("device", "javascript"),
    [
        pytest.param("phone", True, id="phone"),
        pytest.param("phone", False, id="phone without JavaScript"),
        pytest.param("desktop", True, id="desk"),
        pytest.param("desktop", False, id="desk without JavaScript"),
    ],
)


@contextlib.asynccontextmanager
async def opened(
    pages: Pages, service: TinyService, settings: WebSettings | None = None
) -> AsyncIterator[str]:
    """The room, served; pages close first, so that none complains of the server's end."""
    async with serving(build_application(ports(service, settings=settings))) as address:
        try:
            yield address
        finally:
            await pages.close()


async def go_in(page: Page, javascript: bool = True) -> None:
    """Press the button at the door and wait for the welcome, and for the script if there is one."""
    await page.get_by_role("button", name=TEXTS["room.start"]).click()
    await expect(page.get_by_role("button", name="話してみる")).to_be_visible()
    if javascript:
        await expect(page.locator("html.lives")).to_be_attached()


async def write(page: Page, text: str) -> None:
    """Write into the box and send."""
    await page.get_by_role("textbox").fill(text)
    await page.get_by_role("button", name=TEXTS["room.send"]).click()


@EVERYWHERE
async def test_a_first_visit(pages: Pages, device: Device, javascript: bool) -> None:
    """From the door to a choice and a text of one's own, then erased: the whole way works."""
    service = TinyService()
    async with opened(pages, service) as address:
        page = await pages(f"{address}/?c=a1B2", device=device, javascript=javascript)
        await expect(page).to_have_title("縁側")
        await go_in(page, javascript)
        await page.get_by_role("button", name="家族や友人のこと").click()
        await expect(page.get_by_text("聞かせてくれて")).to_be_in_viewport()
        await write(page, "夜、ひとりのとき\nだれにも言えません")
        mine = page.locator(".row.person .bubble", has_text="だれにも")
        assert await mine.inner_text() == "夜、ひとりのとき\nだれにも言えません"
        await expect(page.get_by_text("聞かせてくれて")).to_have_count(2)
        await expect(page.get_by_role("textbox")).to_have_value("")
        await page.get_by_role("button", name="消す").click()
        await expect(page.get_by_text(RECEIPT)).to_be_visible()
        await expect(page.get_by_role("textbox")).to_have_count(0)
        assert await page.context.cookies() == []
        await page.goto(f"{address}/room")
        await expect(page.get_by_text(TEXTS["pages.gone_more"])).to_be_visible()
        assert pages.complaints == []
    assert [heard.inbound.kind for heard in service.heard if heard.inbound] == [
        "begin",
        "tap",
        "text",
        "tap",
    ]


@pytest.mark.parametrize("width", [320, 390, 1280])
async def test_it_fits(pages: Pages, width: int) -> None:
    """From 320 pixels up nothing sticks out, and whatever is pressed is large enough."""
    service = TinyService()
    async with opened(pages, service) as address:
        page = await pages()
        await page.set_viewport_size({"width": width, "height": 700})
        await page.goto(address)
        assert await page.evaluate(WIDE) == []
        assert await page.evaluate(SMALL) == []
        await go_in(page)
        await page.get_by_text(TEXTS["pages.looks"], exact=True).click()
        assert await page.evaluate(WIDE) == []
        assert await page.evaluate(SMALL) == []
        await page.get_by_text(TEXTS["pages.looks"], exact=True).click()
        token = next(iter(service.rooms))
        long = Button("n.9", "とても長い名前のついた選び方でもはみ出さずに折り返して読めること")
        service.say(token, "bot", Bubble("https://www.example.test/" + "x" * 90, (long, *RAILS)))
        await expect(page.get_by_role("button", name="とても長い")).to_be_visible()
        assert await page.evaluate(WIDE) == []
        assert await page.evaluate(SMALL) == []


@pytest.mark.parametrize(
    "streams", [pytest.param(2_000, id="live"), pytest.param(0, id="by asking, where streams fail")]
)
async def test_what_we_say_comes_by_itself(pages: Pages, streams: int) -> None:
    """A row that is committed later appears without a reload, once, with its choices."""
    service = TinyService()
    async with opened(pages, service, WebSettings(streams=streams)) as address:
        page = await pages(address)
        await page.clock.install()
        await go_in(page)
        token = next(iter(service.rooms))
        service.say(token, "staff", Bubble("おまたせしました。", (Button("n.5", "はい"), *RAILS)))
        for _ in range(8):
            await page.clock.fast_forward(30_000)
            await page.wait_for_timeout(20)
        await expect(page.get_by_text("おまたせしました。")).to_be_visible()
        await expect(page.get_by_role("button", name="はい")).to_be_visible()
        await expect(page.get_by_role("button", name="話してみる")).to_have_count(0)
        await expect(page.get_by_text("おまたせしました。")).to_have_count(1)
    pages.complaints.clear()  # the browser itself reports refused streams and the server's end


async def test_without_javascript_a_link_shows_what_is_new(pages: Pages) -> None:
    """The reload link shows new rows, also when pressed twice."""
    service = TinyService()
    async with opened(pages, service) as address:
        page = await pages(address, javascript=False)
        await go_in(page, javascript=False)
        token = next(iter(service.rooms))
        for text in ("ひとつめ。", "ふたつめ。"):
            service.say(token, "bot", Bubble(text))
            await page.get_by_role("link", name=TEXTS["room.reload"]).click()
            await expect(page.get_by_text(text)).to_be_visible()


async def test_typed_text_outlives_a_lost_connection(pages: Pages) -> None:
    """Offline, the page says so and keeps the text; sent again, it arrives once."""
    service = TinyService()
    async with opened(pages, service) as address:
        page = await pages(address)
        await go_in(page)
        await page.context.set_offline(True)
        await write(page, "届きますように")
        await expect(page.get_by_text(TEXTS["room.offline"])).to_be_visible()
        await expect(page.get_by_role("textbox")).to_have_value("届きますように")
        await page.context.set_offline(False)
        await page.get_by_role("button", name=TEXTS["room.send"]).click()
        await expect(page.locator(".row.person")).to_have_count(1)
        await expect(page.get_by_role("textbox")).to_have_value("")
        await expect(page.get_by_text(TEXTS["room.offline"])).to_have_count(0)
    pages.complaints.clear()  # the browser itself reports that it was offline


@pytest.mark.parametrize(
    "javascript", [pytest.param(True, id="with"), pytest.param(False, id="without")]
)
async def test_typed_text_outlives_a_store_that_is_down(pages: Pages, javascript: bool) -> None:
    """The safety card shows, the text stays, and once the store is back it is taken once."""
    service = TinyService()
    async with opened(pages, service) as address:
        page = await pages(address, javascript=javascript)
        await go_in(page, javascript)
        service.down = STORE_DOWN
        await write(page, "消えないで")
        card = page.locator(".card")
        await expect(card.get_by_role("link", name="119")).to_have_attribute("href", "tel:119")
        await expect(page.get_by_role("textbox")).to_have_value("消えないで")
        service.down = None
        await page.get_by_role("button", name=TEXTS["room.send"]).click()
        await expect(page.locator(".row.person")).to_have_count(1)
        await expect(card).to_have_count(0)
    pages.complaints.clear()  # the browser itself reports the 503


async def test_too_long_a_text_stays_in_the_box(pages: Pages) -> None:
    """The page explains kindly and leaves every character where it is."""
    service = TinyService()
    async with opened(pages, service) as address:
        page = await pages(address)
        await go_in(page)
        await write(page, "あ" * 2_001)
        await expect(page.get_by_text(TEXTS["room.too_long"])).to_be_visible()
        await expect(page.get_by_role("textbox")).to_have_value("あ" * 2_001)
    pages.complaints.clear()  # the browser itself reports the 422


async def test_by_keyboard_alone(pages: Pages) -> None:
    """Tab reaches the buttons, focus is seen and stays at the choices, Ctrl+Enter sends."""
    service = TinyService()
    async with opened(pages, service) as address:
        page = await pages(address, device="desktop")
        for _ in range(10):
            await page.keyboard.press("Tab")
            if await page.evaluate("document.activeElement.className") == "start":
                break
        outline = await page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
        assert outline == "3px"
        await page.keyboard.press("Enter")
        await expect(page.locator("html.lives")).to_be_attached()
        await page.get_by_role("button", name="話してみる").focus()
        await page.keyboard.press("Enter")
        await expect(page.locator(".row.person")).to_have_count(1)
        await expect(page.locator("#choices")).to_be_focused()
        await page.get_by_role("textbox").focus()
        await page.keyboard.type("はい")
        await page.keyboard.press("Control+Enter")
        await expect(page.locator(".row.person")).to_have_count(2)


async def test_nothing_leaves_this_origin(pages: Pages) -> None:
    """Door and room ask for nothing but pages and files of our own address."""
    service = TinyService()
    async with opened(pages, service) as address:
        page = await pages()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        await page.goto(address)
        await go_in(page)
        assert all(url.startswith(f"{address}/") for url in asked)
        assert len(asked) >= 5
