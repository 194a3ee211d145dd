"""The steps from one schema to the next, applied through sqlite-utils in one transaction.

A step never changes once it was released; a new one is added at the end. Imports errors only.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import TYPE_CHECKING

from bot.errors import SchemaError
from bot.store.sqlite import schema
from bot.store.sqlite.schema_3 import doors_and_moves
from bot.store.sqlite.schema_4 import staff_and_audit

if TYPE_CHECKING:
    from sqlite_utils import Database

SET = "engawa"
Step = Callable[["Database"], None]


def first_tables(db: Database) -> None:
    """Schema 1: everything of the first release."""
    for statement in schema.FIRST:
        db.conn.execute(statement)


def status_with_its_time(db: Database) -> None:
    """Schema 2: an address knows since which event its status holds."""
    db.conn.execute("ALTER TABLE address ADD COLUMN status_at INTEGER NOT NULL DEFAULT 0")


def veiled_while_waiting(db: Database) -> None:
    """Schema 5: what waited while its address was veiled is hidden there once it is answered."""
    db.conn.execute("ALTER TABLE inbound ADD COLUMN veiled INTEGER NOT NULL DEFAULT 0")


STEPS: tuple[Step, ...] = (
    first_tables,
    status_with_its_time,
    doors_and_moves,
    staff_and_audit,
    veiled_while_waiting,
)


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the database to the newest schema, or leave it wholly as it was.

    Raises SchemaError for a database that a newer program wrote, or that is not ours.
    """
    known = [step.__name__ for step in STEPS]
    applied = applied_steps(connection)
    _refuse_strange(connection, applied, known)
    if applied == known:
        return  # the usual start; sqlite-utils takes a tenth of a second to import
    # sqlite-utils begins deferred transactions; taken first, the write lock makes a second
    # process that migrates at the same moment wait for its turn.
    connection.execute("BEGIN IMMEDIATE")
    try:
        _apply(connection)
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def applied_steps(connection: sqlite3.Connection) -> list[str]:
    """The names of the steps that this database has been through, in order."""
    tables = "SELECT 1 FROM sqlite_master WHERE name = '_sqlite_migrations'"
    if connection.execute(tables).fetchone() is None:
        return []
    names = "SELECT name FROM _sqlite_migrations WHERE migration_set = ? ORDER BY id"
    return [name for (name,) in connection.execute(names, (SET,))]


def _refuse_strange(connection: sqlite3.Connection, applied: list[str], known: list[str]) -> None:
    newer = [name for name in applied if name not in known]
    if newer:
        raise SchemaError(
            f"The database was written by a newer program (it knows {', '.join(newer)}). "
            "Start that version again, or restore the backup from before the upgrade."
        )
    if applied != known[: len(applied)]:
        raise SchemaError(
            f"The database's migrations are out of order: {', '.join(applied)}. Restore a backup."
        )
    if not applied and connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
        raise SchemaError(
            "The file is a database of something else: it has tables, but none of Engawa's "
            "migrations. Name another file in DATABASE_URL."
        )


def _apply(connection: sqlite3.Connection) -> None:
    from sqlite_utils import Database, Migrations

    migrations = Migrations(SET)
    for step in STEPS:
        migrations(name=step.__name__)(step)
    migrations.apply(Database(connection))
