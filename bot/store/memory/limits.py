"""The limit a supervisor may set to a conversation, in memory. Imports records and safety."""

from __future__ import annotations

import msgspec

from bot.safety.risk import Tier
from bot.services.records import Conversation
from bot.store.memory.tables import Tables


def asked(tables: Tables, limit: int) -> tuple[Conversation, ...]:
    """Conversations that wait for a supervisor's answer, the oldest question first."""
    waiting = [row for row in tables.conversations.values() if row.limit_asked > 0]
    return tuple(sorted(waiting, key=lambda row: (row.limit_asked, row.id))[:limit])


def answer(tables: Tables, conversation: str, until: int) -> None:
    """Limited until then, or not (0); nobody in danger is cut off."""
    row = tables.conversations.get(conversation)
    if row is None:
        return
    if row.limit_asked:
        tables.answered[row.id] = row.limit_asked
    refused = until > 0 and row.tier >= Tier.ACTIVE
    tables.conversations[row.id] = msgspec.structs.replace(
        row, limit_asked=0, limited_until=row.limited_until if refused else until
    )


def asked_at(tables: Tables, old: Conversation, new: Conversation) -> int:
    """Since when an answer is waited for; what was answered meanwhile isn't asked again."""
    last = max(old.limit_asked, tables.answered.get(old.id, 0))
    return new.limit_asked if new.limit_asked > last else old.limit_asked
