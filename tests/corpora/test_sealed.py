"""The sealed writers' lines are as they were sealed, and of the agreed form."""

import hashlib
import json
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
SEALED: dict[str, str] = json.loads((FOLDER / "sealed.json").read_text(encoding="utf-8"))
TIERS = {"T0", "T1", "T2", "T3"}


@pytest.mark.parametrize("name", sorted(SEALED))
def test_nobody_touched_a_sealed_file(name: str) -> None:
    """A sealed file has the hash that was noted when it was sealed."""
    assert hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() == SEALED[name]


@pytest.mark.parametrize("name", sorted(SEALED))
def test_sealed_lines_have_their_fields(name: str) -> None:
    """Each line has its fields, and no writer says the same thing twice."""
    lines = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    fields = [line.split("\t") for line in lines]
    assert {len(each) for each in fields} == {5 if name.startswith("risk") else 3}
    texts = ["".join(each[-1].split()) for each in fields]
    assert "" not in texts
    assert len(set(texts)) == len(texts)
    if name.startswith("risk"):
        assert {tier for each in fields for tier in each[0].split("|")} <= TIERS
