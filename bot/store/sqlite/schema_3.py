"""Schema 3: several addresses of a contact, codes, tries, serious events, limits. Imports nothing
of ours.

Earlier rows were all said at, and came by, the one address their contact had. What retention looks
for has an index each, because it looks whenever something is due to go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

_AT_HOME = "(SELECT c.address FROM conversation c WHERE c.id = conversation)"

STATEMENTS = (
    "ALTER TABLE address ADD COLUMN session BLOB NOT NULL DEFAULT x''",
    "ALTER TABLE address ADD COLUMN since INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE inbound ADD COLUMN address TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE message ADD COLUMN address TEXT NOT NULL DEFAULT ''",
    # Below zero: what was asked then is answered (bot.store.sqlite.limits).
    "ALTER TABLE conversation ADD COLUMN limit_asked INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE conversation ADD COLUMN limited_until INTEGER NOT NULL DEFAULT 0",
    # Whether our copy holds anything of it: most conversations that are kept are empty by then.
    "ALTER TABLE conversation ADD COLUMN said INTEGER NOT NULL DEFAULT 0",
    "UPDATE conversation SET said = EXISTS (SELECT 1 FROM message m WHERE m.conversation = id)",
    f"UPDATE inbound SET address = {_AT_HOME}",
    f"UPDATE message SET address = {_AT_HOME}",
    """CREATE TABLE code (
        mark BLOB PRIMARY KEY NOT NULL,
        kind TEXT NOT NULL,
        contact TEXT NOT NULL REFERENCES contact (id),
        expires INTEGER NOT NULL
    ) WITHOUT ROWID""",
    "CREATE INDEX code_contact ON code (contact)",
    "CREATE UNIQUE INDEX code_return ON code (contact) WHERE kind = 'return'",
    "CREATE INDEX code_expires ON code (expires)",
    """CREATE TABLE tries (
        key BLOB PRIMARY KEY NOT NULL, n INTEGER NOT NULL, until INTEGER NOT NULL
    ) WITHOUT ROWID""",
    "CREATE INDEX tries_until ON tries (until)",
    """CREATE TABLE serious (
        id TEXT PRIMARY KEY NOT NULL,
        at INTEGER NOT NULL,
        tier INTEGER NOT NULL,
        rule TEXT NOT NULL,
        act TEXT NOT NULL
    ) WITHOUT ROWID""",
    "CREATE INDEX serious_at ON serious (at)",
    "CREATE INDEX contact_kek ON contact (kek)",
    "CREATE INDEX address_session ON address (contact) WHERE session != x''",
    "CREATE INDEX conversation_quiet ON conversation (last_seen)",
    "CREATE INDEX conversation_said ON conversation (last_seen) WHERE said = 1",
    "CREATE INDEX conversation_limit ON conversation (limit_asked) WHERE limit_asked > 0",
    "CREATE INDEX inbound_dead ON inbound (at) WHERE status = 'dead'",
    "CREATE INDEX outbox_settled ON outbox (settled) WHERE settled > 0",
    "CREATE INDEX seen_day ON seen (day)",
    "CREATE INDEX unsent_day ON unsent (day)",
)


def doors_and_moves(db: Database) -> None:
    """Schema 3, as above."""
    for statement in STATEMENTS:
        db.conn.execute(statement)
