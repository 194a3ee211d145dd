"""Words that are not to be kept at all: neither in clear nor sealed, whoever holds the keys."""

from __future__ import annotations

import json

import pytest

from bot.privacy.words import recognise, words
from tests.deciding import decided
from tests.leaks.canaries import MARK, NUMBERS, Canaries, hits, traces
from tests.leaks.opening import opened
from tests.leaks.service import RunningService
from tests.leaks.test_moved import four_words
from tests.web.visiting import go_in, write

SECRETS = Canaries()
CHAT = 5_550_001


async def everywhere(running: RunningService) -> dict[str, bytes]:
    """Every byte the service wrote or tells, and what its envelopes hold."""
    return {**await running.everything(), **await opened(running)}


async def test_envelopes_are_looked_into(running: RunningService) -> None:
    """What may be kept is found sealed only, so the tests below can fail."""
    await running.line_event("U1", "follow")
    await running.line_event("U1", text=SECRETS.words())
    assert hits(await running.everything()) == []
    assert hits(await opened(running)) != []


@pytest.mark.parametrize("mode", ["buttons_only", "door_only"])
async def test_free_text_where_none_is_taken(running: RunningService, mode: str) -> None:
    """Where a city lets no words in, what is written there is answered and read for risk, and then
    it is nowhere: as a message, an edit, a copy that comes later, or a cry for help.
    """
    await running.restart(**decided(mode))
    await running.line_event("U1", "follow")
    await running.telegram_says(CHAT, f"/start {SECRETS.word()}")
    texts = [SECRETS.words(), f"死にたい {SECRETS.words()}", "9" * 3 + SECRETS.word()]
    bodies = [await running.line_event("U1", text=text) for text in texts]
    for text in texts:
        await running.telegram_says(CHAT, text)
    await running.telegram_says(CHAT, SECRETS.words(), kind="edited_message", edit_date=1)
    for body in bodies:
        assert await running.post_line(body) == 200
    await running.settle()
    tiers = running.rows("SELECT tier FROM conversation")
    assert tiers == [(2,), (2,)]
    assert running.rows("SELECT count(DISTINCT conversation) FROM outbox WHERE rank = 0") == [(2,)]
    assert hits(await everywhere(running)) == []


async def test_the_door_link(running: RunningService) -> None:
    """A door's token opens the room once; it is in no log, and in no row once the message with it
    has been delivered and the link was used.
    """
    await running.restart(**decided("door_only"))
    await running.line_event("U1", "follow")
    text = "\n".join(running.line.texts("U1"))
    token = text.split("/d/", 1)[1].split()[0]
    async with running.browser() as browser:
        page = await browser.get(f"/d/{token}")
        assert page.headers["referrer-policy"] in ("no-referrer", "same-origin")
        assert page.headers["cache-control"] == "no-store"
        answer = await browser.post(f"/d/{token}", headers={"sec-fetch-site": "same-origin"})
        assert answer.status_code == 303
        assert token not in answer.headers["location"]
        room = (await browser.get("/room")).text
        assert token not in room
        left = {"the token": token.encode(), "the pass": browser.cookies["room"].encode()}
    assert traces(await running.everything(), left) == []


async def test_under_the_cover(running: RunningService) -> None:
    """What is typed while the cover is shown is on no page of the room, and kept nowhere."""
    async with running.browser() as browser:
        await go_in(browser)
        await write(browser, "献立")
        for text in (SECRETS.words(), SECRETS.word(), f"ねむれない {SECRETS.words()}"):
            await write(browser, text)
        pages = {path: (await browser.get(path)).content for path in ("/room", "/room/after?seq=0")}
        await write(browser, "献立")
        pages["uncovered"] = (await browser.get("/room")).content
    assert hits(pages) == []
    assert hits(await everywhere(running)) == []


async def test_what_came_too_fast(running: RunningService) -> None:
    """Of what is beyond the burst nothing is kept, in clear or sealed."""
    await running.line_event("U1", "follow")
    burst = running.service.parts.settings.floods.burst
    texts = ["もごもご"] * burst + [SECRETS.words() for _ in range(20)]
    events = [json.loads(running.line_body("U1", text=text))["events"][0] for text in texts]
    assert await running.post_line(json.dumps({"events": events}).encode()) == 200
    await running.settle()
    said = running.rows("SELECT count(*) FROM message WHERE author = 'person'")
    assert said <= [(burst,)]
    assert hits(await everywhere(running)) == []


WRONG = "　".join(list(words())[:4])


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param(WRONG, id="as they are shown"),
        pytest.param(WRONG.replace("　", ""), id="in one word"),
        pytest.param(WRONG.replace("　", ","), id="with commas"),
    ],
)
async def test_wrong_words_of_a_code(running: RunningService, typed: str) -> None:
    """Four words that open nothing, typed in a chat or on the page: their bytes are nowhere, but
    on the page that shows them to be mended.
    """
    assert recognise(typed) is not None
    await running.line_event("U1", "follow")
    await running.line_event("U1", text=typed)
    async with running.browser() as browser:
        answer = await browser.post(
            "/code", data={"words": typed}, headers={"sec-fetch-site": "same-origin"}
        )
        assert answer.status_code == 422
    assert traces(await everywhere(running), {"typed": typed.encode()}) == []


async def test_right_words_of_a_code(running: RunningService) -> None:
    """Used on the page for codes, the words are nowhere in clear, and their mark is gone; so is
    the key under which tries are counted nothing that can be read.
    """
    await running.line_event("U1", "follow")
    await running.line_event("U1", text="合言葉")
    code = four_words(running, "U1")
    numbers = recognise(code)
    assert numbers is not None
    async with running.browser() as browser:
        answer = await browser.post(
            "/code", data={"words": code}, headers={"sec-fetch-site": "same-origin"}
        )
        assert answer.status_code == 303
        page = (await browser.get("/room")).text
    await running.settle()
    assert code not in page
    left = {"words": code.encode(), "mark": running.vault.return_mark(numbers)}
    left["joined"] = code.replace("　", "").replace(" ", "").encode()
    assert traces(await running.everything(), left) == []


async def test_what_commands_tell(running: RunningService) -> None:
    """Connecting, looking at everything and what forbids opening: no secret, no id, no word."""
    user = f"U{SECRETS.word()}"
    await running.line_event(user, "follow")
    await running.line_event(user, text=f"意識がない {SECRETS.words()}")
    await running.telegram_says(NUMBERS, SECRETS.words())
    given = {
        "LINE_CHANNEL_SECRET": f"{MARK}LineSecret",
        "LINE_CHANNEL_ACCESS_TOKEN": running.line.token,
        "TELEGRAM_BOT_TOKEN": running.telegram.token,
        "TELEGRAM_WEBHOOK_SECRET": f"{MARK}TelegramSecret",
        "ENGAWA__ROOM__URL": "https://room.example",
    }
    told: dict[str, bytes] = {}
    for words_ in ("connect line", "connect telegram", "doctor", "doctor --launch"):
        told[words_] = await running.command(*words_.split(), ends=(0, 1, 3), **given)
    running.line.script("forbidden")
    for words_ in ("doctor --format json", "disconnect line", "disconnect telegram"):
        told[words_] = await running.command(*words_.split(), ends=(0, 1, 2), **given)
    told["inventory"] = await running.command("inventory", "--format", "json")
    ids = {
        value: value.encode()
        for table in ("contact", "address", "conversation")
        for (value,) in running.rows(f"SELECT id FROM {table}")
    }
    assert hits(told) == []
    assert traces(told, ids) == []


async def test_a_serious_moment(running: RunningService) -> None:
    """What stays of a moment when somebody's life was in danger has no word, and no id that leads
    to anybody, also after an erase.
    """
    user = f"U{SECRETS.word()}"
    await running.line_event(user, "follow")
    ids = [
        value
        for table in ("contact", "address", "conversation")
        for (value,) in running.rows(f"SELECT id FROM {table}")
    ]
    for text in (f"意識がない {SECRETS.words()}", "消して", "はい、消す"):
        await running.line_event(user, text=text)
    assert running.rows("SELECT count(*) FROM contact") == [(0,)]
    kept = running.rows("SELECT * FROM serious")
    assert kept != []
    found = {"serious": repr(kept).encode(), **await running.everything()}
    assert hits(found) == []
    assert traces(found, {value: value.encode() for value in ids}) == []
