"""A few thousand spoilt bodies through the whole service: nothing unforeseen, and memory flat."""

from __future__ import annotations

from pathlib import Path

from tests.torture.fuzzing import Fuzzed

BODIES = 2_400
GROWTH = 1.0
"""Blocks of memory for each body at most, between the second quarter and the last; what is warmed
up at the beginning is not counted. Anything that is kept of each would need several.
"""


async def test_spoilt_bodies(tmp_path: Path) -> None:
    """No signed body, form or text ends in an unhandled error, and memory does not grow."""
    async with Fuzzed(tmp_path) as fuzzed:
        await fuzzed.run(seed=3, first=0, bodies=BODIES)
        assert fuzzed.statuses[200] > BODIES / 2
        _, second, _, last = fuzzed.blocks
        assert (last - second) / BODIES < GROWTH
