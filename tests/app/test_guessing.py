"""Guessed codes and links on the real service: limits that outlive a restart, and no oracle."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.services.moving import TRIES_BY_NEW, TRIES_HERE
from tests.app.house import HOUR, House
from tests.app.people import OnLine, OnTelegram, Person, key_of
from tests.web.visiting import FIELD

WRONG = "つばき たんぽぽ ひまわり あさがお"
MOVED, MISSED, SLOW = "moved.hello", "everywhere.code_missed", "everywhere.code_slow"
LINK = re.compile(r"/d/[A-Za-z0-9_-]{22}")
FRESH = re.compile(r'(?<=name="fresh" value=")[^"]*')
HIDDEN = re.compile(r'(?<=name="fresh" value=")[^"]*|(?<=name="proof" value=")[^"]*')
TYPED = re.compile(r'(?<=name="words" value=")[^"]*')
OURS = {"sec-fetch-site": "same-origin"}


@pytest.fixture
async def building(tmp_path: Path) -> AsyncIterator[House]:
    """A house that isn't open yet."""
    house = House(tmp_path)
    yield house
    await house.close()


class Verbs:
    """A store that remembers which of its verbs were called."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self.called: list[str] = []

    def __getattr__(self, name: str) -> Any:
        self.called.append(name)
        return getattr(self.inner, name)


async def code_on_line(house: House, person: str = "Uhana") -> str:
    """A return code of somebody on LINE."""
    talking = OnLine(house, person)
    await talking.begin()
    await talking.write("合言葉")
    lines = [line for one in await talking.seen() for line in one.text.split("\n")]
    return next(line for line in reversed(lines) if line.count("　") == 3)


async def said(house: House, person: Person, since: int) -> list[str]:
    """What was shown since, by keys."""
    messages = (await house.service.programs.active()).bundle.messages
    shown = [re.sub(r"\n\n1 (?s:.*)\Z", "", one.text) for one in (await person.seen())[since:]]
    return [key_of(messages, text, "ja") for text in shown]


async def answer(house: House, person: Person, words: str) -> str:
    """The first thing that is said to these words."""
    before = len(await person.seen())
    await person.write(words)
    return (await said(house, person, before))[0]


async def form(browser: httpx.AsyncClient, path: str) -> Mapping[str, str]:
    """The hidden fields of a page with one form."""
    return dict(FIELD.findall((await browser.get(path)).text))


async def test_tries_are_counted_over_restarts(building: House) -> None:
    """Five misses at an address, then slow for right words too, also after a restart; another
    address has its own; after an hour the words work.
    """
    house = building
    await house.open()
    words = await code_on_line(house)
    guesser: Person = OnTelegram(house)
    await guesser.begin()
    for number in range(TRIES_HERE):
        assert await answer(house, guesser, WRONG) == MISSED
        if number == 2:
            await house.close()
            await house.open()
    await house.close()
    await house.open()
    assert await answer(house, guesser, words) == SLOW
    other = OnTelegram(house, 70002)
    await other.begin()
    assert await answer(house, other, WRONG) == MISSED
    house.clock.now += HOUR
    assert await answer(house, guesser, words) == MOVED


async def test_the_page_rests_for_everybody_over_restarts(building: House) -> None:
    """The page for codes knows nobody: after its tries it rests, also after a restart, and says
    the same for right words and wrong ones.
    """
    house = building
    await house.open()
    words = await code_on_line(house)
    for _ in range(TRIES_BY_NEW):
        answered = await house.browser.post("/code", data={"words": WRONG}, headers=OURS)
        assert answered.status_code == 422
    await house.close()
    await house.open()
    answers = [
        await house.browser.post("/code", data={"words": one}, headers=OURS)
        for one in (WRONG, words)
    ]
    assert [one.status_code for one in answers] == [429, 429]
    bodies = {HIDDEN.sub("", TYPED.sub("", one.text)) for one in answers}
    assert len(bodies) == 1
    # Whoever talks on a platform has tries of their own left.
    person = OnTelegram(house)
    await person.begin()
    assert await answer(house, person, words) == MOVED


async def test_a_refused_code_tells_nothing(building: House) -> None:
    """Wrong, used, expired and no code at all: the same page, headers and verbs of the store."""
    house = building
    await house.open()
    used = await code_on_line(house)
    browser = httpx.AsyncClient(base_url=house.address, timeout=20)
    async with browser:
        sent = await browser.post("/code", data={"words": used}, headers=OURS)
        assert sent.status_code == 303
    expired = await code_on_line(house, "Uold")
    house.clock.now += 91 * 24 * HOUR
    seen = set()
    for words in (WRONG, used, expired, "うそ", "", "a b c d"):
        watched = Verbs(house.store)
        house.service.entrances._moving._store = watched
        fields = {"words": words, "language": "ja", "fresh": "f" * 44}
        answered = await house.browser.post("/code", data=fields, headers=OURS)
        body = TYPED.sub("", answered.text)
        kept = {name: one for name, one in answered.headers.items() if name != "date"}
        kept.pop("content-length")
        seen.add((answered.status_code, body, repr(kept), tuple(watched.called)))
    assert len(seen) == 1


async def test_a_closed_door_tells_nothing(building: House) -> None:
    """A used link, one that is too old and one that never was: the same page and verbs."""
    house = building
    await house.open(mode="door_only")
    person = OnLine(house)
    paths = []
    await person.begin()
    for _ in range(2):
        await person.write("また")
        paths.append(LINK.findall(" ".join(one.text for one in await person.seen()))[-1])
    async with httpx.AsyncClient(base_url=house.address, timeout=20) as browser:
        assert (await browser.post(paths[0], headers=OURS)).status_code == 303
    house.clock.now += HOUR
    seen = set()
    for path in (*paths, "/d/" + "A" * 22, "/d/x"):
        watched = Verbs(house.store)
        house.service.entrances._moving._store = watched
        look = await house.browser.get(path)
        refused = await house.browser.post(path, headers=OURS)
        page = FRESH.sub("", look.text)
        seen.add((look.status_code, page, refused.status_code, refused.text, *watched.called))
    assert len(seen) == 1


async def test_two_people_and_one_code(building: House) -> None:
    """Two browsers send the same words at once: one comes in, the other is told that there is
    nothing.
    """
    house = building
    await house.open()
    words = await code_on_line(house)
    browsers = [httpx.AsyncClient(base_url=house.address, timeout=20) for _ in range(4)]
    forms = [{**await form(one, "/code"), "words": words} for one in browsers]
    answers = await asyncio.gather(
        *(one.post("/code", data=each) for one, each in zip(browsers, forms, strict=True))
    )
    assert sorted(one.status_code for one in answers) == [303, 422, 422, 422]
    for browser in browsers:
        await browser.aclose()


async def test_a_lost_answer_locks_nobody_out(building: House) -> None:
    """The same form sent again, after a restart too, leads to the room that it led to; the same
    words in another form don't.
    """
    house = building
    await house.open()
    words = await code_on_line(house)
    sent = {**await form(house.browser, "/code"), "words": words}
    async with httpx.AsyncClient(base_url=house.address, timeout=20) as lost:
        assert (await lost.post("/code", data=sent, headers=OURS)).status_code == 303
    await house.close()
    await house.open()
    again = await house.browser.post("/code", data=sent, headers=OURS)
    assert (again.status_code, again.headers["location"]) == (303, "/room#new")
    assert "続きから" in (await house.browser.get("/room")).text
    async with httpx.AsyncClient(base_url=house.address, timeout=20) as other:
        theirs = {**await form(other, "/code"), "words": words}
        assert (await other.post("/code", data=theirs)).status_code == 422
