"""Fixtures of the scripted platforms; a conftest imports them by name."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.platforms.line import ScriptedLine
from tests.platforms.telegram import ScriptedTelegram

NOW = 1_800_000_000_000
"""The frozen time of scripted platforms (UTC ms)."""


@pytest.fixture
async def scripted_line() -> AsyncIterator[ScriptedLine]:
    """LINE on loopback at NOW; fails the test if the client did what it must never do."""
    async with ScriptedLine(clock=lambda: NOW) as platform:
        yield platform
    assert platform.violations == []


@pytest.fixture
async def scripted_telegram() -> AsyncIterator[ScriptedTelegram]:
    """Telegram on loopback at NOW; fails the test if the client did what it must never do."""
    async with ScriptedTelegram(clock=lambda: NOW) as platform:
        yield platform
    assert platform.violations == []
