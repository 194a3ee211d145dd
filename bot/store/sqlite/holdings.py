"""What is held, table by table, without content: for `engawa inventory`. Imports ports and records.

Every table of the schema stands here once, or in `HOUSEKEEPING` with the reason why it holds
nothing of anybody; a test fails for a table that does not.
"""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

import msgspec

from bot.services.ports import Retention
from bot.services.records import Holding
from bot.store.sqlite.lanes import DAY

HOUSEKEEPING = {
    "meta": "a counter by which the disk is tried",
    "active": "which revision is active",
    "_sqlite_migrations": "which steps the schema went through",
}

_OF_CONVERSATION = "conversation IN (SELECT id FROM conversation WHERE contact = :contact)"
_FIRST = "(SELECT c.first_seen FROM conversation c WHERE c.contact = {})"
_SHELL = (
    "(SELECT c.last_seen + 1 + :shell FROM conversation c WHERE c.contact = {} AND NOT EXISTS ("
    "SELECT 1 FROM inbound i WHERE i.conversation = c.id AND i.status = 'waiting'))"
)
_MESSAGE_GONE = (
    "(SELECT c.last_seen + 1 + :messages FROM conversation c WHERE c.id = message.conversation)"
)
_OUTBOX_GONE = (
    "CASE WHEN settled = 0 THEN NULL WHEN status IN ('dead', 'unknown') "
    "THEN settled + 1 + :dead_letters WHEN status IN ('sent', 'inferred', 'withdrawn', "
    "'undeliverable') THEN settled + 1 + :outbox END"
)
_DAY_GONE = f"(day + 1) * {DAY} + :dedupe"


class Table(NamedTuple):
    """How one table is asked: `whose` finds a contact's rows ("" where rows belong to nobody)."""

    name: str
    whose: str = ""
    oldest: str = "NULL"
    gone: str = "NULL"


TABLES = (
    Table("contact", "id = :contact", _FIRST.format("contact.id"), _SHELL.format("contact.id")),
    Table(
        "address",
        "contact = :contact",
        _FIRST.format("address.contact"),
        _SHELL.format("address.contact"),
    ),
    Table(
        "conversation",
        "contact = :contact",
        "first_seen",
        _SHELL.format("conversation.contact"),
    ),
    Table("message", _OF_CONVERSATION, "at", _MESSAGE_GONE),
    Table(
        "inbound",
        _OF_CONVERSATION,
        "at",
        "CASE status WHEN 'dead' THEN at + 1 + :dead_letters END",
    ),
    Table("outbox", _OF_CONVERSATION, "created", _OUTBOX_GONE),
    Table("timer", _OF_CONVERSATION),
    Table("code", "contact = :contact", gone="expires"),
    Table("tries", gone="until"),
    Table("seen", oldest=f"day * {DAY}", gone=_DAY_GONE),
    Table("unsent", oldest=f"day * {DAY}", gone=_DAY_GONE),
    Table("serious", oldest="at", gone="at + 1 + :serious"),
    Table("count"),
    Table("staff_account", oldest="created"),
    Table("staff_passkey", oldest="created"),
    Table("staff_recovery"),
    Table("staff_session", oldest="created"),
    Table("staff_ticket", gone="expires"),
    Table("audit", oldest="at", gone="at + 1 + :audit"),
    Table("revision", oldest="at"),
    Table("revision_file"),
)


def holdings(
    connection: sqlite3.Connection, rules: Retention, contact: str = ""
) -> tuple[Holding, ...]:
    """A line for each table, or for each that can hold rows of this contact."""
    named = {**msgspec.structs.asdict(rules), "contact": contact}
    asked = [table for table in TABLES if table.whose or not contact]
    return tuple(_holding(connection, table, contact, named) for table in asked)


def _holding(
    connection: sqlite3.Connection, table: Table, contact: str, named: dict[str, object]
) -> Holding:
    where = f" WHERE {table.whose}" if contact else ""
    query = f"SELECT count(*), min({table.oldest}), min({table.gone}) FROM {table.name}{where}"
    rows, oldest, gone = connection.execute(query, named).fetchone()
    return Holding(table.name, rows, oldest or 0, gone or 0)
