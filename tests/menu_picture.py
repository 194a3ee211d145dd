"""Draws LINE's menu in the browser, as SVG: one picture for each place that may stand third.

Neutral on purpose: no word about drugs, no centre. A picture lies in the city pack where the pack
makes it differ, else beside bot.channels.line.menu; a note says what it shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path
from typing import NamedTuple

import msgspec
from playwright.async_api import Browser, Page

from bot.channels.line.menu.layout import HEIGHT, WIDTH, Menu, bounds, menu_with, third_places
from bot.channels.line.menu.pictures import HERE, note_of
from bot.flow.city import PACK
from bot.flow.directory import load_directory
from bot.flow.loader import load_bundle

GROUND, PAPER, WOOD, INK, QUIET, LAMP, ALARM = (
    "#f6efe2",
    "#fffaf0",
    "#b79a6f",
    "#33291f",
    "#65553f",
    "#7a4a15",
    "#8f2d1d",
)
FONT = "'BIZ UDPGothic','Hiragino Sans','Noto Sans JP','Noto Sans CJK JP','IPAexGothic',sans-serif"
MARGIN = 14
WIDEST = 352
"""Dots a line may be wide: a field without its margins."""
_SIZES = {
    "number": (118, 100, 84),
    "title": (80, 72, 64, 58, 52, 46, 40, 36, 32, 28),
    "note": (38, 34, 30, 26, 22),
}

# Strokes on a field of 100 × 100: two bubbles, a heart, a moon.
_SIGNS = (
    "M12 20h50v34H36L22 66V54H12z M70 36h18v30H80v12L66 66H46",
    "M50 84C16 60 12 40 24 28c11-10 24-4 26 10 2-14 15-20 26-10 12 12 8 32-26 56z",
    "M62 16a34 34 0 1 0 24 50A28 28 0 0 1 62 16z",
)
_PHONE = (
    "M28 18l16 4 4 20-10 8c4 10 8 14 18 18l8-10 20 4 4 16"
    "c-6 8-14 8-22 6C42 78 24 60 20 38c-2-8 0-16 8-20z"
)
_PAGE = "M22 20h56v60H22z M22 36h56 M32 50h36 M32 62h26"


class Drawn(NamedTuple):
    """A menu and where its picture lies, without an ending."""

    menu: Menu
    place: Path


def menus(files: Mapping[str, bytes], pack: Path | None) -> Iterator[Drawn]:
    """Every menu these files may need, with its place."""
    common = {name: data for name, data in files.items() if not name.startswith(PACK)}
    usual = {menu.picture: menu.shown() for menu in _menus(common)}
    for menu in _menus(files):
        own = pack is not None and usual.get(menu.picture) != menu.shown()
        folder = pack / "menu" if own and pack is not None else HERE
        yield Drawn(menu, folder / menu.picture)


def _menus(files: Mapping[str, bytes]) -> list[Menu]:
    bundle = load_bundle(files)
    directory = load_directory(files, bundle.messages.languages)
    return [menu_with(bundle, directory, third) for third in third_places(directory)]


def svg(menu: Menu) -> str:
    """The picture as SVG; the sizes of its letters are fitted afterwards (see `FIT`)."""
    fields = "".join(_field(menu, place) for place in range(len(menu.buttons)))
    planks = "".join(
        f'<path d="M0 {y}H{WIDTH}" stroke="{WOOD}" stroke-opacity=".35" stroke-width="2"/>'
        for y in range(HEIGHT // 2 + 54, HEIGHT, 54)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" font-family="{FONT}" text-anchor="middle" lang="ja">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{GROUND}"/>{planks}{fields}</svg>'
    )


def _field(menu: Menu, place: int) -> str:
    button, box = menu.buttons[place], bounds(place)
    x, y = box["x"] + MARGIN, box["y"] + MARGIN
    width, height = box["width"] - 2 * MARGIN, box["height"] - 2 * MARGIN
    middle = x + width / 2
    number = button.title.isdigit()
    ink, kind = (ALARM, "number") if number else (INK, "title")
    low = 272 if number or not button.note else 250
    sign, stroke = _sign(menu, place)
    lines = (
        f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="26" fill="{PAPER}" '
        f'stroke="{WOOD}" stroke-width="3"/>'
        f'<path transform="translate({middle - 55} {y + 42}) scale(1.1)" d="{sign}" fill="none" '
        f'stroke="{stroke}" stroke-width="5" stroke-linejoin="round" stroke-linecap="round"/>'
        f'<text class="{kind}" x="{middle}" y="{y + low}" font-weight="700" fill="{ink}">'
        f"{escape(button.title)}</text>"
    )
    if not button.note:
        return lines
    note = (
        f'<text class="note" x="{middle}" y="{y + low + 62}" fill="{QUIET}">{escape(button.note)}'
    )
    return f"{lines}{note}</text>"


def _sign(menu: Menu, place: int) -> tuple[str, str]:
    if place < len(_SIGNS):
        return _SIGNS[place], LAMP
    phone = menu.buttons[place].action["uri"].startswith("tel:")
    return (_PHONE if phone else _PAGE), ALARM if menu.buttons[place].title.isdigit() else LAMP


FIT = """([sizes, widest]) => [...document.querySelectorAll('text')].flatMap(line => {
  for (const size of sizes[line.getAttribute('class')]) {
    line.setAttribute('font-size', size);
    if (line.getComputedTextLength() <= widest) return [];
  }
  return [line.textContent];
})"""


async def draw(browser: Browser, menu: Menu) -> bytes:
    """The picture as PNG; raises ValueError for words that don't fit their field."""
    page = await browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
    try:
        style = "<style>*{margin:0}svg{display:block}</style>"
        await page.set_content(f"<!doctype html><meta charset='utf-8'>{style}{svg(menu)}")
        await page.wait_for_function("document.fonts.ready.then(() => true)")
        await _fit(page)
        return await page.screenshot()
    finally:
        await page.close()


async def _fit(page: Page) -> None:
    too_wide = await page.evaluate(FIT, [_SIZES, WIDEST])
    if too_wide:
        raise ValueError(f"Too wide for a field of the menu: {', '.join(too_wide)}.")


async def draw_all(browser: Browser, files: Mapping[str, bytes], pack: Path | None) -> list[Path]:
    """Draw every menu with its note; returns the pictures."""
    drawn = []
    for menu, place in menus(files, pack):
        picture = await draw(browser, menu)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.with_suffix(".png").write_bytes(picture)
        note = msgspec.json.format(msgspec.json.encode(note_of(menu, picture)), indent=2)
        place.with_suffix(".json").write_bytes(note + b"\n")
        drawn.append(place.with_suffix(".png"))
    return drawn
