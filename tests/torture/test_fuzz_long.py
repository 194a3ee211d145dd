"""A million spoilt bodies: as many as MINUTES allow, on from where the last run ended.

Each stretch is a line in var/torture.jsonl; it ends with FUZZ bodies in all (1,000,000) for this
SEED (0), and begins again with the next seed then. A bad body is named by seed and number.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from tests.torture.fuzzing import Fuzzed
from tests.torture.test_fuzz import GROWTH
from tests.torture.test_long import RESULTS

STRETCH = 10_000
"""Bodies for one service with one database."""


def done_before(seed: int) -> int:
    """How many bodies of this seed earlier runs have posted."""
    if not RESULTS.exists():
        return 0
    lines = [json.loads(line) for line in RESULTS.read_text(encoding="utf-8").splitlines()]
    mine = [line for line in lines if line.get("trial") == "fuzz" and line["seed"] == seed]
    return max((line["first"] + line["bodies"] for line in mine), default=0)


@pytest.mark.torture
async def test_a_million_spoilt_bodies(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Body after body, seed after seed, ends in no unhandled error and in flat memory."""
    seed = int(os.environ.get("SEED", "0"))
    whole = int(os.environ.get("FUZZ", "1000000"))
    end = time.monotonic() + 60 * float(os.environ.get("MINUTES", "5"))
    RESULTS.parent.mkdir(exist_ok=True)
    while time.monotonic() < end:
        first = done_before(seed)
        if first >= whole:
            seed += 1
            continue
        folder = tmp_path / f"{seed}-{first}"
        folder.mkdir()
        bodies = min(STRETCH, whole - first)
        async with Fuzzed(folder, seed + first // STRETCH) as fuzzed:
            await fuzzed.run(seed, first, bodies)
            _, second, _, last = fuzzed.blocks
        assert (last - second) / bodies < GROWTH
        stretch = {"trial": "fuzz", "seed": seed, "first": first, "bodies": bodies}
        with RESULTS.open("a", encoding="utf-8") as results:
            results.write(json.dumps({**stretch, "statuses": fuzzed.statuses}) + "\n")
        with capsys.disabled():
            print(f"\r{first + bodies} of {whole} spoilt bodies of seed {seed}", end="", flush=True)
