"""Prints the doors as PDF through Chromium: `make pictures` puts them into var/doors.

With the example pack and an example address, to look at; a city prints its own with
`engawa doors` and any browser.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from playwright.async_api import Browser, async_playwright

from bot.app.content import read_content
from bot.app.doors import printed_doors
from bot.config import read_settings
from bot.services.revisions import compile_files
from tests.provision import provide
from tests.repository import ROOT

FOLDER = ROOT / "var" / "doors"
SHEETS = {"card": "91mm 55mm", "leaflet": "297mm 210mm"}
SIDES = {"card": ("card-front", "card-back"), "leaflet": ("leaflet-outside", "leaflet-inside")}
EXAMPLE = {"ENGAWA__ROOM__URL": "https://engawa.example"}


def drawn() -> Mapping[str, str]:
    """Every page of the example pack as SVG, by its path."""
    settings = read_settings(ROOT / "config.toml", EXAMPLE)
    published = compile_files(read_content(ROOT))
    return {page.path: page.svg for page in printed_doors(settings, published)}


async def print_doors(browser: Browser, svgs: Mapping[str, str], folder: Path) -> list[Path]:
    """Each card and leaflet as a PDF of two pages: outside and inside."""
    page = await browser.new_page()
    written = []
    for door in sorted({path.rpartition("/")[0] for path in svgs}):
        for sheet, sides in SIDES.items():
            html = "".join(f"<section>{svgs[f'{door}/{side}.svg']}</section>" for side in sides)
            await page.set_content(_STYLE.replace("SIZE", SHEETS[sheet]) + html)
            await page.wait_for_function("document.fonts.ready.then(() => true)")
            target = folder / door / f"{sheet}.pdf"
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(await page.pdf(prefer_css_page_size=True, print_background=True))
            written.append(target)
    await page.close()
    return written


_STYLE = (
    "<!doctype html><style>@page { size: SIZE; margin: 0 } body { margin: 0 } "
    "section { break-after: page } section:last-child { break-after: auto } "
    "svg { display: block }</style>"
)


async def _main() -> int:
    provided = await asyncio.to_thread(provide)
    svgs = drawn()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=provided.executable, env={**os.environ, **provided.env}
        )
        written = await print_doors(browser, svgs, FOLDER)
        await browser.close()
    for path, svg in svgs.items():
        (FOLDER / path).write_text(svg, encoding="utf-8")
    sys.stdout.write(f"var/doors  {len(written)} PDF, {len(svgs)} SVG (example pack, drafts)\n")
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(_main()))
