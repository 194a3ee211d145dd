"""Canaries in every field of every webhook: none is found where it must not be."""

from __future__ import annotations

import base64
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from tests.channels import bodies
from tests.channels.test_privacy import OFFICIAL, OURS
from tests.leaks.canaries import MARK, NUMBERS, Canaries, disguises, hits, traces
from tests.leaks.service import RunningService
from tests.web.visiting import go_in, read_form, tap, write

NOWHERE: list[str] = []


def singing(row: Any, n: int) -> tuple[str, bytes]:
    """A body of the official shapes with our canaries in it, as an event that never came before."""
    door, body = row.values[:2]
    text = body.decode()
    # The mark of the event, by which it would be dropped as a copy of the one before.
    text = text.replace("canary<webhookEventId>", f"canary<webhookEventId{n}>")
    text = text.replace('"update_id": 9,', f'"update_id": {NUMBERS + 500 + n},')
    text = text.replace("canary<", MARK).replace(bodies.USER, f"U{MARK}Somebody")
    text = text.replace(str(bodies.NUMBER), str(NUMBERS)).replace("4242", str(NUMBERS + n))
    return door, text.encode()


async def test_every_field_of_every_event(running: RunningService) -> None:
    """Each event with every field filled leaves no trace: those of the platforms' specifications,
    or our own bodies where the specifications aren't at hand.
    """
    rows = OFFICIAL or [row for row in OURS if "canary<" in str(row.values[1])]
    # On Telegram each comes from somebody else, because one chat gets one message a second.
    for n, row in enumerate(rows):
        door, body = singing(row, n)
        post = running.post_line if door == "line" else running.post_telegram
        assert MARK.encode() in body
        assert await post(body) == 200
    await running.settle()
    channels = dict(running.rows("SELECT channel, count(*) FROM address GROUP BY channel"))
    assert channels["line"] == 1
    assert channels["telegram"] > (50 if OFFICIAL else 5)
    assert hits(await running.everything()) == NOWHERE


async def tell_everything(running: RunningService, canaries: Canaries) -> str:
    """The room's pass, after one conversation on each channel, with canaries wherever one fits."""
    user, chat = f"U{canaries.word('user')}", canaries.number()
    await running.line_event(user, "follow")
    for text in (canaries.words(), "話してみる", f"死にたい {canaries.words()}", "消して"):
        await running.line_event(user, text=text, replyToken=canaries.word("token"))
    await running.line_event(user, "postback", postback={"data": canaries.word("data")})
    for text in (f"/start {canaries.word('code')}", canaries.words(), "消して"):
        await running.telegram_says(chat, text)
    query = {"id": canaries.word("callback"), "from": {"id": chat}, "data": canaries.word("data")}
    body = json.dumps({"update_id": canaries.number(), "callback_query": query}).encode()
    assert await running.post_telegram(body) == 200
    room = await tell_in_the_room(running, canaries)
    await running.settle()
    return room


async def tell_in_the_room(running: RunningService, canaries: Canaries) -> str:
    """The pass, after all a browser sends: addresses, headers, cookies, forms, the stream."""
    word = canaries.word
    headers = {"accept-language": f"ja,{word('lang')}", "user-agent": word("agent")}
    headers |= {"x-forwarded-for": word("forwarded"), "referer": f"http://x/{word('referer')}"}
    async with running.browser(**headers) as browser:
        browser.cookies.set("another", word("cookie"))
        await browser.get("/", params={"c": word("code"), word("name"): word("value")})
        await go_in(browser, word("code"))
        assert (await write(browser, canaries.words(), more=word("field"))).status_code == 303
        await tap(browser, "1")
        await browser.get("/room/after", params={"seq": word("seq")})
        async with browser.stream("GET", "/room/live", params={"after": "0"}) as stream:
            async for line in stream.aiter_lines():
                if line.startswith("id:"):  # it rings, and says nothing
                    break
        await browser.get(f"/room/{word('nowhere')}", params={"q": word("query")})
        await browser.post("/room/send", data={**await read_form(browser), "event": word("bad")})
        await browser.post(f"/{word('nowhere')}", content=canaries.words().encode())
        return browser.cookies["room"]


async def test_a_whole_conversation(running: RunningService, capfd: Any) -> None:
    """Names, texts, ids, tokens, codes, cookies, headers and our own secrets are found nowhere."""
    token = (await tell_everything(running, Canaries())).encode()
    found = await running.everything()
    out, err = capfd.readouterr()
    found["printed"] = (out + err).encode()
    assert hits(found) == NOWHERE
    assert traces(found, {"the room's pass": token, **keys(running)}) == NOWHERE


def keys(running: RunningService) -> dict[str, bytes]:
    """The keyring's keys, which must be in the key file only."""
    ring = running.keyring
    named = {f"key {kek.id}": kek.key for kek in ring.keks}
    return {**named, "look-up key": ring.lookup_key, "ledger key": ring.ledger_key}


async def test_while_a_turn_fails(running: RunningService, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error whose text quotes the person is told by its class alone, wherever it is raised."""
    canaries = Canaries()
    await running.line_event("U1", "follow")

    def fails(*arguments: object) -> None:
        raise ValueError(f"{canaries.words()} {arguments!r}")

    turns = running.service.conversations._turns
    monkeypatch.setattr(turns, "_engine", fails)
    risky = f"いますぐ死にたい {canaries.words()}"
    await running.line_event("U1", text=risky)
    assert await running.post_line(running.line_body("U2", text=canaries.words())) == 200
    monkeypatch.setattr(running.service.parts.channels["line"], "read", fails)
    assert await running.post_line(running.line_body("U2", text=canaries.words())) == 500
    found = await running.everything()
    assert b"turn_failed" in found["log.txt"]
    assert b"ValueError" in found["log.txt"]
    assert hits(found) == NOWHERE


async def test_while_the_store_is_locked(running: RunningService) -> None:
    """A locked database costs a 503, the card comes from memory, and nothing of it is logged."""
    canaries = Canaries()
    user = f"U{canaries.word()}"
    with closing(sqlite3.connect(running.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert await running.post_line(running.line_body(user, text=canaries.words())) == 503
        assert (
            await running.post_telegram(running.telegram_body(canaries.number(), canaries.words()))
            == 503
        )
        async with running.browser() as browser:
            answer = await browser.post("/room", data={"c": canaries.word()})
            assert answer.status_code == 503
        await running.service.errands.drain()
        assert (await running.client.get("/readyz")).status_code == 503
        other.execute("ROLLBACK")
    assert len(running.line.texts(user)) == 1
    found = await running.everything()
    assert b"store_unavailable" in found["log.txt"]
    assert hits(found) == NOWHERE


@pytest.mark.parametrize("act", ["invalid", "error", "forbidden", "throttled", "cut", "nobody"])
async def test_while_the_platform_refuses(running: RunningService, act: str) -> None:
    """A refusal that quotes the request leaves only its number, in the log and in the outbox."""
    canaries = Canaries()
    running.line.script(act)
    user = f"U{canaries.word()}"
    assert await running.post_line(running.line_body(user, text=canaries.words())) == 200
    chat = canaries.number()
    if act != "nobody":
        running.telegram.script(act)
        assert await running.post_telegram(running.telegram_body(chat, canaries.words())) == 200
    await running.tried()
    assert len(running.line.received) > 1
    assert hits(await running.everything()) == NOWHERE


def into_the_log(running: RunningService, form: bytes) -> None:
    """Append to the log file."""
    with (running.folder / "log.txt").open("ab") as file:
        file.write(form)


def into_the_database(running: RunningService, form: bytes) -> None:
    """As text where it can be, else as a blob."""
    with closing(sqlite3.connect(running.database, isolation_level=None)) as opened:
        opened.execute("CREATE TABLE planted (word)")
        opened.execute("INSERT INTO planted VALUES (?)", (form,))


def into_the_ledger(running: RunningService, form: bytes) -> None:
    """Append to the erase ledger."""
    with running.ledger.open("ab") as file:
        file.write(form)


@pytest.mark.parametrize("plant", [into_the_log, into_the_database, into_the_ledger])
async def test_the_search_can_find(
    running: RunningService, plant: Callable[[RunningService, bytes], None]
) -> None:
    """A canary planted on purpose is found, so the tests above can fail."""
    plant(running, f"nobody {Canaries().word()} nothing".encode())
    assert hits(await running.everything()) != NOWHERE


WORDS = Canaries()
PLANTED = [
    pytest.param(form, id=f"{name} of {kind}")
    for kind, word in (("ascii", WORDS.word("x")), ("kana", WORDS.words()))
    for name, form in disguises(f"before {word} after")
]


@pytest.mark.parametrize("form", PLANTED)
def test_every_disguise_is_seen_through(form: bytes) -> None:
    """However a canary was written down, the search finds it."""
    assert hits({"somewhere": b"\x00\xff" + form + b"\x00"}) != NOWHERE


def test_numbers_are_seen_through() -> None:
    """A canary number is found in digits, in base64, and as SQLite writes it."""
    number = Canaries().number()
    with closing(sqlite3.connect(":memory:")) as opened:
        opened.execute("CREATE TABLE planted (n, x)")
        opened.execute("INSERT INTO planted VALUES (?, ?)", (number, 35 + number / 10**12))
        page = opened.serialize()
    for data in (str(number).encode(), base64.b64encode(b"id=%d" % number), page):
        assert hits({"somewhere": data}) != NOWHERE
    assert hits({"somewhere": str(number + 10**6).encode()}) == NOWHERE
