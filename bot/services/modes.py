"""What each channel may take, and what of a text is taken where a channel takes buttons only.

Imports the engine's data, flow's normalisation and ports.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec.structs import replace

from bot.engine.inbound import Inbound
from bot.engine.program import Program
from bot.engine.world import Mode
from bot.flow.normalisation import normalise

Modes = Mapping[str, Mode]
"""A channel that is not in it takes everything."""

_NUMBER = re.compile(r"[0-9]{1,2}")
_LONGEST = 80
"""Characters; no word and no label of ours is longer."""


def mode_of(modes: Modes, channel: str) -> Mode:
    """What a channel may take."""
    return modes.get(channel, "full")


def taken(inbound: Inbound, mode: Mode, program: Program) -> Inbound:
    """What of an inbound may be filed: all of it, or the same without words that aren't ours.

    Risk was read before; a text that is dropped becomes `free_text`, an edit says nothing any more.
    """
    if mode == "full" or not inbound.text or is_ours(inbound.text, program):
        return inbound
    kind = "free_text" if inbound.kind == "text" else inbound.kind
    return replace(inbound, kind=kind, text="")


def is_ours(text: str, program: Program) -> bool:
    """Whether a text is our own words: a small number, a word that works everywhere, a label."""
    if len(text) > _LONGEST:
        return False
    folded = normalise(text)
    return is_word(text, program) or any(
        folded in labels.values() for labels in program.labels.values()
    )


def is_word(text: str, program: Program) -> bool:
    """Whether a text is a small number or a word that works everywhere."""
    if len(text) > _LONGEST:
        return False
    folded = normalise(text)
    return folded in program.words or _NUMBER.fullmatch(folded) is not None
