"""How long rows live: the settings' days, and a reason for every day more than the default."""

from __future__ import annotations

import pytest

from bot.app.lifetimes import DAY, retention_of
from bot.config import read_settings
from bot.errors import ConfigurationError
from bot.services.ports import Retention
from tests.repository import ROOT


def test_the_default() -> None:
    """What config.toml ships are the defaults, in ms."""
    assert retention_of(read_settings(ROOT / "config.toml", {})) == Retention()


@pytest.mark.parametrize(
    "kind", [pytest.param(name, id=name) for name in Retention.__struct_fields__]
)
def test_longer_needs_a_reason(kind: str) -> None:
    """A day more than the default is refused without a reason, and kept with one."""
    default = getattr(Retention(), kind) // DAY
    longer = {f"ENGAWA__RETENTION__{kind.upper()}": str(default + 1)}
    with pytest.raises(ConfigurationError, match=f"retention.{kind} is {default + 1} days"):
        retention_of(read_settings(ROOT / "config.toml", longer))
    why = {**longer, "ENGAWA__RETENTION__REASON": "the city's archive rule, § 12"}
    kept = retention_of(read_settings(ROOT / "config.toml", why))
    assert getattr(kept, kind) == (default + 1) * DAY


def test_spaces_are_no_reason() -> None:
    """A reason of spaces is none."""
    given = {"ENGAWA__RETENTION__MESSAGES": "8", "ENGAWA__RETENTION__REASON": "  "}
    with pytest.raises(ConfigurationError, match="reason is empty"):
        retention_of(read_settings(ROOT / "config.toml", given))


def test_shorter_needs_none() -> None:
    """A city may keep things for a shorter time without saying why."""
    kept = retention_of(read_settings(ROOT / "config.toml", {"ENGAWA__RETENTION__MESSAGES": "1"}))
    assert kept.messages == DAY


@pytest.mark.parametrize(
    ("kind", "days"),
    [
        pytest.param("messages", 91, id="what was said"),
        pytest.param("shell", 91, id="the person"),
        pytest.param("outbox", 8, id="requests"),
        pytest.param("dead_letters", 31, id="dead letters"),
    ],
)
def test_the_hard_maxima(kind: str, days: int) -> None:
    """No reason goes beyond the hard maximum."""
    given = {
        f"ENGAWA__RETENTION__{kind.upper()}": str(days),
        "ENGAWA__RETENTION__REASON": "because",
    }
    with pytest.raises(ConfigurationError, match="retention"):
        read_settings(ROOT / "config.toml", given)
