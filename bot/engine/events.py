"""What the engine decided, in past tense: callers act on these. Imports nothing of ours.

Everything but `Said` is free of what a person wrote, so events may be counted and logged by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

SpeechClass = Literal["crisis", "turn", "notice", "info"]


class Offered(msgspec.Struct, frozen=True):
    """A button under a bubble: `data` comes back with a tap, `label` is a message key; rails are
    not numbered.
    """

    data: str
    label: str
    rail: bool = False


class Said(msgspec.Struct, frozen=True, tag=True):
    """A message was said: key, values for its placeholders, choices offered under it."""

    key: str
    values: Mapping[str, str] = {}
    choices: tuple[Offered, ...] = ()
    speech: SpeechClass = "turn"


class SessionStarted(msgspec.Struct, frozen=True, tag=True):
    """A session began; `door` is "begin", or "again" after an earlier one had ended or expired."""

    door: str


class SessionEnded(msgspec.Struct, frozen=True, tag=True):
    """The session is over: "left" kindly, "expired", or "restarted"."""

    how: str


class CameBack(msgspec.Struct, frozen=True, tag=True):
    """The person wrote again after the return pause, in the middle of a flow."""


class FlowEntered(msgspec.Struct, frozen=True, tag=True):
    """A flow was entered from the top."""

    flow: str


class StateEntered(msgspec.Struct, frozen=True, tag=True):
    """A step was taken into a state."""

    flow: str
    state: str


class ChoiceMade(msgspec.Struct, frozen=True, tag=True):
    """A choice of the flow was taken, by button, digit or label."""

    flow: str
    state: str
    choice: str


class WordUsed(msgspec.Struct, frozen=True, tag=True):
    """One of the words that work everywhere was used."""

    word: str


class NotUnderstood(msgspec.Struct, frozen=True, tag=True):
    """Nothing in the state matched; `times` in a row, this one included."""

    flow: str
    state: str
    times: int


class StaleTapped(msgspec.Struct, frozen=True, tag=True):
    """A button of an earlier turn was tapped; nothing advanced."""


class FellSilent(msgspec.Struct, frozen=True, tag=True):
    """A wait ended in silence."""

    flow: str
    state: str


class RiskNoticed(msgspec.Struct, frozen=True, tag=True):
    """A text was read as risky, at this tier, by this rule."""

    tier: int
    topic: str
    rule: str


class HumanAsked(msgspec.Struct, frozen=True, tag=True):
    """The person asked for a person."""


class BookingAsked(msgspec.Struct, frozen=True, tag=True):
    """The person asked for a booking."""


class EraseConfirmed(msgspec.Struct, frozen=True, tag=True):
    """The person confirmed: erase everything now; `receipt` is what the question showed."""

    receipt: str


class LanguageChosen(msgspec.Struct, frozen=True, tag=True):
    """The person chose a language."""

    language: str


class Moved(msgspec.Struct, frozen=True, tag=True):
    """The conversation has come to another address, `by` a "code" or a "door"."""

    by: str


class LineCrossed(msgspec.Struct, frozen=True, tag=True):
    """The tone of a text crossed a line; `times` in this session, this one included."""

    conduct: str
    times: int


class LimitAsked(msgspec.Struct, frozen=True, tag=True):
    """The tone crossed a line again after a rest: a supervisor decides whether to limit this."""


class FaultFound(msgspec.Struct, frozen=True, tag=True):
    """A limit or a missing state ended the walk kindly; `fault` is its code, for the log."""

    fault: str
    flow: str
    state: str


Event = (
    Said
    | SessionStarted
    | SessionEnded
    | CameBack
    | FlowEntered
    | StateEntered
    | ChoiceMade
    | WordUsed
    | NotUnderstood
    | StaleTapped
    | FellSilent
    | RiskNoticed
    | HumanAsked
    | BookingAsked
    | EraseConfirmed
    | LanguageChosen
    | Moved
    | LineCrossed
    | LimitAsked
    | FaultFound
)


class Timer(msgspec.Struct, frozen=True):
    """A wake-up that must survive restarts: `kind` becomes the inbound's kind, `data` its data,
    `due` is UTC ms.
    """

    kind: Literal["silence", "expired"]
    due: int
    data: str = ""
