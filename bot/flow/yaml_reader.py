"""Reads a YAML file into nodes that know their places, and refuses what editors should not write.

Built on libyaml's events, not on PyYAML's objects: events arrive one by one, so a bomb is refused
before it is built, and reading costs less than a plain load. Imports errors and nodes only.
"""

from __future__ import annotations

import re
from typing import NoReturn

import yaml
from yaml import CSafeLoader, events

from bot.errors import ContentError, Issue, Place
from bot.flow.nodes import Listing, Node, Scalar, Table, shorten

MAX_BYTES = 1_048_576
MAX_DEPTH = 64

# Control characters; NEL and the Unicode line ends, which YAML counts as lines and editors hide.
_FORBIDDEN = re.compile("[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]")


def read_yaml(name: str, data: bytes) -> Node:
    """The one document of the file `name`; raises ContentError with places."""
    text = _decode(name, data)
    return _Builder(name).build(text)


def _refuse(code: str, place: Place, what: str, mend: str) -> NoReturn:
    raise ContentError([Issue(code, place, what, mend)])


def _decode(name: str, data: bytes) -> str:
    start = Place(name, 1, 1)
    if len(data) > MAX_BYTES:
        _refuse(
            "too-large",
            start,
            f"The file has {len(data)} bytes; at most {MAX_BYTES} are read.",
            "Split it.",
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        _refuse(
            "not-utf-8",
            _byte_place(name, data, error.start),
            f"This is not UTF-8{_guess_encoding(data)}.",
            "Save the file again as UTF-8.",
        )
    found = _FORBIDDEN.search(text)
    if found:
        _refuse_character(name, text, found.start())
    return text


def _byte_place(name: str, data: bytes, offset: int) -> Place:
    before = data[:offset]
    line_start = before.rfind(b"\n") + 1
    column = len(before[line_start:].decode("utf-8-sig", "replace")) + 1
    return Place(name, before.count(b"\n") + 1, column)


def _guess_encoding(data: bytes) -> str:
    for encoding, title in (("utf-16", "UTF-16"), ("cp932", "Shift_JIS"), ("euc-jp", "EUC-JP")):
        if encoding == "utf-16" and data[:2] not in (b"\xff\xfe", b"\xfe\xff"):
            continue
        try:
            data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return f"; it looks like {title}"
    return ""


def _refuse_character(name: str, text: str, offset: int) -> NoReturn:
    line_start = text.rfind("\n", 0, offset) + 1
    place = Place(name, text.count("\n", 0, offset) + 1, offset - line_start + 1)
    character = text[offset]
    if character == "\t":
        _refuse("tab", place, "A tab stands here.", "Use spaces.")
    _refuse(
        "control-character",
        place,
        f"The invisible character U+{ord(character):04X} stands here.",
        "Delete it.",
    )


class _Builder:
    """Builds nodes out of events; keeps the issues that don't stop it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.issues: list[Issue] = []
        # One entry per open collection: its start, and the nodes so far (keys and values in turn).
        self.open: list[tuple[events.Event, list[Node]]] = [(events.StreamStartEvent(), [])]
        self.documents = 0

    def build(self, text: str) -> Node:
        loader = CSafeLoader(text)
        try:
            while (event := loader.get_event()) is not None:
                self.take(event)
        except yaml.YAMLError as error:
            self.issues.append(self.syntax_issue(error))
        finally:
            loader.dispose()
        if self.issues:
            raise ContentError(self.issues)
        found = self.open[0][1]
        return found[0] if found else Scalar("", True, Place(self.name, 1, 1))

    def place(self, event: events.Event) -> Place:
        mark = event.start_mark
        if mark is None:  # libyaml always gives one; PyYAML's types don't promise it
            return Place(self.name, 1, 1)
        return Place(self.name, mark.line + 1, mark.column + 1)

    def take(self, event: events.Event) -> None:
        """Add one event; scalars first, since most are."""
        if isinstance(event, events.ScalarEvent):
            self.check_marks(event)
            plain = event.implicit[0]
            self.open[-1][1].append(Scalar(event.value, plain, self.place(event)))
        elif isinstance(event, events.CollectionStartEvent):
            self.start_collection(event)
        elif isinstance(event, events.CollectionEndEvent):
            self.end_collection()
        elif isinstance(event, events.AliasEvent):
            self.note(
                "alias",
                event,
                f"The alias *{shorten(event.anchor or '')} stands here.",
                "Write the content out; aliases are not read.",
            )
            self.open[-1][1].append(Scalar("", True, self.place(event)))
        elif isinstance(event, events.DocumentStartEvent):
            self.start_document(event)

    def check_marks(self, event: events.ScalarEvent | events.CollectionStartEvent) -> None:
        if event.anchor is not None:
            self.note(
                "anchor",
                event,
                f"The anchor &{shorten(event.anchor)} stands here.",
                "Delete it; anchors are not read.",
            )
        if event.tag is not None:
            self.note(
                "tag",
                event,
                f"The tag {shorten(event.tag)} stands here.",
                "Delete it; tags are not read. A text that begins with ! needs quotes.",
            )

    def note(self, code: str, event: events.Event, what: str, mend: str) -> None:
        # A bomb holds thousands of them: the first of each kind says enough.
        if all(issue.code != code for issue in self.issues):
            self.issues.append(Issue(code, self.place(event), what, mend))

    def start_document(self, event: events.Event) -> None:
        self.documents += 1
        if self.documents > 1:
            self.note(
                "second-document",
                event,
                "A second document begins here (---).",
                "Put it into a file of its own.",
            )

    def start_collection(self, event: events.CollectionStartEvent) -> None:
        self.check_marks(event)
        if len(self.open) > MAX_DEPTH:
            _refuse(
                "too-deep",
                self.place(event),
                f"This is nested more than {MAX_DEPTH} deep.",
                "Check the brackets and the indentation.",
            )
        self.open.append((event, []))

    def end_collection(self) -> None:
        start, nodes = self.open.pop()
        place = self.place(start)
        node: Node
        if isinstance(start, events.MappingStartEvent):
            node = Table(self.entries(nodes), place)
        else:
            node = Listing(tuple(nodes), place)
        self.open[-1][1].append(node)

    def entries(self, nodes: list[Node]) -> dict[str, tuple[Scalar, Node]]:
        entries: dict[str, tuple[Scalar, Node]] = {}
        for key, value in zip(nodes[::2], nodes[1::2], strict=True):
            if not isinstance(key, Scalar):
                self.issues.append(
                    Issue(
                        "bad-key",
                        key.place,
                        "This key is a list or a mapping, not a word.",
                        "Put quotes around a text that begins with [ or {.",
                    )
                )
            elif key.text in entries:
                self.issues.append(
                    Issue(
                        "duplicate-key",
                        key.place,
                        f"«{shorten(key.text)}» was already given on line "
                        f"{entries[key.text][0].place.line}.",
                        "Keep one of the two.",
                    )
                )
            else:
                entries[key.text] = (key, value)
        return entries

    def syntax_issue(self, error: yaml.YAMLError) -> Issue:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        place = Place(self.name, mark.line + 1, mark.column + 1) if mark else Place(self.name, 1, 1)
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "broken"
        return Issue(
            "syntax",
            place,
            f"This can't be read as YAML: {problem}.",
            "Look at the quotes, colons and indentation here and on the line above.",
        )
