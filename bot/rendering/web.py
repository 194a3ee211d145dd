"""What the web room shows: the transcript's payload, and plain structure for its templates.

Pure; imports bot.rendering only. Nothing here is HTML: the templates escape.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from bot.rendering.bubbles import Bubble
from bot.rendering.choices import STAND_IN, choices, rails, sendable, spoken


class Choice(msgspec.Struct, frozen=True):
    """A button of the page. `number` counts answers from 1, as in the other channels; 0: a rail."""

    number: int
    label: str
    data: str


class Block(msgspec.Struct, frozen=True):
    """One bubble for a template: `lines` of its text (a blank one stays), then its buttons."""

    lines: tuple[str, ...]
    choices: tuple[Choice, ...]
    rails: tuple[Choice, ...]


def requests(bubbles: Sequence[Bubble]) -> tuple[bytes, ...]:
    """The bubbles as one JSON payload; none if nothing is said."""
    said = tuple(
        Bubble(
            sendable(bubble.text),
            tuple(msgspec.structs.replace(b, label=sendable(b.label)) for b in bubble.buttons),
        )
        for bubble in spoken(tuple(bubbles))
    )
    return (msgspec.json.encode(said),) if said else ()


def bubbles_of(payload: bytes) -> tuple[Bubble, ...]:
    """The bubbles of a payload; raises msgspec.DecodeError for anything else."""
    return msgspec.json.decode(payload, type=tuple[Bubble, ...])


def blocks(bubbles: Sequence[Bubble]) -> tuple[Block, ...]:
    """The bubbles as plain structure for a template."""
    return tuple(_block(bubble) for bubble in bubbles)


def _block(bubble: Bubble) -> Block:
    answers = enumerate(choices(bubble), start=1)
    return Block(
        lines=tuple(bubble.text.splitlines()) or (STAND_IN,),
        choices=tuple(Choice(n, b.label.strip() or STAND_IN, b.data) for n, b in answers),
        rails=tuple(Choice(0, b.label.strip() or STAND_IN, b.data) for b in rails(bubble)),
    )
