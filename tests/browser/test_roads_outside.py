"""The roads between LINE, the room and Telegram, walked outside: real processes, real pages.

LINE is as a city gets it (a door), Telegram takes everything. The service is stopped and started
again between the steps.
"""

from __future__ import annotations

import re
from pathlib import Path

from playwright.async_api import Page, expect

from tests.app.people import OnLine, OnTelegram, Person, key_of
from tests.browser.outside import Outside
from tests.browser.pages import Pages
from tests.browser.roads import Finger
from tests.deciding import DECISION
from tests.web.stand_ins import read_messages

MESSAGES = read_messages()
TEXTS = MESSAGES.texts["ja"]
SECRET = "きのうのよるのはなしカナリア"
# A browser complains by itself of a closed door, and of a service that stands for a moment.
OF_ITSELF = re.compile(r"console: Failed to load resource: .*(404|net::ERR_)")
LINK = re.compile(r"http://127\.0\.0\.1:\d+/d/[A-Za-z0-9_-]{22}")
TEN_MINUTES_LATER = "UPDATE code SET expires = expires - 600000 WHERE kind = 'door'"
TELEGRAM_IN_FULL = {
    "ENGAWA__TELEGRAM__MODE": "full",
    "ENGAWA__TELEGRAM__DECISION": DECISION,
}


async def keys(person: Person, since: int = 0) -> list[str]:
    """What a platform shows to this person, by keys."""
    shown = (await person.seen())[since:]
    return [key_of(MESSAGES, re.sub(r"\n\n1 (?s:.*)\Z", "", one.text), "ja") for one in shown]


async def link(person: Person) -> str:
    """The newest door link that a platform shows."""
    return str(LINK.findall(" ".join(one.text for one in await person.seen()))[-1])


async def reads(page: Page, key: str) -> None:
    """The beginning of this message stands in the page."""
    words = TEXTS[key].split("{")[0].split("\n")[0].strip()
    await expect(page.get_by_text(words).last).to_be_visible()


async def come_in(page: Page, address: str) -> None:
    """Look at a door twice, then open it."""
    for _ in range(2):
        await page.goto(address)
        await expect(page.get_by_role("button", name=TEXTS["pages.door_button"])).to_be_visible()
    await page.get_by_role("button", name=TEXTS["pages.door_button"]).click()
    await page.wait_for_url("**/room#new")


async def is_closed(pages: Pages, address: str) -> None:
    """Pressing the button of this door is refused kindly."""
    page = await pages(address)
    await page.get_by_role("button", name=TEXTS["pages.door_button"]).click()
    await reads(page, "pages.door_failed")


def four_words(text: str) -> str:
    """The line with a return code."""
    return next(line for line in reversed(text.split("\n")) if line.count("　") == 3).strip()


async def shown_code(person: Person) -> str:
    """The newest return code that a platform shows."""
    return four_words("\n".join(one.text for one in await person.seen()))


async def nothing_of_before(page: Page, outside: Outside) -> None:
    """The room says that the talk has moved, and shows no word of it and no choice."""
    await page.goto(f"{outside.address}/room")
    await reads(page, "doorstep.moved_away")
    content = await page.content()
    for words in (SECRET, TEXTS["listening.reflect_night"], TEXTS["listening.when"]):
        assert words not in content


async def first_contact(page: Page, outside: Outside) -> str:
    """A first contact in the room, over a restart; the return code that it gives."""
    road = Finger()
    await reads(page, "welcome.ask")
    await road.press(page, TEXTS["welcome.button_talk"])
    await reads(page, "listening.when")
    await outside.restart()
    await page.reload()
    await road.press(page, TEXTS["listening.button_night"])
    await reads(page, "listening.reflect_night")
    await road.write(page, SECRET)
    await expect(page.locator(".row.person", has_text=SECRET)).to_be_visible()
    await road.write(page, "合言葉")
    await reads(page, "return_code.ask")
    shown = page.locator(".bubble", has_text=TEXTS["return_code.code"].split("\n")[1][:12])
    return four_words(await shown.last.inner_text())


async def test_from_line_to_the_room_to_telegram_and_gone(pages: Pages, tmp_path: Path) -> None:
    """A greeting and a door on LINE, a first contact in the room, by four words to Telegram and on
    to another device, then erased from LINE: each step after a restart, nothing of before anywhere.
    """
    async with Outside(tmp_path, **TELEGRAM_IN_FULL) as outside:
        line, telegram = OnLine(outside), OnTelegram(outside)
        await line.begin()
        assert await keys(line) == [
            "doorstep.hello",
            "doorstep.on_line",
            "doorstep.places",
            "doorstep.link",
        ]
        assert "119" in (await line.seen())[2].text
        await outside.restart()
        first = await pages()
        door = await link(line)
        await come_in(first, door)
        await is_closed(pages, door)
        words = await first_contact(first, outside)
        # A link that nobody opened in its ten minutes is closed, and so is the one that was used.
        await line.write("また来ました")
        await outside.restart(meanwhile=TEN_MINUTES_LATER)
        await is_closed(pages, await link(line))
        on_line = len(await line.seen())
        # On Telegram it goes on; there is no word of before, and the room is left behind.
        await telegram.begin()
        before = len(await telegram.seen())
        await telegram.write(words)
        assert await keys(telegram, before) == ["moved.hello", "moved.code", "moved.ask"]
        await outside.restart()
        await nothing_of_before(first, outside)
        await telegram.press(TEXTS["moved.button_go_on"])
        # To another device: one neutral line where it was, and nothing after it.
        before = len(await telegram.seen())
        second = await pages(f"{outside.address}/code")
        await second.locator("#words").fill(await shown_code(telegram))
        await second.keyboard.press("Enter")
        await reads(second, "moved.ask")
        await outside.settle()
        assert await keys(telegram, before) == ["doorstep.moved_away"]
        await Finger().press(second, TEXTS["moved.button_anew"])
        await reads(second, "welcome.ask")
        assert SECRET not in await second.content()
        assert SECRET not in " ".join(one.text for one in await telegram.seen())
        assert len(await telegram.seen()) == before + 1
        assert len(await line.seen()) == on_line
        # Erased where it was never talked over: everywhere.
        await line.write("消して")
        await outside.restart()
        await line.write("はい、消す")
        await outside.stop()
        assert (await keys(line))[-1] == "erase.done"
        assert len(await telegram.seen()) == before + 1
        tables = ("contact", "address", "conversation", "message", "inbound", "outbox", "code")
        assert {table: outside.count(table) for table in tables} == dict.fromkeys(tables, 0)
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    for trace in (SECRET, "Uhana", words):
        assert trace.encode() not in kept
    complaints, pages.complaints = pages.complaints, []
    assert [line for line in complaints if not OF_ITSELF.match(line)] == []
