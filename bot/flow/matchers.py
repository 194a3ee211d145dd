"""Reads flows/words/matchers.yaml: named sets of phrases, kept normalised.

Imports this room only.
"""

from __future__ import annotations

from collections.abc import Collection

from bot.flow.definition import (
    MEDIA_TRIGGERS,
    TRIGGER_ALWAYS,
    TRIGGER_ANYTHING,
    TRIGGER_NOT_UNDERSTOOD,
    TRIGGER_RETURNED,
    TRIGGER_SILENCE,
    Matcher,
)
from bot.flow.findings import Findings, named_tables, texts_by_language
from bot.flow.nodes import Node, Scalar, Table, shorten
from bot.flow.normalisation import normalise

MATCHERS_FILE = "flows/words/matchers.yaml"

RESERVED_TRIGGERS = frozenset(
    {
        TRIGGER_ALWAYS,
        TRIGGER_ANYTHING,
        TRIGGER_NOT_UNDERSTOOD,
        TRIGGER_RETURNED,
        TRIGGER_SILENCE,
        *MEDIA_TRIGGERS,
    }
)
"""Names that no choice and no matcher may have."""


def load_matchers(
    findings: Findings, table: Table | None, languages: Collection[str]
) -> dict[str, Matcher]:
    """Every matcher by name; no file gives none."""
    if table is None:
        return {}
    findings.want_keys(table, "The file", ("engawa", "matchers"))
    found: dict[str, Matcher] = {}
    for name, key, entry in named_tables(findings, table.get("matchers"), "`matchers`"):
        check_not_reserved(findings, key)
        found[name] = _load_matcher(findings, name, key, entry, languages)
    return found


def check_not_reserved(findings: Findings, key: Scalar) -> None:
    """Note a choice or matcher that is named like a trigger of the language."""
    if key.text in RESERVED_TRIGGERS:
        findings.note(
            "reserved-name",
            key.place,
            f"«{key.text}» is a trigger of the language.",
            "Choose another name.",
        )


def _load_matcher(
    findings: Findings, name: str, key: Scalar, table: Table, languages: Collection[str]
) -> Matcher:
    findings.want_keys(table, f"The matcher «{name}»", (), ("contains", "whole"))
    contains = _phrases(findings, table.get("contains"), languages)
    whole = _phrases(findings, table.get("whole"), languages)
    if not contains and not whole:
        findings.note(
            "no-phrases",
            key.place,
            f"The matcher «{name}» has no phrases.",
            "Add `contains:` or `whole:` with phrases by language.",
        )
    # Shorter first: a phrase that holds another one never decides anything.
    kept: list[str] = []
    for phrase in sorted(contains, key=lambda one: (len(one), one)):
        if not any(other in phrase for other in kept):
            kept.append(phrase)
    return Matcher(name, tuple(kept), frozenset(whole), key.place)


def _phrases(findings: Findings, node: Node | None, languages: Collection[str]) -> set[str]:
    table = findings.want_table(node, "The phrases") if node is not None else None
    if table is None:
        return set()
    found: set[str] = set()
    for texts in texts_by_language(findings, table, languages, "The phrase").values():
        for text in texts:
            folded = normalise(text.text)
            if folded:
                found.add(folded)
            else:
                findings.note(
                    "empty-phrase",
                    text.place,
                    f"Nothing is left of «{shorten(text.text)}» after normalisation.",
                    "Delete it: it would match everything or nothing.",
                )
    return found
