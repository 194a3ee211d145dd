"""Nothing is lost and nothing is doubled, wherever the process is killed."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.torture.conftest import Undisturbed
from tests.torture.crashing import SQL, Plan
from tests.torture.history import judge_database, judge_screens
from tests.torture.people import STORIES
from tests.torture.rig import Rig

VERBS = (
    "receive",
    "save_turn",
    "claim_sends",
    "send",
    "settle_sends",
    "fire_timers",
    "claim_waiting",
    "erase",
    "record",
    "publish",
)
POINTS = [f"{verb}:{side}" for verb in VERBS for side in ("before", "after")]
FAULTS = {"lost_request": 0.1, "lost_response": 0.1, "error": 0.05}


async def trial(
    folder: Path, undisturbed: Undisturbed, plan: Plan, faults: dict[str, float], seed: int
) -> None:
    """Everybody's story with one planned death; then judge screens and database."""
    async with Rig(folder, faults, seed) as rig:
        await rig.run(plan)
        seen = {person: rig.texts(person) for person in STORIES}
        wrong = judge_screens(undisturbed.seen, seen, rig.unsure + rig.telegram.lost_answers)
        wrong += judge_database(rig.database)
        wrong += rig.line.violations + rig.telegram.violations
        assert not wrong, "\n".join([f"{plan}, seed {seed}", *wrong])
        assert rig.kills == 1, f"{plan} was never reached: the trial proves nothing"


@pytest.mark.slow
@pytest.mark.parametrize("point", POINTS)
async def test_killed_at_a_named_point(
    tmp_path: Path, undisturbed: Undisturbed, point: str
) -> None:
    """A SIGKILL at each named point, in the middle of its passes, loses and doubles nothing."""
    hit = max(1, undisturbed.passes.get(point, 1) // 2)
    await trial(tmp_path, undisturbed, Plan(point, hit), {}, 0)


@pytest.mark.slow
@pytest.mark.parametrize(
    "seed",
    [0, 1, *(pytest.param(seed, marks=pytest.mark.torture) for seed in range(2, 6))],
)
async def test_killed_at_a_random_statement(
    tmp_path: Path, undisturbed: Undisturbed, seed: int
) -> None:
    """A SIGKILL between two SQL statements, with a lossy network, loses nothing."""
    hit = random.Random(seed).randint(1, undisturbed.passes[SQL] * 2 // 3)
    await trial(tmp_path, undisturbed, Plan(SQL, hit), FAULTS, seed)
