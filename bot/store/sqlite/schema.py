"""The tables of schema 1, one statement each. Imports nothing of ours.

Times are UTC ms, `day` is days since 1970. `next_at` of a row being sent is the end of its lease,
so that one index finds what may leave and what was left behind. `rank` orders the classes of
speech. `settled` is when a row came to its end, for retention.
"""

from __future__ import annotations

FIRST = (
    """CREATE TABLE contact (
        id TEXT PRIMARY KEY NOT NULL, kek TEXT NOT NULL, key BLOB NOT NULL
    ) WITHOUT ROWID""",
    """CREATE TABLE address (
        id TEXT PRIMARY KEY NOT NULL,
        contact TEXT NOT NULL REFERENCES contact (id),
        channel TEXT NOT NULL,
        lookup BLOB NOT NULL UNIQUE,
        key BLOB NOT NULL,
        platform_id BLOB NOT NULL,
        status TEXT NOT NULL
    )""",
    "CREATE INDEX address_contact ON address (contact)",
    """CREATE TABLE conversation (
        id TEXT PRIMARY KEY NOT NULL,
        contact TEXT NOT NULL UNIQUE REFERENCES contact (id),
        address TEXT NOT NULL,
        key BLOB NOT NULL,
        session BLOB NOT NULL,
        revision TEXT NOT NULL,
        shape TEXT NOT NULL,
        version INTEGER NOT NULL,
        owner TEXT NOT NULL,
        epoch INTEGER NOT NULL,
        tier INTEGER NOT NULL,
        tier_at INTEGER NOT NULL,
        tier_rule TEXT NOT NULL,
        message_seq INTEGER NOT NULL,
        outbox_seq INTEGER NOT NULL,
        first_seen INTEGER NOT NULL,
        last_seen INTEGER NOT NULL,
        fence INTEGER NOT NULL DEFAULT 0,
        lease_until INTEGER NOT NULL DEFAULT 0
    )""",
    "CREATE TABLE seen (event BLOB PRIMARY KEY NOT NULL, day INTEGER NOT NULL) WITHOUT ROWID",
    """CREATE TABLE unsent (
        message_ref BLOB PRIMARY KEY NOT NULL, day INTEGER NOT NULL
    ) WITHOUT ROWID""",
    """CREATE TABLE inbound (
        arrived INTEGER PRIMARY KEY NOT NULL,
        event BLOB NOT NULL,
        conversation TEXT NOT NULL REFERENCES conversation (id),
        at INTEGER NOT NULL,
        sealed BLOB NOT NULL,
        message_ref BLOB NOT NULL,
        tries INTEGER NOT NULL DEFAULT 0,
        due INTEGER NOT NULL,
        tier INTEGER NOT NULL,
        status TEXT NOT NULL DEFAULT 'waiting'
    )""",
    "CREATE INDEX inbound_conversation ON inbound (conversation, arrived)",
    """CREATE TABLE message (
        conversation TEXT NOT NULL REFERENCES conversation (id),
        seq INTEGER NOT NULL,
        author TEXT NOT NULL,
        at INTEGER NOT NULL,
        sealed BLOB NOT NULL,
        message_ref BLOB NOT NULL,
        PRIMARY KEY (conversation, seq)
    ) WITHOUT ROWID""",
    "CREATE INDEX message_ref ON message (message_ref) WHERE message_ref != x''",
    """CREATE TABLE outbox (
        row INTEGER PRIMARY KEY NOT NULL,
        id TEXT NOT NULL UNIQUE,
        conversation TEXT NOT NULL REFERENCES conversation (id),
        address TEXT NOT NULL,
        channel TEXT NOT NULL,
        seq INTEGER NOT NULL,
        speech TEXT NOT NULL,
        sealed BLOB NOT NULL,
        retry_key TEXT NOT NULL,
        token_at INTEGER NOT NULL,
        epoch INTEGER NOT NULL,
        status TEXT NOT NULL,
        via TEXT NOT NULL,
        tries INTEGER NOT NULL,
        first_at INTEGER NOT NULL,
        next_at INTEGER NOT NULL,
        created INTEGER NOT NULL,
        reason TEXT NOT NULL,
        rank INTEGER NOT NULL,
        settled INTEGER NOT NULL DEFAULT 0
    )""",
    "CREATE INDEX outbox_conversation ON outbox (conversation, status, seq)",
    "CREATE INDEX outbox_due ON outbox (rank, next_at) WHERE status IN ('new', 'sending')",
    """CREATE TABLE timer (
        conversation TEXT NOT NULL REFERENCES conversation (id),
        kind TEXT NOT NULL,
        due INTEGER NOT NULL,
        data TEXT NOT NULL,
        PRIMARY KEY (conversation, kind)
    ) WITHOUT ROWID""",
    "CREATE INDEX timer_due ON timer (due)",
    """CREATE TABLE count (
        week TEXT NOT NULL,
        channel TEXT NOT NULL,
        event TEXT NOT NULL,
        label TEXT NOT NULL,
        n INTEGER NOT NULL,
        PRIMARY KEY (week, channel, event, label)
    ) WITHOUT ROWID""",
    "CREATE TABLE revision (id TEXT PRIMARY KEY NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID",
    """CREATE TABLE revision_file (
        revision TEXT NOT NULL REFERENCES revision (id),
        name TEXT NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (revision, name)
    )""",
    """CREATE TABLE active (
        one INTEGER PRIMARY KEY NOT NULL CHECK (one = 1),
        revision TEXT NOT NULL REFERENCES revision (id)
    )""",
    "CREATE TABLE meta (name TEXT PRIMARY KEY NOT NULL, n INTEGER NOT NULL) WITHOUT ROWID",
    "INSERT INTO meta (name, n) VALUES ('beat', 0)",
)
