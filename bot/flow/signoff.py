"""Which text needs whose signature, and which signature still fits: pure, over a loaded bundle.

An approval names a key, a language and the fingerprint of what was read; any edit of the text voids
it. Imports this room only.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from typing import Literal, get_args

import msgspec

from bot.flow.definition import Bundle, Messages
from bot.flow.findings import Findings, suggest
from bot.flow.nodes import Node, Scalar, Table
from bot.flow.pack import ApproverKind, Need

SIGNATURES_FILE = "flows/safety/signatures.yaml"
_WORDS = ("messages", "by_a_physician", "without", "files")

Why = Literal["never", "edited"]


class Missing(msgspec.Struct, frozen=True, order=True):
    """A signature that isn't there: `never` given, or given to an earlier text (`edited`).

    `physician`: only an approver who is one may give it.
    """

    role: str
    key: str
    language: str
    why: Why
    physician: bool = False


def needed(bundle: Bundle) -> tuple[Need, ...]:
    """Every text that needs a signature, by role, key and language ("" for a file)."""
    return bundle.signatures


def missing(bundle: Bundle) -> tuple[Missing, ...]:
    """The signatures that are not there, or no longer fit."""
    given: dict[tuple[str, str, str], set[str]] = {}
    for each in bundle.city.approvals:
        given.setdefault((each.role, each.key, each.language), set()).add(each.hash)
    return tuple(
        Missing(*text, "edited" if text in given else "never", need.physician)
        for need in bundle.signatures
        for text in [(need.role, need.key, need.language)]
        if fingerprint(bundle, need.key, need.language) not in given.get(text, ())
    )


def unsigned(bundle: Bundle, keys: Collection[str], language: str) -> bool:
    """Whether one of these texts in `language` still lacks a signature it needs: then what shows
    them is a draft.
    """
    return any(each.key in keys and each.language == language for each in missing(bundle))


def fingerprint(bundle: Bundle, key: str, language: str) -> str:
    """What a signature is given to: the sha256 of the text with its placeholders, or of a file.

    A text that is missing in a language is read in the source language, as people would read it.
    Raises KeyError for what the bundle doesn't have.
    """
    if not language:
        return hashlib.sha256(bundle.files[key]).hexdigest()
    messages = bundle.messages
    text = messages.texts[language].get(key)
    if text is None:
        text = messages.texts[messages.source_language][key]
    shown = json.dumps([text, sorted(messages.placeholders[key])], ensure_ascii=False)
    return hashlib.sha256(shown.encode("utf-8", "surrogatepass")).hexdigest()


def load_signatures(
    findings: Findings, files: Mapping[str, bytes], messages: Messages
) -> tuple[Need, ...]:
    """The needs of flows/safety/signatures.yaml, written out; issues go to `findings`."""
    data = files.get(SIGNATURES_FILE)
    table = findings.read_versioned(SIGNATURES_FILE, data) if data is not None else None
    if table is None:
        return ()
    findings.want_keys(table, "The file", ("engawa", "signatures"))
    node = table.get("signatures")
    roles = findings.want_table(node, "`signatures`") if node is not None else None
    needs: set[Need] = set()
    for key, value in roles.pairs() if roles else ():
        role = findings.want_known(key, get_args(ApproverKind), "unknown-role", "role")
        texts = findings.want_table(value, f"«{key.text}»")
        if role is not None and texts is not None:
            needs.update(_needs_of(findings, role, texts, files, messages))
    return tuple(sorted(needs))


def _needs_of(
    findings: Findings, role: str, table: Table, files: Mapping[str, bytes], messages: Messages
) -> Iterator[Need]:
    findings.want_keys(table, f"The role «{role}»", (), _WORDS)
    known = messages.texts[messages.source_language]
    without = set(_keys(findings, table.get("without"), known))
    physicians = set(_keys(findings, table.get("by_a_physician"), known))
    for key in physicians.union(_keys(findings, table.get("messages"), known)) - without:
        for language in messages.languages:
            yield Need(role, key, language, key in physicians)
    for item in _items(findings, table.get("files")):
        if findings.want_known(item, files, "unknown-file", "file") is not None:
            yield Need(role, item.text, "")


def _keys(findings: Findings, node: Node | None, known: Collection[str]) -> Iterator[str]:
    """Message keys; `crisis.*` stands for all of a file."""
    for item in _items(findings, node):
        prefix = item.text.removesuffix("*")
        starred = item.text.endswith(".*")
        found = sorted(key for key in known if starred and key.startswith(prefix))
        if not found and item.text in known:
            found = [item.text]
        if not found:
            mend = suggest(item.text, known)
            findings.note(
                "unknown-message", item.place, f"There is no message «{item.text}».", mend
            )
        yield from found


def _items(findings: Findings, node: Node | None) -> Iterator[Scalar]:
    for item in findings.want_listing(node, "It") if node is not None else ():
        if findings.want_text(item, "An entry") is not None and isinstance(item, Scalar):
            yield item
