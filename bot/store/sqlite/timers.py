"""The unit that turns due timers into inbounds of their lanes. Imports ports only."""

from __future__ import annotations

import sqlite3

from bot.engine.events import Timer
from bot.services.ports import Door
from bot.store.sqlite import rows

_DUE = (
    "SELECT conversation, kind, due, data FROM timer WHERE due <= ? "
    "ORDER BY due, conversation, kind LIMIT ?"
)
_GONE = "DELETE FROM timer WHERE conversation = ? AND kind = ?"
_FILE = (
    "INSERT INTO inbound (event, conversation, at, sealed, message_ref, due, tier, address) "
    "VALUES (?, ?, ?, ?, x'', 0, 0, '')"
)


def fire_timers(connection: sqlite3.Connection, door: Door, now: int, limit: int) -> int:
    """Each due timer is gone and its inbound is there, in one unit; how many there were."""
    due = connection.execute(_DUE, (now, limit)).fetchall()
    for conversation, kind, at, data in due:
        found = connection.execute(rows.LANE_OF_CONVERSATION, (conversation,)).fetchone()
        event, sealed = door.seal_timer(Timer(kind, at, data), rows.lane(found))
        connection.execute(_GONE, (conversation, kind))
        connection.execute(_FILE, (event, conversation, at, sealed))
    return len(due)
