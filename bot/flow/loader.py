"""Builds one immutable Bundle out of the raw files, or says everything that is wrong with them.

Pure: takes the files as bytes and does no I/O. Imports this room only.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from bot.errors import Place
from bot.flow.city import lay_messages, load_city
from bot.flow.definition import Bundle, Everywhere
from bot.flow.directory import load_directory_into
from bot.flow.everywhere import EVERYWHERE_FILE, load_everywhere
from bot.flow.findings import Findings
from bot.flow.flows import load_flow
from bot.flow.matchers import MATCHERS_FILE, load_matchers
from bot.flow.messages import MessageFiles, load_messages
from bot.flow.nodes import Scalar, Table
from bot.flow.outline import Surroundings, outline_flow, reach
from bot.flow.pictures import PICTURES_FILE, load_pictures
from bot.flow.readings import READINGS_FILE, load_readings
from bot.flow.signoff import load_signatures

SOURCE_LANGUAGE = "ja"

_EMPTY = Table({}, Place("", 1, 1))
_NO_EVERYWHERE = Everywhere({}, {}, {}, ())


def load_bundle(files: Mapping[str, bytes], source_language: str = SOURCE_LANGUAGE) -> Bundle:
    """The bundle in `files` (relative path → raw bytes); raises ContentError with every issue.

    The risk lexicon is read by `bot.safety.lexicon.load_lexicon` from the same files.
    """
    findings = Findings()
    _check_paths(findings, files)
    messages = lay_messages(findings, files, load_messages(findings, files, source_language))
    _check_source(findings, files, source_language)
    tables = _read_flows(findings, files)
    texts = messages.messages
    words = _read_optional(findings, files, MATCHERS_FILE)
    matchers = load_matchers(findings, words, texts.languages)
    everywhere = _read_optional(findings, files, EVERYWHERE_FILE)
    around = _around(findings, messages, frozenset(matchers), tables, everywhere)
    flows = {name: load_flow(around, name, table) for name, table in tables.items()}
    held = load_everywhere(around, everywhere) if everywhere else _NO_EVERYWHERE
    answers = frozenset(answer for outline in around.flows.values() for answer in outline.answers)
    messages.check_placeholders(findings, answers)
    load_directory_into(findings, files, texts.languages)
    city = load_city(findings, files)
    signatures = load_signatures(findings, files, texts)
    readings = load_readings(findings, _read_optional(findings, files, READINGS_FILE))
    pictures = load_pictures(findings, _read_optional(findings, files, PICTURES_FILE), texts)
    findings.raise_if_any()
    return Bundle(
        revision_of(files),
        flows,
        matchers,
        held,
        texts,
        dict(files),
        city,
        signatures,
        readings,
        pictures,
    )


def _around(
    findings: Findings,
    messages: MessageFiles,
    matchers: frozenset[str],
    tables: Mapping[str, Table],
    everywhere: Table | None,
) -> Surroundings:
    """What a flow may name: the other flows, messages and matchers."""
    outlines = {name: outline_flow(table) for name, table in tables.items()}
    # A flow that can't be read still exists: its callers are not wrong.
    outlines |= {name: outline_flow(_EMPTY) for name in _unread_flows(findings)}
    reached = reach(outlines, _flows_for_everywhere(everywhere) & outlines.keys())
    languages = messages.messages.languages
    return Surroundings(findings, languages, messages, matchers, outlines, reached)


def revision_of(files: Mapping[str, bytes]) -> str:
    """The content hash: sha256 over sorted (path, bytes), each with its length, in hex."""
    digest = hashlib.sha256()
    for path in sorted(files):
        for part in (path.encode("utf-8", "surrogatepass"), files[path]):
            digest.update(len(part).to_bytes(8, "big"))
            digest.update(part)
    return digest.hexdigest()


def _read_flows(findings: Findings, files: Mapping[str, bytes]) -> dict[str, Table]:
    tables: dict[str, Table] = {}
    for path in sorted(files):
        parts = path.split("/")
        if len(parts) != 2 or parts[0] != "flows" or path == EVERYWHERE_FILE:
            continue
        name = parts[1].removesuffix(".yaml")
        node = Scalar(name, True, Place(path, 1, 1))
        if not path.endswith(".yaml") or findings.want_name(node, "The file's name") is None:
            continue
        table = findings.read_versioned(path, files[path])
        if table is not None:
            tables[name] = table
    return tables


def _unread_flows(findings: Findings) -> set[str]:
    found = (path.removeprefix("flows/").removesuffix(".yaml") for path in findings.unread)
    return {name for name in found if "/" not in name}


def _read_optional(findings: Findings, files: Mapping[str, bytes], path: str) -> Table | None:
    if path in files:
        return findings.read_versioned(path, files[path])
    if path == EVERYWHERE_FILE:
        findings.note(
            "missing-file",
            Place(path, 1, 1),
            "This file is missing.",
            "Write it: docs/flow-language.md shows what stands in it.",
        )
    return None


def _flows_for_everywhere(table: Table | None) -> set[str]:
    """The flows that may be called from any state."""
    found: set[str] = set()
    words, flows = (table.get("words"), table.get("flows")) if table else (None, None)
    for _, value in words.pairs() if isinstance(words, Table) else ():
        flow = value.get("flow") if isinstance(value, Table) else None
        found.update([flow.text] if isinstance(flow, Scalar) else [])
    for _, value in flows.pairs() if isinstance(flows, Table) else ():
        found.update([value.text] if isinstance(value, Scalar) else [])
    return found


def _check_paths(findings: Findings, files: Mapping[str, bytes]) -> None:
    for path in sorted(files):
        if path.endswith(".yml"):
            findings.note(
                "unknown-file",
                Place(path, 1, 1),
                "This file is not read.",
                f"Rename it to {path.removesuffix('.yml')}.yaml.",
            )


def _check_source(findings: Findings, files: Mapping[str, bytes], source_language: str) -> None:
    folder = f"messages/{source_language}"
    if not any(path.startswith(f"{folder}/") for path in files):
        findings.note(
            "missing-file",
            Place(folder, 1, 1),
            f"There are no messages in the source language {source_language}.",
            f"Write {folder}/<file>.yaml.",
        )
