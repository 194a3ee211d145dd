"""Quiet hours: when nothing speaks up by itself, at midnight and on every day of the year."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import ConfigurationError
from bot.flow.quiet import NEVER_QUIET, is_quiet, parse_quiet, quiet_until

NIGHT = parse_quiet("22:00-07:00")
MINUTE = 60_000
DAY = 1_440 * MINUTE


def at(moment: str) -> int:
    """A moment in Japan as UTC ms."""
    return round(datetime.fromisoformat(f"{moment}+09:00").timestamp() * 1_000)


@pytest.mark.parametrize(
    ("span", "moment", "until"),
    [
        pytest.param("22:00-07:00", "2027-01-12T21:59:59", "", id="a second before"),
        pytest.param("22:00-07:00", "2027-01-12T22:00", "2027-01-13T07:00", id="it begins"),
        pytest.param("22:00-07:00", "2027-01-12T23:59:59", "2027-01-13T07:00", id="to midnight"),
        pytest.param("22:00-07:00", "2027-01-13T00:00", "2027-01-13T07:00", id="midnight"),
        pytest.param("22:00-07:00", "2027-01-13T06:59:59", "2027-01-13T07:00", id="to its end"),
        pytest.param("22:00-07:00", "2027-01-13T07:00", "", id="its end is loud"),
        pytest.param("22:00-07:00", "2026-12-31T23:30", "2027-01-01T07:00", id="new year"),
        pytest.param("22:00-07:00", "2027-03-28T02:30", "2027-03-28T07:00", id="no summer time"),
        pytest.param("22:00-07:00", "2027-10-31T02:30", "2027-10-31T07:00", id="nor its end"),
        pytest.param("00:00-06:30", "2027-01-13T00:00", "2027-01-13T06:30", id="from midnight"),
        pytest.param("00:00-06:30", "2027-01-12T23:59", "", id="the evening before"),
        pytest.param("13:00-15:00", "2027-01-12T14:00", "2027-01-12T15:00", id="a nap"),
        pytest.param("18:00-24:00", "2027-01-12T23:00", "2027-01-13T00:00", id="till midnight"),
        pytest.param("00:00-24:00", "2027-01-12T12:00", "2027-01-13T00:00", id="all day"),
        pytest.param("", "2027-01-12T23:00", "", id="never"),
    ],
)
def test_quiet_until(span: str, moment: str, until: str) -> None:
    """It is quiet from the first minute of the stretch until the last has passed."""
    quiet, now = parse_quiet(span), at(moment)
    assert quiet_until(quiet, now) == (at(until) if until else now)
    assert is_quiet(quiet, now) == bool(until)


@pytest.mark.parametrize("span", ["22-7", "22:00–07:00", "25:00-07:00", "22:00-22:00", "nights"])
def test_a_bad_stretch(span: str) -> None:
    """What is no stretch of a day is refused, with the setting's name and an example."""
    with pytest.raises(ConfigurationError, match=r"room\.quiet is .* Expected a stretch such as"):
        parse_quiet(span)


@given(st.integers(min_value=0, max_value=4_000_000_000_000))
def test_quiet_ends_and_is_the_same_every_day(now: int) -> None:
    """Wherever it is quiet it ends within nine hours, and yesterday was no different."""
    until = quiet_until(NIGHT, now)
    assert 0 <= until - now <= 9 * 60 * MINUTE
    assert not is_quiet(NIGHT, until)
    assert quiet_until(NIGHT, now + DAY) - until == DAY
    assert not is_quiet(NEVER_QUIET, now)
