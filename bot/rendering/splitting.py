"""Cutting a long text into pieces a platform takes. Imports counting and limits of this room.

A piece ends at the last sentence end that fits, else at the last comma or space, else where it is
full, never inside a grapheme (unless a single one is longer than the limit). Nothing is lost:
joined, the pieces are the text.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.rendering.counting import count, fits, graphemes
from bot.rendering.limits import Limit, Unit

_ENDS = frozenset("。！？!?\n") | {"\r\n"}
_PAUSES = frozenset("、，,　 ")
_CLOSERS = frozenset("」』）)】”")


def split(text: str, limit: Limit) -> tuple[str, ...]:
    """`text` in pieces within `limit`, in order; one piece if it fits, none if it is empty."""
    if fits(text, limit):
        return (text,) if text else ()
    parts = list(_parts(text, limit))
    sizes = [count(part, limit.unit) for part in parts]
    pieces: list[str] = []
    start = 0
    while start < len(parts):
        full = _full(sizes, start, limit.most)
        stop = full if full == len(parts) else _cut(parts, start, full)
        pieces.append("".join(parts[start:stop]))
        start = stop
    return tuple(pieces)


def _parts(text: str, limit: Limit) -> Iterator[str]:
    """The graphemes of `text`; one that alone is over the limit comes in single characters."""
    for cluster in graphemes(text):
        if _short(cluster, limit.unit, limit.most):
            yield cluster
        else:
            yield from cluster


def _short(cluster: str, unit: Unit, most: int) -> bool:
    return len(cluster) == 1 or count(cluster, unit) <= most


def _full(sizes: list[int], start: int, most: int) -> int:
    """The position after the last part that still fits; at least one part is taken."""
    used, position = sizes[start], start + 1
    while position < len(sizes) and used + sizes[position] <= most:
        used += sizes[position]
        position += 1
    return position


def _cut(parts: list[str], start: int, full: int) -> int:
    """Where to end the piece that begins at `start` and could reach `full`."""
    for ends in (_ends_sentence, _ends_clause):
        for position in range(full, start, -1):
            if ends(parts, start, position):
                return position
    return full


def _ends_sentence(parts: list[str], start: int, position: int) -> bool:
    """Whether a sentence ends right before `position`, its closing brackets taken along."""
    if parts[position] in _CLOSERS or parts[position] in _ENDS:
        return False
    last = position - 1
    if parts[last] == " ":
        return last > start and parts[last - 1] == "."
    while last > start and parts[last] in _CLOSERS:
        last -= 1
    return parts[last] in _ENDS


def _ends_clause(parts: list[str], start: int, position: int) -> bool:
    return parts[position - 1] in _PAUSES
