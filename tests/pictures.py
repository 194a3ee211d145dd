"""Draws the pictures of the README from the real service: `make pictures`.

Clock and chance stand still, so that the same flows and sentences give the same pictures.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import NamedTuple

from playwright.async_api import Browser, Page, async_playwright, expect

from bot.app.content import CITY, pack_folder, read_content
from tests.browser.house import whole_service
from tests.browser.pages import Device, Pages
from tests.menu_picture import draw_all
from tests.provision import provide
from tests.repository import ROOT
from tests.web.stand_ins import CountingChance, read_messages

PICTURES = ROOT / "docs" / "pictures"
EVENING = 1_795_262_400_000
"""21 November 2026, 21:00 in Japan: an evening, when the counselors have gone home."""

CITY_PACK = os.environ.get("ENGAWA__CONTENT__CITY", CITY)

TEXTS = read_messages().texts["ja"]

Walk = Callable[[Page], Awaitable[None]]


async def first_contact(page: Page) -> None:
    """One tap from the door: what this is, and the choices."""
    await _press(page, "room.start", "welcome.ask")


async def listening(page: Page) -> None:
    """Two taps and one answer: what was heard, and the next question."""
    await first_contact(page)
    await _press(page, "welcome.button_talk", "listening.when")
    await _press(page, "listening.button_night", "listening.ask_more")


async def crisis(page: Page) -> None:
    """Somebody writes that they would like to disappear."""
    await first_contact(page)
    await page.get_by_role("textbox").fill("もう消えてしまいたい")
    await _press(page, "room.send", "crisis.choose")


async def door(page: Page) -> None:
    """Nothing pressed yet."""


async def easy(page: Page) -> None:
    """Readings above kanji and pictures beside choices, turned on in the room."""
    await first_contact(page)
    for name in ("furigana", "pictures"):
        await page.locator("summary").click()
        await page.locator(f"button[value={name}]").click()
        await expect(page.locator(f".see-{name}")).to_be_attached()


async def cover(page: Page) -> None:
    """The cover word was sent: only something harmless is to be seen."""
    await first_contact(page)
    await page.get_by_role("textbox").fill(TEXTS["pages.cover_word"])
    await page.get_by_role("button", name=TEXTS["room.send"], exact=True).click()
    await expect(page.get_by_text(TEXTS["cover.menu"])).to_be_visible()


class Scene(NamedTuple):
    """A picture: on which device, with how many dots a pixel, after which walk, of which page."""

    device: Device
    scale: float
    walk: Walk
    path: str = "/room"


WALKS: dict[str, Scene] = {
    "door-phone.png": Scene("phone", 1.5, door, "/"),
    "door-desktop.png": Scene("desktop", 1, door, "/"),
    "first-contact-phone.png": Scene("phone", 2, first_contact),
    "easy-to-read-phone.png": Scene("phone", 2, easy),
    "easy-to-read-desktop.png": Scene("desktop", 1, easy),
    "listening-desktop.png": Scene("desktop", 1, listening),
    "crisis-phone.png": Scene("phone", 2, crisis),
    "cover-phone.png": Scene("phone", 2, cover),
}


async def draw(browser: Browser, folder: Path, names: tuple[str, ...] = tuple(WALKS)) -> list[str]:
    """Draw the pictures of those names into `folder`; returns what the pages complained of."""
    complaints: list[str] = []
    for name in names:
        scene = WALKS[name]
        pages = Pages(browser)
        with tempfile.TemporaryDirectory() as ledger:
            chance = CountingChance()
            async with whole_service(pages, Path(ledger), lambda: EVENING, chance) as address:
                page = await pages(address, device=scene.device, scale=scene.scale)
                await scene.walk(page)
                await _settle(page, f"{address}{scene.path}")
                await page.screenshot(path=folder / name, animations="disabled", caret="hide")
        complaints += pages.complaints
    return complaints


async def _settle(page: Page, address: str) -> None:
    """Open the page anew: what it shows no longer depends on how the answer came in."""
    await page.mouse.move(0, 0)
    await page.goto(address)
    await page.wait_for_function("document.fonts.ready.then(() => true)")
    frames = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
    await page.evaluate(frames)


async def _press(page: Page, button: str, reads: str) -> None:
    """Press what carries this message, and wait until the last words say the other."""
    await page.get_by_role("button", name=TEXTS[button], exact=True).click()
    log = page.locator("#log")
    await expect(log.get_by_text(TEXTS[reads]).last).to_be_visible()


async def _main() -> int:
    provided = await asyncio.to_thread(provide)
    PICTURES.mkdir(parents=True, exist_ok=True)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=provided.executable, env={**os.environ, **provided.env}
        )
        complaints = await draw(browser, PICTURES)
        drawn = await draw_all(browser, read_content(ROOT, CITY_PACK), pack_folder(ROOT, CITY_PACK))
        await browser.close()
    for name in WALKS:
        size = (PICTURES / name).stat().st_size // 1024
        sys.stdout.write(f"docs/pictures/{name}  {size} KiB\n")
    for menu in drawn:
        sys.stdout.write(f"{os.path.relpath(menu)}  {menu.stat().st_size // 1024} KiB\n")
    for complaint in complaints:
        sys.stderr.write(f"The page complained: {complaint}\n")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(_main()))
