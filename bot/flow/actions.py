"""The closed registry of actions: what `do:` may name; the engine carries them out.

Imports this room only.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec

from bot.flow.definition import Action
from bot.flow.findings import Findings, one_or_more
from bot.flow.nodes import Node, Scalar, Table


class ActionSpec(msgspec.Struct, frozen=True):
    """One action of the registry; `argument` names what it takes, or is empty."""

    doc: str
    argument: str = ""


ACTIONS: Mapping[str, ActionSpec] = {
    "human_asked": ActionSpec("the person asked for a person; recorded as an event"),
    "booking_asked": ActionSpec("the person asked for a booking; recorded as an event"),
    "language": ActionSpec("the session goes on in this language", argument="language"),
    "erase": ActionSpec("everything is erased; only after a question that showed {receipt}"),
    "resume": ActionSpec("go on where the person was"),
    "restart": ActionSpec("begin again"),
}
"""Every action there is, by its word in YAML."""


def load_actions(
    findings: Findings, node: Node | None, languages: Collection[str]
) -> tuple[Action, ...]:
    """The actions under `do:`, which takes one or a list."""
    if node is None:
        return ()
    found = (_load_action(findings, item, languages) for item in one_or_more(node))
    return tuple(action for action in found if action is not None)


def _load_action(findings: Findings, node: Node, languages: Collection[str]) -> Action | None:
    if isinstance(node, Table) and len(node.entries) == 1:
        key, value = next(node.pairs())
        return _with_argument(findings, key, value, languages)
    name = findings.want_known(node, ACTIONS, "unknown-action", "action")
    if name is None:
        return None
    if ACTIONS[name].argument:
        findings.note(
            "bad-argument",
            node.place,
            f"The action «{name}» needs an argument.",
            f"Write `{{{name}: …}}`.",
        )
    return Action(name, None, node.place)


def _with_argument(
    findings: Findings, key: Scalar, value: Node, languages: Collection[str]
) -> Action | None:
    name = findings.want_known(key, ACTIONS, "unknown-action", "action")
    if name is None:
        return None
    if not ACTIONS[name].argument:
        findings.note(
            "bad-argument",
            value.place,
            f"The action «{name}» takes no argument.",
            f"Write `{name}` alone.",
        )
        return None
    language = findings.want_known(value, languages, "unknown-language", "language")
    return None if language is None else Action(name, language, key.place)
