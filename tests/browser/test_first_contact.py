"""The real flows in a real browser: the whole service on a memory store, from door to erase."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser.house import whole_service
from tests.browser.pages import Device, Pages
from tests.web.stand_ins import read_messages

TEXTS = read_messages().texts
EVERYWHERE = pytest.mark.parametrize(
    ("device", "javascript"),
    [
        pytest.param("phone", True, id="phone"),
        pytest.param("phone", False, id="phone without JavaScript"),
        pytest.param("desktop", True, id="desk"),
        pytest.param("desktop", False, id="desk without JavaScript"),
    ],
)


async def press(page: Page, key: str, language: str = "ja") -> None:
    """Press the choice with this message key."""
    await page.get_by_role("button", name=TEXTS[language][key], exact=True).click()


async def reads(page: Page, key: str, language: str = "ja") -> None:
    """The newest rows say the beginning of this message."""
    words = TEXTS[language][key].split("{")[0].strip()
    await expect(page.locator("#log").get_by_text(words).last).to_be_in_viewport()


@EVERYWHERE
async def test_a_first_contact(
    pages: Pages, tmp_path: Path, device: Device, javascript: bool
) -> None:
    """Two taps to どんなとき, a sentence of one's own, kept across a reload, then erased."""
    async with whole_service(pages, tmp_path) as address:
        page = await pages(address, device=device, javascript=javascript)
        await press(page, "room.start")
        await reads(page, "welcome.ask")
        await press(page, "welcome.button_talk")
        await reads(page, "listening.when")
        await press(page, "listening.button_night")
        await reads(page, "listening.reflect_night")
        await page.goto(f"{address}/room#new")
        await reads(page, "listening.reflect_night")
        await page.get_by_role("textbox").fill("消して")
        await press(page, "room.send")
        await reads(page, "erase.confirm")
        asked = await page.locator(".row.bot").last.inner_text()
        receipt = asked.split("控えの番号は ")[1].split(" ")[0]
        await press(page, "erase.button_erase_now")
        await expect(page.locator("main.word")).to_contain_text(receipt)
        await page.goto(f"{address}/room")
        await expect(page.get_by_text(TEXTS["ja"]["pages.gone_more"])).to_be_visible()


@EVERYWHERE
async def test_a_person_in_danger(
    pages: Pages, tmp_path: Path, device: Device, javascript: bool
) -> None:
    """Words of danger bring the crisis card, standing out, with 119 to tap."""
    async with whole_service(pages, tmp_path) as address:
        page = await pages(address, device=device, javascript=javascript)
        await press(page, "room.start")
        await reads(page, "welcome.ask")
        await page.get_by_role("textbox").fill("薬をたくさん飲んだ。もう死ぬ")
        await press(page, "room.send")
        card = page.locator(".row.crisis")
        await expect(card.first).to_be_visible()
        await expect(card.get_by_role("link", name="119").first).to_be_in_viewport()
        await expect(card.locator(".bubble").first).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("language", ["ja-easy", "en"])
async def test_another_language(pages: Pages, tmp_path: Path, language: str) -> None:
    """Chosen at the door, the language holds for the page and for what is said."""
    async with whole_service(pages, tmp_path) as address:
        page = await pages(address)
        await page.get_by_role("link", name=TEXTS[language]["pages.language_name"]).click()
        await press(page, "room.start", language)
        await reads(page, "welcome.ask", language)
        await press(page, "welcome.button_talk", language)
        await reads(page, "listening.when", language)
        await press(page, "room.send", language)


@pytest.mark.parametrize(
    ("width", "height"),
    [pytest.param(320, 568, id="a small phone"), pytest.param(640, 400, id="a desk at 200 %")],
)
async def test_the_first_words_are_seen_first(
    pages: Pages, tmp_path: Path, width: int, height: int
) -> None:
    """However small the page, the room opens at what this place is, not below it."""
    async with whole_service(pages, tmp_path) as address:
        page = await pages()
        await page.set_viewport_size({"width": width, "height": height})
        await page.goto(address)
        await press(page, "room.start")
        await expect(page.locator(".bubble").first).to_be_in_viewport(ratio=1)
