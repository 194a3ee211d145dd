"""Rows of the tables as records, and the column lists that go with them. Imports records only."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any

from bot.services.records import (
    Address,
    Contact,
    Conversation,
    Lane,
    MessageRow,
    Newcomer,
    OutboxRow,
    StoredInbound,
)

_LANE = (
    "SELECT p.id, p.kek, p.key, a.id, a.contact, a.channel, a.lookup, a.key, a.platform_id, "
    "a.status, a.status_at, a.session, a.since, c.id, c.contact, c.address, c.key, c.session, "
    "c.revision, c.shape, c.version, c.owner, c.epoch, c.tier, c.tier_at, c.tier_rule, "
    "c.message_seq, c.outbox_seq, c.first_seen, c.last_seen, max(c.limit_asked, 0), "
    "c.limited_until, c.fence, c.lease_until "
)
CONVERSATION = (
    "SELECT c.id, c.contact, c.address, c.key, c.session, c.revision, c.shape, c.version, c.owner, "
    "c.epoch, c.tier, c.tier_at, c.tier_rule, c.message_seq, c.outbox_seq, c.first_seen, "
    "c.last_seen, max(c.limit_asked, 0), c.limited_until FROM conversation c"
)
LANE_OF_LOOKUP = (
    f"{_LANE} FROM address a JOIN contact p ON p.id = a.contact "
    "JOIN conversation c ON c.contact = a.contact WHERE a.lookup = ?"
)
LANE_OF_CONVERSATION = (
    f"{_LANE} FROM conversation c JOIN contact p ON p.id = c.contact "
    "JOIN address a ON a.id = c.address WHERE c.id = ?"
)
LANE_OF_CONTACT = (
    f"{_LANE} FROM conversation c JOIN contact p ON p.id = c.contact "
    "JOIN address a ON a.id = c.address WHERE c.contact = ?"
)
LANE_OF_OUTBOX = (
    f"{_LANE} FROM conversation c JOIN contact p ON p.id = c.contact "
    "JOIN address a ON a.id = ? WHERE c.id = ?"
)
# A timer's inbound came by no address: it belongs to wherever the conversation is.
INBOUND = (
    "SELECT event, conversation, arrived, at, sealed, message_ref, tries, CASE address WHEN '' "
    "THEN (SELECT c.address FROM conversation c WHERE c.id = inbound.conversation) "
    "ELSE address END FROM inbound"
)
MESSAGE = "SELECT conversation, seq, author, at, sealed, message_ref, address FROM message"
ADDRESS = (
    "SELECT id, contact, channel, lookup, key, platform_id, status, status_at, session, since "
    "FROM address"
)
_OUTBOX = (
    "id, conversation, address, channel, seq, speech, sealed, retry_key, token_at, epoch, status, "
    "via, tries, first_at, next_at, created, reason"
)
OUTBOX = f"SELECT {_OUTBOX} FROM outbox"

# The term of the partial index; a query must repeat it word by word to use it.
DUE = "status IN ('new', 'sending')"
ENDED = "status IN ('sent', 'inferred', 'withdrawn', 'undeliverable')"
RANKS = {"crisis": 0, "staff": 1, "turn": 2, "notice": 3, "info": 4}

_ADD_CONTACT = "INSERT INTO contact (id, kek, key) VALUES (?, ?, ?)"
_ADD_ADDRESS = (
    "INSERT INTO address (id, contact, channel, lookup, key, platform_id, status, status_at, "
    "session, since) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_ADD_CONVERSATION = (
    "INSERT INTO conversation (id, contact, address, key, session, revision, shape, version, "
    "owner, epoch, tier, tier_at, tier_rule, message_seq, outbox_seq, first_seen, last_seen, "
    "limit_asked, limited_until) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_ADD_OUTBOX = (
    f"INSERT INTO outbox ({_OUTBOX}, rank) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
    "?, ?)"
)


def lane(row: tuple[Any, ...]) -> Lane:
    """A row of one of the LANE queries; after it come the fence and the end of the lease."""
    return Lane(Contact(*row[:3]), Address(*row[3:13]), Conversation(*row[13:32]))


def inbounds(rows: Iterable[tuple[Any, ...]]) -> tuple[StoredInbound, ...]:
    """Rows of an INBOUND query."""
    return tuple(StoredInbound(*row) for row in rows)


def addresses(rows: Iterable[tuple[Any, ...]]) -> tuple[Address, ...]:
    """Rows of an ADDRESS query."""
    return tuple(Address(*row) for row in rows)


def messages(rows: Iterable[tuple[Any, ...]]) -> tuple[MessageRow, ...]:
    """Rows of a MESSAGE query."""
    return tuple(MessageRow(*row) for row in rows)


def outbox(rows: Iterable[tuple[Any, ...]]) -> tuple[OutboxRow, ...]:
    """Rows of an OUTBOX query."""
    return tuple(OutboxRow(*row) for row in rows)


def add_newcomer(connection: sqlite3.Connection, newcomer: Newcomer) -> None:
    """Insert somebody who was never here before."""
    connection.execute(_ADD_CONTACT, _values(newcomer.contact))
    add_address(connection, newcomer.address)
    connection.execute(_ADD_CONVERSATION, _values(newcomer.conversation))


def add_address(connection: sqlite3.Connection, address: Address) -> None:
    """Insert an address of somebody who is known."""
    connection.execute(_ADD_ADDRESS, _values(address))


def add_outbox(connection: sqlite3.Connection, row: OutboxRow) -> None:
    """Insert a row to be sent."""
    connection.execute(_ADD_OUTBOX, (*_values(row), RANKS[row.speech]))


def _values(record: Contact | Address | Conversation | OutboxRow) -> tuple[Any, ...]:
    return tuple(getattr(record, field) for field in record.__struct_fields__)
