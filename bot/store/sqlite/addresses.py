"""Units over whole people: blocking an address, erasing a contact. Imports errors only."""

from __future__ import annotations

import sqlite3

from bot.errors import LostFenceError

_MARK = "UPDATE address SET status = ? WHERE lookup = ? RETURNING id"
_WITHDRAW = (
    "UPDATE outbox SET status = 'withdrawn', reason = 'blocked', settled = ?1 "
    "WHERE conversation IN (SELECT c.id FROM conversation c JOIN address a "
    "ON a.contact = c.contact WHERE a.id = ?2) AND address = ?2 AND status IN ('new', 'waiting')"
)
_FENCE = "SELECT id, fence FROM conversation WHERE contact = ?"
_OF_CONVERSATION = tuple(
    f"DELETE FROM {table} WHERE conversation = ?"
    for table in ("message", "inbound", "outbox", "timer")
)
_OF_CONTACT = (
    "DELETE FROM conversation WHERE contact = ?",
    "DELETE FROM address WHERE contact = ?",
    "DELETE FROM contact WHERE id = ?",
)


def set_blocked(connection: sqlite3.Connection, lookup: bytes, blocked: bool, now: int) -> None:
    """Mark an address; nothing more is sent to a blocked one."""
    marked = connection.execute(_MARK, ("blocked" if blocked else "active", lookup)).fetchall()
    if blocked:
        for (address,) in marked:
            connection.execute(_WITHDRAW, (now, address))


def erase(connection: sqlite3.Connection, contact: str, fence: int | None = None) -> None:
    """Delete every row of a contact; a contact that isn't there is no error."""
    found = connection.execute(_FENCE, (contact,)).fetchall()
    for conversation, held in found:
        if fence is not None and held != fence:
            raise LostFenceError("The conversation was taken by another worker; nothing is erased.")
        for statement in _OF_CONVERSATION:
            connection.execute(statement, (conversation,))
    for statement in _OF_CONTACT:
        connection.execute(statement, (contact,))


def contacts(connection: sqlite3.Connection) -> tuple[str, ...]:
    """Every contact's id."""
    return tuple(row[0] for row in connection.execute("SELECT id FROM contact ORDER BY id"))
