"""The whole service as a fixture."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.app.house import House


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """The service with the shipped content; the platforms must have nothing to complain about."""
    house = House(tmp_path)
    await house.open()
    yield house
    await house.close()
    assert (house.line.violations, house.telegram.violations) == ([], [])
