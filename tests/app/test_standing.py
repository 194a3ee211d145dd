"""Opening hours and the standing values of messages."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.app.content import read_content
from bot.app.standing import OpeningHours, StandingValues, parse_queues
from bot.config import Settings, read_settings
from bot.errors import ConfigurationError
from bot.services.revisions import Published, compile_files

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def settings() -> Settings:
    """The shipped settings."""
    return read_settings(ROOT / "config.toml", {})


@pytest.fixture(scope="module")
def published() -> Published:
    """The shipped content."""
    return compile_files(read_content(ROOT))


def tokyo(moment: str) -> int:
    """UTC ms of a moment in Japan."""
    return (
        int(datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo("Asia/Tokyo")).timestamp())
        * 1000
    )


@pytest.mark.parametrize(
    ("moment", "is_open", "opens"),
    [
        pytest.param("2026-11-24T10:00", True, "11/24 10:00", id="Tuesday morning"),
        pytest.param("2026-11-24T12:30", False, "11/24 13:00", id="lunch"),
        pytest.param("2026-11-24T23:00", False, "11/25 9:00", id="night"),
        pytest.param("2026-11-23T10:00", False, "11/24 9:00", id="a holiday on a Monday"),
        pytest.param("2026-12-29T10:00", False, "1/4 9:00", id="the centre's own closure"),
    ],
)
def test_the_queue_is_open_as_the_settings_say(
    settings: Settings, published: Published, moment: str, is_open: bool, opens: str
) -> None:
    """Weekdays, lunch, holidays and closures decide, and the next opening is told."""
    hours = OpeningHours(parse_queues(settings))
    now = tokyo(moment)
    assert hours.open(now) == {"counselors": is_open}
    values = StandingValues(settings, hours, drafts=False).values(published, "ja", now)
    assert values["hours_now"] == opens


def test_wrong_hours_are_refused_by_queue(settings: Settings) -> None:
    """A wrong span names its queue and day."""
    broken = Settings(hours={"counselors": {"mon": ["9-12"]}})
    with pytest.raises(ConfigurationError, match="counselors"):
        parse_queues(broken)


def test_unverified_places_show_only_with_their_mark(
    settings: Settings, published: Published
) -> None:
    """Outside the demo nothing unverified is shown; inside it every such line carries the mark."""
    hours = OpeningHours(parse_queues(settings))
    now = tokyo("2026-11-24T10:00")
    outside = StandingValues(settings, hours, drafts=False).values(published, "ja", now)
    inside = StandingValues(settings, hours, drafts=True).values(published, "ja", now)
    for name in ("places_now", "places_crisis"):
        assert "確認中" not in outside[name]
        assert "119" in outside[name]
        assert "確認中" in inside[name]


@pytest.mark.parametrize("language", ["ja", "ja-easy", "en"])
def test_every_standing_value_is_there_in_every_language(
    settings: Settings, published: Published, language: str
) -> None:
    """No message shows a gap where a standing value belongs."""
    hours = OpeningHours(parse_queues(settings))
    values = StandingValues(settings, hours, drafts=False).values(
        published, language, tokyo("2026-11-24T10:00")
    )
    assert all(values.values())
    assert values["days_left"] == "7"
    assert values["languages"].count("/") == 2
