"""LINE, Telegram and the browser hold the same conversation, driven as each platform drives it."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from bot.app.nature import RECEIPT_LETTERS
from tests.app.house import House
from tests.app.people import InTheRoom, OnLine, OnTelegram, Person, told
from tests.platforms.server import Shown
from tests.web.visiting import read_form

RECEIPT = re.compile(rf"[{RECEIPT_LETTERS}]{{4}}-[{RECEIPT_LETTERS}]{{4}}")
BEGIN = "(begin)"
PRESS = "»"
STORIES = {
    "listening": [
        BEGIN,
        "»話してみる",
        "»眠れないとき",
        "»もう少し書く",
        "ねる前がつらい",
        "»おわる",
    ],
    "free words first": [BEGIN, "ちょっと話したい", "さみしい夜に使いたくなる", "次に進む"],
    "will I be reported": [BEGIN, "»通報が心配", "»自分のこと", "もどる"],
    "two taps to a person": [BEGIN, "»人と話す"],
    "a family": [BEGIN, "»家族や友人のこと", "»家族・パートナー", "1"],
    "not understood twice": [BEGIN, "»家族や友人のこと", "むにゃむにゃ", "むにゃむにゃむにゃ"],
    "danger in the middle": [BEGIN, "»話してみる", "もう死にたい", "このまま続ける"],
    "help everywhere": [BEGIN, "»話してみる", "»たすけて"],
    "what is kept": [BEGIN, "何が残っていますか", "»このまま続ける"],
    "digits full width": [BEGIN, "１", "２"],
    "booking": [BEGIN, "予約"],
    "leaving": [BEGIN, "»おわる", "1"],
}


async def hold(house: House, person: Person, story: list[str]) -> None:
    """Do what the story says, step by step."""
    for step in story:
        if step == BEGIN:
            await person.begin()
        elif step.startswith(PRESS):
            await person.press(step.removeprefix(PRESS))
        else:
            await person.write(step)


@pytest.mark.parametrize("story", [pytest.param(story, id=name) for name, story in STORIES.items()])
async def test_the_same_conversation(house: House, story: list[str]) -> None:
    """The same messages in the same order with the same choices last, on all three channels."""
    heard = {}
    last = {}
    people: dict[str, Person] = {
        "line": OnLine(house),
        "telegram": OnTelegram(house),
        "web": InTheRoom(house),
    }
    messages = (await house.service.programs.active()).bundle.messages
    for name, person in people.items():
        await hold(house, person, story)
        said = told(messages, await person.seen())
        heard[name] = [one.key for one in said]
        last[name] = said[-1].labels
    assert len(heard["line"]) > len(story)
    assert heard["telegram"] == heard["line"]
    assert heard["web"] == heard["line"]
    assert last["telegram"] == last["line"]
    assert last["web"] == last["line"]
    assert await house.rows("new", "sending", "waiting", "unknown", "undeliverable", "dead") == []


async def test_the_same_in_english(house: House) -> None:
    """ことば changes the language on each channel, and the rest of the conversation is in it."""
    messages = (await house.service.programs.active()).bundle.messages
    heard = []
    people: list[Person] = [OnLine(house), OnTelegram(house), InTheRoom(house)]
    for person in people:
        await hold(house, person, [BEGIN, "english"])
        await hold(house, person, ["»English"])
        before = len(await person.seen())
        await hold(house, person, ["help"])
        heard.append([one.key for one in told(messages, (await person.seen())[before:], "en")])
    assert heard[0]
    assert heard[1:] == [heard[0], heard[0]]


async def test_the_same_erasing(house: House) -> None:
    """消して and a yes erase on each channel: a farewell with the receipt, and nothing is left."""
    browser = InTheRoom(house)
    people: dict[str, Person] = {
        "line": OnLine(house, "Ugoes"),
        "telegram": OnTelegram(house, 70009),
        "web": browser,
    }
    for person in people.values():
        await hold(house, person, [BEGIN, "»話してみる", "消して"])
        assert RECEIPT.search(" ".join(one.text for one in await person.seen()))
    receipt = _receipt(await browser.seen())
    form = await read_form(browser.browser)
    farewell = await browser.browser.post("/room/send", data={**form, "text": "はい、消す"})
    assert receipt in farewell.text
    assert "set-cookie" in farewell.headers
    for name in ("line", "telegram"):
        receipt = _receipt(await people[name].seen())
        await people[name].write("はい、消す")
        assert receipt in (await people[name].seen())[-1].text
    assert await house.store.contacts() == ()
    assert await house.rows("new", "sending", "waiting") == []


def _receipt(shown: Sequence[Shown]) -> str:
    found = RECEIPT.findall(" ".join(one.text for one in shown))
    return str(found[-1])
