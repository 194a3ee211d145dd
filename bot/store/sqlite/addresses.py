"""Units over whole people: blocking an address, erasing a contact. Imports records and errors."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from bot.errors import LostFenceError
from bot.services.records import Contact, StoredInbound
from bot.store.sqlite import lanes

_MARK = (
    "UPDATE address SET status = CASE WHEN ?1 THEN 'blocked' WHEN id = (SELECT c.address "
    "FROM conversation c WHERE c.contact = address.contact) THEN 'active' ELSE 'former' END, "
    "status_at = max(status_at, ?2) "
    "WHERE lookup = ?3 AND (?2 = 0 OR ?2 >= status_at) RETURNING id"
)
_WITHDRAW = (
    "UPDATE outbox SET status = 'withdrawn', reason = 'blocked', settled = ?1, "
    "sealed = x'' WHERE conversation IN (SELECT c.id FROM conversation c JOIN address a "
    "ON a.contact = c.contact WHERE a.id = ?2) AND address = ?2 AND status IN ('new', 'waiting')"
)
_UNDER = "SELECT id, kek, key FROM contact WHERE kek = ? ORDER BY id LIMIT ?"
_REWRAP = "UPDATE contact SET kek = ?, key = ? WHERE id = ?"
_FENCE = "SELECT id, fence FROM conversation WHERE contact = ?"
_OF_CONVERSATION = tuple(
    f"DELETE FROM {table} WHERE conversation = ?"
    for table in ("message", "inbound", "outbox", "timer")
)
_OF_CONTACT = (
    "DELETE FROM code WHERE contact = ?",
    "DELETE FROM conversation WHERE contact = ?",
    "DELETE FROM address WHERE contact = ?",
    "DELETE FROM contact WHERE id = ?",
)


def set_blocked(
    connection: sqlite3.Connection, lookup: bytes, blocked: bool, now: int, at: int
) -> None:
    """Mark an address, unless the event at `at` came late; nothing is sent to a blocked one."""
    marked = connection.execute(_MARK, (blocked, at, lookup)).fetchall()
    if blocked:
        for (address,) in marked:
            connection.execute(_WITHDRAW, (now, address))


def erase(
    connection: sqlite3.Connection, contact: str, fence: int | None = None
) -> tuple[StoredInbound, ...]:
    """Delete every row of a contact; returns the inbounds that waited."""
    found = connection.execute(_FENCE, (contact,)).fetchall()
    left: tuple[StoredInbound, ...] = ()
    for conversation, held in found:
        if fence is not None and held != fence:
            raise LostFenceError("The conversation was taken by another worker; nothing is erased.")
        left += lanes.waiting(connection, conversation)
        for statement in _OF_CONVERSATION:
            connection.execute(statement, (conversation,))
    for statement in _OF_CONTACT:
        connection.execute(statement, (contact,))
    return left


def contacts(connection: sqlite3.Connection) -> tuple[str, ...]:
    """Every contact's id."""
    return tuple(row[0] for row in connection.execute("SELECT id FROM contact ORDER BY id"))


def contacts_under(connection: sqlite3.Connection, kek: str, limit: int) -> tuple[Contact, ...]:
    """Some contacts whose key is wrapped by this key-encryption key."""
    return tuple(Contact(*row) for row in connection.execute(_UNDER, (kek, limit)))


def rewrap(connection: sqlite3.Connection, contacts: Sequence[Contact]) -> None:
    """Keep keys as wrapped anew; who was erased meanwhile stays gone."""
    for contact in contacts:
        connection.execute(_REWRAP, (contact.kek, contact.key, contact.id))


def keks(connection: sqlite3.Connection) -> tuple[str, ...]:
    """The ids of the key-encryption keys in use."""
    return tuple(
        row[0] for row in connection.execute("SELECT DISTINCT kek FROM contact ORDER BY 1")
    )
