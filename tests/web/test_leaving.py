"""Quick exit and 見え方: gone at once, nothing of before to be seen; a look that says nothing."""

from __future__ import annotations

import httpx
import pytest
import yaml

from bot.web.application import build_application
from bot.web.ports import WebSettings
from tests.repository import ROOT
from tests.web.conftest import LOOPBACK
from tests.web.stand_ins import STORE_DOWN, TinyService, ports, read_messages
from tests.web.visiting import go_in, read_form, tap, write

TEXTS = read_messages().texts["ja"]
FOREIGN = {"sec-fetch-site": "cross-site"}


async def test_another_page_takes_the_place(client: httpx.AsyncClient) -> None:
    """The answer to the button goes on by itself to a harmless page, under a neutral title."""
    await go_in(client)
    page = (await client.post("/exit")).text
    assert 'http-equiv="refresh" content="0; url=https://www.jma.go.jp/bosai/forecast/"' in page
    assert "<title>メモ</title>" in page
    assert "縁側" not in page


async def test_the_next_one_sees_nothing_of_before(
    client: httpx.AsyncClient, service: TinyService
) -> None:
    """After quick exit the room shows neither words nor choices; the conversation goes on."""
    await go_in(client)
    await write(client, "だれにも言えない")
    await client.post("/exit", data={"beacon": "1"})
    for path in ("/room", "/room/after?seq=0"):
        page = (await client.get(path)).text
        assert "だれにも言えない" not in page
        assert "薬のこと" not in page
        assert 'class="plain"' not in page
    assert TEXTS["pages.hidden"] in (await client.get("/room")).text
    assert (await write(client, "つづき")).status_code == 303
    page = (await client.get("/room")).text
    assert "つづき" in page
    assert "だれにも言えない" not in page
    assert len(service.heard) == 3


async def test_a_former_address_shows_nothing(
    client: httpx.AsyncClient, service: TinyService
) -> None:
    """Where the conversation went elsewhere, the room says so in one line, and has a box."""
    await go_in(client)
    await write(client, "だれにも言えない")
    token = next(iter(service.rooms))
    service.moved.add(token)
    service.veiled[token] = 3
    page = (await client.get("/room")).text
    assert TEXTS["doorstep.moved_away"] in page
    assert "だれにも言えない" not in page
    assert 'data-state="moved"' in page
    assert "<textarea" in page
    assert 'data-state="moved"' in (await client.get("/room/after?seq=0")).text


async def test_the_signal_of_the_script(client: httpx.AsyncClient) -> None:
    """It gets no page, and asks the browser to forget what it stored; the pass stays."""
    await go_in(client)
    answer = await client.post("/exit", data={"beacon": "1"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["clear-site-data"] == '"cache"'
    assert "set-cookie" not in answer.headers


async def test_leaving_needs_no_store(
    client: httpx.AsyncClient, service: TinyService, caplog: pytest.LogCaptureFixture
) -> None:
    """While the store is down, or where nothing was begun, leaving works all the same."""
    assert (await client.post("/exit")).status_code == 200
    await go_in(client)
    service.down = STORE_DOWN
    assert (await client.post("/exit")).status_code == 200
    assert "exit.not_hidden StoreUnavailableError" in caplog.text


async def test_nobody_else_hides_a_room(client: httpx.AsyncClient, service: TinyService) -> None:
    """A form on somebody else's page hides nothing and changes no look."""
    await go_in(client)
    for path in ("/exit", "/look"):
        answer = await client.post(path, data={"look": "large"}, headers=FOREIGN)
        assert answer.status_code == 403
    assert service.veiled == {}


async def test_pages_are_never_kept(client: httpx.AsyncClient) -> None:
    """No page of ours may be stored: going back asks us again, and we show what may be seen."""
    await go_in(client)
    for path in ("/", "/room", "/code", "/d/x"):
        assert (await client.get(path)).headers["cache-control"] == "no-store"


async def test_a_look_is_remembered(client: httpx.AsyncClient) -> None:
    """One press turns a look on, another off; the cookie holds letters and nothing else."""
    answer = await client.post("/look", data={"look": "large", "language": "en", "c": "a1"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/?lang=en&c=a1")
    assert answer.headers["set-cookie"].startswith("look=l; HttpOnly; Max-Age=7776000; Path=/;")
    await client.post("/look", data={"look": "furigana"})
    assert client.cookies["look"] == "fl"
    page = (await client.get("/")).text
    assert 'class="page see-furigana see-large"' in page
    assert "<ruby>" in page
    await client.post("/look", data={"look": "large"})
    await client.post("/look", data={"look": "everything"})
    assert client.cookies["look"] == "f"


@pytest.mark.parametrize("letters", ["", "zzz", "<script>", "f" * 4_000])
async def test_a_strange_cookie_says_nothing(client: httpx.AsyncClient, letters: str) -> None:
    """Whatever a cookie holds, pages stay whole."""
    client.cookies.set("look", letters)
    answer = await client.get("/")
    assert answer.status_code == 200
    assert "<script>" not in answer.text.replace("<script defer", "")


async def test_what_was_typed_outlives_a_look(
    client: httpx.AsyncClient, service: TinyService
) -> None:
    """見え方 in the room keeps the words in the box, with the same event id."""
    await go_in(client)
    form = await read_form(client)
    answer = await client.post("/look", data={**form, "look": "pictures", "text": "書きかけ"})
    assert answer.status_code == 200
    assert ">\n書きかけ</textarea>" in answer.text
    assert f'name="event" value="{form["event"]}"' in answer.text
    assert "#talk" in answer.text
    assert len(service.heard) == 1


async def test_a_look_in_a_room_that_is_gone(client: httpx.AsyncClient) -> None:
    """The words wait in a box of the page that says so."""
    form = {"event": "e" * 22, "proof": "", "text": "書きかけ", "look": "large"}
    answer = await client.post("/look", data=form)
    assert ">\n書きかけ</textarea>" in answer.text


async def test_the_neutral_name(client: httpx.AsyncClient) -> None:
    """Asked for, no page says the room's name in title, header or icon."""
    await go_in(client)
    client.cookies.set("look", "n")
    for path in ("/", "/room", "/code", "/d/x", "/nowhere"):
        page = (await client.get(path)).text
        assert "<title>メモ</title>" in page
        assert "縁側" not in page
        assert "mark." not in page
    assert TEXTS["pages.neutral_lead"] in (await client.get("/")).text


async def test_the_neutral_name_for_everybody(service: TinyService) -> None:
    """A city may choose it for all; a Tor browser is told where else the page is."""
    settings = WebSettings(neutral=True, neutral_name="手帳", onion="http://abc.onion")
    transport = httpx.ASGITransport(build_application(ports(service, settings=settings)))
    async with httpx.AsyncClient(transport=transport, base_url=LOOPBACK) as client:
        answer = await client.get("/code")
    assert "<title>手帳</title>" in answer.text
    assert answer.headers["onion-location"] == "http://abc.onion/code"


async def test_under_the_cover(client: httpx.AsyncClient, service: TinyService) -> None:
    """The button sends the cover word and drops what stood in the box: harmless words, a box."""
    await go_in(client)
    await write(client, "だれにも言えない")
    form = await read_form(client)
    answer = await client.post("/room/send", data={**form, "word": "cover", "text": "いま書いた"})
    assert answer.status_code == 303
    for path in ("/room", "/room/after?seq=0"):
        page = (await client.get(path)).text
        assert "今夜の献立" in page
        assert "だれにも言えない" not in page
        assert "いま書いた" not in page
        assert "<button name=" not in page
    page = (await client.get("/room")).text
    assert "<title>メモ</title>" in page
    assert "縁側" not in page
    assert 'data-state="covered"' in page
    await write(client, "献立")
    assert "だれにも言えない" in (await client.get("/room")).text


async def test_other_words_of_buttons_do_nothing(
    client: httpx.AsyncClient, service: TinyService
) -> None:
    """Only the cover has a button that speaks; anything else counts as nothing written."""
    await go_in(client)
    form = await read_form(client)
    answer = await client.post("/room/send", data={**form, "word": "erase", "text": ""})
    assert answer.status_code == 422
    assert len(service.heard) == 1


def test_the_cover_button_sends_a_cover_word() -> None:
    """In each language the word is one that the flows know (flows/everywhere.yaml)."""
    words = yaml.safe_load((ROOT / "flows/everywhere.yaml").read_text("utf-8"))["words"]["cover"]
    known = {each for value in words.values() if isinstance(value, list) for each in value}
    for texts in read_messages().texts.values():
        assert texts["pages.cover_word"] in known


async def test_pictures_stand_beside_choices_only_when_asked(client: httpx.AsyncClient) -> None:
    """Without the look no page loads a drawing; with it each choice that has one shows it."""
    await go_in(client)
    assert "pictures." not in (await client.get("/room")).text
    client.cookies.set("look", "p")
    page = (await client.get("/room")).text
    assert page.count('<svg class="pic" aria-hidden="true">') == 2
    assert (await tap(client, "n.1")).status_code == 303
