"""Opening hours over noon breaks, midnight, holidays and exceptions."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import ConfigurationError
from bot.flow.hours import Hours, is_holiday, is_open, next_opening, parse_hours

TOKYO = ZoneInfo("Asia/Tokyo")
OFFICE = parse_hours(
    {
        **{day: ["09:00-12:00", "13:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")},
        "holidays": "closed",
        "exceptions": {"2026-11-25": [], "2026-11-28": ["10:00-11:00"]},
    }
)
NIGHT = parse_hours({"fri": ["22:00-06:00"], "sun": ["00:00-24:00"]})


def at(text: str) -> int:
    """A Tokyo wall-clock time as UTC milliseconds."""
    return int(datetime.fromisoformat(text).replace(tzinfo=TOKYO).timestamp()) * 1000


@pytest.mark.parametrize(
    ("hours", "moment", "expected"),
    [
        pytest.param(OFFICE, "2026-11-20T09:00", True, id="the first minute"),
        pytest.param(OFFICE, "2026-11-20T08:59", False, id="a minute before"),
        pytest.param(OFFICE, "2026-11-20T12:00", False, id="the end is closed"),
        pytest.param(OFFICE, "2026-11-20T12:30", False, id="noon break"),
        pytest.param(OFFICE, "2026-11-20T16:59", True, id="the last minute"),
        pytest.param(OFFICE, "2026-11-21T10:00", False, id="Saturday"),
        pytest.param(OFFICE, "2026-11-23T10:00", False, id="勤労感謝の日, a Monday"),
        pytest.param(OFFICE, "2026-11-25T10:00", False, id="closed by exception"),
        pytest.param(OFFICE, "2026-11-28T10:30", True, id="open by exception"),
        pytest.param(NIGHT, "2026-11-20T23:00", True, id="before midnight"),
        pytest.param(NIGHT, "2026-11-21T05:59", True, id="after midnight"),
        pytest.param(NIGHT, "2026-11-21T06:00", False, id="the morning"),
        pytest.param(NIGHT, "2026-11-21T23:00", False, id="the next night"),
        pytest.param(NIGHT, "2026-11-22T23:59", True, id="all day"),
    ],
)
def test_open_or_closed(hours: Hours, moment: str, expected: bool) -> None:
    """A span is open from its first minute up to its end, on the days that the pattern says."""
    assert is_open(hours, at(moment)) is expected


@pytest.mark.parametrize(
    ("hours", "moment", "opens"),
    [
        pytest.param(OFFICE, "2026-11-20T10:00", "2026-11-20T10:00", id="open now"),
        pytest.param(OFFICE, "2026-11-20T12:10", "2026-11-20T13:00", id="after noon break"),
        pytest.param(OFFICE, "2026-11-20T17:00", "2026-11-24T09:00", id="over a holiday"),
        pytest.param(OFFICE, "2026-11-24T18:00", "2026-11-26T09:00", id="over an exception"),
        pytest.param(NIGHT, "2026-11-21T07:00", "2026-11-22T00:00", id="at midnight"),
        pytest.param(parse_hours({}), "2026-11-21T07:00", None, id="never"),
    ],
)
def test_when_it_opens_next(hours: Hours, moment: str, opens: str | None) -> None:
    """The next opening is the start of the first span that comes, or nothing if none comes."""
    assert next_opening(hours, at(moment)) == (None if opens is None else at(opens))


@given(st.integers(min_value=at("2020-01-01"), max_value=at("2035-01-01")))
def test_it_is_open_at_the_next_opening(now: int) -> None:
    """Whatever the time is, the next opening is not in the past, and it is open then."""
    opens = next_opening(OFFICE, now)
    assert opens is not None
    assert opens >= now
    assert is_open(OFFICE, opens)


def test_holidays_open_unless_said() -> None:
    """Without `holidays` a holiday is a day as any other; a list of spans may hold instead."""
    holiday = at("2026-11-23T10:00")
    assert is_holiday(datetime(2026, 11, 23).date())
    assert is_open(parse_hours({"mon": ["09:00-17:00"]}), holiday)
    short = parse_hours({"mon": ["09:00-17:00"], "holidays": ["09:00-09:30"]})
    assert not is_open(short, holiday)


def test_another_zone() -> None:
    """Hours count in their own zone."""
    london = parse_hours({"fri": ["09:00-10:00"], "zone": "Europe/London"})
    assert is_open(london, at("2026-11-20T18:30"))


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        pytest.param({"monday": []}, "desk has no key «monday»", id="unknown key"),
        pytest.param({"mon": "09:00-17:00"}, "desk.mon is '09:00-17:00'", id="not a list"),
        pytest.param({"mon": ["9-17"]}, "desk.mon holds '9-17'", id="not a span"),
        pytest.param({"mon": ["09:00-24:30"]}, "A span ends by 24:00", id="after midnight"),
        pytest.param({"mon": ["09:00-09:00"]}, "is not empty", id="empty span"),
        pytest.param({"mon": [9]}, "desk.mon holds 9", id="a number"),
        pytest.param({"holidays": "shut"}, "desk.holidays is 'shut'", id="holidays"),
        pytest.param({"exceptions": {"12-29": []}}, "names '12-29'", id="not a date"),
        pytest.param({"exceptions": []}, "desk.exceptions is", id="exceptions are a mapping"),
        pytest.param({"zone": "Asia/Okayama"}, "desk.zone is 'Asia/Okayama'", id="zone"),
        pytest.param({"zone": "../etc"}, "desk.zone is '../etc'", id="zone outside"),
    ],
)
def test_bad_hours_are_refused(shape: dict[str, object], message: str) -> None:
    """A wrong setting is refused by name, with what was expected."""
    with pytest.raises(ConfigurationError) as caught:
        parse_hours(shape, "desk")
    assert message in str(caught.value)
