"""LINE's menu is drawn again: the drawings in the repository are of today's words and colours."""

from __future__ import annotations

import base64

import pytest
from playwright.async_api import Browser

from bot.app.content import CITY, pack_folder, read_content
from bot.channels.line.menu.layout import HEIGHT, WIDTH
from tests.menu_picture import Drawn, draw, menus
from tests.repository import ROOT

DRAWN = list(menus(read_content(ROOT), pack_folder(ROOT, CITY)))
COLUMNS, ROWS = 30, 20
FAR = 40
"""By how much of 255 a patch may differ: another font draws other strokes at the same place."""
PATCHES = """async ([pictures, columns, rows]) => Promise.all(pictures.map(async data => {
  const picture = new Image();
  picture.src = 'data:image/png;base64,' + data;
  await picture.decode();
  const canvas = new OffscreenCanvas(columns, rows);
  const pen = canvas.getContext('2d');
  pen.imageSmoothingQuality = 'high';
  pen.drawImage(picture, 0, 0, columns, rows);
  return [picture.width, picture.height, ...pen.getImageData(0, 0, columns, rows).data];
}))"""


async def patches(browser: Browser, *pictures: bytes) -> list[list[int]]:
    """Of each picture: its width, its height, then the colours of 30 × 20 patches."""
    page = await browser.new_page()
    given = [base64.b64encode(each).decode() for each in pictures]
    found: list[list[int]] = await page.evaluate(PATCHES, [given, COLUMNS, ROWS])
    await page.close()
    return found


@pytest.mark.parametrize("drawn", DRAWN, ids=[each.place.name for each in DRAWN])
async def test_a_menu_can_be_drawn_again(browser: Browser, drawn: Drawn) -> None:
    """Words fit their fields, and the drawing kept looks like the one drawn now."""
    kept = drawn.place.with_suffix(".png").read_bytes()
    before, now = await patches(browser, kept, await draw(browser, drawn.menu))
    assert before[:2] == now[:2] == [WIDTH, HEIGHT]
    differences = [abs(one - other) for one, other in zip(before[2:], now[2:], strict=True)]
    assert max(differences) <= FAR, "run `make pictures`"


async def test_words_that_do_not_fit(browser: Browser) -> None:
    """A title that is too long for its field is refused rather than cut off."""
    menu = DRAWN[0].menu
    long = menu.buttons[0].__class__("あ" * 40, "", menu.buttons[0].action)
    with pytest.raises(ValueError, match="Too wide"):
        await draw(browser, menu.__class__(menu.bar, (long, *menu.buttons[1:]), menu.picture))
