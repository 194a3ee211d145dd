"""The answers that a new city pack is made of (`engawa new-city`), and what is wrong with them.

Every answer may be left out; what is left out is undecided, and `engawa doctor --launch` says so.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from bot.config.settings import City, Decision, Mode
from bot.errors import ConfigurationError
from bot.flow.hours import parse_hours
from bot.flow.pack import CodeKind

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")
PLACE_KINDS = ("helpline", "centre", "clinic", "group", "website")


class RoomAnswers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The web room: where people reach it, and its neutral name."""

    url: str = ""
    title: str = ""


class HoursAnswers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When counselors answer, as spans such as "09:00-12:00"; `holidays` is whether also then."""

    weekdays: tuple[str, ...] = ()
    sat: tuple[str, ...] = ()
    sun: tuple[str, ...] = ()
    holidays: bool = False


class PlatformAnswers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What goes over LINE or Telegram; all but `door_only` needs a decision."""

    mode: Mode = ""
    decision: Decision = Decision()


class PolicyAnswers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A decision on one of the questions: what holds, who decided and when (a day).

    Only with all three it is one; a text alone is written down as not yet decided.
    """

    text: str = ""
    who: str = ""
    when: str = ""

    @property
    def decided(self) -> bool:
        """Whether somebody decided it on a day."""
        return bool(self.text and self.who and self.when)


class PlaceAnswers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A place to turn to. `called` is the day somebody called and found it right, or empty."""

    ja: str
    ja_easy: str = ""
    en: str = ""
    kind: str = "helpline"
    phone: str = ""
    url: str = ""
    called: str = ""


class Answers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that `engawa new-city` asks."""

    city: City = City()
    room: RoomAnswers = RoomAnswers()
    hours: HoursAnswers = HoursAnswers()
    line: PlatformAnswers = PlatformAnswers()
    telegram: PlatformAnswers = PlatformAnswers()
    policies: dict[str, PolicyAnswers] = {}
    places: tuple[PlaceAnswers, ...] = ()
    codes: dict[CodeKind, tuple[str, ...]] = {}


def read_answers(file: Path) -> Answers:
    """The answers in a TOML file; raises ConfigurationError naming file and key."""
    try:
        tree = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"{file} can't be read as TOML ({error}). Mend it and run the command again."
        ) from error
    return answers_of(tree, str(file))


def answers_of(tree: Mapping[str, Any], where: str) -> Answers:
    """The answers in a tree of plain values; raises ConfigurationError naming `where` and key."""
    try:
        return msgspec.convert(tree, Answers)
    except msgspec.ValidationError as error:
        reason, _, key = str(error).partition(" - at ")
        spot = key.strip("`").removeprefix("$").removeprefix(".") or "the file"
        raise ConfigurationError(f"{where}: {spot}: {reason}.") from error


def check_answers(answers: Answers, questions: Collection[str], where: str) -> None:
    """Raise ConfigurationError with every answer that no pack could be made of."""
    faults = [
        *_faulty_hours(answers.hours),
        *_faulty_platform("line", answers.line),
        *_faulty_platform("telegram", answers.telegram),
        *_faulty_policies(answers.policies, questions),
        *_faulty_places(answers.places),
    ]
    url = answers.room.url
    if url and not url.startswith(("https://", "http://")):
        faults.insert(0, f"room.url is {url!r}; expected an address that begins with https://")
    if faults:
        raise ConfigurationError("\n".join(f"{where}: {fault}." for fault in faults))


def hours_shape(hours: HoursAnswers) -> Mapping[str, object]:
    """The answers as [hours.counselors] has them."""
    days = {day: list(hours.weekdays) for day in WEEKDAYS}
    return {
        **days,
        "sat": list(hours.sat),
        "sun": list(hours.sun),
        "holidays": "open" if hours.holidays else "closed",
    }


def _faulty_hours(hours: HoursAnswers) -> Iterator[str]:
    try:
        parse_hours(hours_shape(hours), "hours")
    except ConfigurationError as error:
        yield str(error).rstrip(".")


def _faulty_platform(name: str, platform: PlatformAnswers) -> Iterator[str]:
    decision = platform.decision
    if platform.mode in ("buttons_only", "full"):
        for word in ("who", "when", "reference"):
            if not getattr(decision, word):
                yield f"{name}.decision.{word} is missing; {platform.mode} needs a decision"
    if decision.when:
        yield from _faulty_day(f"{name}.decision.when", decision.when)


def _faulty_policies(
    policies: Mapping[str, PolicyAnswers], questions: Collection[str]
) -> Iterator[str]:
    for name, policy in policies.items():
        if name not in questions:
            yield f"policies.{name} is no question; known: {', '.join(sorted(questions))}"
        if policy.when:
            yield from _faulty_day(f"policies.{name}.when", policy.when)


def _faulty_places(places: tuple[PlaceAnswers, ...]) -> Iterator[str]:
    for number, place in enumerate(places, 1):
        if not place.ja.strip():
            yield f"place {number} has no Japanese name"
        if not (place.phone or place.url):
            yield f"place {number} ({place.ja}) has neither a phone nor a url"
        if place.kind not in PLACE_KINDS:
            yield f"place {number} is a {place.kind!r}; known: {', '.join(PLACE_KINDS)}"
        if place.called:
            yield from _faulty_day(f"called of place {number}", place.called)


def _faulty_day(key: str, day: str) -> Iterator[str]:
    try:
        date.fromisoformat(day)
    except ValueError:
        yield f"{key} is {day!r}; expected a day such as 2026-12-01"
