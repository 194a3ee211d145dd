"""Schema 4: staff, their sessions and tickets, and the record of their acts. Imports nothing of
ours.

`roles` and `kinds` are words with a comma between them. The record refuses changes by the program
itself; whoever writes past it is found by the chain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

STATEMENTS = (
    """CREATE TABLE staff_account (
        id TEXT PRIMARY KEY NOT NULL,
        login TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        roles TEXT NOT NULL,
        kinds TEXT NOT NULL,
        status TEXT NOT NULL,
        password TEXT NOT NULL,
        totp BLOB NOT NULL,
        totp_kek TEXT NOT NULL,
        totp_step INTEGER NOT NULL,
        demo INTEGER NOT NULL,
        version INTEGER NOT NULL,
        created INTEGER NOT NULL,
        password_at INTEGER NOT NULL,
        signed_in_at INTEGER NOT NULL
    ) WITHOUT ROWID""",
    """CREATE TABLE staff_passkey (
        id TEXT PRIMARY KEY NOT NULL,
        account TEXT NOT NULL REFERENCES staff_account (id),
        credential BLOB NOT NULL UNIQUE,
        public_key BLOB NOT NULL,
        sign_count INTEGER NOT NULL,
        label TEXT NOT NULL,
        created INTEGER NOT NULL,
        used_at INTEGER NOT NULL
    ) WITHOUT ROWID""",
    "CREATE INDEX staff_passkey_account ON staff_passkey (account)",
    """CREATE TABLE staff_recovery (
        hash BLOB PRIMARY KEY NOT NULL,
        account TEXT NOT NULL REFERENCES staff_account (id),
        used_at INTEGER NOT NULL
    ) WITHOUT ROWID""",
    "CREATE INDEX staff_recovery_account ON staff_recovery (account)",
    """CREATE TABLE staff_session (
        mark BLOB PRIMARY KEY NOT NULL,
        id TEXT NOT NULL,
        account TEXT NOT NULL REFERENCES staff_account (id),
        created INTEGER NOT NULL,
        seen INTEGER NOT NULL,
        stepped_up_at INTEGER NOT NULL,
        device TEXT NOT NULL,
        csrf TEXT NOT NULL
    ) WITHOUT ROWID""",
    "CREATE INDEX staff_session_account ON staff_session (account)",
    """CREATE TABLE staff_ticket (
        mark BLOB PRIMARY KEY NOT NULL,
        kind TEXT NOT NULL,
        account TEXT NOT NULL,
        expires INTEGER NOT NULL,
        purpose TEXT NOT NULL,
        session TEXT NOT NULL,
        data BLOB NOT NULL
    ) WITHOUT ROWID""",
    "CREATE INDEX staff_ticket_account ON staff_ticket (account)",
    "CREATE INDEX staff_ticket_expires ON staff_ticket (expires)",
    """CREATE TABLE audit (
        seq INTEGER PRIMARY KEY NOT NULL,
        at INTEGER NOT NULL,
        actor TEXT NOT NULL,
        act TEXT NOT NULL,
        object TEXT NOT NULL,
        detail TEXT NOT NULL,
        prev BLOB NOT NULL,
        hash BLOB NOT NULL
    )""",
    "CREATE INDEX audit_at ON audit (at)",
    """CREATE TRIGGER audit_is_final BEFORE UPDATE ON audit BEGIN
        SELECT RAISE(ABORT, 'the record is not changed');
    END""",
)


def staff_and_audit(db: Database) -> None:
    """Schema 4, as above."""
    for statement in STATEMENTS:
        db.conn.execute(statement)
