"""Draws printed pages as SVG, in mm: text in boxes, QR codes, a mark on drafts. Pure.

Imports typesetting only. Every text stands in a `<g data-box="x y width height">`, so that a test
can measure in a browser whether it really stays inside.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import msgspec
import segno

from bot.rendering.typesetting import Block, Line, measure, stack

FONTS = (
    "'Hiragino Sans','Noto Sans JP','Noto Sans CJK JP','BIZ UDPGothic','Yu Gothic',Meiryo,"
    "sans-serif"
)
INK, QUIET, PAPER, LAMP = "#33291f", "#65553f", "#fffaf0", "#7a4a15"
SMALLEST = 2.1
"""Letters on paper are never smaller than this many mm (6 points)."""
QUIET_ZONE = 4
"""Empty modules around a QR code; readers need four."""


class Box(msgspec.Struct, frozen=True):
    """A rectangle on the page, in mm."""

    x: float
    y: float
    width: float
    height: float


def page(size: Box, language: str, title: str, parts: Sequence[str]) -> str:
    """A whole SVG file; `title` is what a viewer shows, and stays neutral."""
    width, height = _number(size.width), _number(size.height)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" lang="{escape(language)}" width="{width}mm" '
        f'height="{height}mm" viewBox="0 0 {width} {height}" font-family="{FONTS}">'
        f"<title>{escape(title)}</title>" + "".join(parts) + "</svg>\n"
    )


def ground(box: Box, fill: str = PAPER) -> str:
    """A filled rectangle."""
    return f'<path fill="{fill}" d="{_outline(box)}"/>'


def framed(box: Box) -> str:
    """A thin frame."""
    return f'<path fill="none" stroke="{LAMP}" stroke-width=".3" d="{_outline(box)}"/>'


def column(box: Box, blocks: Sequence[Block]) -> str:
    """Texts below one another in a box; raises ValueError with the first one if they don't fit."""
    lines = stack([block for block in blocks if block.text], box.width, box.height, SMALLEST)
    inside = "".join(_line(box, line) for line in lines)
    return f'<g data-box="{_corners(box)}">{inside}</g>'


def picture(box: Box, drawing: str, view: str) -> str:
    """Another SVG's inside, cut to fill the box; `view` is its viewBox."""
    return (
        f'<svg x="{_number(box.x)}" y="{_number(box.y)}" width="{_number(box.width)}" '
        f'height="{_number(box.height)}" viewBox="{view}" preserveAspectRatio="xMidYMid slice">'
        f"{drawing}</svg>"
    )


def qr(x: float, y: float, side: float, address: str) -> str:
    """A QR code with its quiet zone, `side` mm wide in all; error correction M."""
    matrix = segno.make_qr(address, error="m").matrix
    modules = len(matrix) + 2 * QUIET_ZONE
    dark = "".join(
        f"M{column_ + QUIET_ZONE} {row + QUIET_ZONE}h1v1h-1z"
        for row, cells in enumerate(matrix)
        for column_, cell in enumerate(cells)
        if cell
    )
    return (
        f'<svg class="qr" x="{_number(x)}" y="{_number(y)}" width="{_number(side)}" '
        f'height="{_number(side)}" viewBox="0 0 {modules} {modules}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{modules}v{modules}H0z"/><path d="{dark}"/></svg>'
    )


def draft(size: Box, word: str) -> str:
    """The mark across a page whose texts nobody has signed; nothing where `word` is empty."""
    if not word:
        return ""
    letters = min(size.width / (measure(word) + 1), size.height / 2.2)
    x, y = size.width / 2, size.height / 2
    return (
        f'<text class="draft" x="{_number(x)}" y="{_number(y)}" font-size="{_number(letters)}" '
        f'font-weight="700" fill="#8f2d1d" fill-opacity=".17" text-anchor="middle" '
        f'dominant-baseline="central" transform="rotate(-16 {_number(x)} {_number(y)})">'
        f"{escape(word)}</text>"
    )


def _line(box: Box, line: Line) -> str:
    block = line.block
    x = box.x + (box.width / 2 if block.middle else 0)
    marks = ' font-weight="700"' if block.bold else ""
    marks += ' text-anchor="middle"' if block.middle else ""
    return (
        f'<text x="{_number(x)}" y="{_number(box.y + line.y + line.size * 1.15)}" '
        f'font-size="{_number(line.size)}" fill="{QUIET if block.quiet else INK}"{marks}>'
        f"{escape(line.text)}</text>"
    )


def _outline(box: Box) -> str:
    right, down = _number(box.width), _number(box.height)
    return f"M{_number(box.x)} {_number(box.y)}h{right}v{down}h-{right}z"


def _corners(box: Box) -> str:
    return " ".join(map(_number, (box.x, box.y, box.width, box.height)))


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
