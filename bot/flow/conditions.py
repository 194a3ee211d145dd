"""Reads an `if:` into guards from the closed registry, checking every argument.

Imports this room only.
"""

from __future__ import annotations

from bot.flow.definition import Guard
from bot.flow.findings import one_or_more
from bot.flow.guards import CHANNELS, GUARD_NAMES, GUARDS, MODES, WHEREABOUTS
from bot.flow.nodes import Node, Scalar
from bot.flow.outline import Surroundings


def load_guards(around: Surroundings, flow: str, node: Node | None) -> tuple[Guard, ...]:
    """The guards of one `if:`; all of them must hold. No `if:` gives none."""
    table = around.findings.want_table(node, "`if`") if node is not None else None
    guards: list[Guard] = []
    for key, value in table.pairs() if table else ():
        word = around.findings.want_known(key, GUARD_NAMES, "unknown-guard", "guard")
        if word is not None:
            name = GUARD_NAMES[word]
            for arguments in _arguments(around, flow, name, value):
                guards.append(Guard(name, arguments, key.place))
    return tuple(guards)


def _arguments(around: Surroundings, flow: str, guard: str, node: Node) -> list[tuple[str, ...]]:
    """The arguments of each guard that one entry makes (`answer` may name several answers)."""
    findings = around.findings
    shape = GUARDS[guard].shape
    if shape == "answer_values":
        return _answer_values(around, flow, node)
    if shape == "answer_name":
        answer = findings.want_known(node, around.answers_of(flow), "unknown-answer", "answer")
        return [] if answer is None else [(answer,)]
    if shape == "queue":
        queue = findings.want_name(node, "The queue")
        return [] if queue is None else [(queue,)]
    known, subject = {
        "languages": (around.languages, "language"),
        "channels": (CHANNELS, "channel"),
        "modes": (MODES, "mode"),
        "whereabouts": (WHEREABOUTS, "place"),
    }[shape]
    names = [
        findings.want_known(item, known, f"unknown-{subject}", subject)
        for item in one_or_more(node)
    ]
    return [tuple(name for name in names if name is not None)]


def _answer_values(around: Surroundings, flow: str, node: Node) -> list[tuple[str, ...]]:
    table = around.findings.want_table(node, "`answer`")
    found: list[tuple[str, ...]] = []
    for key, value in table.pairs() if table else ():
        answers = around.answers_of(flow)
        answer = around.findings.want_known(key, answers, "unknown-answer", "answer")
        if answer is not None:
            values = [_value(around, flow, answer, item) for item in one_or_more(value)]
            found.append((answer, *(one for one in values if one is not None)))
    return found


def _value(around: Surroundings, flow: str, answer: str, node: Node) -> str | None:
    known = around.values_of(flow, answer)
    if known is not None:
        return around.findings.want_known(node, known, "unknown-value", f"value of {answer}")
    if isinstance(node, Scalar) and not node.empty:
        return node.text
    around.findings.wrong_type(node, f"The value of «{answer}»", "a word or a number")
    return None
