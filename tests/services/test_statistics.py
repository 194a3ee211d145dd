"""bot.services.statistics: what is counted, and what never is."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.engine import events
from bot.engine.events import Event
from bot.services.ports import Heard
from bot.services.statistics import (
    EVENTS,
    came_back,
    counts,
    entered,
    events_table,
    one,
    redelivered,
    week_of,
)

MOMENT = int(datetime(2027, 1, 13, 3, tzinfo=UTC).timestamp() * 1_000)
DAY = 86_400_000


@pytest.mark.parametrize(
    ("moment", "week"),
    [
        pytest.param("2027-01-11T00:00+09:00", "2027-01-11", id="Monday, first minute"),
        pytest.param("2027-01-17T23:59+09:00", "2027-01-11", id="Sunday, last minute"),
        pytest.param("2027-01-10T15:00+00:00", "2027-01-11", id="still Sunday in UTC"),
        pytest.param("2027-01-01T00:00+09:00", "2026-12-28", id="across the year's end"),
    ],
)
def test_week(moment: str, week: str) -> None:
    """A week begins on Monday in Japan."""
    assert week_of(int(datetime.fromisoformat(moment).timestamp() * 1_000)) == week


@pytest.mark.parametrize(
    ("event", "name", "label"),
    [
        pytest.param(events.SessionStarted("begin"), "door", "begin", id="door"),
        pytest.param(events.FlowEntered("welcome"), "flow", "welcome", id="flow"),
        pytest.param(events.ChoiceMade("f", "s", "c"), "choice", "f.s.c", id="choice"),
        pytest.param(events.HumanAsked(), "human_asked", "", id="human"),
        pytest.param(events.BookingAsked(), "booking_asked", "", id="booking"),
        pytest.param(events.FellSilent("f", "s"), "waited_and_left", "f.s", id="silence"),
        pytest.param(events.RiskNoticed(2, "suicide", "r1"), "tier", "2", id="tier"),
        pytest.param(events.NotUnderstood("f", "s", 1), "not_understood", "f.s", id="repair"),
        pytest.param(events.LanguageChosen("en"), "language", "en", id="language"),
        pytest.param(events.EraseConfirmed("R1"), "erased", "", id="erased, without its receipt"),
        pytest.param(events.FaultFound("depth", "f", "s"), "fault", "depth", id="fault"),
    ],
)
def test_counted(event: Event, name: str, label: str) -> None:
    """Each event of the list is counted under its name and label."""
    [count] = counts([event], "line", MOMENT)
    assert (count.week, count.channel, count.event, count.label) == (
        "2027-01-11",
        "line",
        name,
        label,
    )
    assert name in EVENTS


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(events.Said("welcome.hello", {"when": "さみしい"}), id="what we said"),
        pytest.param(events.WordUsed("erase"), id="a word that works everywhere"),
        pytest.param(events.StateEntered("f", "s"), id="a step"),
    ],
)
def test_not_counted(event: Event) -> None:
    """What could hold somebody's words, or says nothing, is not counted."""
    assert counts([event], "line", MOMENT) == ()


def test_only_published_events() -> None:
    """Nothing is counted that isn't in the published list."""
    with pytest.raises(KeyError):
        one("line", MOMENT, "secret")


@pytest.mark.parametrize(
    ("pause", "back"),
    [
        pytest.param(DAY - 1, False, id="less than a day"),
        pytest.param(DAY, True, id="a day"),
        pytest.param(30 * DAY, True, id="30 days"),
        pytest.param(30 * DAY + 1, False, id="later"),
    ],
)
def test_came_back(pause: int, back: bool) -> None:
    """A return is an inbound after a day and within thirty."""
    assert came_back(MOMENT - pause, MOMENT) is back


def test_table() -> None:
    """The published table has a row for each event."""
    assert len(events_table().splitlines()) == len(EVENTS) + 2


def test_redelivered() -> None:
    """Each event that its platform sent again counts once, others don't."""
    heard = [
        Heard("inbound", "line", str(number), "U1", MOMENT, redelivered=again)
        for number, again in enumerate((True, False, True))
    ]
    assert redelivered(heard, MOMENT) == (one("line", MOMENT, "redelivered"),) * 2


@pytest.mark.parametrize(
    ("code", "began", "labels"),
    [
        pytest.param("kx7m4rwp", True, ["kx7m4rwp"], id="a code of the pack"),
        pytest.param("我が家の電話番号", True, ["unknown"], id="what nobody hung up"),
        pytest.param("", True, [], id="no code"),
        pytest.param("kx7m4rwp", False, [], id="in the middle of a session"),
    ],
)
def test_entry_codes(code: str, began: bool, labels: list[str]) -> None:
    """A session that begins by a code counts under the code, and under no other word."""
    happened = [events.SessionStarted("begin")] if began else [events.HumanAsked()]
    found = entered(happened, code, {"kx7m4rwp"}, "web", MOMENT)
    assert [(count.event, count.label) for count in found] == [("entry", label) for label in labels]
