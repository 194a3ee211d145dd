"""The door: what it says, in which language, and what pressing the button does."""

from __future__ import annotations

import httpx
import pytest

from bot.web.application import build_application
from bot.web.ports import WebSettings
from tests.web.stand_ins import NOW, STORE_DOWN, TinyService, ports, read_messages
from tests.web.visiting import go_in

TEXTS = read_messages().texts


async def test_the_door_stands_while_the_store_is_down(
    client: httpx.AsyncClient, service: TinyService
) -> None:
    """The first page needs no store: what this is, that a program answers, 119 and 110."""
    service.down = STORE_DOWN
    page = (await client.get("/")).text
    for key in ("room.lead", "room.program_note", "room.start", "room.emergency"):
        assert TEXTS["ja"][key] in page
    assert 'href="tel:119"' in page
    assert 'href="tel:110"' in page


@pytest.mark.parametrize(
    ("query", "header", "language"),
    [
        pytest.param("", "", "ja", id="nothing known"),
        pytest.param("", "en-US,en;q=0.9,ja;q=0.8", "en", id="the browser prefers English"),
        pytest.param("", "ja;q=0.2, en;q=0.1", "ja", id="by weight"),
        pytest.param("", "fr, de;q=0.9", "ja", id="none that we have"),
        pytest.param("", "en;q=zero,;;q=,*", "ja", id="a broken header"),
        pytest.param("", "ja-easy", "ja", id="easy Japanese is never guessed"),
        pytest.param("ja-easy", "en", "ja-easy", id="chosen by link"),
        pytest.param("xx", "en", "en", id="a language that is not there"),
    ],
)
async def test_the_language(
    client: httpx.AsyncClient, query: str, header: str, language: str
) -> None:
    """The link decides, else the browser, else Japanese."""
    page = (await client.get("/", params={"lang": query}, headers={"Accept-Language": header})).text
    assert f'name="language" value="{language}"' in page
    assert TEXTS[language]["pages.pace"] in page


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        pytest.param("a1B2-_", "a1B2-_", id="a code"),
        pytest.param("", "", id="none"),
        pytest.param('"><script>', "", id="no code at all"),
        pytest.param("x" * 65, "", id="too long"),
    ],
)
async def test_an_entry_code_stays_as_it_is(
    client: httpx.AsyncClient, service: TinyService, given: str, kept: str
) -> None:
    """The code of the link is carried through the door, opaque, or dropped if it can't be one."""
    page = (await client.get("/", params={"c": given})).text
    assert f'name="c" value="{kept}"' in page
    await client.post("/room", data={"c": given, "language": "en"})
    begun = service.heard[0]
    assert begun.inbound is not None
    assert (begun.what, begun.channel, begun.at) == ("inbound", "web", NOW)
    assert (begun.inbound.kind, begun.inbound.code) == ("begin", kept)
    assert begun.inbound.language == "en"


@pytest.mark.parametrize(
    ("address", "name", "secure"),
    [
        pytest.param("https://example.test", "__Host-room", True, id="https"),
        pytest.param("http://example.test", "__Host-room", True, id="behind a proxy"),
        pytest.param("http://127.0.0.1:8000", "room", False, id="the demo"),
        pytest.param("http://localhost:8000", "room", False, id="the demo by name"),
    ],
)
async def test_the_pass(service: TinyService, address: str, name: str, secure: bool) -> None:
    """The cookie: 256 bits, HttpOnly, Strict, 30 days; Secure and __Host- but on the machine."""
    transport = httpx.ASGITransport(build_application(ports(service)))
    async with httpx.AsyncClient(transport=transport, base_url=address) as client:
        answer = await client.post("/room", data={"c": ""})
    assert (answer.status_code, answer.headers["location"]) == (303, "/room#new")
    first, *flags = answer.headers["set-cookie"].split("; ")
    assert first.split("=")[0] == name
    assert first.split("=")[1] == service.heard[0].user_id
    assert len(first.split("=")[1]) >= 43
    expected = {"HttpOnly", "Max-Age=2592000", "Path=/", "SameSite=strict"}
    assert set(flags) == expected | ({"Secure"} if secure else set())


async def test_going_in_twice_is_one_room(client: httpx.AsyncClient, service: TinyService) -> None:
    """Whoever has a room goes back to it; nothing begins again."""
    await go_in(client)
    await go_in(client)
    assert len(service.heard) == 1


async def test_a_pass_of_an_erased_room_begins_anew(
    client: httpx.AsyncClient, service: TinyService
) -> None:
    """A pass that opens nothing is replaced by a new one."""
    await go_in(client)
    service.rooms.clear()
    await go_in(client)
    assert len({heard.user_id for heard in service.heard}) == 2


async def test_a_begin_that_cannot_be_kept(client: httpx.AsyncClient, service: TinyService) -> None:
    """503 with the safety card from memory, and no pass for a room that isn't there."""
    service.down = STORE_DOWN
    answer = await client.post("/room", data={"c": ""})
    assert answer.status_code == 503
    assert 'href="tel:119"' in answer.text
    assert "mhlw.go.jp" in answer.text
    assert "set-cookie" not in answer.headers


async def test_the_demo_says_so(service: TinyService) -> None:
    """In the demo each page carries a mark; elsewhere none does. The city may name the room."""
    settings = WebSettings(demo=True, title="ひるね")
    transport = httpx.ASGITransport(build_application(ports(service, settings=settings)))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        page = (await client.get("/")).text
    assert TEXTS["ja"]["pages.demo"] in page
    assert "<title>ひるね</title>" in page
