"""The cover word through the whole service: what somebody who looks over a shoulder can see."""

from __future__ import annotations

from tests.app.house import House
from tests.app.people import InTheRoom, OnLine, OnTelegram
from tests.web.visiting import write

SECRET = "ねむれない夜がつづく"
TYPED = "だれと話してるんだ"


def sentence(house: House, key: str) -> str:
    """A sentence in Japanese."""
    return house.service._messages().texts["ja"][key]


async def page(house: House) -> str:
    """The room's page."""
    return (await house.browser.get("/room")).text


async def test_the_page_under_the_cover(house: House) -> None:
    """The page shows the harmless words alone: nothing said before, no choices, nothing typed."""
    person = InTheRoom(house)
    await person.begin()
    await write(house.browser, SECRET)
    assert SECRET in await page(house)
    await write(house.browser, "献立")
    shown = await page(house)
    assert sentence(house, "cover.menu") in shown
    await write(house.browser, TYPED)
    shown = await page(house)
    assert sentence(house, "cover.garden") in shown
    for gone in (SECRET, TYPED, sentence(house, "welcome.ask"), 'name="data"'):
        assert gone not in shown
    assert TYPED not in "".join(await house.said_by("web", house.browser.cookies["room"]))


async def test_a_cry_under_the_cover(house: House) -> None:
    """A cry is met on the page, with its choices, and still nothing of before is shown."""
    person = InTheRoom(house)
    await person.begin()
    await write(house.browser, SECRET)
    await write(house.browser, "献立")
    await write(house.browser, "もう死にたい")
    shown = await page(house)
    assert sentence(house, "crisis.received") in shown
    assert 'name="data"' in shown
    assert SECRET not in shown
    assert "もう死にたい" not in shown


async def test_lifted(house: House) -> None:
    """The word again shows everything as it was, and the question with its choices."""
    person = InTheRoom(house)
    await person.begin()
    await write(house.browser, SECRET)
    await write(house.browser, "献立")
    await write(house.browser, TYPED)
    await write(house.browser, "献立")
    shown = await page(house)
    assert SECRET in shown
    assert 'name="data"' in shown
    assert TYPED not in shown


async def test_on_the_platforms(house: House) -> None:
    """On LINE and Telegram the newest message is a harmless one without a button."""
    for person in (OnLine(house), OnTelegram(house)):
        await person.begin()
        await person.write("献立")
        last = (await person.seen())[-1]
        assert last.text == sentence(house, "cover.menu")
        assert last.buttons == ()
        await person.write("もどる")
        assert (await person.seen())[-1].buttons != ()
