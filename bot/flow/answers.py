"""Reads the `answers:` of a flow: what a person may give, what for, how long it is kept.

Imports this room only.
"""

from __future__ import annotations

from typing import Literal, get_args

from bot.flow.definition import AnswerKind, AnswerSpec, Sensitivity
from bot.flow.findings import Findings, named_tables
from bot.flow.nodes import Node, Scalar, Table

_KEYS = ("kind", "purpose", "sensitivity", "keep")
_BOUNDS = ("minimum", "maximum")


def load_answers(findings: Findings, node: Node | None) -> dict[str, AnswerSpec]:
    """Every answer that the flow declares, by name."""
    entries = named_tables(findings, node, "`answers`")
    found = {name: _load_answer(findings, name, key, table) for name, key, table in entries}
    return {name: spec for name, spec in found.items() if spec is not None}


def _load_answer(findings: Findings, name: str, key: Scalar, table: Table) -> AnswerSpec | None:
    subject = f"The answer «{name}»"
    findings.want_keys(table, subject, _KEYS, _BOUNDS)
    kind = _kind(findings, table.get("kind"))
    purpose = table.get("purpose")
    said = findings.want_text(purpose, "The purpose") if purpose is not None else None
    sensitivity = _sensitivity(findings, table.get("sensitivity"))
    keep = _keep(findings, table.get("keep"))
    lowest, highest = _bounds(findings, table, kind)
    if kind is None or said is None or sensitivity is None or keep is False:
        return None
    return AnswerSpec(name, kind, said, sensitivity, keep, key.place, lowest, highest)


def _kind(findings: Findings, node: Node | None) -> AnswerKind | None:
    kinds: tuple[AnswerKind, ...] = get_args(AnswerKind)
    if node is None:
        return None
    word = findings.want_known(node, kinds, "unknown-kind", "kind of answer")
    return next((kind for kind in kinds if kind == word), None)


def _sensitivity(findings: Findings, node: Node | None) -> Sensitivity | None:
    levels: tuple[Sensitivity, ...] = get_args(Sensitivity)
    if node is None:
        return None
    word = findings.want_known(node, levels, "unknown-sensitivity", "level of sensitivity")
    return next((level for level in levels if level == word), None)


def _keep(findings: Findings, node: Node | None) -> int | Literal[False] | None:
    """Seconds; 0 within the turn, None with the session, False where it could not be read."""
    if node is None:
        return False
    if isinstance(node, Scalar) and node.text in ("turn", "session"):
        return 0 if node.text == "turn" else None
    seconds = findings.want_length(node, "`keep`")
    return False if seconds is None else seconds


def _bounds(
    findings: Findings, table: Table, kind: AnswerKind | None
) -> tuple[int | None, int | None]:
    bounds: list[int | None] = []
    for word in _BOUNDS:
        node = table.get(word)
        bounds.append(findings.want_integer(node, f"`{word}`") if node is not None else None)
        if node is not None and kind not in ("number", None):
            findings.note(
                "unknown-key",
                table.key(word).place,
                f"An answer of the kind {kind} has no `{word}`.",
                "Delete it, or write `kind: number`.",
            )
    lowest, highest = bounds
    if lowest is not None and highest is not None and lowest > highest:
        findings.note(
            "bad-bounds",
            table.key("minimum").place,
            f"The minimum {lowest} is above the maximum {highest}.",
            "Swap them.",
        )
    return lowest, highest
