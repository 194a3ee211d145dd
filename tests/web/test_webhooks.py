"""The webhooks: every status, nothing read past the cap, nothing accepted before it is verified."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator

import httpx
import pytest

from bot.engine.inbound import Inbound
from bot.errors import BadBodyError, BadSignatureError, UnknownKeyError
from bot.services.ports import Heard
from bot.web.application import build_application
from bot.web.ports import WebSettings
from tests.web.stand_ins import NOW, STORE_DOWN, ScriptedChannel, TinyService, ports

TEXT = Heard("inbound", "line", "event-1", "U1", NOW, Inbound("text", "こんにちは"))
CAP = 1_000


def opened(service: TinyService, *channels: ScriptedChannel) -> httpx.AsyncClient:
    """A client of a web with these channels."""
    application = build_application(ports(service, *channels, settings=WebSettings(body_cap=CAP)))
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(application), base_url="https://example.test"
    )


@pytest.mark.parametrize("name", ["line", "telegram"])
async def test_what_is_heard_is_accepted_before_200(service: TinyService, name: str) -> None:
    """The raw body and lower-case headers reach the channel, and what it heard is accepted."""
    channel = ScriptedChannel(name, [TEXT])
    async with opened(service, channel) as client:
        answer = await client.post(
            f"/webhooks/{name}", content=b'{"a": 1}', headers={"X-Line-Signature": "s"}
        )
    assert (answer.status_code, answer.content) == (200, b"")
    assert service.heard == [TEXT]
    headers, body = channel.bodies[0]
    assert (headers["x-line-signature"], body) == ("s", b'{"a": 1}')


async def test_nothing_heard_is_fine(service: TinyService) -> None:
    """A delivery without events is answered 200 and nothing is accepted."""
    async with opened(service, ScriptedChannel("line")) as client:
        assert (await client.post("/webhooks/line", content=b"{}")).status_code == 200
    assert service.heard == []


@pytest.mark.parametrize(
    ("name", "error", "status"),
    [
        pytest.param("line", BadSignatureError("no"), 401, id="line: wrong signature"),
        pytest.param("telegram", BadSignatureError("no"), 403, id="telegram: wrong secret"),
        pytest.param("line", BadBodyError("no"), 400, id="line: not JSON"),
        pytest.param("telegram", BadBodyError("no"), 400, id="telegram: not JSON"),
        pytest.param("line", RuntimeError("secret words"), 500, id="a fault of ours"),
    ],
)
async def test_refused_by_the_channel(
    service: TinyService,
    caplog: pytest.LogCaptureFixture,
    name: str,
    error: Exception,
    status: int,
) -> None:
    """Each refusal has its status, an empty body, and a log line without the error's words."""
    async with opened(service, ScriptedChannel(name, [TEXT], error)) as client:
        answer = await client.post(f"/webhooks/{name}", content=b"{}")
    assert (answer.status_code, answer.content) == (status, b"")
    assert service.heard == []
    assert [record.levelno >= logging.WARNING for record in caplog.records if "bot" in record.name]
    assert "secret words" not in caplog.text


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(STORE_DOWN, id="the store is down"),
        pytest.param(UnknownKeyError("k9"), id="a key is missing"),
    ],
)
async def test_what_cannot_be_kept_is_sent_again(service: TinyService, error: Exception) -> None:
    """503 where nothing could be kept, so that the platform sends it again."""
    service.down = error
    async with opened(service, ScriptedChannel("line", [TEXT])) as client:
        assert (await client.post("/webhooks/line", content=b"{}")).status_code == 503


async def _in_parts(count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b"x" * 100


@pytest.mark.parametrize(
    ("parts", "status"),
    [
        pytest.param(10, 200, id="exactly the cap"),
        pytest.param(11, 413, id="one part too many"),
        pytest.param(10_000, 413, id="far too much"),
    ],
)
async def test_a_stream_is_cut_at_the_cap(service: TinyService, parts: int, status: int) -> None:
    """A body without a length is read up to the cap and never reaches the channel beyond it."""
    channel = ScriptedChannel("line")
    async with opened(service, channel) as client:
        answer = await client.post("/webhooks/line", content=_in_parts(parts))
    assert answer.status_code == status
    assert len(channel.bodies) == (status == 200)


@pytest.mark.parametrize(
    ("length", "status"),
    [
        pytest.param(str(CAP + 1), 413, id="over the cap"),
        pytest.param("9" * 5_000, 413, id="a number too long to read"),
        pytest.param("-1", 400, id="negative"),
        pytest.param("ten", 400, id="no number"),
        pytest.param("\u0661", 400, id="a digit of another script"),
    ],
)
async def test_a_declared_length_is_believed_before_reading(
    service: TinyService, length: str, status: int
) -> None:
    """Content-Length over the cap, or nonsense, is refused without reading a byte."""
    reads = 0

    async def receive() -> dict[str, object]:
        nonlocal reads
        reads += 1
        return {"type": "http.request", "body": b"{}", "more_body": False}

    sent: list[dict[str, object]] = []

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    application = build_application(
        ports(service, ScriptedChannel("line"), settings=WebSettings(body_cap=CAP))
    )
    headers = [(b"content-length", length.encode())]
    scope = {"type": "http", "method": "POST", "path": "/webhooks/line", "headers": headers}
    await application(scope, receive, send)  # type: ignore[arg-type]
    assert (sent[0]["status"], reads) == (status, 0)


async def test_a_client_that_goes_is_not_answered(service: TinyService) -> None:
    """A body that never ends because the client went is dropped without an answer."""

    async def receive() -> dict[str, object]:
        return {"type": "http.disconnect"}

    sent: list[dict[str, object]] = []

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    channel = ScriptedChannel("line")
    application = build_application(ports(service, channel))
    scope = {"type": "http", "method": "POST", "path": "/webhooks/line", "headers": []}
    await application(scope, receive, send)  # type: ignore[arg-type]
    assert (sent, channel.bodies) == ([], [])


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        pytest.param("POST", "/webhooks/telegram", 404, id="a channel without secrets"),
        pytest.param("POST", "/webhooks/web", 404, id="the web room has no webhook"),
        pytest.param("GET", "/webhooks/line", 405, id="not a POST"),
        pytest.param("PUT", "/webhooks/line", 405, id="not a POST either"),
    ],
)
async def test_where_nothing_listens(
    service: TinyService, method: str, path: str, status: int
) -> None:
    """An absent channel is 404, another method 405."""
    async with opened(service, ScriptedChannel("line"), ScriptedChannel("web")) as client:
        assert (await client.request(method, path)).status_code == status
