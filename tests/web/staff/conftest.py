"""The staff pages and a browser in front of them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.web.staff.house import Browser, StaffHouse

LOOPBACK = "http://127.0.0.1"


@pytest.fixture
def house() -> StaffHouse:
    """Nobody is there yet."""
    return StaffHouse()


@pytest.fixture
async def browser(house: StaffHouse) -> AsyncIterator[Browser]:
    """A browser on the machine itself, over plain http."""
    transport = httpx.ASGITransport(house.application())
    async with httpx.AsyncClient(transport=transport, base_url=LOOPBACK) as client:
        yield Browser(client)
