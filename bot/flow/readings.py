"""Reads flows/words/readings.yaml: how kanji are read, for furigana. Imports this room only."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from bot.flow.findings import Findings
from bot.flow.nodes import Scalar, Table, shorten

READINGS_FILE = "flows/words/readings.yaml"

_DIGIT = re.compile("[0-9０-９]")
_KANJI = re.compile("[々〆一-鿿]")
_KANJI_RUN = re.compile("[々〆一-鿿]+")
_RUN = re.compile("([0-9０-９々〆一-鿿]+)")
"""What is read as something else than it looks: kanji, and the digits that stand before them."""
_NUMBER = "#"
_KANA = re.compile(r"[ぁ-ゖァ-ヺー]+\Z")


class Piece(msgspec.Struct, frozen=True):
    """A part of a text; `reading` in hiragana stands above it, "" where none is needed."""

    text: str
    reading: str = ""


class Readings:
    """Finds readings in a text: the longest entry that begins at a place wins."""

    def __init__(self, entries: Mapping[str, tuple[Piece, ...]] | None = None) -> None:
        self._by_first: dict[str, list[tuple[str, str, tuple[Piece, ...]]]] = {}
        for entry, pieces in sorted((entries or {}).items(), key=_longest_first):
            surface = entry.removeprefix(_NUMBER)
            self._by_first.setdefault(surface[0], []).append((surface, entry, pieces))

    def split(self, text: str) -> tuple[Piece, ...]:
        """The text in pieces, in order; together they are the text again."""
        pieces: list[Piece] = []
        start = at = 0
        while at < len(text):
            found = self._found(text, at)
            if found is None:
                at += 1
                continue
            if start < at:
                pieces.append(Piece(text[start:at]))
            pieces += found[1]
            start = at = at + len(found[0])
        return (*pieces, Piece(text[start:])) if start < at else tuple(pieces)

    def unread(self, text: str) -> tuple[str, ...]:
        """The runs of kanji that no entry reads."""
        rest = [piece.text for piece in self.split(text) if not piece.reading]
        return tuple(run for part in rest for run in _KANJI_RUN.findall(part))

    def _found(self, text: str, at: int) -> tuple[str, tuple[Piece, ...]] | None:
        for surface, entry, pieces in self._by_first.get(text[at], ()):
            if text.startswith(surface, at) and _stands(text, at, surface, entry):
                return surface, pieces
        return None


def _longest_first(item: tuple[str, object]) -> tuple[int, bool]:
    entry = item[0]
    return -len(entry.removeprefix(_NUMBER)), not entry.startswith(_NUMBER)


NO_READINGS = Readings()


def load_readings(findings: Findings, table: Table | None) -> Readings:
    """Every entry of the file; no file gives none."""
    if table is None:
        return NO_READINGS
    findings.want_keys(table, "The file", ("engawa", "readings"))
    node = table.get("readings")
    entries = findings.want_table(node, "`readings`") if node is not None else None
    found: dict[str, tuple[Piece, ...]] = {}
    for key, value in entries.pairs() if entries else ():
        reading = findings.want_text(value, f"The reading of «{shorten(key.text)}»")
        pieces = aligned(key.text, reading) if reading else None
        if pieces is not None:
            found[key.text] = pieces
        elif reading is not None:
            _refuse(findings, key, reading)
    return Readings(found)


def aligned(surface: str, reading: str) -> tuple[Piece, ...] | None:
    """The entry in pieces, each kanji with its part of the reading; None where they don't fit."""
    if not _KANJI.search(surface) or not _KANA.match(reading):
        return None
    surface = surface.removeprefix(_NUMBER)
    parts = [part for part in _RUN.split(surface) if part]
    pattern = "".join("(.+?)" if _RUN.match(part) else f"({re.escape(part)})" for part in parts)
    match = re.fullmatch(pattern, reading)
    if match is None:
        return None
    return tuple(
        Piece(part, said if _RUN.match(part) else "")
        for part, said in zip(parts, match.groups(), strict=True)
    )


def _stands(text: str, at: int, surface: str, entry: str) -> bool:
    """Whether an entry may be read here: a number begins with its first digit, and one kanji alone
    is read so only where it stands alone.
    """
    before = text[at - 1 : at]
    after = text[at + len(surface) : at + len(surface) + 1]
    if entry.startswith(_NUMBER):
        return bool(_DIGIT.match(before))
    if _DIGIT.match(surface):
        return before not in set("0123456789０１２３４５６７８９.:-")
    alone = not (_KANJI.match(before) or _DIGIT.match(before) or _KANJI.match(after))
    return alone or len(surface) > 1


def _refuse(findings: Findings, key: Scalar, reading: str) -> None:
    findings.note(
        "bad-reading",
        key.place,
        f"«{shorten(key.text)}» can't be read as «{shorten(reading)}».",
        "Write kanji (with the kana that belong to them) on the left, the whole in hiragana on "
        "the right: `聞き取る: ききとる`.",
    )
