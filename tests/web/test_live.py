"""What is new: a stream that rings from a cursor on, ends and limits; the words by asking."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest
from starlette.applications import Starlette

from bot.rendering.bubbles import Bubble, Button
from bot.web.application import build_application
from bot.web.ports import WebSettings
from tests.web.stand_ins import STORE_DOWN, TinyService, ports, read_messages
from tests.web.visiting import go_in, read_form

TEXTS = read_messages().texts["ja"]
TOKEN = "t" * 44
Events = asyncio.Queue[str]


@contextlib.asynccontextmanager
async def streaming(
    application: Starlette, query: str = "", last: str = "", token: str = TOKEN
) -> AsyncIterator[tuple[Callable[[], Awaitable[str]], asyncio.Task[None]]]:
    """Open a stream; gives a way to read the next chunk, and the task that ends with it."""
    chunks: Events = asyncio.Queue()
    gone = asyncio.Event()

    async def receive() -> dict[str, object]:
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, object]) -> None:
        if message["type"] == "http.response.start":
            await chunks.put(str(message["status"]))
        elif body := message.get("body"):
            assert isinstance(body, bytes)
            await chunks.put(body.decode())

    headers = [(b"cookie", f"room={token}".encode()), (b"host", b"127.0.0.1")]
    if last:
        headers.append((b"last-event-id", last.encode()))
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/room/live",
        "query_string": query.encode(),
        "headers": headers,
        "scheme": "http",
        "server": ("127.0.0.1", 80),
    }
    task = asyncio.create_task(application(scope, receive, send))  # type: ignore[arg-type]

    async def following() -> str:
        return await asyncio.wait_for(chunks.get(), 5)

    try:
        yield following, task
    finally:
        gone.set()
        await asyncio.wait_for(task, 5)


def opened(service: TinyService, **settings: float) -> Starlette:
    """A web whose streams look again only when the bell rings, unless told otherwise."""
    defaults: dict[str, float] = {"recheck": 60.0, **settings}
    return build_application(ports(service, settings=WebSettings(**defaults)))  # type: ignore[arg-type]


def fill(service: TinyService) -> None:
    """Three rows."""
    service.say(TOKEN, "bot", Bubble("一"))
    service.say(TOKEN, "person", "二")
    service.say(TOKEN, "bot", Bubble("三", (Button("n.1", "つぎ"),)))


@pytest.mark.parametrize(
    ("query", "last", "rings"),
    [
        pytest.param("", "", True, id="from the beginning"),
        pytest.param("after=1", "", True, id="from the page's cursor"),
        pytest.param("after=1", "2", True, id="the browser's own cursor goes first"),
        pytest.param("after=nonsense", "", True, id="nonsense is the beginning"),
        pytest.param("after=3", "", False, id="nothing is new"),
        pytest.param("after=1", "3", False, id="nothing is new for the browser's own cursor"),
    ],
)
async def test_the_stream_rings(service: TinyService, query: str, last: str, rings: bool) -> None:
    """It first says that it is here, then the newest cursor where that is newer, and no words."""
    fill(service)
    async with streaming(opened(service), query, last) as (following, _):
        assert await following() == "200"
        assert "event: here" in await following()
        if rings:
            assert await following() == "id: 3\r\ndata: 3\r\n\r\n"
        service.say(TOKEN, "bot", Bubble("四"))
        assert await following() == "id: 4\r\ndata: 4\r\n\r\n"


async def test_a_row_from_elsewhere_is_found_without_a_bell(service: TinyService) -> None:
    """Another process rings no bell here: the stream looks again by itself."""
    fill(service)
    async with streaming(opened(service, recheck=0.01), "after=3") as (following, _):
        assert [await following(), "here" in await following()] == ["200", True]
        service.bell = type(service.bell)()  # nobody listens to this one
        service.say(TOKEN, "bot", Bubble("四"))
        assert "id: 4\r\n" in await following()


async def test_an_erase_ends_the_stream_with_a_word(service: TinyService) -> None:
    """Once nothing is kept the stream says so and ends; the page asks for the farewell."""
    fill(service)
    async with streaming(opened(service), "after=3") as (following, task):
        assert [await following(), "here" in await following()] == ["200", True]
        del service.rooms[TOKEN]
        service.bell.ring(TOKEN)
        assert "event: gone" in await following()
        await asyncio.wait_for(asyncio.shield(task), 5)


async def test_a_move_ends_the_stream(service: TinyService) -> None:
    """A page that shows what was said is called to load anew; one that knows of the move is not."""
    fill(service)
    application = opened(service)
    async with streaming(application, "after=3") as (following, task):
        assert [await following(), "here" in await following()] == ["200", True]
        service.moved.add(TOKEN)
        service.veiled[TOKEN] = 3
        service.bell.ring(TOKEN)
        assert "event: gone" in await following()
        await asyncio.wait_for(asyncio.shield(task), 5)
    async with streaming(application, "after=3") as (following, _):
        assert [await following(), "here" in await following()] == ["200", True]
        service.say(TOKEN, "bot", Bubble("四"))
        assert await following() == "id: 4\r\ndata: 4\r\n\r\n"


async def test_without_a_room_the_stream_says_so(service: TinyService) -> None:
    """A pass of nobody gets the same word, and the stream ends."""
    async with streaming(opened(service)) as (following, task):
        assert [await following(), "here" in await following()] == ["200", True]
        assert "event: gone" in await following()
        await asyncio.wait_for(asyncio.shield(task), 5)


async def test_a_stream_ends_when_the_store_goes(service: TinyService) -> None:
    """The stream ends without an error; the page comes back and asks from its cursor."""
    fill(service)
    async with streaming(opened(service), "after=3") as (following, task):
        assert [await following(), "here" in await following()] == ["200", True]
        service.down = STORE_DOWN
        service.bell.ring(TOKEN)
        await asyncio.wait_for(asyncio.shield(task), 5)


async def test_streams_are_counted(service: TinyService) -> None:
    """A conversation may hold a few streams; one more is refused, and there is room again after."""
    fill(service)
    application = opened(service, streams_each=1)
    async with streaming(application) as (following, _):
        assert [await following(), "here" in await following()] == ["200", True]
        assert "id: 3" in await following()
        async with streaming(application) as (second, _):
            assert await second() == "503"
    async with streaming(application) as (third, _):
        assert await third() == "200"


@pytest.mark.parametrize(
    ("seq", "rows"),
    [
        pytest.param("1", 1, id="one is new"),
        pytest.param("2", 0, id="nothing is new"),
        pytest.param("x", 2, id="nonsense is the beginning"),
    ],
)
async def test_asking_gives_the_words(
    client: httpx.AsyncClient, service: TinyService, seq: str, rows: int
) -> None:
    """/room/after gives the rows after a cursor and the choices that stand."""
    await go_in(client)
    service.say(next(iter(service.rooms)), "bot", Bubble("もうひとつ"))
    answer = await client.get("/room/after", params={"seq": seq})
    assert answer.status_code == 200
    assert answer.text.count("data-seq=") == rows
    assert 'id="choices"' in answer.text
    assert 'data-last="2"' in answer.text
    assert "<html" not in answer.text


async def test_asking_without_a_room(client: httpx.AsyncClient) -> None:
    """/room/after without a room gives the farewell to put in the page's middle."""
    answer = await client.get("/room/after")
    assert "<main" in answer.text
    assert "<html" not in answer.text


@pytest.mark.parametrize(
    ("change", "down", "status", "shown"),
    [
        pytest.param({}, False, 200, 'data-seq="2"', id="taken"),
        pytest.param({"text": "あ" * 2_001}, False, 422, TEXTS["room.too_long"], id="too long"),
        pytest.param({"proof": "x"}, False, 403, TEXTS["pages.refused"], id="refused"),
        pytest.param({}, True, 503, 'class="card"', id="store down"),
    ],
)
async def test_the_script_gets_only_what_is_new(
    client: httpx.AsyncClient,
    service: TinyService,
    change: dict[str, str],
    down: bool,
    status: int,
    shown: str,
) -> None:
    """With the script's cursor, sending answers with a small fragment that never holds a page."""
    await go_in(client)
    form = {**await read_form(client), "text": "はい", **change}
    service.down = STORE_DOWN if down else None
    answer = await client.post("/room/send", data=form, headers={"Engawa-After": "1"})
    assert answer.status_code == status
    assert shown in answer.text
    assert 'data-seq="1"' not in answer.text
    assert "<main" not in answer.text
    assert len(answer.content) < 5_000
