"""The browser itself: it draws Japanese, and the watch over its pages sees what it should."""

import pytest
from playwright.async_api import expect

from tests.browser.pages import Device, Pages

# Counts dark dots of one character, so that an empty box and a blank are told from a real shape.
INK = """character => {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 64;
  const pen = canvas.getContext('2d');
  pen.font = '48px sans-serif';
  pen.fillText(character, 4, 52);
  const dots = pen.getImageData(0, 0, 64, 64).data;
  return dots.filter((value, index) => index % 4 === 3 && value > 128).length;
}"""


async def test_japanese_has_a_font(pages: Pages) -> None:
    """Kanji and kana are drawn as themselves, neither blank nor as the box for "no such sign"."""
    page = await pages()
    shapes = [await page.evaluate(INK, sign) for sign in ("縁", "側", "ひ", "ー", "\U0010fffd")]
    assert min(shapes[:4]) > 0
    assert len(set(shapes)) == len(shapes)


@pytest.mark.parametrize(
    ("device", "width"),
    [pytest.param("phone", 390, id="phone"), pytest.param("desktop", 1280, id="desktop")],
)
async def test_a_page_has_the_size_of_its_device(pages: Pages, device: Device, width: int) -> None:
    """A phone page is 390 wide, a desktop page 1280, and both ask for Japanese."""
    page = await pages(device=device)
    await page.set_content('<meta name="viewport" content="width=device-width">')
    assert await page.evaluate("innerWidth") == width
    assert await page.evaluate("navigator.language") == "ja-JP"


@pytest.mark.parametrize(
    ("javascript", "text"),
    [pytest.param(True, "on", id="with"), pytest.param(False, "off", id="without")],
)
async def test_javascript_can_be_switched_off(pages: Pages, javascript: bool, text: str) -> None:
    """Scripts run, or do not run, as the test asked."""
    page = await pages(javascript=javascript)
    await page.set_content(
        "<p>off</p><script>document.querySelector('p').textContent='on'</script>"
    )
    await expect(page.locator("p")).to_have_text(text)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        pytest.param(
            '<img src="http://elsewhere.example/x.png">',
            "leaves this machine: http://elsewhere.example/x.png",
            id="a request to another machine is stopped and reported",
        ),
        pytest.param(
            "<script>console.error('broken')</script>",
            "console: broken",
            id="an error on the console is reported",
        ),
        pytest.param(
            "<script>throw new Error('fault')</script>",
            "script: fault",
            id="a fault in a script is reported",
        ),
    ],
)
async def test_complaints_are_seen(pages: Pages, content: str, complaint: str) -> None:
    """What a page does wrong ends up in `complaints`, so that the fixture can fail the test."""
    page = await pages()
    await page.set_content(content)
    await page.evaluate("0")  # a round trip: the events of before have arrived
    assert complaint in pages.complaints
    pages.complaints.clear()
