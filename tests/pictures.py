"""Draws the pictures of the README from the real service: `make pictures`.

Clock and chance stand still, so that the same flows and sentences give the same pictures.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright

from bot.app.content import CITY, pack_folder, read_content
from tests.browser.pages import Pages
from tests.menu_picture import draw_all
from tests.provision import provide
from tests.repository import ROOT
from tests.scenes import SCENES

PICTURES = ROOT / "docs" / "pictures"
CITY_PACK = os.environ.get("ENGAWA__CONTENT__CITY", CITY)


async def draw(browser: Browser, folder: Path, names: tuple[str, ...] = tuple(SCENES)) -> list[str]:
    """Draw the pictures of those names into `folder`; returns what the pages complained of."""
    complaints: list[str] = []
    for name in names:
        scene = SCENES[name]
        pages = Pages(browser)
        page = await pages(device=scene.device, scale=scene.scale)
        width, height = scene.size
        await page.set_viewport_size({"width": width, "height": height})
        async with scene.stage(page, pages):
            await _settle(page)
            await page.screenshot(path=folder / name, animations="disabled", caret="hide")
        await pages.close()
        complaints += pages.complaints
    return complaints


async def _settle(page: Page) -> None:
    """Letters are there, and nothing moves any more."""
    await page.mouse.move(0, 0)
    await page.wait_for_function("document.fonts.ready.then(() => true)")
    frames = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
    await page.evaluate(frames)


async def _main() -> int:
    provided = await asyncio.to_thread(provide)
    PICTURES.mkdir(parents=True, exist_ok=True)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=provided.executable, env={**os.environ, **provided.env}
        )
        drawn = await draw_all(browser, read_content(ROOT, CITY_PACK), pack_folder(ROOT, CITY_PACK))
        complaints = await draw(browser, PICTURES)
        await browser.close()
    for name in SCENES:
        size = (PICTURES / name).stat().st_size // 1024
        sys.stdout.write(f"docs/pictures/{name}  {size} KiB\n")
    for menu in drawn:
        sys.stdout.write(f"{os.path.relpath(menu)}  {menu.stat().st_size // 1024} KiB\n")
    for complaint in complaints:
        sys.stderr.write(f"The page complained: {complaint}\n")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(_main()))
