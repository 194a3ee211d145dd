"""The same with ever new seeds, for MINUTES; each trial is a line in var/torture.jsonl.

SEED is the first seed (0); a failing seed is printed and can be run alone with it.
"""

from __future__ import annotations

import json
import os
import random
import time
from itertools import count
from pathlib import Path

import pytest

from tests.torture.child import ROOT
from tests.torture.conftest import Undisturbed
from tests.torture.crashing import SQL, Plan
from tests.torture.test_kill import FAULTS, trial

RESULTS = ROOT / "var" / "torture.jsonl"


@pytest.mark.torture
async def test_killed_again_and_again(
    tmp_path: Path, undisturbed: Undisturbed, capsys: pytest.CaptureFixture[str]
) -> None:
    """SIGKILL at a random statement under a lossy network, seed after seed, loses nothing."""
    first = int(os.environ.get("SEED", "0"))
    end = time.monotonic() + 60 * float(os.environ.get("MINUTES", "5"))
    RESULTS.parent.mkdir(exist_ok=True)
    for seed in count(first):
        if time.monotonic() > end:
            break
        folder = tmp_path / str(seed)
        folder.mkdir()
        plan = Plan(SQL, random.Random(seed).randint(1, undisturbed.passes[SQL] * 2 // 3))
        await trial(folder, undisturbed, plan, FAULTS, seed)
        with RESULTS.open("a", encoding="utf-8") as results:
            results.write(json.dumps({"trial": "kill", "seed": seed, "hit": plan.hit}) + "\n")
        with capsys.disabled():
            print(f"\r{seed - first + 1} kills, nothing lost", end="", flush=True)
