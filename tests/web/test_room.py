"""The room by plain forms: what is shown, sent and refused, and that nothing is lost."""

from __future__ import annotations

import httpx
import pytest
from markupsafe import escape

from bot.rendering.bubbles import Bubble, Button
from bot.web.passes import seal_form
from tests.web.stand_ins import RAILS, RECEIPT, STORE_DOWN, TinyService, read_messages
from tests.web.visiting import go_in, hidden, read_form, tap, write

TEXTS = read_messages().texts["ja"]


async def test_the_transcript_is_shown(client: httpx.AsyncClient) -> None:
    """Bubbles in order, lines as lines, choices apart from rails, and a place to write."""
    await go_in(client)
    page = (await client.get("/room")).text
    assert "場所です。<br>返事をする" in page
    assert 'role="log" aria-live="polite"' in page
    plain, rails = page.split('class="plain"')[1].split('class="rails"')
    assert plain.count("<button") == 2
    assert rails.split("</form>")[0].count("<button") == 3
    assert "<textarea" in page


async def test_a_text_is_accepted_once_and_the_page_seen_again(
    client: httpx.AsyncClient, service: TinyService
) -> None:
    """A text becomes an inbound with the form's event id; then 303 to the room."""
    await go_in(client)
    form = await read_form(client)
    for _ in range(2):  # the same form sent twice, as by a double click or a reload
        answer = await client.post("/room/send", data={**form, "text": "夜に\r\nつらい"})
        assert answer.status_code == 303
    sent = [heard for heard in service.heard if heard.event_id == form["event"]]
    assert len(sent) == 1
    assert sent[0].message_id == form["event"]
    assert sent[0].inbound is not None
    assert (sent[0].inbound.kind, sent[0].inbound.text) == ("text", "夜に\nつらい")
    assert "夜に<br>つらい" in (await client.get("/room")).text


async def test_a_tap_carries_its_data(client: httpx.AsyncClient, service: TinyService) -> None:
    """A choice becomes a tap with the data that was given out."""
    await go_in(client)
    answer = await tap(client, "n.2")
    assert (answer.status_code, answer.headers["location"]) == (303, "/room#new")
    inbound = service.heard[-1].inbound
    assert inbound is not None
    assert (inbound.kind, inbound.data) == ("tap", "n.2")
    assert "Max-Age=2592000" in answer.headers["set-cookie"]


async def test_two_choices_of_one_form_are_one_tap(
    client: httpx.AsyncClient, service: TinyService
) -> None:
    """All buttons of a form share its event id: a trembling hand can't choose twice."""
    await go_in(client)
    form = await read_form(client, "choices")
    for data in ("n.1", "n.2"):
        await client.post("/room/send", data={**form, "data": data})
    assert [heard.inbound.data for heard in service.heard[1:] if heard.inbound] == ["n.1"]


async def test_a_turn_that_comes_later_is_announced(
    client: httpx.AsyncClient, service: TinyService
) -> None:
    """Where no answer is there yet, the page says that the words have arrived."""
    await go_in(client)
    service.busy = True
    answer = await write(client, "待ちます")
    assert answer.headers["location"] == "/room?wait=1#end"
    assert TEXTS["pages.received"] in (await client.get("/room?wait=1")).text


@pytest.mark.parametrize(
    ("text", "key"),
    [
        pytest.param("あ" * 2_001, "room.too_long", id="too long"),
        pytest.param(" \n ", "pages.empty", id="nothing but space"),
    ],
)
async def test_a_text_is_handed_back(
    client: httpx.AsyncClient, service: TinyService, text: str, key: str
) -> None:
    """A refused text is kindly explained, stays in the box, and the room stays around it."""
    await go_in(client)
    answer = await write(client, text)
    assert answer.status_code == 422
    assert TEXTS[key] in answer.text
    assert f">\n{text}</textarea>" in answer.text
    assert "話してみる" in answer.text
    assert len(service.heard) == 1


async def test_the_longest_text_is_taken(client: httpx.AsyncClient, service: TinyService) -> None:
    """2,000 characters of four bytes each fit into the form."""
    await go_in(client)
    assert (await write(client, "\U0001f3ee" * 2_000)).status_code == 303
    assert len(service.heard) == 2


async def test_nothing_typed_is_lost_while_the_store_is_down(
    client: httpx.AsyncClient, service: TinyService
) -> None:
    """503 with the safety card, the text in the box, and the same event id for the next try."""
    await go_in(client)
    form = await read_form(client)
    service.down = STORE_DOWN
    answer = await client.post("/room/send", data={**form, "text": "消えないで"})
    assert answer.status_code == 503
    assert 'class="card"' in answer.text
    assert 'href="tel:119"' in answer.text
    assert ">\n消えないで</textarea>" in answer.text
    assert hidden(answer.text) == form
    service.down = None
    again = await client.post("/room/send", data={**hidden(answer.text), "text": "消えないで"})
    assert again.status_code == 303


async def test_a_tap_can_be_sent_again(client: httpx.AsyncClient, service: TinyService) -> None:
    """While the store is down a tap comes back as one button to press again."""
    await go_in(client)
    form = await read_form(client, "choices")
    service.down = STORE_DOWN
    answer = await client.post("/room/send", data={**form, "data": "n.1"})
    assert TEXTS["pages.again"] in answer.text
    assert hidden(answer.text, "choices")["event"] == form["event"]
    assert 'name="data" value="n.1"' in answer.text


async def test_the_room_while_the_store_is_down(
    client: httpx.AsyncClient, service: TinyService
) -> None:
    """GET /room answers 503 with the safety card."""
    await go_in(client)
    service.down = STORE_DOWN
    answer = await client.get("/room")
    assert answer.status_code == 503
    assert TEXTS["room.error"] in answer.text
    assert "mhlw.go.jp" in answer.text


@pytest.mark.parametrize(
    ("change", "headers", "status"),
    [
        pytest.param({"proof": "0" * 64}, {}, 403, id="a wrong proof"),
        pytest.param({"proof": ""}, {}, 403, id="no proof"),
        pytest.param({"proof": seal_form("another")}, {}, 403, id="the proof of another pass"),
        pytest.param({"proof": "証"}, {}, 403, id="a proof that is no ASCII"),
        pytest.param({}, {"Sec-Fetch-Site": "cross-site"}, 403, id="from another site"),
        pytest.param({}, {"Sec-Fetch-Site": "same-site"}, 403, id="from a sister site"),
        pytest.param({}, {"Sec-Fetch-Site": "same-origin"}, 303, id="from our page"),
        pytest.param({}, {"Origin": "https://evil.example"}, 403, id="a foreign origin"),
        pytest.param({}, {"Origin": "http://127.0.0.1"}, 303, id="our origin"),
        pytest.param({}, {"Origin": "null"}, 303, id="an origin withheld"),
        pytest.param({"event": ""}, {}, 400, id="no event id"),
        pytest.param({"event": "a b"}, {}, 400, id="an event id of nobody's making"),
        pytest.param({"data": "x" * 65}, {}, 400, id="a choice never offered"),
    ],
)
async def test_who_may_send(
    client: httpx.AsyncClient,
    service: TinyService,
    change: dict[str, str],
    headers: dict[str, str],
    status: int,
) -> None:
    """Only a form of ours, from a page of ours, is taken; all else is refused kindly."""
    await go_in(client)
    form = {**await read_form(client), "text": "はい", **change}
    answer = await client.post("/room/send", data=form, headers=headers)
    assert answer.status_code == status
    assert len(service.heard) == (2 if status == 303 else 1)


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        pytest.param(b"text=" + b"a" * 300_000, "application/x-www-form-urlencoded", 413, id="big"),
        pytest.param(b"{}", "application/json", 400, id="not a form"),
        pytest.param(b"\xff=\xff", "application/x-www-form-urlencoded", 400, id="raw bytes"),
        pytest.param(b"a=1&" * 50, "application/x-www-form-urlencoded", 400, id="many fields"),
    ],
)
async def test_bodies_that_are_no_form(
    client: httpx.AsyncClient, service: TinyService, content: bytes, kind: str, status: int
) -> None:
    """A body that is no form of ours gets a kind page and is not taken."""
    await go_in(client)
    answer = await client.post("/room/send", content=content, headers={"Content-Type": kind})
    assert answer.status_code == status
    assert TEXTS["pages.back"] in answer.text
    assert len(service.heard) == 1


async def test_an_erased_room_says_so_once(client: httpx.AsyncClient, service: TinyService) -> None:
    """After the erase: the farewell with its receipt, the pass taken back, then a kind blank."""
    await go_in(client)
    await tap(client, "n.1")
    answer = await tap(client, "erase")
    assert answer.status_code == 200
    assert RECEIPT in answer.text
    assert 'room=""; ' in answer.headers["set-cookie"]
    assert "Max-Age=0" in answer.headers["set-cookie"]
    after = await client.get("/room")
    assert RECEIPT not in after.text
    assert TEXTS["pages.gone_more"] in after.text
    assert TEXTS["pages.back"] in after.text


@pytest.mark.parametrize(
    "token",
    [
        pytest.param("", id="no pass"),
        pytest.param("short", id="not of our making"),
        pytest.param("x" * 44, id="of nobody"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_without_a_room(
    client: httpx.AsyncClient, service: TinyService, token: str, method: str
) -> None:
    """Looking or sending without a room says that nothing is kept, and makes none."""
    client.cookies.set("room", token)
    form = {"proof": seal_form(token), "event": "e" * 22, "text": "だれか"}
    path = "/room" if method == "GET" else "/room/send"
    answer = await client.request(method, path, data=None if method == "GET" else form)
    assert answer.status_code == 200
    assert TEXTS["pages.gone_more"] in answer.text
    assert service.heard == []


async def test_an_unsent_row_leaves_no_trace(
    client: httpx.AsyncClient, service: TinyService
) -> None:
    """A row whose words were taken back is not shown."""
    await go_in(client)
    token = next(iter(service.rooms))
    service.say(token, "person", "言わなければよかった")
    taken = service.rooms[token].pop()
    service.rooms[token].append(type(taken)(taken.seq, "person", None))
    page = (await client.get("/room")).text
    assert 'data-seq="2"' not in page


async def test_choices_stand_until_the_person_speaks(
    client: httpx.AsyncClient, service: TinyService
) -> None:
    """A card without buttons hides none; buttons from before the person's last words are gone."""
    await go_in(client)
    token = next(iter(service.rooms))
    service.say(token, "bot", Bubble("命が危ないときは119。"), crisis=True)
    page = (await client.get("/room")).text
    assert "話してみる" in page
    assert 'class="row bot crisis"' in page
    service.say(token, "person", "はい")
    service.say(token, "bot", Bubble("またいつでも。", (RAILS[0], Button("n.3", "はじめから"))))
    page = (await client.get("/room")).text
    assert "話してみる" not in page
    assert "はじめから" in page


@pytest.mark.parametrize(
    "written",
    [
        pytest.param("あ" * 1_990 + "死にたい" + "あ" * 10, id="too long"),
        pytest.param("死にたい" + "あ" * 20_000, id="far too long"),
    ],
)
async def test_a_cry_for_help_may_be_long(client: httpx.AsyncClient, written: str) -> None:
    """A text over the limit stays in the box, and is read for risk: the card stands on the page."""
    await go_in(client)
    answer = await write(client, written)
    assert answer.status_code == 422
    assert 'class="card"' in answer.text
    assert f">\n{written}</textarea>" in answer.text


async def test_an_unreadably_long_text_gets_the_card(client: httpx.AsyncClient) -> None:
    """What is too large to be read at all may be a cry for help too."""
    await go_in(client)
    answer = await write(client, "あ" * 40_000)
    assert answer.status_code == 413
    assert 'href="tel:119"' in answer.text


@pytest.mark.parametrize(
    ("written", "card"),
    [
        pytest.param("だれか\n<いますか>", False, id="plain words"),
        pytest.param("死にたい", True, id="a cry for help"),
    ],
)
async def test_words_outlive_their_room(
    client: httpx.AsyncClient, service: TinyService, written: str, card: bool
) -> None:
    """A text sent into a room that is gone waits in a box, goes through the door, is sent once."""
    await go_in(client)
    form = await read_form(client)
    service.rooms.clear()
    gone = await client.post("/room/send", data={**form, "text": written})
    kept = str(escape(written))
    assert f">\n{kept}</textarea>" in gone.text
    assert TEXTS["pages.typed_kept"] in gone.text
    assert ('href="tel:119"' in gone.text.split("<main")[1]) == card
    inside = await client.post("/room", data={"language": "ja", "text": written})
    assert inside.status_code == 200
    assert f">\n{kept}</textarea>" in inside.text
    assert [heard.inbound.kind for heard in service.heard if heard.inbound] == ["begin", "begin"]
    await client.post("/room/send", data={**hidden(inside.text), "text": written})
    last = service.heard[-1].inbound
    assert last is not None
    assert (last.kind, last.text) == ("text", written)


async def test_words_of_an_earlier_room_stay(client: httpx.AsyncClient) -> None:
    """A page of an earlier room of this browser is refused, but what was written there stays."""
    await go_in(client)
    form = {**await read_form(client), "proof": seal_form("earlier")}
    answer = await client.post("/room/send", data={**form, "text": "ここまで書いた"})
    assert answer.status_code == 403
    assert ">\nここまで書いた</textarea>" in answer.text


async def test_words_outlive_a_store_that_is_down(
    client: httpx.AsyncClient, service: TinyService
) -> None:
    """While no new room can be made, the words stay in their box beside the safety card."""
    service.down = STORE_DOWN
    answer = await client.post("/room", data={"text": "まだここに"})
    assert answer.status_code == 503
    assert ">\nまだここに</textarea>" in answer.text
    assert 'href="tel:119"' in answer.text
