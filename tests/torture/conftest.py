"""The undisturbed run that every trial is compared with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
import pytest_asyncio

from tests.torture.crashing import Plan
from tests.torture.people import STORIES
from tests.torture.rig import Rig


class Undisturbed:
    """What everybody sees when nobody dies, and how often each crash point is passed."""

    def __init__(self, seen: Mapping[str, Sequence[str]], passes: Mapping[str, int]) -> None:
        self.seen = seen
        self.passes = passes


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    """One run without a death."""
    async with Rig(tmp_path_factory.mktemp("undisturbed")) as rig:
        await rig.run(Plan())
        assert rig.kills == 0
        seen = {person: list(rig.texts(person)) for person in STORIES}
        return Undisturbed(seen, rig.passes)
