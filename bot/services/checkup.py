"""What doctor found: one line per thing looked at. Pure; imports nothing of ours."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

CheckState = Literal["ok", "unknown", "warning", "problem"]


class Check(msgspec.Struct, frozen=True):
    """One thing that was looked at: where, how it stands, and what to do about it.

    `unknown` is what could not be asked, or what no platform tells; it is nobody's fault.
    """

    area: str
    state: CheckState
    what: str
    mend: str = ""


def ok(area: str, what: str) -> Check:
    """All is as it should be."""
    return Check(area, "ok", what)


def unknown(area: str, what: str, mend: str = "") -> Check:
    """Nobody could say."""
    return Check(area, "unknown", what, mend)


def warning(area: str, what: str, mend: str) -> Check:
    """It works, but somebody should look."""
    return Check(area, "warning", what, mend)


def problem(area: str, what: str, mend: str = "") -> Check:
    """People don't get what they should until this is mended."""
    return Check(area, "problem", what, mend)


def problems(checks: Iterable[Check]) -> int:
    """How many of them are problems."""
    return sum(check.state == "problem" for check in checks)
