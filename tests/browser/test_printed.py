"""Printed doors as a browser draws them: nothing overflows, codes can be read, PDFs are right."""

import base64
import re
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.browser.pages import Pages
from tests.printed import drawn, print_doors
from tests.rendering.qr_reading import read_qr

# Of each box the texts that reach over its edge by more than a third of a millimetre.
OVERFLOWS = """() => [...document.querySelectorAll('[data-box]')].flatMap(box => {
  const [x, y, width, height] = box.dataset.box.split(' ').map(Number), {x: left, y: top,
    width: wide, height: high} = box.getBBox(), edge = .3;
  const inside = left > x - edge && top > y - edge && left + wide < x + width + edge
    && top + high < y + height + edge;
  return inside ? [] : [box.textContent];
})"""
# The dark modules of the QR code, sampled in the middle of each out of a picture of the page.
MODULES = """async ([picture, cells]) => {
  const image = new Image();
  image.src = 'data:image/png;base64,' + picture;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = image.width; canvas.height = image.height;
  const pen = canvas.getContext('2d');
  pen.drawImage(image, 0, 0);
  const at = n => Math.floor((n + .5) * image.width / cells);
  const rows = [...Array(cells).keys()];
  return rows.map(row => rows.map(column =>
    pen.getImageData(at(column), at(row), 1, 1).data[0] < 128));
}"""
SVGS = drawn()
LANGUAGES = ("ja", "ja-easy", "en")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_nothing_overflows_on_paper(pages: Pages, language: str) -> None:
    """With the letters of a real font, every text of every page stays inside its box."""
    page = await pages(device="desktop")
    over = []
    for path, svg in SVGS.items():
        if f"/{language}/" in path:
            await page.set_content(svg)
            over += [f"{path}: {text}" for text in await page.evaluate(OVERFLOWS)]
    assert over == []


async def test_the_check_for_overflow_can_fail(pages: Pages) -> None:
    """A text that is wider than its box is found."""
    page = await pages(device="desktop")
    svg = next(iter(SVGS.values()))
    await page.set_content(svg.replace("</text></g>", "あ" * 60 + "</text></g>", 1))
    assert await page.evaluate(OVERFLOWS) != []


@pytest.mark.parametrize("side", ["card-back", "leaflet-inside"])
@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_picture_of_a_code_can_be_read(pages: Pages, side: str, language: str) -> None:
    """Sampled from the dots that a browser draws, the code is the address with its entry code."""
    page = await pages(device="desktop", scale=2)
    path = next(path for path in SVGS if path.endswith(f"/{language}/{side}.svg"))
    await page.set_content(f'<body style="margin:0">{SVGS[path]}</body>')
    code = page.locator("svg.qr")
    cells = int((await code.get_attribute("viewBox") or "").split()[-1])
    await code.evaluate("code => { code.ownerSVGElement.outerHTML = code.outerHTML }")
    await code.evaluate("code => { code.style.cssText = 'width:400px;height:400px' }")
    picture = await code.screenshot(animations="disabled")
    found = await page.evaluate(MODULES, [base64.b64encode(picture).decode(), cells])
    inner = [row[4:-4] for row in found[4:-4]]
    assert not any(any(row) for row in (*found[:4], *found[-4:])), "the quiet zone is quiet"
    chosen = "" if language == "ja" else f"&lang={language}"
    assert read_qr(inner) == f"https://engawa.example/?c={path.split('/')[0]}{chosen}"


async def test_a_pdf_has_two_sides_of_the_right_size(browser: Browser, tmp_path: Path) -> None:
    """A card is 91 × 55 mm, a leaflet A4 across, each with an outside and an inside."""
    door = next(iter(SVGS)).rpartition("/")[0]
    of_one = {path: svg for path, svg in SVGS.items() if path.startswith(f"{door}/")}
    card, leaflet = await print_doors(browser, of_one, tmp_path)
    for file, size in ((card, (91, 55)), (leaflet, (297, 210))):
        data = file.read_bytes()
        assert len(re.findall(rb"/Type\s*/Page\b", data)) == 2
        for box in re.findall(rb"/MediaBox\s*\[([^\]]+)\]", data):
            points = [float(number) for number in box.split()]
            assert [round(point / 72 * 25.4) for point in points[2:]] == list(size)
