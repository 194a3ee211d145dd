"""Rewrites `says`, `state` and `events` in a conversation file to what happened; all else stays."""

from __future__ import annotations

import yaml

from bot.engine.events import Said, StateEntered
from tests.conversation_runner.judging import missing_events
from tests.conversation_runner.player import Outcome
from tests.conversation_runner.script import Part, Script


def update(script: Script, played: list[tuple[Part, Outcome, str]]) -> bool:
    """Rewrites the file if anything in it differs from what was played; tells whether it did."""
    text = script.path.read_text(encoding="utf-8")
    changed = text
    for part, outcome, state in reversed(played):
        for key, value in reversed(part.node.value):
            new = _written(key.value, part, outcome, state)
            if new is not None:
                changed = changed[: value.start_mark.index] + new + changed[_end(value) :]
    if changed == text:
        return False
    script.path.write_text(changed, encoding="utf-8")
    return True


def _written(key: str, part: Part, outcome: Outcome, state: str) -> str | None:
    """What stands there from now on; None where it may stay as it is."""
    expected = part.expected.get(key)
    said = [each.key for each in outcome.said]
    if key == "says" and expected != said:
        return f"[{', '.join(said)}]"
    if key == "state" and state and expected != state:
        return state
    if key == "events" and missing_events(expected or [], outcome):
        names = [
            type(event).__name__
            for event in outcome.events
            if not isinstance(event, Said | StateEntered)
        ]
        return f"[{', '.join(names)}]"
    return None


def _end(node: yaml.Node) -> int:
    """Where the written value ends; a block's own mark lies behind the blank lines after it."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(last[1] if isinstance(last, tuple) else last)
    return int(node.end_mark.index)
