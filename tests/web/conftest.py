"""A tiny service, the web around it, and a browser-like client that follows nothing by itself."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from bot.web.application import build_application
from tests.web.stand_ins import TinyService, ports

LOOPBACK = "http://127.0.0.1"


@pytest.fixture
def service() -> TinyService:
    """A service with nothing in it."""
    return TinyService()


@pytest.fixture
async def client(service: TinyService) -> AsyncIterator[httpx.AsyncClient]:
    """A client on the machine itself, over plain http."""
    transport = httpx.ASGITransport(build_application(ports(service)))
    async with httpx.AsyncClient(transport=transport, base_url=LOOPBACK) as opened:
        yield opened
