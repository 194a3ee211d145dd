"""Reads one state of a flow. Imports this room only."""

from __future__ import annotations

from collections.abc import Iterator

from bot.flow.actions import load_actions
from bot.flow.conditions import load_guards
from bot.flow.definition import (
    TRIGGER_ANYTHING,
    Choice,
    Silence,
    State,
)
from bot.flow.findings import one_or_more
from bot.flow.forms import WAITING_KEYS, check_form, check_labels
from bot.flow.matchers import MATCHERS_FILE, check_not_reserved
from bot.flow.nodes import Node, Scalar, Table
from bot.flow.outline import Surroundings
from bot.flow.rules import load_rules

_KEYS = (
    *WAITING_KEYS,
    "say",
    "answer",
    "next",
    "call",
    "go",
    "return",
    "end",
    "do",
    "rails",
    "urgent",
)


def load_state(around: Surroundings, flow: str, key: Scalar, table: Table) -> State:
    """One state; where an issue was noted, the state is only good enough to look for more."""
    findings = around.findings
    findings.want_keys(table, f"The state «{key.text}»", (), _KEYS)
    rules = load_rules(around, flow, table.get("next"))
    choices = tuple(_load_choices(around, flow, table.get("choices")))
    hear = tuple(_load_hear(around, table.get("hear")))
    silence = _load_silence(around, table.get("silence"))
    state = State(
        name=key.text,
        place=key.place,
        say=tuple(_load_say(around, table.get("say"))),
        ask=_optional_key(around, table.get("ask")),
        choices=choices,
        hear=hear,
        answer=_load_answer(around, flow, table),
        silence=silence,
        actions=load_actions(findings, table.get("do"), around.languages),
        call=_load_flow(around, table.get("call")),
        go=_load_flow(around, table.get("go")),
        returns=_load_flag(around, table, "return", only_true=True),
        ends=_load_flag(around, table, "end", only_true=True),
        rails=_load_flag(around, table, "rails", default=True),
        urgent=_load_flag(around, table, "urgent"),
        rules=rules,
    )
    check_form(around, key, table, state)
    check_labels(around, state)
    return state


def _load_say(around: Surroundings, node: Node | None) -> Iterator[str]:
    for item in one_or_more(node) if node is not None else ():
        key = around.message_key(item)
        if key is not None:
            yield key


def _optional_key(around: Surroundings, node: Node | None) -> str | None:
    return around.message_key(node) if node is not None else None


def _load_choices(around: Surroundings, flow: str, node: Node | None) -> Iterator[Choice]:
    table = around.findings.want_table(node, "`choices`") if node is not None else None
    for key, value in table.pairs() if table else ():
        around.findings.want_name(key, "The id of a choice")
        check_not_reserved(around.findings, key)
        label: Node | None = value
        condition: Node | None = None
        if isinstance(value, Table):
            around.findings.want_keys(value, f"The choice «{key.text}»", ("label",), ("if",))
            label, condition = value.get("label"), value.get("if")
        text = around.message_key(label) if label is not None else None
        guards = load_guards(around, flow, condition)
        yield Choice(key.text, text or "", guards, key.place)


def _load_hear(around: Surroundings, node: Node | None) -> Iterator[str]:
    known = {*around.matchers, TRIGGER_ANYTHING}
    items = around.findings.want_listing(node, "`hear`") if node is not None else ()
    heard: list[str] = []
    for item in items:
        name = around.findings.want_name(item, "The matcher")
        if name is not None and MATCHERS_FILE not in around.findings.unread:
            around.findings.want_known(item, known, "unknown-matcher", "matcher")
        if heard and heard[-1] == TRIGGER_ANYTHING:
            around.findings.note(
                "unreachable-matcher",
                item.place,
                "Nothing is heard after `anything`, which takes whatever is left.",
                "Move `anything` to the end.",
            )
        if name is not None:
            heard.append(name)
            yield name


def _load_silence(around: Surroundings, node: Node | None) -> Silence | None:
    table = around.findings.want_table(node, "`silence`") if node is not None else None
    if table is None:
        return None
    around.findings.want_keys(table, "`silence`", ("after",), ("push",))
    after = table.get("after")
    seconds = around.findings.want_length(after, "`after`") if after is not None else None
    push = _load_flag(around, table, "push")
    return Silence(seconds or 1, push, table.place)


def _load_answer(around: Surroundings, flow: str, table: Table) -> str | None:
    node = table.get("answer")
    if node is None:
        return None
    declared = around.flows[flow].answers
    return around.findings.want_known(node, declared, "unknown-answer", "answer")


def _load_flow(around: Surroundings, node: Node | None) -> str | None:
    if node is None:
        return None
    return around.findings.want_known(node, around.flows, "unknown-flow", "flow") or ""


def _load_flag(
    around: Surroundings, table: Table, word: str, default: bool = False, only_true: bool = False
) -> bool:
    node = table.get(word)
    if node is None:
        return default
    flag = around.findings.want_flag(node, f"`{word}`")
    if only_true and flag is False:
        around.findings.wrong_type(node, f"`{word}`", "`true`, or no such key")
    return default if flag is None else flag
