"""Clock and chance as they really are."""

from __future__ import annotations

import re

import pytest

from bot.app.nature import RECEIPT_LETTERS, SystemChance, system_clock


@pytest.mark.parametrize(
    ("draw", "shape"),
    [
        pytest.param(SystemChance().id, r"[A-Za-z0-9_-]{22}", id="row id"),
        pytest.param(SystemChance().nonce, r"[A-Za-z0-9_-]{6}", id="nonce"),
        pytest.param(SystemChance().uuid, r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", id="uuid"),
        pytest.param(
            SystemChance().receipt, rf"[{RECEIPT_LETTERS}]{{4}}-[{RECEIPT_LETTERS}]{{4}}", id="code"
        ),
    ],
)
def test_draws_have_their_shape_and_differ(draw: object, shape: str) -> None:
    """Ids, nonces and receipts have the shape that others rely on and don't repeat."""
    assert callable(draw)
    drawn = {draw() for _ in range(500)}
    assert len(drawn) == 500
    assert all(re.fullmatch(shape, one) for one in drawn)


def test_a_fraction_is_less_than_one() -> None:
    """Jitter is drawn from [0, 1)."""
    assert all(0 <= SystemChance().fraction() < 1 for _ in range(500))


def test_the_clock_counts_milliseconds() -> None:
    """The clock gives UTC milliseconds: thirteen digits for the next centuries."""
    assert 1_700_000_000_000 < system_clock() < 10_000_000_000_000
