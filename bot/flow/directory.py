"""Places to turn to: flows/safety/directory.yaml as typed entries, and the lines a message shows.

Facts about places live here and nowhere else, each with its source and the day it was checked. A
city pack lays its own over them. Imports this room only.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Literal, get_args

import msgspec

from bot.flow.city import CITY_DIRECTORY
from bot.flow.findings import Findings, named_tables, one_or_more
from bot.flow.nodes import Node, Scalar, Table
from bot.flow.particulars import nothing, one_of, want_day, written

DIRECTORY_FILE = "flows/safety/directory.yaml"
FRESH_FOR = timedelta(days=200)
ONE_DAY = timedelta(days=1)
MOST_LINES: Mapping[str, int] = {"crisis": 4, "now": 5}
"""Lines shown on an occasion, the universal ones among them: a wall of numbers helps nobody."""

Status = Literal["universal", "verified", "unverified"]
Kind = Literal["emergency", "helpline", "centre", "clinic", "group", "website"]
Cost = Literal["free", "paid", "unknown"]
Occasion = Literal["crisis", "now"]

_REQUIRED = (
    "name",
    "kind",
    "for_whom",
    "cost",
    "source",
    "verified_on",
    "status",
    "occasions",
)
_OPTIONAL = ("phone", "url", "hours")


class DirectoryEntry(msgspec.Struct, frozen=True):
    """One place to turn to; `names` and `hours` by language.

    `verified_on` is the day its facts were checked.
    """

    id: str
    names: Mapping[str, str]
    kind: str
    for_whom: tuple[str, ...]
    cost: str
    source: str
    verified_on: date | None
    status: str
    occasions: frozenset[str]
    phone: str = ""
    url: str = ""
    hours: Mapping[str, str] = {}

    def trusted(self, today: date) -> bool:
        """Whether its facts were checked not too long ago; universal ones need none.

        A day that is still to come is a slip of the pen; tomorrow may be today elsewhere.
        """
        if self.status == "universal":
            return True
        checked = self.verified_on if self.status == "verified" else None
        return checked is not None and -ONE_DAY <= today - checked <= FRESH_FOR

    def line(self, language: str, mark: str = "") -> str:
        """A point, name and way to reach it, then hours and `mark`.

        All in the language, or in the first there is.
        """
        ways = " ".join(way for way in (self.phone, self.url) if way)
        notes = [note for note in (_in_language(self.hours, language), mark) if note]
        line = f"{_in_language(self.names, language)} {ways}"
        if language.startswith("ja"):
            return f"・{line}（{'、'.join(notes)}）" if notes else f"・{line}"
        return f"- {line} ({', '.join(notes)})" if notes else f"- {line}"


class Directory(msgspec.Struct, frozen=True):
    """Every entry in the order of the file, which is the order shown."""

    entries: tuple[DirectoryEntry, ...]


def place_lines(
    directory: Directory, occasion: str, language: str, show_drafts: bool, mark: str, today: date
) -> str:
    """The places for an occasion (`crisis`, `now`), one a line, in the order of the file.

    Where it isn't a crisis, emergency numbers come last: the police first would frighten away.
    Universal ones always stand there; others fill up to `MOST_LINES`. Entries that nobody verified
    in the last 200 days are left out, or carry `mark` where drafts are shown.
    """
    universal = {entry.id for entry in directory.entries if entry.status == "universal"}
    others = [
        entry.id
        for entry in directory.entries
        if entry.id not in universal
        and occasion in entry.occasions
        and (show_drafts or entry.trusted(today))
    ]
    room = max(0, MOST_LINES[occasion] - len(universal))
    shown = universal.union(others[:room])
    return "\n".join(
        entry.line(language, "" if entry.trusted(today) else mark)
        for entry in sorted(directory.entries, key=lambda entry: _rank(entry, occasion))
        if entry.id in shown
    )


def _rank(entry: DirectoryEntry, occasion: str) -> int:
    return int(occasion != "crisis" and entry.kind == "emergency")


def load_directory(files: Mapping[str, bytes], languages: Collection[str]) -> Directory:
    """The directory among `files`, empty if there is none; raises ContentError."""
    findings = Findings()
    directory = load_directory_into(findings, files, languages)
    findings.raise_if_any()
    return directory


def load_directory_into(
    findings: Findings, files: Mapping[str, bytes], languages: Collection[str]
) -> Directory:
    """As `load_directory`, but the issues go to `findings`."""
    common = _places(findings, files, DIRECTORY_FILE)
    local = _places(findings, files, CITY_DIRECTORY)
    for name, (key, table) in local.items():
        _check_local(findings, name, key, table, common)
    return Directory(
        tuple(
            _load_entry(findings, name, key, table, languages)
            for name, (key, table) in _laid_over(common, local).items()
        )
    )


_Places = dict[str, tuple[Scalar, Table]]


def _places(findings: Findings, files: Mapping[str, bytes], path: str) -> _Places:
    data = files.get(path)
    table = findings.read_versioned(path, data) if data is not None else None
    if table is None:
        return {}
    findings.want_keys(table, "The file", ("engawa", "places"))
    found = named_tables(findings, table.get("places"), "`places`")
    return {name: (key, entry) for name, key, entry in found}


def _laid_over(common: _Places, local: _Places) -> _Places:
    """A place of the city replaces the keys it gives; its new places stand after 119 and 110."""
    changed = {
        name: (local[name][0], Table({**table.entries, **local[name][1].entries}, table.place))
        if name in local
        else (key, table)
        for name, (key, table) in common.items()
    }
    first = {name: changed[name] for name, (_, table) in common.items() if _emergency(table)}
    return {**first, **{name: local[name] for name in local if name not in common}, **changed}


def _word(table: Table, word: str) -> str:
    node = table.get(word)
    return node.text if isinstance(node, Scalar) else ""


def _emergency(table: Table) -> bool:
    return _word(table, "kind") == "emergency"


def _check_local(findings: Findings, name: str, key: Scalar, table: Table, common: _Places) -> None:
    if name in common and _word(common[name][1], "status") == "universal":
        findings.note(
            "universal-place",
            key.place,
            f"«{name}» is the same in every city.",
            "Leave it out, or give the city's own place another name.",
        )
    elif _word(table, "status") == "universal":
        findings.note(
            "universal-place",
            key.place,
            f"«{name}» is a place of one city, and can't be universal.",
            "Write `status: unverified`, or `verified` with the day in `verified_on`.",
        )


def _load_entry(
    findings: Findings, name: str, key: Scalar, table: Table, languages: Collection[str]
) -> DirectoryEntry:
    findings.want_keys(table, f"The place «{name}»", _REQUIRED, _OPTIONAL)
    status = one_of(findings, table, "status", get_args(Status))
    verified_on = want_day(findings, table.get("verified_on"), "`verified_on`")
    if status == "verified" and nothing(table.get("verified_on")):
        findings.note(
            "not-verified",
            key.place,
            f"«{name}» is verified, but no day is given.",
            "Write the day in `verified_on`, or `status: unverified`.",
        )
    if "phone" not in table.entries and "url" not in table.entries:
        findings.note(
            "no-way", key.place, f"«{name}» has neither a phone nor a url.", "Add one of them."
        )
    return DirectoryEntry(
        id=name,
        names=_by_language(findings, table.get("name"), languages),
        kind=one_of(findings, table, "kind", get_args(Kind)),
        for_whom=_words(findings, table, "for_whom"),
        cost=one_of(findings, table, "cost", get_args(Cost)),
        source=written(findings, table, "source"),
        verified_on=verified_on,
        status=status,
        occasions=frozenset(_occasions(findings, table.get("occasions"))),
        phone=written(findings, table, "phone"),
        url=written(findings, table, "url"),
        hours=_by_language(findings, table.get("hours"), languages),
    )


def _words(findings: Findings, table: Table, word: str) -> tuple[str, ...]:
    node = table.get(word)
    items = one_or_more(node) if node is not None else ()
    found = (findings.want_name(item, f"`{word}`") for item in items)
    return tuple(name for name in found if name is not None)


def _occasions(findings: Findings, node: Node | None) -> list[str]:
    known = get_args(Occasion)
    items = one_or_more(node) if node is not None else ()
    found = (findings.want_known(item, known, "unknown-occasion", "occasion") for item in items)
    return [occasion for occasion in found if occasion is not None]


def _by_language(
    findings: Findings, node: Node | None, languages: Collection[str]
) -> dict[str, str]:
    table = findings.want_table(node, "The names or hours") if node is not None else None
    if table is None:
        return {}
    for language in languages:
        if language not in table.entries:
            findings.note(
                "missing-language",
                table.place,
                f"The text in {language} is missing.",
                f"Add `{language}: …`.",
            )
    texts = {
        key.text: findings.want_text(value, f"The text in {key.text}")
        for key, value in table.pairs()
        if findings.want_known(key, languages, "unknown-language", "language")
    }
    return {language: text for language, text in texts.items() if text is not None}


def _in_language(texts: Mapping[str, str], language: str) -> str:
    return texts.get(language) or next(iter(texts.values()), "")
