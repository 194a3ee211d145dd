"""Sets text in lines for print: breaks where a reader of Japanese would, and measures generously.

Widths are in em (the size of the letters), rather too large than too small: what fits here fits in
every ordinary typeface. Pure; imports nothing of ours.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

import msgspec

_NARROW = frozenset("ijltfrI.,:;'|!()[]`-/ ")
_WIDE = frozenset("mwMW@%")
_NEVER_FIRST = frozenset(
    "、。，．・：；？！ー）」』】〕］｝〉》ぁぃぅぇぉっゃゅょァィゥェォッャュョ々…"
)
_NEVER_LAST = frozenset("（「『【〔［｛〈《")
# A phrase begins where kanji, katakana, a bracket or Latin letters follow hiragana (but for the
# polite お and ご) or a mark.
_PHRASE = re.compile(
    r"(?<=[ぁ-ん、。，．）」』？！…])(?<![おご])(?=[一-龠々ァ-ヶA-Za-z0-9（「『])"
    r"|(?<=[、。])(?=[ぁ-ん])"
    r"|(?<= )(?=\S)"
)
_FINE = 0.05


class Block(msgspec.Struct, frozen=True):
    """One text of a column; `size` and the space above it (`gap`) in mm."""

    text: str
    size: float
    gap: float = 0
    bold: bool = False
    quiet: bool = False
    middle: bool = False


class Line(msgspec.Struct, frozen=True):
    """One line where it stands: `y` is its top, `size` the size of its letters, in mm."""

    text: str
    y: float
    size: float
    block: Block


LEADING = 1.55
"""From one line to the next, in em."""


def measure(text: str) -> float:
    """The width of a text in em."""
    return sum(_width(character) for character in text)


def _width(character: str) -> float:
    if unicodedata.combining(character):
        return 0
    if unicodedata.east_asian_width(character) in "WFA":
        return 1
    if character in _NARROW:
        return 0.45
    if character in _WIDE:
        return 1
    return 0.8 if character.isupper() else 0.68


def break_lines(text: str, width: float) -> list[str]:
    """The lines of a text that is `width` em wide at most, of about the same length."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        pieces = list(_pieces(paragraph, width))
        lines += _greedy(pieces, _narrowest(pieces, width))
    return lines


def stack(blocks: Sequence[Block], width: float, height: float, smallest: float) -> list[Line]:
    """The lines of a column of `width` × `height` mm; everything shrinks alike until it fits.

    Raises ValueError if letters smaller than `smallest` mm would be needed.
    """
    scale = 1.0
    while min(block.size for block in blocks) * scale >= smallest - 1e-9:
        lines, used = _set(blocks, width, scale)
        if used <= height:
            return lines
        scale -= _FINE
    raise ValueError(blocks[0].text)


def _set(blocks: Sequence[Block], width: float, scale: float) -> tuple[list[Line], float]:
    y = 0.0
    lines = []
    for block in blocks:
        size = block.size * scale
        y += block.gap * scale
        for text in break_lines(block.text, width / size):
            lines.append(Line(text, y, size, block))
            y += size * LEADING
    return lines, y


def _pieces(paragraph: str, width: float) -> Iterator[str]:
    """What stays together on a line: phrases, or characters where a phrase is too long."""
    for phrase in _PHRASE.split(paragraph):
        if measure(phrase.rstrip()) <= width:
            yield phrase
        else:
            yield from _characters(phrase)


def _characters(phrase: str) -> Iterator[str]:
    """Characters, with those that may not begin or end a line kept to their neighbour."""
    held = ""
    for character in phrase:
        if held and character not in _NEVER_FIRST and held[-1] not in _NEVER_LAST:
            yield held
            held = ""
        held += character
    if held:
        yield held


def _narrowest(pieces: Sequence[str], width: float) -> float:
    """The smallest width that makes no more lines than `width` does."""
    wanted = len(_greedy(pieces, width))
    low, high = 0.0, width
    while high - low > _FINE:
        middle = (low + high) / 2
        lines = _greedy(pieces, middle)
        if len(lines) > wanted or max(measure(line) for line in lines) > middle:
            low = middle
        else:
            high = middle
    return high


def _greedy(pieces: Sequence[str], width: float) -> list[str]:
    lines = [""]
    for piece in pieces:
        if lines[-1] and measure((lines[-1] + piece).rstrip()) > width:
            lines.append("")
        lines[-1] += piece
    return [line.strip() for line in lines]
