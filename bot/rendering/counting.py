"""How long a text is, in the unit a platform counts in. Imports bot.rendering.limits only.

Graphemes follow Unicode's rules for combining marks, variation selectors, emoji joined by ZWJ, skin
tones, flags, tag sequences, Hangul and half-width voicing marks. Left out: prepended marks and
Indic conjuncts, which are then counted as more graphemes than a reader sees, never as fewer.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from itertools import islice

from bot.rendering.limits import Limit, Unit

_ZWJ = "\u200d"
_EXTENDS = frozenset(
    [_ZWJ, "\u200c", "\uff9e", "\uff9f"]  # the half-width voicing marks join in Unicode's rules too
    + [chr(code) for code in range(0x1F3FB, 0x1F400)]  # skin tones
    + [chr(code) for code in range(0xE0020, 0xE0080)]  # tags, as in the flag of Scotland
)
_PICTURES = (
    (0xA9, 0xA9),
    (0xAE, 0xAE),
    (0x203C, 0x203C),
    (0x2049, 0x2049),
    (0x2122, 0x2122),
    (0x2139, 0x2139),
    (0x2194, 0x21AA),
    (0x231A, 0x23FF),
    (0x24C2, 0x24C2),
    (0x25AA, 0x27BF),
    (0x2934, 0x2935),
    (0x2B05, 0x2B55),
    (0x3030, 0x303D),
    (0x3297, 0x3299),
    (0x1F000, 0x1FAFF),
)


def count(text: str, unit: Unit) -> int:
    """How long `text` is in `unit`. Raises ValueError for "items", which a text does not have."""
    if unit == "utf16":
        return len(text) + sum(character > "\uffff" for character in text)
    if unit == "bytes":
        return len(text.encode("utf-8", "surrogatepass"))
    if unit == "code_points":
        return len(text)
    if unit == "graphemes":
        return sum(1 for _ in graphemes(text))
    raise ValueError(f"A text cannot be counted in {unit!r}.")


def fits(text: str, limit: Limit) -> bool:
    """Whether `text` is within `limit`."""
    return count(text, limit.unit) <= limit.most


def shorten(text: str, limit: Limit) -> str:
    """`text` within a limit in graphemes: cut at a grapheme and closed with "…" where too long."""
    if len(text) <= limit.most:  # never more graphemes than code points
        return text
    kept = list(islice(graphemes(text), limit.most + 1))
    return text if len(kept) <= limit.most else "".join(kept[: limit.most - 1]) + "…"


def graphemes(text: str) -> Iterator[str]:
    """The characters as a reader sees them, in order; joined they are `text` again."""
    start = 0
    for position in range(1, len(text)):
        if not _holds_together(text, start, position):
            yield text[start:position]
            start = position
    if text:
        yield text[start:]


def _holds_together(text: str, start: int, position: int) -> bool:
    """Whether no boundary lies before `position`, in the cluster that began at `start`."""
    before, after = text[position - 1], text[position]
    if before < "\u0300" and after < "\u0300":
        return before == "\r" and after == "\n"
    if _is_control(before) or _is_control(after):
        return False
    if after in _EXTENDS or unicodedata.category(after) in ("Mn", "Me", "Mc"):
        return True
    if before == _ZWJ:
        return _is_picture(text[start]) and _is_picture(after)
    if _is_flag_half(before) and _is_flag_half(after):
        return position - start == 1
    return _is_hangul_run(before, after)


def _is_control(character: str) -> bool:
    if character in _EXTENDS:
        return False
    return unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp", "Cs")


def _is_picture(character: str) -> bool:
    code = ord(character)
    return any(first <= code <= last for first, last in _PICTURES)


def _is_flag_half(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _hangul(character: str) -> str:
    """The part of a syllable a Hangul character is: L, V, T, LV or LVT; "" for any other."""
    code = ord(character)
    if 0x1100 <= code <= 0x115F or 0xA960 <= code <= 0xA97C:
        return "L"
    if 0x1160 <= code <= 0x11A7 or 0xD7B0 <= code <= 0xD7C6:
        return "V"
    if 0x11A8 <= code <= 0x11FF or 0xD7CB <= code <= 0xD7FB:
        return "T"
    if 0xAC00 <= code <= 0xD7A3:
        return "LV" if (code - 0xAC00) % 28 == 0 else "LVT"
    return ""


_HANGUL_RUNS = {
    "L": ("L", "V", "LV", "LVT"),
    "V": ("V", "T"),
    "T": ("T",),
    "LV": ("V", "T"),
    "LVT": ("T",),
}


def _is_hangul_run(before: str, after: str) -> bool:
    return _hangul(after) in _HANGUL_RUNS.get(_hangul(before), ())
