"""Units over the limit a supervisor may set to a conversation. Imports records and safety.

In the column, the time of a question that was answered stands below zero: a turn that began before
the answer, and is saved after it, doesn't ask again.
"""

from __future__ import annotations

import sqlite3

from bot.safety.risk import Tier
from bot.services.records import Conversation
from bot.store.sqlite import rows

_ASKED = f"{rows.CONVERSATION} WHERE c.limit_asked > 0 ORDER BY c.limit_asked, c.id LIMIT ?"
_SET = (
    "UPDATE conversation SET limit_asked = -abs(limit_asked), limited_until = "
    "CASE WHEN ?1 > 0 AND tier >= ?2 THEN limited_until ELSE ?1 END WHERE id = ?3"
)


def asked(connection: sqlite3.Connection, limit: int) -> tuple[Conversation, ...]:
    """Conversations that wait for a supervisor's answer, the oldest question first."""
    return tuple(Conversation(*row) for row in connection.execute(_ASKED, (limit,)))


def answer(connection: sqlite3.Connection, conversation: str, until: int) -> None:
    """Limited until then, or not (0); nobody in danger is cut off."""
    connection.execute(_SET, (until, int(Tier.ACTIVE), conversation))
