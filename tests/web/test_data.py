"""The page on where data goes."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest

from bot.services.statement import Section, Statement
from bot.web.application import build_application
from tests.web.stand_ins import TinyService, ports

LOOPBACK = "http://127.0.0.1"


def stated(language: str) -> Statement:
    section = Section(f"part in {language}", ("one & two",), (("kept", "7"),))
    return Statement(language, "where it goes", "a draft", (section,))


async def opened(address: str, **headers: str) -> httpx.Response:
    app = build_application(replace(ports(TinyService()), statement=stated))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=LOOPBACK) as client:
        return await client.get(address, headers=headers)


@pytest.mark.parametrize(
    ("address", "accepted", "language"),
    [
        pytest.param("/data", "ja", "ja", id="the browser's"),
        pytest.param("/data", "en", "en", id="the browser's English"),
        pytest.param("/data?lang=ja-easy", "en", "ja-easy", id="the link's"),
    ],
)
async def test_the_statement_is_shown(address: str, accepted: str, language: str) -> None:
    """Every part of it, in the reader's language, without a script of its own."""
    answer = await opened(address, **{"accept-language": accepted})
    assert answer.status_code == 200
    for words in ("where it goes", "a draft", f"part in {language}", "one &amp; two", "kept", "7"):
        assert words in answer.text


async def test_without_a_statement(client: httpx.AsyncClient) -> None:
    """Where nobody states anything the page isn't there, and says so kindly."""
    assert (await client.get("/data")).status_code == 404


async def test_the_door_leads_there(client: httpx.AsyncClient) -> None:
    """The first page has a link to it, in the same language."""
    assert 'href="/data?lang=en"' in (await client.get("/?lang=en")).text
