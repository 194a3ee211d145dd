"""The pages that stand alone, opened as files from a disk, on a small phone."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path

import pytest

from bot.app.content import read_content
from bot.app.leaves import data_pages, emergency_pages
from bot.app.printing import write_files
from bot.config import read_settings
from bot.services.revisions import compile_files
from tests.browser.pages import Pages
from tests.repository import ROOT

SMALL = """() => [...document.querySelectorAll('a')].filter(link =>
  link.getBoundingClientRect().height < 44).map(link => link.textContent)"""


@lru_cache
def written() -> Mapping[str, Mapping[str, str]]:
    settings = read_settings(ROOT / "config.toml", {})
    published = compile_files(read_content(ROOT))
    return {
        "emergency": emergency_pages(settings, published, date(2026, 11, 21)),
        "data": data_pages(settings, published, ("line", "telegram")),
    }


@pytest.mark.parametrize("what", ["emergency", "data"])
@pytest.mark.parametrize("name", ["index", "ja", "ja-easy", "en"])
async def test_a_page_on_a_small_phone(pages: Pages, tmp_path: Path, what: str, name: str) -> None:
    """From file://, 320 px wide and without scripts: nothing is cut off, and every link is large
    enough for a finger.
    """
    write_files(tmp_path, written()[what])
    page = await pages(javascript=False)
    await page.set_viewport_size({"width": 320, "height": 568})
    await page.goto((tmp_path / f"{name}.html").as_uri())
    assert await page.evaluate("document.documentElement.scrollWidth") <= 320
    assert await page.evaluate(SMALL) == []


async def test_the_numbers_are_seen_first(pages: Pages, tmp_path: Path) -> None:
    """On a small phone 119 and 110 stand on the first screen, as links that call."""
    write_files(tmp_path, written()["emergency"])
    page = await pages()
    await page.set_viewport_size({"width": 320, "height": 568})
    await page.goto((tmp_path / "index.html").as_uri())
    for number in ("119", "110"):
        box = await page.locator(f'a[href="tel:{number}"]').bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 568


async def test_another_language_is_one_tap(pages: Pages, tmp_path: Path) -> None:
    """The link to another language opens the file beside this one."""
    write_files(tmp_path, written()["emergency"])
    page = await pages()
    await page.goto((tmp_path / "index.html").as_uri())
    await page.get_by_role("link", name="English").click()
    assert page.url.endswith("/en.html")
    assert await page.locator("html").get_attribute("lang") == "en"
