"""Texts and values that nobody types by accident: each is answered, or handed back in a sentence.

Through the real listener; the platforms' own odd bodies are in test_bad_input.py. A table goes
through one house, somebody new for each row, so that what one row leaves behind would show.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from tests.app.house import SECOND, House
from tests.app.people import InTheRoom, OnLine, OnTelegram
from tests.web.visiting import read_form, write

ODD = {
    "NUL": "夜\x00に",
    "half a surrogate": "夜\ud83dに",
    "a pair the wrong way round": "\udc00\ud83d",
    "bidi overrides": "\u202e夜に\u202c\u2066x",
    "nothing one can see": "\u3164\u200b\ufeff",
    "families": "👨‍👩‍👧‍👦" * 60,
    "zalgo": "z" + "\u0351" * 900,
    "no letters at all": "\U0010ffff\ufffe\uffff",
    "a huge number": "9" * 1_900,
    "markup": "<b>{days_left}</b>\x1b[31m%s",
}


async def send_raw(house: House, text: str) -> httpx.Response:
    """Send the room's form with a text that is no Unicode, perhaps."""
    form = {**await read_form(house.browser), "text": text}
    body = urlencode(form, errors="surrogatepass").encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return await house.browser.post("/room/send", content=body, headers=headers)


async def test_odd_texts_in_the_room(house: House) -> None:
    """Whatever is written in the room is one turn that is answered."""
    person = InTheRoom(house)
    await person.begin()
    for label, text in ODD.items():
        house.clock.now += 10 * SECOND
        before = len(await person.seen())
        assert (await send_raw(house, text)).status_code == 303, label
        assert len(await person.seen()) > before, label


@pytest.mark.parametrize(
    ("size", "status", "key"),
    [
        pytest.param(2_001, 422, "room.too_long", id="a little too long"),
        pytest.param(20_000, 422, "room.too_long", id="far too long"),
        pytest.param(1_000_000, 413, "pages.too_large", id="a million characters"),
    ],
)
async def test_too_long_for_the_room(house: House, size: int, status: int, key: str) -> None:
    """A text that is too long is handed back with a sentence, and nothing of it is kept."""
    await InTheRoom(house).begin()
    answer = await write(house.browser, "あ" * size)
    assert answer.status_code == status
    assert house.service._messages().texts["ja"][key] in answer.text
    assert "ああああ" not in "".join(one.text for one in await InTheRoom(house).seen())


async def test_a_cry_in_a_text_that_is_too_long(house: House) -> None:
    """What is handed back is read for risk whole: the card stands on the page."""
    await InTheRoom(house).begin()
    answer = await write(house.browser, "あ" * 20_000 + "。死にたい")
    assert answer.status_code == 422
    card = house.service.card.words("ja").partition("119")[0]
    assert card in answer.text


HIDDEN = {
    "zero width": "死\u200bに\u200dた\ufeffい",
    "bidi": "死\u202eに\u202cたい",
    "NUL": "死\0にたい",
    "half a surrogate": "死\ud83dにたい",
    "Hangul filler": "死\u3164に\u3164た\u3164い",
    "zalgo": "死\u0351に\u0351\u0302た\u0351い\u036f",
    "half width": "ｼﾆﾀｲ",
    "spaces": "死 に た い",
    "families around it": "👨‍👩‍👧‍👦死にたい👨‍👩‍👧‍👦",
    "full width": "ｗａｎｔ　ｔｏ　ｄｉｅ",
}


async def test_a_hidden_cry(house: House) -> None:
    """Marks that nobody sees hide no cry, on LINE and on Telegram."""
    missed = []
    for number, (label, text) in enumerate(HIDDEN.items()):
        await OnLine(house, f"U{number}").write(text)
        await OnTelegram(house, 70_100 + number).write(text)
        tiers = [await house.tier("line", f"U{number}")]
        tiers.append(await house.tier("telegram", str(70_100 + number)))
        missed += [label] if min(tiers) < 2 else []
    assert missed == []


async def test_a_hidden_cry_in_the_room(house: House) -> None:
    """Nor in the room, where the browser's form may carry what is no Unicode."""
    received = house.service._messages().texts["ja"]["crisis.received"]
    missed = []
    for label, text in HIDDEN.items():
        house.browser.cookies.clear()
        room = InTheRoom(house)
        await room.begin()
        assert (await send_raw(house, text)).status_code == 303, label
        seen = "".join(one.text for one in await room.seen())
        missed += [label] if received not in seen else []
    assert missed == []


MEDIA: dict[str, dict[str, Any]] = {
    "voice": {"voice": {"file_id": "x", "duration": 1}},
    "place": {"location": {"latitude": 1.5, "longitude": 2}},
    "picture": {"photo": [{"file_id": "x"}]},
    "contact card": {"contact": {"phone_number": "1", "first_name": "x"}},
    "a kind not yet invented": {"hologram": {}},
}


async def test_no_words_on_telegram(house: House) -> None:
    """A voice, a place or a picture instead of words is answered kindly and never fetched."""
    for number, (label, fields) in enumerate(MEDIA.items()):
        person = 70_200 + number
        await OnTelegram(house, person).begin()
        before = len(house.telegram.texts(str(person)))
        update = house.telegram_text("x", person, **fields)
        del update["message"]["text"]
        assert (await house.post_telegram(update)).status_code == 200, label
        assert len(house.telegram.texts(str(person))) > before, label


def deep(levels: int) -> Any:
    """A value inside so many lists."""
    value: Any = "x"
    for _ in range(levels):
        value = [value]
    return value


STRANGE: dict[str, dict[str, Any]] = {
    "a time beyond all time": {"timestamp": 10**400},
    "a time before all time": {"timestamp": -(10**18)},
    "a time that is no whole number": {"timestamp": 1.5e300},
    "an endless token": {"replyToken": "r" * 100_000},
    "an endless id": {"webhookEventId": "e" * 100_000},
    "an id that is a number": {"webhookEventId": 2**70},
    "a message of lists": {"message": deep(400)},
    "a text of lists": {"message": {"type": "text", "id": 5, "text": deep(400)}},
    "a person of lists": {"source": {"type": "user", "userId": deep(90)}},
    "an endless tap": {"postback": {"data": "1" * 50_000}, "type": "postback"},
}


async def test_strange_values(house: House) -> None:
    """A strange value in one event costs nobody else of the same delivery their answer."""
    for number, (label, change) in enumerate(STRANGE.items()):
        other = f"Uother{number}"
        strange = {**house.line_text("やあ", f"Ustrange{number}"), **change}
        answer = await house.post_line(strange, house.line_text("ねむれない", other))
        assert answer.status_code == 200, label
        assert await house.turns("line", other) == 1, label


HUGE: dict[str, tuple[str, Any]] = {
    "update id": ("update_id", 10**30),
    "message id": ("message_id", 2**80),
    "date": ("date", 10**300),
    "a date before 1970": ("date", -1),
    "chat": ("chat", {"id": 2**90, "type": "private"}),
}


async def test_huge_numbers_on_telegram(house: House) -> None:
    """Numbers without measure are taken or refused, and the next message is answered."""
    for number, (label, (field, value)) in enumerate(HUGE.items()):
        update = house.telegram_text("やあ", 70_300 + number)
        holder = update if field == "update_id" else update["message"]
        holder[field] = value
        assert (await house.post_telegram(update)).status_code in (200, 400), label
        await OnTelegram(house, 70_400 + number).write("ねむれない")
        assert await house.turns("telegram", str(70_400 + number)) == 1, label
