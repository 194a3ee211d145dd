"""Reads one flow file whole, and checks what only shows between its states.

Imports this room only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.errors import Place
from bot.flow.answers import load_answers
from bot.flow.definition import TRIGGER_ALWAYS, Flow, State
from bot.flow.findings import named_tables
from bot.flow.nodes import Table
from bot.flow.outline import Surroundings
from bot.flow.states import load_state

_REQUIRED = ("engawa", "flow", "about", "entry", "states")


def load_flow(around: Surroundings, name: str, table: Table) -> Flow:
    """The flow in `flows/<name>.yaml`."""
    findings = around.findings
    findings.want_keys(table, "The file", _REQUIRED, ("answers",))
    _check_name(around, name, table)
    about = table.get("about")
    said = findings.want_text(about, "`about`") if about is not None else None
    states = {
        key.text: load_state(around, name, key, state)
        for _, key, state in named_tables(findings, table.get("states"), "`states`")
    }
    entry = _load_entry(around, name, table)
    answers = load_answers(findings, table.get("answers"))
    _check_circles(around, states)
    _check_erase(around, states, entry)
    return Flow(name, said or "", entry, answers, states, table.place)


def _check_name(around: Surroundings, name: str, table: Table) -> None:
    node = table.get("flow")
    found = around.findings.want_name(node, "`flow`") if node is not None else name
    if node is not None and found is not None and found != name:
        around.findings.note(
            "flow-name",
            node.place,
            f"The flow calls itself «{found}», but its file is {name}.yaml.",
            f"Write `flow: {name}`, or rename the file.",
        )


def _load_entry(around: Surroundings, name: str, table: Table) -> str:
    node = table.get("entry")
    if node is None or not isinstance(table.get("states"), Table):
        return ""
    states = around.flows[name].states
    return around.findings.want_known(node, states, "unknown-state", "state") or ""


def _check_circles(around: Surroundings, states: Mapping[str, State]) -> None:
    """Note states that pass on to one another for ever without waiting for the person."""
    ways = {
        name: [rule.target for rule in state.rules if rule.trigger == TRIGGER_ALWAYS]
        for name, state in states.items()
    }
    for circle in _circles(ways):
        path = " → ".join((*circle, circle[0]))
        around.findings.note(
            "circle",
            states[circle[0]].place,
            f"These states pass on in a circle and never wait: {path}.",
            "Let one of them wait, or lead out of the circle.",
        )


def _circles(ways: Mapping[str, list[str]]) -> Iterator[list[str]]:
    """Each circle once, by walking with an explicit stack (files may be long)."""
    done: set[str] = set()
    for start in ways:
        if start in done:
            continue
        path, on_path = [start], {start}
        branches = [iter(ways[start])]
        while branches:
            step = next(branches[-1], None)
            if step is None:
                branches.pop()
                done.add(path[-1])
                on_path.discard(path.pop())
            elif step in on_path:
                yield path[path.index(step) :]
            elif step not in done and step in ways:
                path.append(step)
                on_path.add(step)
                branches.append(iter(ways[step]))


def _check_erase(around: Surroundings, states: Mapping[str, State], entry: str) -> None:
    """Note an erase that could happen without the person having seen the receipt code."""
    placeholders = around.messages.messages.placeholders
    for state in states.values():
        for action in state.actions:
            if action.name == "erase" and not _confirmed(state, states, entry, placeholders):
                _note_unconfirmed(around, action.place)


def _confirmed(
    state: State,
    states: Mapping[str, State],
    entry: str,
    placeholders: Mapping[str, frozenset[str]],
) -> bool:
    before = [
        one for one in states.values() if any(rule.target == state.name for rule in one.rules)
    ]
    return (
        state.name != entry
        and bool(before)
        and all(
            one.waits
            and any("receipt" in placeholders.get(key, ()) for key in (*one.say, one.ask or ""))
            for one in before
        )
    )


def _note_unconfirmed(around: Surroundings, place: Place) -> None:
    around.findings.note(
        "erase-unconfirmed",
        place,
        "This erases everything, but the state before it does not show {receipt}.",
        "Lead here only from a question whose text holds {receipt}.",
    )
