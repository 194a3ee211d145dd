"""The table of docs/content.md: which role signs what, out of flows/safety/signatures.yaml."""

from __future__ import annotations

from bot.flow.findings import Findings, one_or_more
from bot.flow.nodes import Node, Scalar, Table
from bot.flow.signoff import SIGNATURES_FILE


def signatures_table(data: bytes) -> str:
    """One row per role as Markdown, in the order of the file; raises ContentError."""
    findings = Findings()
    table = findings.read_versioned(SIGNATURES_FILE, data)
    findings.raise_if_any()
    roles = table.get("signatures") if table else None
    rows = ["| role | signs |", "|---|---|"]
    for key, value in roles.pairs() if isinstance(roles, Table) else ():
        rows.append(f"| {key.text} | {_signed(value)} |")
    return "\n".join(rows)


def _signed(node: Node) -> str:
    table = node if isinstance(node, Table) else Table({}, node.place)
    signed = ", ".join((*_names(table, "messages"), *_names(table, "files")))
    physicians = ", ".join(_names(table, "by_a_physician"))
    signed += f"; only who is a physician: {physicians}" if physicians else ""
    without = ", ".join(_names(table, "without"))
    return f"{signed}; but not {without}" if without else signed


def _names(table: Table, word: str) -> list[str]:
    node = table.get(word)
    items = one_or_more(node) if node is not None else ()
    return [f"`{item.text}`" for item in items if isinstance(item, Scalar)]
