"""What the files name, read before anything is checked: names may be used before they are given.

Tolerant: whatever has the wrong shape is left out here and noted by the loader. Imports this room
only.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec

from bot.flow.findings import Findings
from bot.flow.messages import MessageFiles
from bot.flow.nodes import Listing, Node, Scalar, Table


class FlowOutline(msgspec.Struct, frozen=True):
    """The names in one flow.

    `answers[name]` are the values that may be kept in it, or None where any text may stand.
    """

    answers: Mapping[str, frozenset[str] | None]
    states: frozenset[str]
    calls: frozenset[str]


class Surroundings(msgspec.Struct, frozen=True):
    """Everything that a flow may name, and where issues are noted."""

    findings: Findings
    languages: tuple[str, ...]
    messages: MessageFiles
    matchers: frozenset[str]
    flows: Mapping[str, FlowOutline]
    in_reach: Mapping[str, frozenset[str]]

    def values_of(self, flow: str, answer: str) -> frozenset[str] | None:
        """The values that an answer in reach may have; None where any text may stand."""
        values: set[str] = set()
        for name in self.in_reach[flow]:
            if answer in self.flows[name].answers:
                some = self.flows[name].answers[answer]
                if some is None:
                    return None
                values |= some
        return frozenset(values)

    def answers_of(self, flow: str) -> frozenset[str]:
        """The answers that a guard in the flow may name: its own and its callers'."""
        return frozenset(a for name in self.in_reach[flow] for a in self.flows[name].answers)

    def message_key(self, node: Node) -> str | None:
        """A message key that exists in every language; otherwise an issue where it is used."""
        key = self.findings.want_text(node, "The message key")
        if key is None:
            return None
        texts = self.messages.messages.texts
        prefix = key.partition(".")[0]
        unread = self.findings.unread
        read = [one for one in self.languages if f"messages/{one}/{prefix}.yaml" not in unread]
        lacking = [language for language in read if key not in texts[language]]
        if lacking and len(lacking) == len(read):
            every = {name for by_key in texts.values() for name in by_key}
            self.findings.want_known(node, every, "unknown-message", "message")
        elif lacking:
            self._note_lacking(key, node, lacking)
        return key

    def _note_lacking(self, key: str, node: Node, lacking: list[str]) -> None:
        prefix, _, name = key.partition(".")
        files = ", ".join(f"messages/{language}/{prefix}.yaml" for language in lacking)
        self.findings.note(
            "missing-message",
            node.place,
            f"The message «{key}» is missing in {', '.join(lacking)}.",
            f"Add `{name}:` to {files}.",
        )


def outline_flow(table: Table) -> FlowOutline:
    """The names in a flow file."""
    states = _tables(table.get("states"))
    kinds = {
        name: _text(answer.get("kind")) for name, answer in _tables(table.get("answers")).items()
    }
    answers = {
        name: _choice_ids(states.values(), name) if kind == "choice" else None
        for name, kind in kinds.items()
    }
    calls = {_text(state.get("call")) for state in states.values()}
    return FlowOutline(answers, frozenset(states), frozenset(calls))


def reach(
    flows: Mapping[str, FlowOutline], everywhere: Collection[str]
) -> dict[str, frozenset[str]]:
    """For each flow: itself and every flow that may stand below it, waiting for it to return.

    The flows in `everywhere` are called from any state, so every flow may be their caller.
    """
    callers: dict[str, set[str]] = {name: {name} for name in flows}
    for caller, outline in flows.items():
        for called in outline.calls & callers.keys():
            callers[called].add(caller)
    for name in everywhere:
        callers[name] = set(flows)
    grown = True
    while grown:
        grown = False
        for name, known in callers.items():
            wider = set().union(*(callers[caller] for caller in known))
            if wider != known:
                callers[name], grown = wider, True
    return {name: frozenset(known) for name, known in callers.items()}


def _tables(node: Node | None) -> dict[str, Table]:
    if not isinstance(node, Table):
        return {}
    return {key.text: value for key, value in node.pairs() if isinstance(value, Table)}


def _text(node: Node | None) -> str:
    return node.text if isinstance(node, Scalar) else ""


def _choice_ids(states: Collection[Table], answer: str) -> frozenset[str]:
    found: set[str] = set()
    for state in states:
        if _text(state.get("answer")) == answer:
            choices = state.get("choices")
            found.update(choices.entries if isinstance(choices, Table) else ())
            hear = state.get("hear")
            items = hear.items if isinstance(hear, Listing) else ()
            found.update(_text(item) for item in items)
    return frozenset(found)
