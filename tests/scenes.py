"""What the README's pictures show: each scene is set on a page of its own, and taken down again.

May import anything of `bot`, as tests.browser.house does.
"""

from __future__ import annotations

import base64
import contextlib
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import date
from pathlib import Path
from typing import NamedTuple

from playwright.async_api import Page, expect

from bot.app.content import read_content
from bot.app.leaves import emergency_pages
from bot.app.printing import write_files
from bot.channels.line.menu.pictures import HERE
from bot.config import read_settings
from bot.services.revisions import compile_files
from tests.browser.house import whole_service
from tests.browser.pages import Device, Pages
from tests.browser.serving import serving
from tests.printed import drawn
from tests.repository import ROOT
from tests.web.staff.house import WATCHFUL, StaffHouse
from tests.web.stand_ins import CountingChance, read_messages

EVENING = 1_795_262_400_000
"""21 November 2026, 21:00 in Japan: an evening, when the counselors have gone home."""
TODAY = date(2026, 11, 21)
TEXTS = read_messages().texts["ja"]
PHONE, DESK = (360, 740), (1024, 640)

Walk = Callable[[Page], Awaitable[None]]
Stage = Callable[[Page, Pages], AbstractAsyncContextManager[None]]


class Scene(NamedTuple):
    """A picture: how it is set, on which device, how large, with how many dots to a pixel."""

    stage: Stage
    device: Device = "phone"
    size: tuple[int, int] = PHONE
    scale: float = 1.25


async def door(page: Page) -> None:
    """Nothing pressed yet."""


async def first_contact(page: Page) -> None:
    """One tap from the door: what this is, and the choices."""
    await _press(page, "room.start", "welcome.ask")


async def easy(page: Page) -> None:
    """Readings above kanji and pictures beside choices, turned on in the room."""
    await first_contact(page)
    for name in ("furigana", "pictures"):
        await page.locator("summary").click()
        await page.locator(f"button[value={name}]").click()
        await expect(page.locator(f".see-{name}")).to_be_attached()


async def crisis(page: Page) -> None:
    """Somebody writes that they would like to disappear."""
    await first_contact(page)
    await page.get_by_role("textbox").fill("もう消えてしまいたい")
    await _press(page, "room.send", "crisis.choose")


async def cover(page: Page) -> None:
    """The cover word was sent: only something harmless is to be seen."""
    await first_contact(page)
    await page.get_by_role("textbox").fill(TEXTS["pages.cover_word"])
    await page.get_by_role("button", name=TEXTS["room.send"], exact=True).click()
    await expect(page.get_by_text(TEXTS["cover.menu"])).to_be_visible()


def on_the_web(walk: Walk, path: str = "/room") -> Stage:
    """The whole service, after this walk, on the page of `path`, opened anew."""

    @contextlib.asynccontextmanager
    async def stage(page: Page, pages: Pages) -> AsyncIterator[None]:
        with tempfile.TemporaryDirectory() as folder:
            chance = CountingChance()
            async with whole_service(pages, Path(folder), lambda: EVENING, chance) as address:
                await page.goto(address)
                await walk(page)
                # What is shown no longer depends on how the answer came in.
                await page.goto(f"{address}{path}")
                yield

    return stage


@contextlib.asynccontextmanager
async def emergency(page: Page, _: Pages) -> AsyncIterator[None]:
    """The page that stands anywhere, opened from a disk."""
    settings = read_settings(ROOT / "config.toml", {})
    with tempfile.TemporaryDirectory() as folder:
        leaves = emergency_pages(settings, compile_files(read_content(ROOT)), TODAY)
        write_files(Path(folder), leaves)
        await page.goto((Path(folder) / "ja.html").as_uri())
        yield


@contextlib.asynccontextmanager
async def menu(page: Page, _: Pages) -> AsyncIterator[None]:
    """LINE's menu, as the build drew it, at half its size."""
    picture = base64.b64encode((HERE / "yorisoi.png").read_bytes()).decode()
    style = "<style>*{margin:0}img{display:block;width:100%}</style>"
    await page.set_content(f'{style}<img alt="" src="data:image/png;base64,{picture}">')
    await page.wait_for_function("document.images[0].decode().then(() => true)")
    yield


@contextlib.asynccontextmanager
async def card(page: Page, _: Pages) -> AsyncIterator[None]:
    """Both sides of a card for the city's counter, from the example pack."""
    pages = drawn()
    place = next(path.rpartition("/")[0] for path in pages if path.endswith("/ja/card-front.svg"))
    sides = "".join(pages[f"{place}/{side}.svg"] for side in ("card-front", "card-back"))
    style = "<style>*{margin:0}body{background:#d9cbb2;padding:10px}svg{display:block}"
    shown = "body>svg{width:400px;height:auto;margin-bottom:10px}</style>"
    await page.set_content(style + shown + sides)
    yield


@contextlib.asynccontextmanager
async def staff(page: Page, pages: Pages) -> AsyncIterator[None]:
    """What somebody who administers and supervises sees after signing in, in the demo."""
    house = StaffHouse(demo=True)
    house.now = EVENING
    await house.seed_demo()
    token = (await house.join("tanaka", WATCHFUL, "田中")).opened.token
    async with serving(house.application()) as address:
        await page.context.add_cookies([{"name": "staff", "value": token, "url": address}])
        await page.goto(f"{address}/staff")
        yield
        await pages.close()


SCENES: dict[str, Scene] = {
    "door-phone.png": Scene(on_the_web(door, "/")),
    "easy-to-read-phone.png": Scene(on_the_web(easy)),
    "crisis-phone.png": Scene(on_the_web(crisis)),
    "cover-phone.png": Scene(on_the_web(cover)),
    "emergency-phone.png": Scene(emergency),
    "line-menu.png": Scene(menu, "desktop", (600, 405), 1),
    "card.png": Scene(card, "desktop", (420, 512)),
    "staff-desktop.png": Scene(staff, "desktop", DESK, 1),
}


async def _press(page: Page, button: str, reads: str) -> None:
    """Press what carries this message, and wait until the last words say the other."""
    await page.get_by_role("button", name=TEXTS[button], exact=True).click()
    log = page.locator("#log")
    await expect(log.get_by_text(TEXTS[reads]).last).to_be_visible()
