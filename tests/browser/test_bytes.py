"""What a visit costs: every byte between the browser and the real service, both ways.

The contexts here are their own: where a test watches requests, the browser keeps no files.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.browser.house import whole_service
from tests.browser.pages import WAIT_MS, Pages
from tests.browser.test_first_contact import press, reads
from tests.browser.wire import Wire, wired
from tests.repository import ROOT

FIRST_LOAD = 50 * 1024
TURN = 5 * 1024
REPORT = ROOT / ".cache" / "bytes.txt"
# Taps and words from the door to the end of どんなとき: (what is pressed or written, what is read).
TURNS = (
    ("welcome.button_talk", "listening.when"),
    ("listening.button_night", "listening.reflect_night"),
    ("listening.button_next_question", "safe_people.person"),
)


def report(name: str, wire: Wire) -> None:
    """Write what was measured down beside the caches, one line each, for whoever wants to know."""
    REPORT.parent.mkdir(exist_ok=True)
    with REPORT.open("a", encoding="utf-8") as file:
        file.write(f"{name}: {wire.up} bytes up, {wire.down} bytes down\n")


async def settled(page: Page, wire: Wire) -> None:
    """Nothing more has come over the wire for a quarter of a second."""
    before = -1
    while before != wire.total:
        before = wire.total
        await page.wait_for_timeout(250)


@pytest_asyncio.fixture(loop_scope="session")
async def phone(browser: Browser) -> AsyncIterator[Page]:
    """A phone of its own whose browser keeps files, as browsers do."""
    context = await browser.new_context(viewport={"width": 390, "height": 844}, locale="ja-JP")
    context.set_default_timeout(WAIT_MS)
    yield await context.new_page()
    await context.close()


@pytest.mark.parametrize(
    "look", [pytest.param("", id="plain"), pytest.param("flp", id="every look")]
)
async def test_the_first_load(pages: Pages, phone: Page, tmp_path: Path, look: str) -> None:
    """From nothing to the first words in the room, with every file: 50 KB at most."""
    async with whole_service(pages, tmp_path) as address, wired(address) as wire:
        if look:
            await phone.context.add_cookies([{"name": "look", "value": look, "url": wire.address}])
        await phone.goto(wire.address)
        await settled(phone, wire)
        report(f"door {look}", wire)
        await phone.locator(".start").click()
        await expect(phone.locator("html.lives")).to_be_attached()
        await settled(phone, wire)
        report(f"door and room {look}", wire)
        assert wire.total <= FIRST_LOAD
        await phone.goto("about:blank")


async def test_a_turn(pages: Pages, phone: Page, tmp_path: Path) -> None:
    """A tap, or a sentence, and its answer, live stream and all: 5 KB at most, both ways."""
    async with whole_service(pages, tmp_path) as address, wired(address) as wire:
        await phone.goto(wire.address)
        await press(phone, "room.start")
        await expect(phone.locator("html.lives")).to_be_attached()
        for pressed, read in TURNS:
            await settled(phone, wire)
            wire.reset()
            await press(phone, pressed)
            await reads(phone, read)
            await settled(phone, wire)
            report(pressed, wire)
            assert wire.total <= TURN, pressed
        wire.reset()
        await phone.get_by_role("textbox").fill("夜になると、どうしても落ちつかなくなります。")
        await press(phone, "room.send")
        await expect(phone.locator(".row.person").last).to_contain_text("夜になると")
        await settled(phone, wire)
        report("a sentence", wire)
        assert wire.total <= TURN
        await phone.goto("about:blank")
