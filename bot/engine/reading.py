"""What a tap or a text means in a state: which trigger, which value. Imports engine, flow."""

from __future__ import annotations

import re

import msgspec

from bot.engine.program import Program, Step
from bot.engine.session import Session
from bot.engine.walk import Walk
from bot.flow.definition import TRIGGER_ANYTHING, AnswerSpec, Matcher, Word

_INTEGER = re.compile(r"[+-]?[0-9]{1,9}")
_INDEX = re.compile(r"[1-9][0-9]?")


class Reading(msgspec.Struct, frozen=True):
    """The trigger that was meant, the value to keep if any, and whether it was a choice."""

    trigger: str
    value: str | None
    choice: bool = False


def tapped_word(program: Program, data: str) -> Word | None:
    """The word that a rail carries, however old the rail is."""
    return program.bundle.everywhere.words.get(data.rpartition(".")[2])


def read_tap(session: Session, data: str) -> Reading | None:
    """The choice that a button stands for; None if it belongs to an earlier turn."""
    nonce, _, number = data.rpartition(".")
    if nonce != session.nonce or not _INDEX.fullmatch(number):
        return None
    return _numbered(session.shown, int(number))


def _numbered(shown: tuple[str, ...], number: int) -> Reading | None:
    if not 1 <= number <= len(shown):
        return None
    chosen = shown[number - 1]
    return Reading(chosen, chosen, choice=True)


def read_text(walk: Walk, step: Step, text: str, folded: str) -> Reading | None:
    """What a text means here: a choice by number or label, a matcher, whatever is left, or None.

    `folded` is the normalised text. Where a number is asked for, digits are an answer.
    """
    asked = step.answer if step.answer and step.answer.kind == "number" else None
    if asked and step.catches_all and _INTEGER.fullmatch(folded):
        return _number(asked, folded)
    if _INDEX.fullmatch(folded):
        chosen = _numbered(walk.shown, int(folded))
        if chosen:
            return chosen
    return labelled(walk, step, folded) or _heard(step, text, folded, asked is not None)


def _number(asked: AnswerSpec, folded: str) -> Reading | None:
    number = int(folded)
    low, high = asked.minimum, asked.maximum
    if (low is not None and number < low) or (high is not None and number > high):
        return None
    return Reading(TRIGGER_ANYTHING, str(number))


def labelled(walk: Walk, step: Step, folded: str) -> Reading | None:
    """The shown choice whose label the normalised text is, word for word."""
    labels = walk.program.labels.get(walk.language)
    if not labels or not folded:
        return None
    for choice in step.state.choices:
        if choice.id in walk.shown and labels[choice.label] == folded:
            return Reading(choice.id, choice.id, choice=True)
    return None


def _heard(step: Step, text: str, folded: str, number: bool) -> Reading | None:
    for matcher in step.hears:
        if _matches(matcher, folded):
            return Reading(matcher.name, _value(step, matcher.name, text))
    if step.catches_all and not number and text.strip():
        return Reading(TRIGGER_ANYTHING, _value(step, "", text))
    return None


def _matches(matcher: Matcher, folded: str) -> bool:
    return folded in matcher.whole or any(phrase in folded for phrase in matcher.contains)


def _value(step: Step, matcher: str, text: str) -> str | None:
    """A text answer keeps the text; a choice only the id of a choice named like the matcher."""
    if step.answer is None or step.answer.kind == "number":
        return None
    if step.answer.kind == "text":
        return text
    return matcher if any(choice.id == matcher for choice in step.state.choices) else None
