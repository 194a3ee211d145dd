"""The `rig` fixture: an office of its own for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.services.staff.rig import Rig


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    """An open office in earnest, without demo accounts."""
    made = Rig()
    await made.store.open()
    yield made
    await made.store.close()


@pytest.fixture
async def demo_rig() -> AsyncIterator[Rig]:
    """An open office of the demo."""
    made = Rig(demo=True)
    await made.store.open()
    yield made
    await made.store.close()
