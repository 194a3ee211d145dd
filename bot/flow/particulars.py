"""Reads the small values that the fact files share: texts, days, one word of a known few.

Each notes what is wrong and returns something harmless. Imports findings and nodes only.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from bot.flow.findings import Findings
from bot.flow.nodes import Node, Scalar, Table


def nothing(node: Node | None) -> bool:
    """Whether there is no value, or an empty one."""
    return node is None or (isinstance(node, Scalar) and (node.empty or not node.text.strip()))


def written(findings: Findings, table: Table, word: str, may_be_empty: bool = False) -> str:
    """The text under `word`, "" where there is none (then `want_keys` has told)."""
    node = table.get(word)
    if node is None or (may_be_empty and nothing(node)):
        return ""
    return (findings.want_text(node, f"`{word}`") or "").strip()


def one_of(findings: Findings, table: Table, word: str, known: Collection[str]) -> str:
    """The word under `word`, which must be one of the known."""
    node = table.get(word)
    return "" if node is None else findings.want_known(node, known, f"unknown-{word}", word) or ""


def want_day(findings: Findings, node: Node | None, subject: str) -> date | None:
    """A day such as 2026-11-21, or None for nothing."""
    if node is None or nothing(node):
        return None
    try:
        return date.fromisoformat(node.text if isinstance(node, Scalar) else "")
    except ValueError:
        findings.wrong_type(node, subject, "a day such as 2026-11-21, or null")
        return None
