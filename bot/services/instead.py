"""What an inbound may come to instead of a write, as plain data.

Imports rendering's data, bodies and records.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from bot.rendering.bubbles import Bubble
from bot.services.bodies import InboundBody
from bot.services.records import Count, Lane


class Erasing(msgspec.Struct, frozen=True):
    """Instead of a write: the person confirmed, everything goes. `farewell` is said from memory, at
    the address of `lane`, by which the confirmation came; `confirmed` is the inbound's event.
    """

    lane: Lane
    confirmed: bytes
    farewell: tuple[Bubble, ...]
    reply_token: str
    token_at: int
    counts: tuple[Count, ...]


class CodeTyped(msgspec.Struct, frozen=True):
    """Instead of a write: somebody typed the four words that have this mark. What comes of it is to
    be found out first.
    """

    lane: Lane
    body: InboundBody
    mark: bytes


Tried = Literal["missed", "slow", "renewed", "door"]
"""What came of a code that moved nobody: see bot.services.moving."""


class Outcome(msgspec.Struct, frozen=True):
    """A code that moved nobody, and whose door link is handed out instead, if anybody's."""

    tried: Tried
    door_of: str = ""
