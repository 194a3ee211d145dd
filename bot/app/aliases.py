"""Two words by which staff know a conversation, in the place of ids that nobody can say aloud."""

from __future__ import annotations

import hashlib

from bot.privacy.words import spoken

WORDS = 1_024


def alias(conversation: str) -> str:
    """The same two words for the same conversation; nothing can be found out from them."""
    drawn = hashlib.sha256(b"engawa alias 1 " + conversation.encode()).digest()
    first, second = (int.from_bytes(drawn[at : at + 2], "big") % WORDS for at in (0, 2))
    return spoken((first, second))
