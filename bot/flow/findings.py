"""Collects what is wrong in content files, and reads typed values out of nodes.

Every `want_*` returns the value, or None after noting an issue, so that one load finds every
mistake. Imports errors, nodes and their reader only.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from difflib import get_close_matches

from bot.errors import ContentError, Issue, Place
from bot.flow.nodes import Listing, Node, Scalar, Table, kind_of, shorten
from bot.flow.yaml_reader import read_yaml

LANGUAGE_VERSION = 1

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}\Z")
_LENGTH = re.compile(r"([1-9][0-9]{0,5})([smhd])\Z")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_MANY = 12


def suggest(found: str, known: Iterable[str]) -> str:
    """What to do about an unknown name: the close match if there is one, and what there is."""
    names = sorted(known)
    close = get_close_matches(found, names, n=1, cutoff=0.6)
    hint = f"Did you mean «{close[0]}»? " if close else ""
    if not names:
        return "None is known yet."
    shown = ", ".join(names[:_MANY]) + (" …" if len(names) > _MANY else "")
    return f"{hint}Known: {shown}."


class Findings:
    """The issues of one load, in the order they were found.

    `unread` are the files that could not be read, so that nothing in them counts as missing.
    """

    def __init__(self) -> None:
        self.issues: list[Issue] = []
        self.unread: set[str] = set()

    def note(self, code: str, place: Place, what: str, mend: str) -> None:
        """Keep one issue."""
        self.issues.append(Issue(code, place, what, mend))

    def raise_if_any(self) -> None:
        """Raise ContentError with every issue, sorted by place, if there is one."""
        if self.issues:
            raise ContentError(sorted(dict.fromkeys(self.issues), key=lambda issue: issue.place))

    def read(self, name: str, data: bytes) -> Table | None:
        """The mapping that a file holds."""
        try:
            node = read_yaml(name, data)
        except ContentError as error:
            self.issues.extend(error.issues)
            self.unread.add(name)
            return None
        table = self.want_table(node, "The file")
        if table is None:
            self.unread.add(name)
        return table

    def read_versioned(self, name: str, data: bytes) -> Table | None:
        """As `read`, for a file that begins with `engawa: 1`."""
        table = self.read(name, data)
        if table is None or self._right_version(table):
            return table
        self.unread.add(name)
        return None

    def _right_version(self, table: Table) -> bool:
        node = table.get("engawa")
        version = node.integer if isinstance(node, Scalar) else None
        if node is None:
            self.note(
                "no-version",
                table.place,
                "The file does not say which version it is in.",
                f"Begin it with `engawa: {LANGUAGE_VERSION}`.",
            )
        elif version != LANGUAGE_VERSION:
            self.note(
                "wrong-version",
                node.place,
                f"The version is {kind_of(node)}; this program reads version {LANGUAGE_VERSION}.",
                f"Write `engawa: {LANGUAGE_VERSION}`, or use a program that reads it.",
            )
        return version == LANGUAGE_VERSION

    def wrong_type(self, node: Node, subject: str, expected: str) -> None:
        """Note that `subject` is something else than `expected`."""
        self.note(
            "wrong-type", node.place, f"{subject} is {kind_of(node)}.", f"Expected {expected}."
        )

    def want_table(self, node: Node, subject: str) -> Table | None:
        """A mapping."""
        if isinstance(node, Table):
            return node
        self.wrong_type(node, subject, "a mapping, such as `name: value`")
        return None

    def want_keys(
        self, table: Table, subject: str, required: Collection[str], optional: Collection[str] = ()
    ) -> None:
        """Note keys that are unknown or missing."""
        known = {*required, *optional}
        for key in table.entries:
            if key not in known:
                self.note(
                    "unknown-key",
                    table.key(key).place,
                    f"{subject} has no key «{shorten(key)}».",
                    suggest(key, known),
                )
        for key in sorted(set(required) - set(table.entries)):
            self.note(
                "missing-key", table.place, f"{subject} lacks the key «{key}».", f"Add `{key}:`."
            )

    def want_text(self, node: Node, subject: str) -> str | None:
        """A text that is not empty."""
        if isinstance(node, Scalar) and not node.empty and node.text.strip():
            return node.text
        self.wrong_type(node, subject, "a text")
        return None

    def want_name(self, node: Node, subject: str) -> str | None:
        """A name: small Latin letters, digits and _."""
        if isinstance(node, Scalar) and _NAME.match(node.text):
            return node.text
        self.note(
            "bad-name",
            node.place,
            f"{subject} is {kind_of(node)}.",
            "Expected a name of small letters, digits and _, that begins with a letter.",
        )
        return None

    def want_known(self, node: Node, known: Collection[str], code: str, subject: str) -> str | None:
        """One of the known names; `code` is the issue's, `subject` such as «state»."""
        if isinstance(node, Scalar) and not node.empty:
            if node.text in known:
                return node.text
            self.note(
                code,
                node.place,
                f"There is no {subject} «{shorten(node.text)}».",
                suggest(node.text, known),
            )
        else:
            self.wrong_type(node, f"The {subject}", f"the name of a {subject}")
        return None

    def want_integer(self, node: Node, subject: str) -> int | None:
        """A whole number."""
        number = node.integer if isinstance(node, Scalar) else None
        if number is None:
            self.wrong_type(node, subject, "a whole number")
        return number

    def want_flag(self, node: Node, subject: str) -> bool | None:
        """`true` or `false`."""
        flag = node.flag if isinstance(node, Scalar) else None
        if flag is None:
            self.wrong_type(node, subject, "`true` or `false`")
        return flag

    def want_length(self, node: Node, subject: str) -> int | None:
        """A length of time such as `10m`, in seconds."""
        found = _LENGTH.match(node.text) if isinstance(node, Scalar) else None
        if found is None:
            self.note(
                "bad-length",
                node.place,
                f"{subject} is {kind_of(node)}.",
                "Expected a length of time: 30s, 10m, 2h or 3d.",
            )
            return None
        return int(found[1]) * _UNITS[found[2]]

    def want_listing(self, node: Node, subject: str) -> tuple[Node, ...]:
        """A list that is not empty."""
        if isinstance(node, Listing) and node.items:
            return node.items
        self.wrong_type(node, subject, "a list with at least one entry")
        return ()


def one_or_more(node: Node) -> tuple[Node, ...]:
    """The entries of a list, or the one thing that stands instead of a list."""
    return node.items if isinstance(node, Listing) else (node,)


def named_tables(
    findings: Findings, node: Node | None, subject: str
) -> Iterator[tuple[str, Scalar, Table]]:
    """The (name, key, mapping) entries of a mapping of mappings, with issues for the others."""
    table = findings.want_table(node, subject) if node is not None else None
    for key, value in table.pairs() if table else ():
        name = findings.want_name(key, f"A name in {subject.lower()}")
        entry = findings.want_table(value, f"«{shorten(key.text)}»")
        if name is not None and entry is not None:
            yield name, key, entry


def texts_by_language(
    findings: Findings, table: Table, languages: Collection[str], subject: str
) -> Mapping[str, tuple[Scalar, ...]]:
    """Texts by language, such as `{ja: [もどる], en: [back]}`; unknown languages are issues."""
    found: dict[str, tuple[Scalar, ...]] = {}
    for key, value in table.pairs():
        if findings.want_known(key, languages, "unknown-language", "language") is None:
            continue
        texts = [
            item for item in one_or_more(value) if findings.want_text(item, subject) is not None
        ]
        found[key.text] = tuple(item for item in texts if isinstance(item, Scalar))
    return found
