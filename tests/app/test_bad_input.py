"""What should not come, and what comes twice, late or broken: the right status, the right state."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import permutations
from typing import Any

import httpx
import pytest

from tests.app.house import LINE_SECRET, MINUTE, SECOND, TELEGRAM_SECRET, House, sign
from tests.app.people import OnLine, OnTelegram, told

CAP = 1_048_576
EMPTY = b'{"destination":"U","events":[]}'
GROUP = {"type": "group", "groupId": "Cgroup", "userId": "Uhana"}

Post = Callable[[House], Awaitable[httpx.Response]]


def line(body: bytes, signature: str | None = None) -> Post:
    """A webhook of LINE."""

    async def post(house: House) -> httpx.Response:
        return await house.post_line_bytes(body, signature)

    return post


def telegram(body: bytes, secret: str | None = TELEGRAM_SECRET) -> Post:
    """A webhook of Telegram."""

    async def post(house: House) -> httpx.Response:
        return await house.post_telegram_bytes(body, secret)

    return post


def streamed(path: str, size: int) -> Post:
    """A body sent in pieces, without saying how long it is."""

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(size // 65_536 + 1):
            yield b" " * 65_536

    async def post(house: House) -> httpx.Response:
        return await house.browser.post(path, content=pieces())

    return post


REFUSED = [
    pytest.param(line(EMPTY, ""), 401, id="line: no signature"),
    pytest.param(line(EMPTY, sign(EMPTY + b" ")), 401, id="line: signature of another body"),
    pytest.param(line(EMPTY, sign(EMPTY)[:-1]), 401, id="line: half a signature"),
    pytest.param(line(EMPTY, LINE_SECRET), 401, id="line: the secret itself"),
    pytest.param(line(b"not json", "x"), 401, id="line: wrong signature before any parsing"),
    pytest.param(line(b"not json"), 400, id="line: signed, not JSON"),
    pytest.param(line(b"[]"), 400, id="line: a list"),
    pytest.param(line(b'{"events":{}}'), 400, id="line: events that are no list"),
    pytest.param(line(b"[" * 100_000), 400, id="line: a deep nest"),
    pytest.param(line(b" " * (CAP + 1)), 413, id="line: over the cap"),
    pytest.param(streamed("/webhooks/line", CAP + 1), 413, id="line: over the cap in pieces"),
    pytest.param(line(EMPTY), 200, id="line: no events, as LINE verifies"),
    pytest.param(telegram(b"{}", None), 403, id="telegram: no secret"),
    pytest.param(telegram(b"{}", "wrong"), 403, id="telegram: wrong secret"),
    pytest.param(telegram(b"not json", "wrong"), 403, id="telegram: wrong secret before parsing"),
    pytest.param(telegram(b"not json"), 400, id="telegram: not JSON"),
    pytest.param(telegram(b"{}"), 400, id="telegram: no update at all"),
    pytest.param(telegram(b'{"update_id":1}'), 200, id="telegram: an empty update"),
    pytest.param(telegram(b'{"update_id":1,"message":{"x":1}}'), 200, id="telegram: a broken one"),
    pytest.param(telegram(b'{"update_id":1,"poll_new":{}}'), 200, id="telegram: an unknown kind"),
    pytest.param(telegram(b" " * (CAP + 1)), 413, id="telegram: over the cap"),
    pytest.param(streamed("/webhooks/telegram", CAP + 1), 413, id="telegram: cap, in pieces"),
]


@pytest.mark.parametrize(("post", "status"), REFUSED)
async def test_refused(house: House, post: Post, status: int) -> None:
    """A body that is not the platform's, or says nothing, is told so and leaves nothing behind."""
    assert (await post(house)).status_code == status
    assert await house.store.contacts() == ()
    assert house.line.visible == house.telegram.visible == {}


async def test_another_method(house: House) -> None:
    """A webhook takes POST only, and a channel without secrets or a made-up one has none."""
    assert (await house.browser.get("/webhooks/line")).status_code == 405
    assert (await house.browser.post("/webhooks/web", content=b"{}")).status_code == 404


BROKEN: list[dict[str, Any] | str | int] = [
    {"type": "message"},
    {"type": "message", "webhookEventId": 5, "timestamp": "then"},
    "an event",
    7,
]


@pytest.mark.parametrize("broken", [pytest.param(one, id=str(one)[:24]) for one in BROKEN])
async def test_one_broken_event_among_ten(house: House, broken: object) -> None:
    """Nine people of one delivery are answered although the fifth event is no event."""
    people = [f"Uperson{n}" for n in range(9)]
    events: list[object] = [
        house.line_event("follow", person, follow={"isUnblocked": False}) for person in people
    ]
    events.insert(4, broken)
    assert (await house.post_line(*events)).status_code == 200
    assert [await house.turns("line", person) for person in people] == [1] * 9
    assert set(house.line.visible) == set(people)


SILENT = [
    pytest.param({"type": "videoPlayComplete"}, id="an event for others"),
    pytest.param({"type": "hologram"}, id="an event not yet invented"),
    pytest.param({"mode": "standby"}, id="standby: another system answers"),
    pytest.param({"mode": "dreaming"}, id="a mode not yet invented"),
    pytest.param({"source": None}, id="nobody"),
    pytest.param({"source": {"type": "user"}}, id="a user without an id"),
    pytest.param({"source": {"type": "planet", "planetId": "P"}}, id="a source not yet invented"),
]


@pytest.mark.parametrize("change", SILENT)
async def test_says_nothing(house: House, change: dict[str, Any]) -> None:
    """What isn't for us is taken with 200 and answered with nothing."""
    event = {**house.line_text("こんにちは"), **change}
    assert (await house.post_line(event)).status_code == 200
    assert await house.store.contacts() == ()
    assert house.line.visible == {}


KINDS = [
    pytest.param({"id": "1", "type": "sticker", "packageId": "1", "stickerId": "2"}, id="sticker"),
    pytest.param({"id": "1", "type": "image"}, id="picture"),
    pytest.param({"id": "1", "type": "audio", "duration": 1}, id="voice"),
    pytest.param({"id": "1", "type": "video"}, id="video"),
    pytest.param({"id": "1", "type": "file", "fileName": "x", "fileSize": 1}, id="file"),
    pytest.param({"id": "1", "type": "location", "latitude": 1, "longitude": 2}, id="place"),
    pytest.param({"id": "1", "type": "smell"}, id="a kind not yet invented"),
]


@pytest.mark.parametrize("message", KINDS)
async def test_other_kinds(house: House, message: dict[str, Any]) -> None:
    """Whatever is sent instead of words is answered kindly and never fetched."""
    await OnLine(house).begin()
    before = len(house.line.texts("Uhana"))
    assert (await house.post_line(house.line_event("message", message=message))).status_code == 200
    assert len(house.line.texts("Uhana")) > before
    assert all("content" not in request.path for request in house.line.received)


async def test_a_group_on_line(house: House) -> None:
    """In a group nothing is said or kept: we leave."""
    for event in (
        house.line_event("join", source=GROUP),
        {**house.line_text("死にたい"), "source": GROUP},
    ):
        assert (await house.post_line(event)).status_code == 200
    assert house.line.left == ["Cgroup", "Cgroup"]
    assert (house.line.visible, await house.store.contacts()) == ({}, ())


async def test_a_group_on_telegram(house: House) -> None:
    """The same on Telegram."""
    chat = {"id": -100, "type": "supergroup", "title": "x"}
    assert (await house.post_telegram(house.telegram_text("やあ", chat=chat))).status_code == 200
    assert house.telegram.left == ["-100"]
    assert (house.telegram.visible, await house.store.contacts()) == ({}, ())


@pytest.mark.parametrize("times", [2, 5])
async def test_duplicates(house: House, times: int) -> None:
    """The same delivery again and again is one turn, whatever its redelivery flag says."""
    await OnLine(house).begin()
    event = house.line_text("さみしい夜")
    for n in range(times):
        event["deliveryContext"] = {"isRedelivery": n > 0}
        assert (await house.post_line(event)).status_code == 200
    assert await house.turns("line", "Uhana") == 2
    assert await house.said_by("line", "Uhana") == ["さみしい夜"]


async def test_the_same_event_twice_in_a_delivery(house: House) -> None:
    """A delivery that holds an event twice is one turn; the same words twice are two."""
    await OnTelegram(house).begin()
    update = house.telegram_text("さみしい夜")
    for _ in range(2):
        await house.post_telegram(update)
    await OnTelegram(house).write("さみしい夜")
    assert await house.said_by("telegram", "70001") == ["さみしい夜", "さみしい夜"]
    event = house.line_text("ひとつ")
    await house.post_line(event, event)
    assert await house.said_by("line", "Uhana") == ["ひとつ"]


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_reordered(house: House, order: tuple[int, ...]) -> None:
    """Deliveries in any order end in one turn each, none lost."""
    await OnLine(house).begin()
    events = [house.line_text(text) for text in ("一", "二", "三")]
    for n in order:
        assert (await house.post_line(events[n])).status_code == 200
    assert await house.turns("line", "Uhana") == 4
    assert sorted(await house.said_by("line", "Uhana")) == ["一", "三", "二"]


async def test_a_batch_goes_by_event_time(house: House) -> None:
    """Within a delivery the platform's event time decides the order."""
    await OnLine(house).begin()
    events = [
        house.line_text(text, timestamp=house.clock() + at)
        for text, at in (("三", 3), ("一", 1), ("二", 2))
    ]
    await house.post_line(*events)
    assert await house.said_by("line", "Uhana") == ["一", "二", "三"]


async def test_redelivered_after_70_seconds(house: House) -> None:
    """The token of a first delivery that never came is dead: the answer is pushed, once."""
    event = house.line_event("follow", follow={"isUnblocked": False})
    house.clock.now += 70 * SECOND
    event["deliveryContext"] = {"isRedelivery": True}
    for _ in range(2):
        await house.post_line(event)
    sent = [request.path for request in house.line.received if "/message/" in request.path]
    assert [path for path in sent if "quota" not in path] == ["/v2/bot/message/push"]
    assert len(set(house.line.texts("Uhana"))) == len(house.line.texts("Uhana"))


async def test_a_late_tap_is_kind(house: House) -> None:
    """A button from an earlier turn advances nothing and is answered kindly."""
    person = OnLine(house)
    await person.begin()
    await person.press("話してみる")
    old = next(data for label, data in house.line.visible["Uhana"][1].buttons if "しくみ" in label)
    house.clock.now += 10 * MINUTE
    await house.post_line(house.line_event("postback", postback={"data": old}))
    texts = (await house.service.programs.active()).bundle.messages.texts["ja"]
    assert texts["everywhere.stale_tap"] in house.line.texts("Uhana")
    await person.press("眠れないとき")
    assert texts["listening.reflect_night"] in house.line.texts("Uhana")


TEXTS = [
    pytest.param("a" * 1_000_000, id="a million characters"),
    pytest.param("夜\x00に", id="NUL"),
    pytest.param("夜\ud83dに", id="half a surrogate"),
    pytest.param("\u202e夜に\u202c\u2066x", id="bidi overrides"),
    pytest.param("\u3164\u200b\ufeff", id="nothing one can see"),
    pytest.param("👨‍👩‍👧‍👦" * 300, id="families"),
    pytest.param("z" + "\u0351" * 4_000, id="zalgo"),
    pytest.param("{{ 7*7 }} ${x} %s {days_left}", id="templates"),
    pytest.param("'; DROP TABLE message; --", id="SQL"),
    pytest.param(" \n\t", id="space"),
]


@pytest.mark.parametrize("text", TEXTS)
async def test_odd_texts(house: House, text: str) -> None:
    """Whatever characters come, each is one turn that is answered, on LINE and on Telegram."""
    people = (OnLine(house), OnTelegram(house))
    for person in people:
        await person.begin()
        before = len(await person.seen())
        await person.write(text)
        assert len(await person.seen()) > before
    assert await house.turns("line", "Uhana") == 2
    assert await house.turns("telegram", "70001") == 2
    assert all(len(kept) <= 5_000 for kept in await house.said_by("line", "Uhana"))


@pytest.mark.parametrize("where", ["front", "end"])
async def test_a_cry_in_a_long_text(house: House, where: str) -> None:
    """A long text is read for risk whole, as far as a platform lets people write."""
    person = OnLine(house)
    await person.begin()
    filler = "あ" * 4_900
    await person.write("死にたい。" + filler if where == "front" else filler + "。死にたい")
    assert await house.tier("line", "Uhana") == 2
    assert told(
        (await house.service.programs.active()).bundle.messages, house.line.visible["Uhana"]
    )[-1].key.startswith("crisis.")


async def test_unsent_before_it_came(house: House) -> None:
    """An unsend that overtakes its message keeps it from ever being taken up."""
    await OnLine(house).begin()
    shown = house.line.texts("Uhana")
    message = house.line_text("言わなければよかった")
    unsend = house.line_event("unsend", unsend={"messageId": message["message"]["id"]})
    await house.post_line(unsend)
    await house.post_line(message)
    assert house.line.texts("Uhana") == shown
    assert await house.said_by("line", "Uhana") == []


async def test_blocked_and_back(house: House) -> None:
    """Somebody who blocks us is sent nothing; following again begins kindly."""
    await OnLine(house).begin()
    await house.post_line(house.line_event("unfollow"))
    shown = len(house.line.texts("Uhana"))
    house.clock.now += 20 * MINUTE
    await house.settle()
    assert len(house.line.texts("Uhana")) == shown
    await house.post_line(house.line_event("follow", follow={"isUnblocked": True}))
    assert len(house.line.texts("Uhana")) > shown


async def test_json_of_any_spelling(house: House) -> None:
    """Escapes, other key orders and unknown fields change nothing: the raw bytes are signed."""
    event = {**house.line_text("さみしい夜"), "somethingNew": {"a": [1, 2]}}
    body = json.dumps({"x": 1, "events": [event]}, ensure_ascii=True, indent=3).encode()
    assert (await house.post_line_bytes(body)).status_code == 200
    assert await house.said_by("line", "Uhana") == ["さみしい夜"]
