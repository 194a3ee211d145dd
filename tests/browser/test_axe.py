"""axe-core finds nothing on any page in any state, in light and dark, in each language."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser.axe import faults
from tests.browser.house import whole_service
from tests.browser.pages import Pages
from tests.browser.test_room import go_in, opened, write
from tests.web.stand_ins import COVER_WORD, STORE_DOWN, TinyService, read_messages

TEXTS = read_messages().texts["ja"]
State = Callable[[Page, TinyService, str], Awaitable[None]]


async def door(page: Page, service: TinyService, address: str) -> None:
    """The door, as it is."""


async def neutral_door(page: Page, service: TinyService, address: str) -> None:
    """The door under its neutral name."""
    await look(page, address, "n")


async def english_door(page: Page, service: TinyService, address: str) -> None:
    """The door in English."""
    await page.goto(f"{address}/?lang=en")


async def room(page: Page, service: TinyService, address: str) -> None:
    """The room after the welcome."""
    await go_in(page)


async def panel(page: Page, service: TinyService, address: str) -> None:
    """The room with 見え方 open."""
    await go_in(page)
    await page.get_by_text(TEXTS["pages.looks"], exact=True).click()


async def every_look(page: Page, service: TinyService, address: str) -> None:
    """The room with readings, voice, pictures and large letters."""
    await look(page, address, "aflp")
    await page.get_by_role("button", name=TEXTS["room.start"]).click()
    await expect(page.locator(".pic").first).to_be_visible()


async def talked(page: Page, service: TinyService, address: str) -> None:
    """The room after an answer."""
    await go_in(page)
    await write(page, "はい")
    await expect(page.locator(".row.person")).to_be_visible()


async def crisis(page: Page, service: TinyService, address: str) -> None:
    """The room with the safety card, while the store is down."""
    await go_in(page)
    service.down = STORE_DOWN
    await write(page, "消えたい")
    await expect(page.locator(".card")).to_be_visible()


async def too_long(page: Page, service: TinyService, address: str) -> None:
    """The room with a text handed back."""
    await go_in(page)
    await write(page, "あ" * 2_001)
    await expect(page.get_by_text(TEXTS["room.too_long"])).to_be_visible()


async def covered(page: Page, service: TinyService, address: str) -> None:
    """The room under its cover."""
    await go_in(page)
    await write(page, COVER_WORD)
    await expect(page.get_by_text("今夜の献立")).to_be_visible()


async def code(page: Page, service: TinyService, address: str) -> None:
    """The page for the four words, after a miss."""
    await page.goto(f"{address}/code")
    await page.get_by_role("textbox").fill("ちがう")
    await page.get_by_role("button", name=TEXTS["pages.code_button"]).click()
    await expect(page.get_by_text(TEXTS["pages.code_missed"])).to_be_visible()


async def link(page: Page, service: TinyService, address: str) -> None:
    """The page of a door link."""
    await page.goto(f"{address}/d/x")


async def hidden(page: Page, service: TinyService, address: str) -> None:
    """The room after quick exit."""
    await go_in(page)
    for token in service.rooms:
        await service.veil(token)
    await page.goto(f"{address}/room")


async def gone(page: Page, service: TinyService, address: str) -> None:
    """The room where nothing is kept."""
    await page.goto(f"{address}/room")


async def lost(page: Page, service: TinyService, address: str) -> None:
    """A page that is not there."""
    await page.goto(f"{address}/nowhere")


async def look(page: Page, address: str, letters: str) -> None:
    """The door again with this look."""
    await page.context.add_cookies([{"name": "look", "value": letters, "url": address}])
    await page.goto(address)


STATES: tuple[State, ...] = (
    door,
    neutral_door,
    english_door,
    room,
    panel,
    every_look,
    talked,
    crisis,
    too_long,
    covered,
    code,
    link,
    hidden,
    gone,
    lost,
)


@pytest.mark.parametrize("dark", [pytest.param(False, id="light"), pytest.param(True, id="dark")])
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
async def test_axe_finds_nothing(pages: Pages, state: State, dark: bool) -> None:
    """WCAG 2.0 and 2.1, A and AA, and good practice: no rule is broken."""
    service = TinyService()
    async with opened(pages, service) as address:
        page = await pages(address, dark=dark)
        await state(page, service, address)
        assert await faults(page) == []
    pages.complaints.clear()  # the browser itself reports 404, 422 and 503


async def test_axe_finds_nothing_in_the_statement(pages: Pages, tmp_path: Path) -> None:
    """The page that tells where words go, with all its sections and rows."""
    async with whole_service(pages, tmp_path) as address:
        page = await pages(f"{address}/data")
        await expect(page.locator("dl").first).to_be_visible()
        assert await faults(page) == []


async def test_axe_sees_what_is_wrong(pages: Pages) -> None:
    """A picture without words, grey on white and a nameless button are found."""
    page = await pages()
    await page.set_content(
        "<html lang=ja><title>x</title><main><h1>x</h1><img src=data:,><button></button>"
        "<p style='color:#aaa;background:#fff'>pale words</p></main>"
    )
    found = {fault.split(":")[0] for fault in await faults(page)}
    assert {"image-alt", "button-name", "color-contrast"} <= found
