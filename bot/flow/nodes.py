"""What a YAML file holds, each part with its place. Imports errors only.

Three kinds, and nothing is converted: a scalar keeps its text, and says on request whether that is
a number, a flag or nothing, by the rules of YAML 1.2 (`on`, `no`, `22:30` are words).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from bot.errors import Place

_INTEGER = re.compile(r"(?:0|-?[1-9][0-9]{0,17})\Z")


class Scalar(msgspec.Struct, frozen=True):
    """One word or text; `plain` where it stood without quotes."""

    text: str
    plain: bool
    place: Place

    @property
    def integer(self) -> int | None:
        """The whole number it is, or None; `012`, `1_000` and `"8"` are not numbers."""
        return int(self.text) if self.plain and _INTEGER.match(self.text) else None

    @property
    def flag(self) -> bool | None:
        """True or False where it says so in plain words, else None."""
        if not self.plain:
            return None
        return {"true": True, "false": False}.get(self.text)

    @property
    def empty(self) -> bool:
        """Whether nothing was written, or `null`."""
        return self.plain and self.text in ("", "null", "~")


class Listing(msgspec.Struct, frozen=True):
    """A list, in the order of the file."""

    items: tuple[Node, ...]
    place: Place

    def __iter__(self) -> Iterator[Node]:
        return iter(self.items)


class Table(msgspec.Struct, frozen=True):
    """A mapping, in the order of the file; `entries[key]` is (key with its place, value)."""

    entries: dict[str, tuple[Scalar, Node]]
    place: Place

    def get(self, key: str) -> Node | None:
        """The value under `key`, or None."""
        entry = self.entries.get(key)
        return entry[1] if entry else None

    def key(self, key: str) -> Scalar:
        """The key itself, for its place; raises KeyError."""
        return self.entries[key][0]

    def pairs(self) -> Iterator[tuple[Scalar, Node]]:
        """Each key with its value."""
        return iter(self.entries.values())


Node = Scalar | Listing | Table


def kind_of(node: Node) -> str:
    """What the node is, in words for an editor."""
    if isinstance(node, Table):
        return "a mapping"
    if isinstance(node, Listing):
        return "a list"
    if node.empty:
        return "nothing"
    if node.integer is not None:
        return f"the number {node.text}"
    return f"«{shorten(node.text)}»"


def shorten(text: str, limit: int = 60) -> str:
    """The beginning of a text on one line, for a message; lone surrogates can't stand in it."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
