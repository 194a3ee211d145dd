"""Somebody who sends thousands of messages a minute: throttled kindly, heard, in nobody's way.

Through the real listener, on every channel.
"""

from __future__ import annotations

import gc
import sys

from bot.services.floods import MORE
from tests.app.house import MINUTE, SECOND, House
from tests.app.people import InTheRoom, OnLine
from tests.web.visiting import read_form, write

FLOOD = 10_000
AT_ONCE = 100
CRY = "もう死にたい"
SLOW = "everywhere.slow_down"
GROWTH = FLOOD // 2
"""Blocks of memory by which the process may grow while three quarters of the flood come in: far
less than one for each message.
"""


def sentence(house: House, key: str) -> str:
    """A sentence in Japanese."""
    return house.service._messages().texts["ja"][key]


async def taken_of(house: House, person: str) -> int:
    """How many turns somebody on LINE has had."""
    return await house.turns("line", person)


async def test_ten_thousand_a_minute(house: House) -> None:
    """Of 10,000 messages in a minute a few hundred are taken even after a cry, the cries among them
    all, none of the others' waits, and memory stays flat.
    """
    floods = house.service.parts.settings.floods
    posts = FLOOD // AT_ONCE
    cries = {posts // 8, posts // 6}
    blocks = 0
    for number in range(posts):
        house.clock.now += MINUTE // posts
        events = [house.line_text(f"ねえ {number}", "Uflood") for _ in range(AT_ONCE)]
        if number in cries:
            events.insert(AT_ONCE // 2, house.line_text(CRY, "Uflood"))
        assert (await house.post_line(*events, settle=False)).status_code == 200
        if number % 10 == 0:
            before = await taken_of(house, "Uother")
            await house.post_line(house.line_text("ねむれない", "Uother"), settle=False)
            assert await taken_of(house, "Uother") == before + 1
        if number == posts // 4:
            await house.settle()
            gc.collect()
            blocks = sys.getallocatedblocks()
    await house.settle()
    gc.collect()
    assert sys.getallocatedblocks() - blocks < GROWTH
    most = (floods.burst + floods.per_minute) * (1 + MORE) + len(cries)
    assert len(cries) < await taken_of(house, "Uflood") <= most
    assert await house.tier("line", "Uflood") == 2
    seen = house.line.texts("Uflood")
    assert sentence(house, "crisis.received") in seen
    assert 1 <= seen.count(sentence(house, SLOW)) <= 2
    said = await house.said_by("line", "Uflood")
    assert said.count(CRY) == len(cries)
    assert sentence(house, SLOW) not in house.line.texts("Uother")


async def test_a_word_in_the_flood(house: House) -> None:
    """Whoever is throttled still gets help, a person, and everything erased."""
    person = OnLine(house, "Uflood")
    await person.begin()
    for _ in range(3):
        events = [house.line_text("ねえ", "Uflood") for _ in range(AT_ONCE)]
        await house.post_line(*events)
    await person.write("たすけて")
    await person.write("人と話す")
    seen = house.line.texts("Uflood")
    assert sentence(house, "help.card").split("{")[0] in "".join(seen)
    await person.write("消して")
    await person.write("1")
    assert await taken_of(house, "Uflood") == 0


async def test_on_telegram(house: House) -> None:
    """On Telegram the kind line is sent once, and others go on."""
    for _ in range(120):
        house.clock.now += SECOND // 10
        await house.post_telegram(house.telegram_text("ねえ", 70001), settle=False)
    await house.post_telegram(house.telegram_text("ねむれない", 70002))
    assert house.telegram.texts("70001").count(sentence(house, SLOW)) == 1
    assert await house.turns("telegram", "70002") == 1
    await house.post_telegram(house.telegram_text(CRY, 70001))
    assert await house.tier("telegram", "70001") == 2


async def test_in_the_room(house: House) -> None:
    """In the room the page says it, and the words stay in the box; a cry is taken."""
    person = InTheRoom(house)
    await person.begin()
    for _ in range(house.service.parts.settings.floods.burst - 1):
        assert (await write(house.browser, "ねえ")).status_code == 303
    last = await write(house.browser, "ねえ")
    assert last.status_code == 422
    assert sentence(house, SLOW) in last.text
    assert "\nねえ</textarea>" in last.text
    await person.write(CRY)
    form = await read_form(house.browser, "say")
    assert form
    shown = "".join(one.text for one in await person.seen())
    assert sentence(house, "crisis.received") in shown
