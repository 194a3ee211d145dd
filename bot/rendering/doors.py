"""Printed doors: a card (91 × 55 mm) and a leaflet (A4, folded once), each as two SVG pages.

Neutral outside, kind inside: whoever hands one over or finds it reads nothing about drugs on the
outside. Pure; imports drawing and typesetting.
"""

from __future__ import annotations

import msgspec

from bot.rendering.drawing import Box, column, draft, framed, ground, page, picture, qr
from bot.rendering.typesetting import Block

CARD = Box(0, 0, 91, 55)
SHEET = Box(0, 0, 297, 210)
HALF = 148.5
DUSK = "#f6efe2"


class Door(msgspec.Struct, frozen=True):
    """The words of one door in one language, its address, and the drawing outside.

    `draft` is the mark for texts that nobody signed, "" where all are signed. `typed` is the
    address as one types it.
    """

    language: str
    title: str
    cover: str
    card: str
    scan: str
    program: str
    head: str
    text: str
    how: str
    steps: tuple[str, ...]
    stop: str
    cost: str
    take: str
    run_by: str
    emergency: tuple[str, ...]
    address: str
    typed: str
    drawing: str
    view: str
    draft: str = ""


def card_front(door: Door) -> str:
    """The outside of the card: a drawing, the name, one line."""
    parts = [
        ground(CARD, DUSK),
        picture(Box(0, 0, 43, 55), door.drawing, door.view),
        column(
            Box(46, 15, 42, 36),
            [
                Block(door.title, 6.4, bold=True, middle=True),
                Block(door.cover, 3.4, gap=1.6, middle=True),
            ],
        ),
        draft(CARD, door.draft),
    ]
    return page(CARD, door.language, door.title, parts)


def card_back(door: Door) -> str:
    """The inside of the card: kind words, how it opens, the QR code and the address."""
    parts = [
        ground(CARD),
        draft(CARD, door.draft),
        column(
            Box(5, 3.5, 50, 39.5),
            [
                Block(door.card, 3.6),
                Block(door.scan, 2.6, gap=1.4, quiet=True),
                Block(door.program, 2.6, gap=0.8, quiet=True),
            ],
        ),
        qr(57, 4, 30, door.address),
        column(Box(5, 44, 81, 4.7), [Block(door.typed, 2.9, bold=True)]),
        column(Box(5, 49, 81, 4.2), [Block(door.run_by, 2.5, quiet=True)]),
    ]
    return page(CARD, door.language, door.title, parts)


def leaflet_outside(door: Door) -> str:
    """The outside of the leaflet: on the right the cover, on the left the back."""
    parts = [
        ground(SHEET, DUSK),
        picture(Box(HALF, 0, HALF, 112), door.drawing, door.view),
        column(
            Box(HALF + 14, 124, HALF - 28, 70),
            [
                Block(door.title, 15, bold=True, middle=True),
                Block(door.cover, 6.4, gap=3, middle=True),
            ],
        ),
        column(Box(18, 150, HALF - 36, 24), [Block(door.take, 5, middle=True)]),
        column(Box(18, 182, HALF - 36, 18), [Block(door.run_by, 4.4, quiet=True, middle=True)]),
        draft(SHEET, door.draft),
    ]
    return page(SHEET, door.language, door.title, parts)


def leaflet_inside(door: Door) -> str:
    """The inside of the leaflet: on the left whom it is for, on the right how one begins."""
    return page(
        SHEET,
        door.language,
        door.title,
        [ground(SHEET), draft(SHEET, door.draft), _for_whom(door), *_how(door, HALF + 16)],
    )


def _for_whom(door: Door) -> str:
    first, *others = door.text.split("\n")
    return column(
        Box(18, 26, HALF - 36, 160),
        [
            Block(door.head, 9, bold=True),
            Block(first, 6.2, gap=10),
            *(Block(words, 6.2, gap=5) for words in others),
        ],
    )


def _how(door: Door, left: float) -> list[str]:
    width = HALF - 32
    return [
        column(
            Box(left, 20, width, 62),
            [
                Block(door.how, 7, bold=True),
                *(Block(f"{n}. {step}", 5, gap=3) for n, step in enumerate(door.steps, 1)),
            ],
        ),
        qr(left, 86, 48, door.address),
        column(
            Box(left + 52, 88, width - 52, 46),
            [
                Block(door.stop, 4.4),
                Block(door.cost, 4.4, gap=3),
                Block(door.program, 4.4, gap=3),
            ],
        ),
        column(Box(left, 138, width, 9), [Block(door.typed, 5.4, bold=True)]),
        framed(Box(left, 164, width, 23)),
        column(
            Box(left + 4, 167, width - 8, 17),
            [Block(line, 4.6, gap=1, bold=True) for line in door.emergency],
        ),
    ]
