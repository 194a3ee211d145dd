"""Reads the city pack among the files: sentences laid over the common ones, and the pack's own.

Paths begin with `city/`, wherever the folder stands on disk. Pure; imports this room only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import cast, get_args

from bot.errors import Place
from bot.flow.definition import Messages
from bot.flow.findings import Findings, named_tables, suggest
from bot.flow.messages import MessageFiles, placeholders_of, take_messages
from bot.flow.nodes import Listing, Scalar, Table
from bot.flow.pack import Approval, ApproverKind, CityPack, CodeKind, EntryCode, Policy
from bot.flow.particulars import nothing, one_of, want_day, written

PACK = "city/"
CITY_DIRECTORY = "city/directory.yaml"
CITY_POLICIES = "city/policies.yaml"
CITY_CODES = "city/entry_codes.yaml"
CITY_APPROVALS = "city/approvals.yaml"
QUESTIONS_FILE = "flows/safety/policies.yaml"
QUESTION_LANGUAGES = ("ja", "en")

# No vowels, so that chance writes no words; no 0, 1, l, o, which are read for one another.
CODE_FIRST = "bcdfghjkmnpqrstvwxyz"
CODE_ALPHABET = f"{CODE_FIRST}23456789"
CODE_LENGTH = 8
_CODE = re.compile(f"[{CODE_FIRST}][{CODE_ALPHABET}]{{{CODE_LENGTH - 1}}}\\Z")
_HASH = re.compile(r"[0-9a-f]{64}\Z")
_OWN = (CITY_DIRECTORY, CITY_POLICIES, CITY_CODES, CITY_APPROVALS)


def load_city(findings: Findings, files: Mapping[str, bytes]) -> CityPack:
    """The pack's decisions, codes and signatures; empty where the files have none."""
    _check_pack_paths(findings, files)
    return CityPack(
        policies=tuple(_load_policies(findings, files)),
        codes=tuple(_load_codes(findings, files)),
        approvals=tuple(_load_approvals(findings, files)),
    )


def lay_messages(
    findings: Findings, files: Mapping[str, bytes], common: MessageFiles
) -> MessageFiles:
    """The common messages with the pack's sentences in their place; only existing keys may be."""
    texts = {name: dict(by_key) for name, by_key in common.messages.texts.items()}
    places = {name: dict(by_key) for name, by_key in common.places.items()}
    for path, language, prefix in _message_files(files):
        table = findings.read(path, files[path])
        if table is None:
            continue
        if language not in texts:
            _unknown_language(findings, path, language, texts)
            continue
        laid, stands = take_messages(findings, prefix, table)
        for key in laid:
            if key not in texts[language]:
                _unknown_message(findings, key, stands[key], language, texts[language])
        texts[language] |= {key: laid[key] for key in laid if key in texts[language]}
        places[language] |= {key: stands[key] for key in laid if key in texts[language]}
    source = common.messages.source_language
    return MessageFiles(Messages(source, texts, placeholders_of(texts)), places)


def good_code(code: str) -> bool:
    """Whether it may be an entry code."""
    return _CODE.match(code) is not None


def _message_files(files: Mapping[str, bytes]) -> Iterator[tuple[str, str, str]]:
    """Path, language and prefix of the keys of each message file of the pack."""
    for path in sorted(files):
        parts = path.split("/")
        if len(parts) == 4 and parts[:2] == ["city", "messages"] and path.endswith(".yaml"):
            yield path, parts[2], parts[3].removesuffix(".yaml")


def _check_pack_paths(findings: Findings, files: Mapping[str, bytes]) -> None:
    known = {*_OWN, *(path for path, _, _ in _message_files(files))}
    for path in sorted(files):
        if path.startswith(PACK) and path not in known:
            findings.note(
                "unknown-file",
                Place(path, 1, 1),
                "A city pack has no such file.",
                f"Known: {', '.join(_OWN)}, city/messages/<language>/<file>.yaml.",
            )


def _unknown_language(
    findings: Findings, path: str, language: str, known: Mapping[str, object]
) -> None:
    findings.note(
        "unknown-language",
        Place(path, 1, 1),
        f"There is no language «{language}».",
        suggest(language, known),
    )


def _unknown_message(
    findings: Findings, key: str, place: Place, language: str, known: Mapping[str, object]
) -> None:
    findings.note(
        "unknown-message",
        place,
        f"«{key}» is no sentence of messages/{language}: a city pack changes sentences, it adds "
        "none.",
        suggest(key, known),
    )


def _pack_table(
    findings: Findings, files: Mapping[str, bytes], path: str, word: str
) -> Table | None:
    table = findings.read_versioned(path, files[path]) if path in files else None
    if table is not None:
        findings.want_keys(table, "The file", ("engawa", word))
    return table


def _load_policies(findings: Findings, files: Mapping[str, bytes]) -> Iterator[Policy]:
    """Every common question with the pack's decision on it."""
    questions = _pack_table(findings, files, QUESTIONS_FILE, "policies")
    asked = {
        name: (key, _question(findings, table))
        for name, key, table in named_tables(
            findings, questions.get("policies") if questions else None, "`policies`"
        )
    }
    answers = dict(_decisions(findings, files, asked))
    for name, (key, question) in asked.items():
        yield answers.get(name) or Policy(name, question, key.place)


def _question(findings: Findings, table: Table) -> Mapping[str, str]:
    findings.want_keys(table, "The question", QUESTION_LANGUAGES)
    return {name: written(findings, table, name) for name in QUESTION_LANGUAGES}


def _decisions(
    findings: Findings,
    files: Mapping[str, bytes],
    asked: Mapping[str, tuple[Scalar, Mapping[str, str]]],
) -> Iterator[tuple[str, Policy]]:
    given = _pack_table(findings, files, CITY_POLICIES, "policies")
    node = given.get("policies") if given else None
    for name, key, table in named_tables(findings, node, "`policies`"):
        findings.want_keys(table, f"The policy «{name}»", ("decided",), ("text", "who", "when"))
        if findings.want_known(key, asked, "unknown-policy", "policy") is None:
            continue
        flag = table.get("decided")
        decided = findings.want_flag(flag, "`decided`") if flag is not None else None
        if decided:
            _check_decided(findings, name, key, table)
        yield (
            name,
            Policy(
                id=name,
                question=asked[name][1],
                place=key.place,
                decided=bool(decided),
                text=written(findings, table, "text", may_be_empty=True),
                who=written(findings, table, "who", may_be_empty=True),
                when=want_day(findings, table.get("when"), "`when`"),
            ),
        )


def _check_decided(findings: Findings, name: str, key: Scalar, table: Table) -> None:
    for word in ("text", "who", "when"):
        if nothing(table.get(word)):
            findings.note(
                "not-decided",
                key.place,
                f"«{name}» is decided, but `{word}` is missing.",
                f"Write `{word}`, or `decided: false`.",
            )


def _load_codes(findings: Findings, files: Mapping[str, bytes]) -> Iterator[EntryCode]:
    given = _pack_table(findings, files, CITY_CODES, "codes")
    node = given.get("codes") if given else None
    for name, key, table in named_tables(findings, node, "`codes`"):
        findings.want_keys(table, f"The code «{name}»", ("kind", "place"))
        kind = one_of(findings, table, "kind", get_args(CodeKind))
        place = written(findings, table, "place")
        if not good_code(name):
            findings.note(
                "bad-code",
                key.place,
                f"«{name}» is no entry code.",
                f"Expected {CODE_LENGTH} of {CODE_ALPHABET}, the first a letter: a code says "
                "nothing about where it hangs.",
            )
        yield EntryCode(name, cast(CodeKind, kind), place)


def _load_approvals(findings: Findings, files: Mapping[str, bytes]) -> Iterator[Approval]:
    given = _pack_table(findings, files, CITY_APPROVALS, "approvals")
    node = given.get("approvals") if given else None
    if node is not None and not isinstance(node, Listing):
        findings.wrong_type(node, "`approvals`", "a list; an empty one is `[]`")
    for item in node if isinstance(node, Listing) else ():
        table = findings.want_table(item, "An approval")
        approval = _load_approval(findings, table) if table is not None else None
        if approval is not None:
            yield approval


def _load_approval(findings: Findings, table: Table) -> Approval | None:
    findings.want_keys(table, "The approval", ("role", "key", "hash", "who", "when"), ("language",))
    role = one_of(findings, table, "role", get_args(ApproverKind))
    mark = written(findings, table, "hash")
    when = want_day(findings, table.get("when"), "`when`")
    node = table.get("hash")
    if node is not None and mark and not _HASH.match(mark):
        findings.wrong_type(node, "`hash`", "64 digits 0–9, a–f, as `engawa` shows them")
    if when is None:
        if (node := table.get("when")) is not None and nothing(node):
            findings.wrong_type(node, "`when`", "a day such as 2026-11-21")
        return None
    return Approval(
        role=cast(ApproverKind, role),
        key=written(findings, table, "key"),
        language=written(findings, table, "language", may_be_empty=True),
        hash=mark,
        who=written(findings, table, "who"),
        when=when,
    )
