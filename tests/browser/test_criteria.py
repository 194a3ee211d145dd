"""The table of criteria is whole, and every test that it names is there."""

from __future__ import annotations

import ast

from tests.browser.criteria import CRITERIA
from tests.repository import ROOT

TESTS = {
    node.name
    for path in [*ROOT.glob("tests/browser/test_*.py"), *ROOT.glob("tests/web/test_*.py")]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
}


def test_there_are_38_criteria() -> None:
    """25 of level A and 13 of level AA, each once, in order."""
    numbers = [tuple(map(int, one.number.split("."))) for one in CRITERIA]
    assert numbers == sorted(set(numbers))
    assert [one.level for one in CRITERIA].count("A") == 25
    assert [one.level for one in CRITERIA].count("AA") == 13


def test_every_named_test_exists() -> None:
    """A criterion seen by a test names one that is there; another says who judges it."""
    named = {name for one in CRITERIA for name in one.shown}
    assert named - TESTS == set()
    for one in CRITERIA:
        assert bool(one.shown) == (one.seen == "test"), one.number
