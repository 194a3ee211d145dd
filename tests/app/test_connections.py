"""Whoever holds a connection open, or sends a head without an end, is let go; others are served."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.app import connections
from bot.app.connections import HEAD_MAX
from bot.app.serving import _configuration, _listen
from bot.config.settings import Server

PATIENCE = 30.0
ASKED = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: here\r\n"


async def _size(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


@pytest.fixture
async def port() -> AsyncIterator[int]:
    """A listener as `engawa serve` has it; it answers with the size of what was sent."""
    application = Starlette(routes=[Route("/", _size, methods=["GET", "POST"])])
    listener = _listen(Server(host="127.0.0.1", port=0), "")
    server = uvicorn.Server(_configuration(application))
    task = asyncio.ensure_future(server.serve(sockets=[listener]))
    yield listener.getsockname()[1]
    server.should_exit = True
    await task
    listener.close()


async def _send(port: int, *parts: bytes) -> bytes:
    """What comes back until the other side closes, which it must."""
    async with asyncio.timeout(PATIENCE):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            for part in parts:
                writer.write(part)
                await writer.drain()
            return await reader.read()
        except ConnectionResetError:
            return b""
        finally:
            writer.close()


@pytest.mark.parametrize(
    ("sent", "answered"),
    [
        pytest.param([], 0, id="nothing"),
        pytest.param([b"\r\n"], 0, id="a line end"),
        pytest.param([b"GET / HTTP/1.1\r\nHost: he"], 0, id="half a head"),
        pytest.param([POST + b"Content-Length: 9\r\n\r\nhalf"], 0, id="half a body"),
        pytest.param([POST + b"Transfer-Encoding: chunked\r\n\r\n4\r\nha"], 0, id="half a chunk"),
        pytest.param([ASKED, b"GET / HT"], 1, id="half a second request"),
        pytest.param([ASKED, b"\r\n"], 1, id="a line end after an answer"),
    ],
)
async def test_half_a_request_is_not_waited_for(
    port: int, monkeypatch: pytest.MonkeyPatch, sent: list[bytes], answered: int
) -> None:
    """A connection without a whole request is closed after its time, whatever came before."""
    monkeypatch.setattr(connections, "ARRIVES_WITHIN", 0.2)
    assert (await _send(port, *sent)).count(b"200 OK") == answered


@pytest.mark.parametrize(
    ("head", "more"),
    [
        pytest.param(b"GET /", b"a" * 1024, id="an address without end"),
        pytest.param(b"GET / HTTP/1.1\r\nX: ", b"a" * 1024, id="a header without end"),
        pytest.param(b"GET / HTTP/1.1\r\n", b"X: a\r\n" * 200, id="headers without end"),
        pytest.param(
            POST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X: a\r\n" * 200, id="trailers"
        ),
        pytest.param(
            POST + b"Transfer-Encoding: chunked\r\n\r\n1;", b"a" * 1024, id="a chunk's extension"
        ),
    ],
)
async def test_a_head_has_an_end(port: int, head: bytes, more: bytes) -> None:
    """No stranger fills our memory with a head, a trailer or a frame."""
    answer = await _send(port, head, *[more] * (4 * HEAD_MAX // len(more)))
    assert b"200 OK" not in answer


@pytest.mark.parametrize("chunked", [True, False])
async def test_large_bodies_pass(port: int, chunked: bool) -> None:
    """A body is no head: a megabyte goes through, in one piece or in many."""
    body = b"x" * 1_000_000
    if chunked:
        piece = body[:10_000]
        framed = b"%x\r\n%b\r\n" % (len(piece), piece)
        sent = POST + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
        sent += framed * 100 + b"0\r\n\r\n"
    else:
        sent = POST + b"Connection: close\r\nContent-Length: 1000000\r\n\r\n" + body
    assert (await _send(port, sent)).endswith(b"1000000")


async def test_many_requests_on_one_connection(port: int) -> None:
    """Each request of a connection that is kept is counted anew."""
    large = b"GET / HTTP/1.1\r\nHost: here\r\nX: " + b"a" * 30_000 + b"\r\n\r\n"
    last = ASKED.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    assert (await _send(port, *[large] * 5, last)).count(b"200 OK") == 6
