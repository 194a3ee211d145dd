"""Asks for a city pack, question by question. Each answer is kept in a draft at once, so that an
interrupted interview is taken up where it stopped.

Asking and telling are handed in, so that tests answer without a terminal.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any, Protocol, get_args

import msgspec

from bot.app.city import (
    PLACE_KINDS,
    Answers,
    answers_of,
    check_answers,
)
from bot.config.settings import Mode
from bot.errors import ConfigurationError
from bot.flow.hours import parse_hours
from bot.flow.pack import CodeKind

_COMMA = re.compile(r"[,、，]")
_PHONE = re.compile(r"#?[0-9][0-9-]{1,15}")
_DAY = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?")
_HOUR = re.compile(r"(?<![0-9])([0-9]:[0-9])")
_STRETCH = re.compile(r"[~〜～‐−–—ー]")
_YES_OR_NO = {"y": "y", "yes": "y", "はい": "y", "n": "n", "no": "n", "いいえ": "n"}
_LOCAL = ("name", "name_easy", "name_en", "centre", "centre_easy", "centre_en")

Ask = Callable[[str], str]
Tell = Callable[[str], object]
Check = Callable[[str], object]
Tidy = Callable[[str], str]


class Words(Protocol):
    """The sentences of the interview."""

    def __call__(self, name: str) -> str:
        """The sentence `new_city.<name>`."""


class Draft:
    """Answers as they were typed, by question, in a file of its own."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.given: dict[str, str] = self._read()

    def keep(self, question: str, answer: str) -> None:
        """Write the answer down before the next question is asked."""
        self.given[question] = answer
        self.file.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.file.with_suffix(".new")
        fresh.write_bytes(msgspec.json.format(msgspec.json.encode(self.given)))
        fresh.replace(self.file)

    def discard(self) -> None:
        """The pack is written: the draft has done its work."""
        self.file.unlink(missing_ok=True)

    def _read(self) -> dict[str, str]:
        try:
            return msgspec.json.decode(self.file.read_bytes(), type=dict[str, str])
        except FileNotFoundError:
            return {}
        except (OSError, msgspec.DecodeError) as error:
            raise ConfigurationError(
                f"{self.file} holds earlier answers but can't be read ({error}). "
                "Mend it, or move it away to begin anew."
            ) from error


class Interview:
    """Asks everything once; what an answer may be is checked before the next question."""

    def __init__(
        self, words: Words, ask: Ask, tell: Tell, draft: Draft, questions: Mapping[str, str]
    ) -> None:
        self._words = words
        self._ask = ask
        self._tell = tell
        self._draft = draft
        self._questions = questions

    def hold(self, today: str) -> Answers:
        """All the answers; `today` is the day for what somebody called to verify."""
        self._tell(self._words("again" if self._draft.given else "begin"))
        tree: dict[str, Any] = {
            "city": self._city(),
            "room": self._given({"url": self._one("room.url", "url", _is_address, _narrow)}),
            "hours": self._hours(),
            "line": self._platform("line"),
            "telegram": self._platform("telegram"),
            "policies": self._policies(),
            "places": self._places(today),
            "codes": self._codes(),
        }
        answers = answers_of(tree, str(self._draft.file))
        check_answers(answers, self._questions, str(self._draft.file))
        return answers

    def _one(self, question: str, words: str, check: Check = str, tidy: Tidy = str) -> str:
        """One answer, from the draft or the person; asked again until `check` lets it pass.

        `tidy` makes of what people type what is meant: full-width digits, 9:00, 2026/12/1.
        """
        if question in self._draft.given:
            return self._draft.given[question]
        while True:
            answer = tidy(" ".join(self._ask(self._words(words)).split()))
            try:
                if answer:
                    check(answer)
            except ConfigurationError as error:
                self._tell(str(error))
                continue
            self._draft.keep(question, answer)
            return answer

    def _given(self, values: Mapping[str, str]) -> dict[str, str]:
        return {name: value for name, value in values.items() if value}

    def _city(self) -> dict[str, str]:
        return self._given({name: self._one(f"city.{name}", name) for name in _LOCAL})

    def _hours(self) -> dict[str, Any]:
        spans = {
            name: _parts(self._one(f"hours.{name}", name, _are_hours, _as_hours))
            for name in ("weekdays", "sat", "sun")
        }
        if not any(spans.values()):
            return {}
        return {**spans, "holidays": self._yes("hours.holidays", "holidays")}

    def _platform(self, name: str) -> dict[str, Any]:
        mode = self._one(f"{name}.mode", f"{name}_mode", _one_of(get_args(Mode)), _narrow)
        if mode not in ("buttons_only", "full"):
            return {"mode": mode}
        self._tell(self._words("decision"))
        decision = self._decided(f"{name}.decision", ("who", "when", "reference"))
        return {"mode": mode, "decision": decision} if all(decision.values()) else {}

    def _decided(self, question: str, parts: tuple[str, ...]) -> dict[str, str]:
        days: Mapping[str, tuple[Check, Tidy]] = {"when": (_is_day, _as_day)}
        return {
            part: self._one(f"{question}.{part}", part, *days.get(part, (str, str)))
            for part in parts
        }

    def _yes(self, question: str, words: str) -> bool:
        return self._one(question, words, _one_of(("y", "n")), as_yes_or_no) == "y"

    def _policies(self) -> dict[str, Any]:
        self._tell(self._words("policies"))
        found = {}
        for name, question in self._questions.items():
            if f"policies.{name}.text" not in self._draft.given:
                self._tell(question)
            text = self._one(f"policies.{name}.text", "policy")
            if text:
                found[name] = {"text": text, **self._decided(f"policies.{name}", ("who", "when"))}
        return found

    def _places(self, today: str) -> list[dict[str, str]]:
        self._tell(self._words("places"))
        found: list[dict[str, str]] = []
        for number in count(1):
            name = self._one(f"places.{number}.ja", "place")
            if not name:
                break
            place = self._place(f"places.{number}", name, today)
            if "phone" in place or "url" in place:
                found.append(place)
            else:
                self._tell(self._words("no_way"))
        return found

    def _place(self, question: str, name: str, today: str) -> dict[str, str]:
        place = {
            "ja": name,
            "ja_easy": self._one(f"{question}.ja_easy", "place_easy"),
            "en": self._one(f"{question}.en", "place_en"),
            "kind": self._one(f"{question}.kind", "kind", _one_of(PLACE_KINDS), _narrow),
            "phone": self._one(f"{question}.phone", "phone", _is_phone, _as_phone),
            "url": self._one(f"{question}.url", "place_url", _is_address, _narrow),
        }
        called = bool(place["phone"]) and self._yes(f"{question}.called", "called")
        return self._given({**place, "called": today if called else ""})

    def _codes(self) -> dict[str, list[str]]:
        self._tell(self._words("codes"))
        return {kind: _parts(self._one(f"codes.{kind}", kind)) for kind in get_args(CodeKind)}


def _parts(answer: str) -> list[str]:
    return [part.strip() for part in _COMMA.split(answer) if part.strip()]


def as_yes_or_no(answer: str) -> str:
    """`y` or `n` for what people type instead; anything else as it is, in narrow letters."""
    narrow = _narrow(answer)
    return _YES_OR_NO.get(narrow.lower(), narrow)


def _narrow(answer: str) -> str:
    return unicodedata.normalize("NFKC", answer)


def _as_day(answer: str) -> str:
    found = _DAY.fullmatch(_narrow(answer))
    return f"{found[1]}-{found[2]:0>2}-{found[3]:0>2}" if found else answer


def _as_hours(answer: str) -> str:
    return _HOUR.sub(r"0\1", _STRETCH.sub("-", _narrow(answer)))


def _as_phone(answer: str) -> str:
    return _STRETCH.sub("-", _narrow(answer))


def _is_address(answer: str) -> None:
    if not answer.startswith(("https://", "http://")):
        raise ConfigurationError(f"{answer!r} is no address: it begins with https://.")


def _are_hours(answer: str) -> None:
    for part in _parts(answer):
        try:
            parse_hours({"mon": [part]})
        except ConfigurationError as error:
            said = f"{part!r} are no hours. Write them as 09:00-17:00, several with commas between."
            raise ConfigurationError(said) from error


def _is_day(answer: str) -> None:
    try:
        date.fromisoformat(answer)
    except ValueError as error:
        raise ConfigurationError(f"{answer!r} is no day. Write it as 2026-12-01.") from error


def _one_of(known: Collection[str]) -> Check:
    def check(answer: str) -> None:
        if answer not in known:
            names = ", ".join(name for name in known if name)
            raise ConfigurationError(f"{answer!r} is none of these: {names}.")

    return check


def _is_phone(answer: str) -> None:
    if not _PHONE.fullmatch(answer):
        raise ConfigurationError(f"{answer!r} is no phone number: digits, hyphens and # only.")
