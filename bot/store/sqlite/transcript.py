"""Units over our copy of what was said: reading, taking back, editing. Imports records only."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from bot.services.records import Lane, MessageRow
from bot.store.sqlite import rows
from bot.store.sqlite.lanes import DAY

_AFTER = f"{rows.MESSAGE} WHERE conversation = ? AND seq > ? ORDER BY seq LIMIT ?"
_KEPT = "SELECT count(*) FROM message WHERE conversation = ? AND sealed != x''"
_BY_REF = f"{rows.MESSAGE} WHERE message_ref != x'' AND message_ref = ?"
_TOMBSTONE = "INSERT INTO unsent (message_ref, day) VALUES (?, ?) ON CONFLICT DO NOTHING"
_EMPTY = "UPDATE message SET sealed = x'' WHERE message_ref != x'' AND message_ref = ?"
_DROP = "DELETE FROM inbound WHERE message_ref = ?"
_PUT = "UPDATE message SET sealed = ? WHERE conversation = ? AND seq = ?"


def read(
    connection: sqlite3.Connection, conversation: str, after: int, limit: int
) -> tuple[MessageRow, ...]:
    """Messages after a cursor, oldest first."""
    return rows.messages(connection.execute(_AFTER, (conversation, after, limit)))


def kept(connection: sqlite3.Connection, conversation: str) -> int:
    """How many messages still hold words."""
    return int(connection.execute(_KEPT, (conversation,)).fetchone()[0])


def unsend(connection: sqlite3.Connection, message_ref: bytes, now: int) -> None:
    """Empty our copy, drop the inbound, and remember it in case the message itself comes later."""
    if message_ref:
        connection.execute(_TOMBSTONE, (message_ref, now // DAY))
        connection.execute(_EMPTY, (message_ref,))
        connection.execute(_DROP, (message_ref,))


def replace(
    connection: sqlite3.Connection,
    message_ref: bytes,
    seal: Callable[[Lane, MessageRow], bytes],
) -> None:
    """Put a new body in the place of our copy, unless it was taken back."""
    for row in rows.messages(connection.execute(_BY_REF, (message_ref,)).fetchall()):
        if row.sealed:
            found = connection.execute(rows.LANE_OF_CONVERSATION, (row.conversation,)).fetchone()
            sealed = seal(rows.lane(found), row)
            connection.execute(_PUT, (sealed, row.conversation, row.seq))
