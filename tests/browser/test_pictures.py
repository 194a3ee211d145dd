"""The pictures of the README: made again, of the right size, and there."""

from __future__ import annotations

import base64
import re
import struct
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.pictures import PICTURES, draw
from tests.repository import ROOT
from tests.scenes import SCENES

LARGEST = 120 * 1024
# Two drawings of one round corner may differ by a shade; a word or a place would by many.
SHADES = 8
DIFFERENCE = """async pictures => {
  const dots = await Promise.all(pictures.map(async data => {
    const picture = new Image();
    picture.src = 'data:image/png;base64,' + data;
    await picture.decode();
    const canvas = new OffscreenCanvas(picture.width, picture.height);
    const pen = canvas.getContext('2d');
    pen.drawImage(picture, 0, 0);
    return pen.getImageData(0, 0, picture.width, picture.height).data;
  }));
  return dots[0].reduce((most, dot, index) => Math.max(most, Math.abs(dot - dots[1][index])), 0);
}"""


def size_of(picture: Path) -> tuple[int, int]:
    """Width and height in dots, from the head of a PNG."""
    head = picture.read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", head[16:24])
    return width, height


async def difference(browser: Browser, *pictures: bytes) -> int:
    """By how much of 255 the two most unlike dots of two pictures of one size differ."""
    page = await browser.new_page()
    found = await page.evaluate(DIFFERENCE, [base64.b64encode(each).decode() for each in pictures])
    await page.close()
    return int(found)


def expected(name: str) -> tuple[int, int]:
    scene = SCENES[name]
    width, height = scene.size
    return int(width * scene.scale), int(height * scene.scale)


@pytest.mark.parametrize("name", SCENES)
async def test_a_picture_can_be_drawn_again(browser: Browser, tmp_path: Path, name: str) -> None:
    """The way still leads there, no page complains, and the same words give the same picture."""
    assert await draw(browser, tmp_path, (name,)) == []
    once = (tmp_path / name).read_bytes()
    assert await draw(browser, tmp_path, (name,)) == []
    assert await difference(browser, once, (tmp_path / name).read_bytes()) <= SHADES
    assert size_of(tmp_path / name) == expected(name)
    assert len(once) <= LARGEST


def test_the_readme_shows_pictures_that_exist() -> None:
    """README.md shows each picture that is drawn, and nothing else from that folder."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = re.findall(r"!\[[^\]]+\]\(docs/pictures/([^)]+)\)", readme)
    assert sorted(shown) == sorted(SCENES)
    assert sorted(path.name for path in PICTURES.glob("*.png")) == sorted(SCENES)
    for name in SCENES:
        assert size_of(PICTURES / name) == expected(name), f"{name}: run `make pictures`"
        assert (PICTURES / name).stat().st_size <= LARGEST
