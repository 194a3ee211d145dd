"""The told conversations where platforms take less than everything: by buttons, and by a door."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from bot.flow.definition import Messages
from bot.safety.risk import Tier
from bot.services.modes import is_ours
from tests.app.house import House
from tests.app.people import InTheRoom, OnLine, OnTelegram, Person, key_of, told
from tests.app.test_same_conversation import BEGIN, PRESS, STORIES, hold

ALL = [pytest.param(story, id=name) for name, story in STORIES.items()]
LINK = re.compile(r"http://127\.0\.0\.1:\d+(/d/[A-Za-z0-9_-]{22})")
REDIRECTS = ("everywhere.free_text", "everywhere.offer_person")
"""The second of two in a row offers a person instead."""


@pytest.fixture
async def building(tmp_path: Path) -> AsyncIterator[House]:
    """A house that isn't open yet."""
    house = House(tmp_path)
    yield house
    await house.close()


async def test_a_tapped_label_or_number_is_the_same(building: House) -> None:
    """Tapped, written out, or by its number: each choice of a state leads to the same answer."""
    house = building
    await house.open(mode="buttons_only")
    messages = (await house.service.programs.active()).bundle.messages
    heard = []
    ways = (("»話してみる", "»眠れないとき"), ("話してみる", "眠れないとき"), ("1", "２"))
    for number, way in enumerate(ways):
        people: list[Person] = [OnLine(house, f"U{number}"), OnTelegram(house, 70_100 + number)]
        for person in people:
            await hold(house, person, [BEGIN, *way])
            heard.append([one.key for one in told(messages, await person.seen())])
    assert "listening.reflect_night" in heard[0]
    assert heard[1:] == heard[:1] * 5


@pytest.mark.parametrize("story", ALL)
async def test_stories_by_buttons(building: House, story: list[str]) -> None:
    """Both platforms say the same; words of one's own get the redirect and are kept nowhere, words
    of danger the crisis card; where nothing but ours was sent, the room says the same.
    """
    house = building
    await house.open(mode="buttons_only")
    published = await house.service.programs.active()
    messages = published.bundle.messages
    people: dict[str, Person] = {
        "line": OnLine(house),
        "telegram": OnTelegram(house),
        "web": InTheRoom(house),
    }
    own: list[str] = []
    heard: dict[str, list[str]] = {}
    for name, person in people.items():
        for step in story:
            before = 0 if step == BEGIN else len(await person.seen())
            await hold(house, person, [step])
            if name == "web" or step == BEGIN or step.startswith(PRESS):
                continue
            if is_ours(step, published.program):
                continue
            own.append(step)
            said = [one.key for one in told(messages, (await person.seen())[before:])]
            risk = published.read_risk(step).tier >= Tier.ACTIVE
            assert (said[0] in REDIRECTS) is not risk, step
            assert any(key.startswith("crisis") for key in said) is risk, step
        heard[name] = [one.key for one in told(messages, await person.seen())]
    assert heard["telegram"] == heard["line"]
    if not own:
        assert heard["web"] == heard["line"]
    for name, person_id in (("line", "Uhana"), ("telegram", "70001")):
        kept = await house.said_by(name, person_id)
        assert not set(kept) & set(own)
    await house.close()
    kept_bytes = b"".join(one.read_bytes() for one in house.folder.rglob("*") if one.is_file())
    assert not [text for text in own if text.encode() in kept_bytes]


@pytest.mark.parametrize("story", ALL)
async def test_stories_through_a_door(building: House, story: list[str]) -> None:
    """Who comes into the room by a door of LINE hears what anybody hears there, and LINE nothing
    of it.
    """
    house = building
    await house.open(mode="door_only")
    messages = (await house.service.programs.active()).bundle.messages
    plain, through, line = InTheRoom(house), InTheRoom(house), OnLine(house)
    async with httpx.AsyncClient(base_url=house.address, timeout=20) as browser:
        through.browser = browser
        await line.begin()
        await _come_in(browser, line, messages)
        on_line = len(await line.seen())
        await hold(house, plain, story)
        await hold(house, through, story[1:])
        heard = [told(messages, await person.seen()) for person in (plain, through)]
        assert [one.key for one in heard[1]] == [one.key for one in heard[0]]
        assert heard[1][-1].labels == heard[0][-1].labels
        assert len(await line.seen()) == on_line
        there = await house.tier("web", house.browser.cookies["room"])
        assert await house.tier("line", "Uhana") == there


async def _come_in(browser: httpx.AsyncClient, line: OnLine, messages: Messages) -> None:
    shown = await line.seen()
    assert key_of(messages, shown[0].text, "ja") == "doorstep.hello"
    path = str(LINK.findall(" ".join(one.text for one in shown))[-1])
    answer = await browser.post(path, headers={"sec-fetch-site": "same-origin"})
    assert answer.status_code == 303
