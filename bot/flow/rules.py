"""Reads the `next:` of a state: which trigger leads where, under which guards.

Imports this room only.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from bot.errors import Place
from bot.flow.conditions import load_guards
from bot.flow.definition import (
    MEDIA_TRIGGERS,
    TRIGGER_ALWAYS,
    TRIGGER_NOT_UNDERSTOOD,
    TRIGGER_RETURNED,
    Guard,
    Rule,
)
from bot.flow.findings import one_or_more, suggest
from bot.flow.nodes import Node, Scalar, Table
from bot.flow.outline import Surroundings

_ALWAYS_POSSIBLE = (TRIGGER_NOT_UNDERSTOOD, *MEDIA_TRIGGERS)
# Nothing else can happen at these: the last way must stand open.
_MUST_LEAD_ON = (TRIGGER_ALWAYS, TRIGGER_RETURNED)


def load_rules(around: Surroundings, flow: str, node: Node | None) -> tuple[Rule, ...]:
    """Every rule of one `next:`, in order."""
    table = around.findings.want_table(node, "`next`") if node is not None else None
    return tuple(
        rule
        for trigger, value in (table.pairs() if table else ())
        for rule in _rules_of(around, flow, trigger, value)
    )


def _rules_of(around: Surroundings, flow: str, trigger: Scalar, node: Node) -> list[Rule]:
    rules: list[Rule] = []
    open_way = False
    for entry in one_or_more(node) or (node,):
        target, guards = _way(around, flow, entry)
        if open_way:
            around.findings.note(
                "unreachable-rule",
                entry.place,
                f"This way of «{trigger.text}» is never tried: the one before it has no `if`.",
                "Delete it, or move the way without `if` to the end.",
            )
        rules.append(Rule(trigger.text, target, guards, entry.place))
        # Asked of the file, not of the guards: one that could not be read is still a condition.
        open_way = open_way or not (isinstance(entry, Table) and "if" in entry.entries)
    if trigger.text in _MUST_LEAD_ON and not open_way:
        around.findings.note(
            "no-open-way",
            trigger.place,
            f"Every way of «{trigger.text}» has an `if`, so the conversation could get stuck.",
            "Add a last way without `if`.",
        )
    return rules


def _way(around: Surroundings, flow: str, node: Node) -> tuple[str, tuple[Guard, ...]]:
    findings = around.findings
    if isinstance(node, Table):
        findings.want_keys(node, "A way", ("to",), ("if",))
        target, guards = node.get("to"), load_guards(around, flow, node.get("if"))
    else:
        target, guards = node, ()
    states = around.flows[flow].states
    found = findings.want_known(target, states, "unknown-state", "state") if target else None
    return found or "", guards


def check_triggers(
    around: Surroundings,
    rules: tuple[Rule, ...],
    node: Node | None,
    causes: Collection[str],
    waits: bool,
) -> None:
    """Note triggers that nothing in the state causes, and causes that lead nowhere."""
    possible = {*causes, *_ALWAYS_POSSIBLE} if waits else set(causes)
    given = {rule.trigger for rule in rules}
    for key in _keys(node):
        if key.text not in possible:
            around.findings.note(
                "impossible-trigger",
                key.place,
                f"Nothing in this state causes the trigger «{key.text}».",
                suggest(key.text, possible),
            )
    for cause in causes:
        if cause not in given and isinstance(node, Table):
            _note_nowhere(around, cause, node.place)


def _note_nowhere(around: Surroundings, cause: str, place: Place) -> None:
    around.findings.note(
        "missing-trigger",
        place,
        f"`next` does not say where «{cause}» leads.",
        f"Add `{cause}: <state>`.",
    )


def _keys(node: Node | None) -> Iterator[Scalar]:
    if isinstance(node, Table):
        for key, _ in node.pairs():
            yield key
