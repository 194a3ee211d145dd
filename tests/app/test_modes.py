"""Channels that take less than everything, from the platform's webhook to the room and back."""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import pytest

from bot.engine.world import Mode
from tests.app.house import House
from tests.app.people import InTheRoom, OnLine, OnTelegram, Person, key_of, told
from tests.platforms.server import Shown

CANARY = "きのうのよるのはなしカナリア"
Browsers = Callable[[House], Awaitable[httpx.AsyncClient]]
OURS = {"sec-fetch-site": "same-origin"}
LINK = re.compile(r"http://127\.0\.0\.1:\d+(/d/[A-Za-z0-9_-]{22})")


@pytest.fixture
async def building(tmp_path: Path) -> AsyncIterator[House]:
    """A house that isn't open yet: each test chooses what its platforms take."""
    house = House(tmp_path)
    yield house
    await house.close()


async def restart(house: House, mode: Mode) -> None:
    """Stop the service and start it again on the same folder."""
    await house.close()
    await house.open(mode=mode)


def newest_link(shown: list[Shown]) -> str:
    """The path of the newest door link that a platform shows."""
    found = LINK.findall(" ".join(one.text for one in shown))
    return str(found[-1])


async def keys(house: House, shown: list[Shown]) -> list[str]:
    """What is shown, by keys; texts that hold a link are known by what stands before it."""
    messages = (await house.service.programs.active()).bundle.messages
    return [one.key for one in told(messages, shown)]


@pytest.fixture
async def browsers() -> AsyncIterator[Browsers]:
    """Makes browsers that know nothing of one another."""
    async with contextlib.AsyncExitStack() as closing:

        async def another(house: House) -> httpx.AsyncClient:
            browser = httpx.AsyncClient(base_url=house.address, timeout=20)
            return await closing.enter_async_context(browser)

        yield another


async def come_in(browser: httpx.AsyncClient, path: str) -> httpx.AsyncClient:
    """A browser opens a door link."""
    for _ in range(2):  # a preview looks first, and uses nothing up
        assert (await browser.get(path)).status_code == 200
    answer = await browser.post(path, headers=OURS)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/room")
    return browser


@pytest.mark.parametrize("platform", ["line", "telegram"])
async def test_a_door_leads_to_the_room_and_back_again(
    building: House, browsers: Browsers, platform: str
) -> None:
    """From the platform by a link into the room; after a restart by another link into the same
    conversation, where nothing of before is shown and the first room is closed; then erased from
    the platform.
    """
    house = building
    await house.open(mode="door_only")
    person: Person = OnLine(house) if platform == "line" else OnTelegram(house)
    await person.begin()
    await person.write(CANARY)
    shown = await person.seen()
    assert (await keys(house, shown))[0] == "doorstep.hello"
    first = await come_in(await browsers(house), newest_link(shown))
    assert (await first.post(newest_link(shown), headers=OURS)).status_code == 404
    page = (await first.get("/room")).text
    assert "話してみる" in page
    await _say(first, CANARY)
    await restart(house, "door_only")
    first.base_url = httpx.URL(house.address)
    await person.write("また来ました")
    second = await come_in(await browsers(house), newest_link(await person.seen()))
    page = (await second.get("/room")).text
    assert "続きから" in page
    assert CANARY not in page
    left = (await first.get("/room")).text
    assert CANARY not in left
    assert "ここでの話は、ほかの場所に移りました。" in left
    assert "<button" not in left.partition('id="choices"')[2].partition("</form>")[0]
    await person.write("消して")
    await person.write("はい、消す")
    assert (await person.seen())[-1].text.startswith("消しました")
    assert await house.store.contacts() == ()
    assert "話してみる" not in (await second.get("/room")).text


async def _say(browser: httpx.AsyncClient, text: str) -> None:
    page = (await browser.get("/room")).text
    form = page.split('<form id="say"', 1)[1].split("</form>", 1)[0]
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form))
    answer = await browser.post("/room/send", data={**fields, "text": text})
    assert answer.status_code == 303


@pytest.mark.parametrize("mode", ["door_only", "buttons_only"])
async def test_words_that_are_not_taken_reach_no_file(building: House, mode: Mode) -> None:
    """What a person writes where it isn't taken stands in no file and no log of the service."""
    house = building
    await house.open(mode=mode)
    for person in (OnLine(house), OnTelegram(house)):
        await person.begin()
        await person.write(CANARY)
        await person.write(f"{CANARY} もう死にたい")
    assert await house.tier("line", "Uhana") == 2
    await house.close()
    kept = b"".join(path.read_bytes() for path in house.folder.rglob("*") if path.is_file())
    for encoding in ("utf-8", "utf-16-le", "shift-jis"):
        assert CANARY.encode(encoding) not in kept
    await house.open(mode=mode)
    assert CANARY not in " ".join(await house.said_by("line", "Uhana"))


async def test_buttons_hold_the_same_conversation(building: House) -> None:
    """Where only buttons are taken, tapping leads where it leads in the room, across a restart."""
    house = building
    await house.open(mode="buttons_only")
    people: dict[str, Person] = {
        "line": OnLine(house),
        "telegram": OnTelegram(house),
        "web": InTheRoom(house),
    }
    for step in ("話してみる", "眠れないとき", "もどる", "2", "おわる"):
        for name, person in people.items():
            if step == "話してみる":
                await person.begin()
            if step in ("もどる", "2"):
                await person.write(step)
            else:
                await person.press(step)
            assert await house.turns("web" if name == "web" else name, _id(name)) or name == "web"
        if step == "眠れないとき":
            cookies = people["web"].browser.cookies  # type: ignore[attr-defined]
            await restart(house, "buttons_only")
            house.browser.cookies = cookies
            people["web"] = InTheRoom(house)
    heard = {name: await keys(house, await person.seen()) for name, person in people.items()}
    assert len(heard["line"]) > 6
    assert heard["telegram"] == heard["line"]
    assert heard["web"] == heard["line"]


def _id(name: str) -> str:
    return {"line": "Uhana", "telegram": "70001"}.get(name, "")


async def test_four_words_bring_the_conversation_to_the_room(
    building: House, browsers: Browsers
) -> None:
    """A code from LINE, sent on the page for codes: the room goes on, LINE gets one neutral line
    and nothing after it.
    """
    house = building
    await house.open(mode="full")
    person = OnLine(house)
    await person.begin()
    await person.write(CANARY)
    await person.write("合言葉")
    lines = [line for one in await person.seen() for line in one.text.split("\n")]
    words = next(line for line in reversed(lines) if line.count("　") == 3)
    browser = await browsers(house)
    wrong_words = {"words": "つばき たんぽぽ ひまわり あさがお"}
    wrong = await browser.post("/code", data=wrong_words, headers=OURS)
    assert wrong.status_code == 422
    answer = await browser.post("/code", data={"words": words}, headers=OURS)
    assert answer.status_code == 303
    await house.settle()
    page = (await browser.get("/room")).text
    assert "続きから" in page
    assert CANARY not in page
    messages = (await house.service.programs.active()).bundle.messages
    last = (await person.seen())[-1]
    assert key_of(messages, last.text, "ja") == "doorstep.moved_away"
    count = len(await person.seen())
    await _say(browser, "ここで続けます")
    await house.settle()
    assert len(await person.seen()) == count
    assert words.split("　")[0] not in repr(await house.said_by("line", "Uhana"))
