"""A service for each test."""

from __future__ import annotations

import pytest

from tests.services.rig import Rig


@pytest.fixture
async def rig() -> Rig:
    """The service, open and with its content published."""
    return await Rig().start()
