"""The closed registry of guards: what an `if:` may ask, how it is written, when it holds.

Imports this room only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, Protocol

import msgspec

from bot.flow.definition import Guard

CHANNELS = ("line", "telegram", "web", "terminal")
MODES = ("door_only", "buttons_only", "full")
WHEREABOUTS = ("home", "doorstep")

ArgumentShape = Literal[
    "answer_values", "answer_name", "languages", "channels", "queue", "modes", "whereabouts"
]


class Scene(Protocol):
    """What guards may look at; the engine implements it."""

    @property
    def language(self) -> str:
        """The session's language."""

    @property
    def channel(self) -> str:
        """The channel's name."""

    @property
    def mode(self) -> str:
        """What the channel may take: one of MODES."""

    @property
    def at(self) -> str:
        """Whether the conversation is at home at this address: one of WHEREABOUTS."""

    @property
    def open(self) -> Mapping[str, bool]:
        """Whether each queue is open now."""

    def answer(self, name: str) -> str | None:
        """The value given, looked up in this flow first, then in its callers."""


class GuardSpec(msgspec.Struct, frozen=True):
    """One guard of the registry: `key` is its word in YAML, `shape` what stands after it."""

    key: str
    shape: ArgumentShape
    doc: str
    test: Callable[[tuple[str, ...], Scene], bool]


def _answer_is(arguments: tuple[str, ...], scene: Scene) -> bool:
    return scene.answer(arguments[0]) in arguments[1:]


def _answered(arguments: tuple[str, ...], scene: Scene) -> bool:
    return scene.answer(arguments[0]) is not None


def _not_answered(arguments: tuple[str, ...], scene: Scene) -> bool:
    return scene.answer(arguments[0]) is None


def _language(arguments: tuple[str, ...], scene: Scene) -> bool:
    return scene.language in arguments


def _channel(arguments: tuple[str, ...], scene: Scene) -> bool:
    return scene.channel in arguments


def _mode(arguments: tuple[str, ...], scene: Scene) -> bool:
    return scene.mode in arguments


def _at(arguments: tuple[str, ...], scene: Scene) -> bool:
    return scene.at in arguments


def _open(arguments: tuple[str, ...], scene: Scene) -> bool:
    return scene.open.get(arguments[0], False)


def _closed(arguments: tuple[str, ...], scene: Scene) -> bool:
    # A queue that nobody told us about counts as closed: nobody is promised who isn't there.
    return not scene.open.get(arguments[0], False)


GUARDS: Mapping[str, GuardSpec] = {
    "answer_is": GuardSpec(
        "answer", "answer_values", "the answer has (one of) these values", _answer_is
    ),
    "answered": GuardSpec("answered", "answer_name", "the answer was given", _answered),
    "not_answered": GuardSpec(
        "not_answered", "answer_name", "the answer was not given", _not_answered
    ),
    "language": GuardSpec("language", "languages", "the session's language", _language),
    "channel": GuardSpec("channel", "channels", "the channel the person writes on", _channel),
    "mode": GuardSpec("mode", "modes", "what the channel may take", _mode),
    "at": GuardSpec(
        "at", "whereabouts", "whether the conversation is at home here, or at a doorstep", _at
    ),
    "open": GuardSpec("open", "queue", "the queue is open now", _open),
    "closed": GuardSpec("closed", "queue", "the queue is closed now", _closed),
}
"""Every guard there is, by the name that `Guard.name` carries."""

GUARD_NAMES: Mapping[str, str] = {spec.key: name for name, spec in GUARDS.items()}
"""From the word in YAML to the guard's name."""


def holds(guard: Guard, scene: Scene) -> bool:
    """Whether the guard holds in the scene."""
    return GUARDS[guard.name].test(guard.arguments, scene)
