"""Whether a turn led to what its script expects, and the transcript that shows where it did not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from bot.engine.events import Event, Said
from bot.engine.program import Program
from bot.engine.walk import MISSING
from bot.safety.risk import Risk
from tests.conversation_runner.player import NotOnOffer, Outcome, Player
from tests.conversation_runner.script import Part, Script, truth

ReadRisk = Callable[[str], Risk]


class Differs(AssertionError):
    """The conversation went another way; the text is the transcript with the difference marked."""


def run(
    program: Program, script: Script, channel: str, language: str, read_risk: ReadRisk
) -> list[tuple[Part, Outcome, str]]:
    """Plays a script to its end; raises Differs at the first difference."""
    player = Player(program, script, channel, language, read_risk)
    lines = [f"{script.path.name} on {channel} in {language}: {script.about}"]
    played = []
    for part in script.parts:
        outcome, wrong = _try(player, part)
        lines += transcript(player, part, outcome)
        if wrong:
            lines += [f">>> line {part.line}: {each}" for each in wrong]
            raise Differs("\n".join(lines))
        played.append((part, outcome, standing(player)))
    return played


def _try(player: Player, part: Part) -> tuple[Outcome, list[str]]:
    try:
        outcome = player.play(part)
    except NotOnOffer as error:
        return Outcome(), [str(error)]
    return outcome, [*_complete(player, outcome), *_differences(player, part, outcome)]


def standing(player: Player) -> str:
    """The top of the stack as `flow.state`, "" if the session is over."""
    if not player.session.stack:
        return ""
    top = player.session.stack[-1]
    return f"{top.flow}.{top.state}"


def transcript(player: Player, part: Part, outcome: Outcome) -> list[str]:
    """One turn as lines to read."""
    texts = player.program.bundle.messages.texts[player.session.language or player.language]
    said = [f"      {each.key}: {texts.get(each.key, '?')[:60]!r}" for each in outcome.said]
    others = [_named(event) for event in outcome.events if not isinstance(event, Said)]
    return [
        f"  {part.line}: {part.verb} {part.value}  → {standing(player) or '(over)'}",
        *said,
        f"      {' '.join(others)}",
    ]


def _named(event: Event) -> str:
    fields = " ".join(str(value) for value in msgspec.structs.astuple(event))
    return f"{type(event).__name__}({fields})"


def _complete(player: Player, outcome: Outcome) -> list[str]:
    """What is said has a text, and every placeholder in it a value."""
    texts = player.program.bundle.messages.texts[player.session.language]
    wrong = [f"{said.key} has no text" for said in outcome.said if said.key not in texts]
    for said in outcome.said:
        empty = [name for name, value in said.values.items() if value == MISSING]
        wrong += [f"{said.key}: nothing stands for {{{name}}}" for name in empty]
    return wrong


def _differences(player: Player, part: Part, outcome: Outcome) -> list[str]:
    wrong = []
    if part.verb == "silence" and not outcome.silences:
        wrong.append("no silence timer fell due")
    for key, expected in part.expected.items():
        if key not in ("risk", "events"):
            found = _found(key, player, outcome)
            wanted = _wanted(key, expected, outcome)
            if found != wanted:
                wrong.append(f"{key}: expected {wanted}, got {found}")
    if "events" in part.expected:
        wrong += missing_events(part.expected["events"], outcome)
    return wrong


def _wanted(key: str, expected: Any, outcome: Outcome) -> Any:
    if key in ("ended", "rails"):
        return truth(expected)
    return [] if key == "says" and outcome.muted else expected


def _found(key: str, player: Player, outcome: Outcome) -> Any:
    buttons = next((said.choices for said in reversed(outcome.said) if said.choices), ())
    found: dict[str, Any] = {
        "says": [said.key for said in outcome.said],
        "state": standing(player),
        "offers": list(player.session.shown) if buttons else [],
        "rails": any(each.rail for each in outcome.said[-1].choices) if outcome.said else False,
        "language": player.session.language,
        "ended": player.session.status == "ended",
    }
    return found[key]


def missing_events(expected: list[Any], outcome: Outcome) -> list[str]:
    """Which of the expected events did not happen in this order; others may stand between."""
    left = [event for event in outcome.events if not isinstance(event, Said)]
    for each in expected:
        name, fields = next(iter(each.items())) if isinstance(each, dict) else (each, {})
        while left and not _is(left[0], name, fields or {}):
            left.pop(0)
        if not left:
            return [f"events: {each} did not happen (in this order)"]
        left.pop(0)
    return []


def _is(event: Event, name: str, fields: dict[str, str]) -> bool:
    if type(event).__name__ != name:
        return False
    return all(str(getattr(event, key, None)) == value for key, value in fields.items())
