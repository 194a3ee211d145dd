"""What the terminal prints: bubbles → plain lines. Pure; imports bot.rendering only.

Control characters are taken out, so that no text can move the cursor or colour the screen.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import msgspec

from bot.rendering.bubbles import Bubble
from bot.rendering.choices import numbered, rails, sendable, spoken


def requests(bubbles: Sequence[Bubble]) -> tuple[bytes, ...]:
    """The lines as one payload, a JSON string like every payload; none if nothing is said."""
    said = lines(bubbles)
    return (msgspec.json.encode("\n".join(said)),) if said else ()


def lines(bubbles: Sequence[Bubble]) -> tuple[str, ...]:
    """The bubbles line by line, numbered choices in the text, rails as «［ラベル］», one blank line
    between bubbles.
    """
    printed: list[str] = []
    for bubble in spoken(tuple(bubbles)):
        if printed:
            printed.append("")
        printed += [_printable(line) for line in numbered(bubble).splitlines()]
        words = " ".join(f"［{_printable(sendable(rail.label))}］" for rail in rails(bubble))
        printed += [words] if words else []
    return tuple(printed)


def _printable(line: str) -> str:
    return "".join(c for c in line if unicodedata.category(c) not in ("Cc", "Cf") or c == "\u200d")
