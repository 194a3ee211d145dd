"""What a flow says, as frozen objects: the compiled form of flows/*.yaml. Imports errors and the
pack's objects only.

Names follow docs/flow-language.md. Nothing here checks anything: the loader builds these objects
only
after every name in them has been found, so the engine may trust them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from bot.errors import Place
from bot.flow.pack import CityPack, Need
from bot.flow.readings import NO_READINGS, Readings

AnswerKind = Literal["choice", "text", "number"]
Sensitivity = Literal["low", "high"]

TRIGGER_ALWAYS = "always"
TRIGGER_RETURNED = "returned"
TRIGGER_SILENCE = "silence"
TRIGGER_NOT_UNDERSTOOD = "not_understood"
TRIGGER_ANYTHING = "anything"
MEDIA_TRIGGERS = (
    *("sticker", "picture", "voice", "video", "file", "place", "contact_card"),
    "free_text",  # words on a channel that doesn't take them
)


class Guard(msgspec.Struct, frozen=True):
    """One condition from the closed registry (`bot.flow.guards`), with its checked arguments.

    `answer_is` holds (answer, value, value …), `open` holds (queue,), and so on.
    """

    name: str
    arguments: tuple[str, ...]
    place: Place


class Rule(msgspec.Struct, frozen=True):
    """One arrow out of a state: on `trigger`, if all `guards` hold, go to `target` in the same
    flow.
    """

    trigger: str
    target: str
    guards: tuple[Guard, ...]
    place: Place


class Choice(msgspec.Struct, frozen=True):
    """One button: its id is its trigger and stored value; it shows only where its guards hold."""

    id: str
    label: str
    guards: tuple[Guard, ...]
    place: Place


class Silence(msgspec.Struct, frozen=True):
    """What waiting means in a state: `seconds` until the trigger `silence`, and whether that may
    push.
    """

    seconds: int
    push: bool
    place: Place


class AnswerSpec(msgspec.Struct, frozen=True):
    """A value a person may give: what kind, what for, how sensitive, and how long it is kept.

    `keep` is seconds; 0 means only within the turn, None means until the session ends.
    """

    name: str
    kind: AnswerKind
    purpose: str
    sensitivity: Sensitivity
    keep: int | None
    place: Place
    minimum: int | None = None
    maximum: int | None = None


class Action(msgspec.Struct, frozen=True):
    """One effect from the closed registry (`bot.flow.actions`), done on entry before anything is
    said.
    """

    name: str
    argument: str | None
    place: Place


class State(msgspec.Struct, frozen=True):
    """A named place in a flow.

    Exactly one of these holds: it waits (`asks`, choices, hear or silence), it passes on
    (`always`), it calls a
    subflow (`call`), it goes to another flow for good (`go`), it returns, or it ends the session.
    """

    name: str
    place: Place
    say: tuple[str, ...] = ()
    ask: str | None = None
    choices: tuple[Choice, ...] = ()
    hear: tuple[str, ...] = ()
    answer: str | None = None
    silence: Silence | None = None
    actions: tuple[Action, ...] = ()
    call: str | None = None
    go: str | None = None
    returns: bool = False
    ends: bool = False
    rails: bool = True
    urgent: bool = False
    rules: tuple[Rule, ...] = ()

    @property
    def waits(self) -> bool:
        """Whether the turn stops here for the person (or for silence)."""
        passes = any(rule.trigger == TRIGGER_ALWAYS for rule in self.rules)
        return not (passes or self.call or self.go or self.returns or self.ends)


class Flow(msgspec.Struct, frozen=True):
    """One YAML conversation."""

    name: str
    about: str
    entry: str
    answers: Mapping[str, AnswerSpec]
    states: Mapping[str, State]
    place: Place


class Word(msgspec.Struct, frozen=True):
    """A word that works in every state: `human`, `booking`, `back`, `leave`, `erase`, `language`,
    `help`, `kept`, `code`, `cover`.

    `flow` is called, or `action` ("back") is done by the engine itself. `variants` are already
    normalised,
    of all languages together, and match the whole of what was written.
    """

    id: str
    flow: str | None
    action: str | None
    variants: frozenset[str]
    place: Place


class Everywhere(msgspec.Struct, frozen=True):
    """flows/everywhere.yaml: what holds in every state.

    `flows` names the flow for each occasion (`start`, `coming_back`, `crisis_2`, `crisis_3` …);
    `says` the message
    key for each repair (`not_understood`, `offer_person`, `stale_tap`, `sticker` …); `rails` the
    word ids shown as
    buttons under each question, with their label keys.
    """

    words: Mapping[str, Word]
    flows: Mapping[str, str]
    says: Mapping[str, str]
    rails: tuple[tuple[str, str], ...]


class Matcher(msgspec.Struct, frozen=True):
    """A named set of phrases, normalised: `contains` anywhere in a text, or `whole` text equal."""

    name: str
    contains: tuple[str, ...]
    whole: frozenset[str]
    place: Place


class Messages(msgspec.Struct, frozen=True):
    """Every sentence a person reads: texts[language][key]. `placeholders[key]` are the names in
    braces.
    """

    source_language: str
    texts: Mapping[str, Mapping[str, str]]
    placeholders: Mapping[str, frozenset[str]]

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages there are, the source language first."""
        others = sorted(name for name in self.texts if name != self.source_language)
        return (self.source_language, *others)


class Bundle(msgspec.Struct, frozen=True):
    """One published revision: immutable, named by the hash of its raw files.

    `city` is what the city pack brings, `signatures` which texts need whose signature, `pictures`
    the drawing beside a choice by its label's key.
    """

    revision: str
    flows: Mapping[str, Flow]
    matchers: Mapping[str, Matcher]
    everywhere: Everywhere
    messages: Messages
    files: Mapping[str, bytes]
    city: CityPack = CityPack()
    signatures: tuple[Need, ...] = ()
    readings: Readings = NO_READINGS
    pictures: Mapping[str, str] = {}
