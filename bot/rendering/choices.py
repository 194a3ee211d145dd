"""What all renderings share: numbered choices, texts that can be sent. Imports bubbles only.

Choices are numbered in the text because quick replies vanish and don't exist on a PC; the digit is
accepted as an answer. Rails (the words that work everywhere) are shown as buttons only.
"""

from __future__ import annotations

import re

from bot.rendering.bubbles import Bubble, Button

STAND_IN = "…"
"""Stands where a text or label would be blank: platforms refuse the whole request for one."""

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def numbered(bubble: Bubble) -> str:
    """The bubble's text with its choices below as lines «1 ラベル»; rails are left out."""
    lines = [f"{n} {button.label}" for n, button in enumerate(choices(bubble), start=1)]
    return sendable("\n\n".join(part for part in (bubble.text, "\n".join(lines)) if part))


def choices(bubble: Bubble) -> tuple[Button, ...]:
    """The buttons that are answers, in order: number n is the n-th of these."""
    return tuple(button for button in bubble.buttons if not button.rail)


def rails(bubble: Bubble) -> tuple[Button, ...]:
    """The buttons that work everywhere, in order."""
    return tuple(button for button in bubble.buttons if button.rail)


def sendable(text: str) -> str:
    """`text` without half surrogates, which no UTF-8 body can carry (U+FFFD stands for each)."""
    return _LONE_SURROGATE.sub("\ufffd", text)


def spoken(bubbles: tuple[Bubble, ...]) -> tuple[Bubble, ...]:
    """The bubbles that say or ask anything; a blank one that asks gets a stand-in for its text."""
    kept = []
    for bubble in bubbles:
        if numbered(bubble).strip():
            kept.append(bubble)
        elif bubble.buttons:
            kept.append(Bubble(text=STAND_IN, buttons=bubble.buttons))
    return tuple(kept)
