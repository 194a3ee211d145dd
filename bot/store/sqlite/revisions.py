"""Units over published revisions: kept once, one of them active. Imports nothing of ours."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

_KEEP = "INSERT INTO revision (id, at) VALUES (?, ?) ON CONFLICT DO NOTHING"
_FILE = "INSERT INTO revision_file (revision, name, body) VALUES (?, ?, ?)"
_ACTIVATE = (
    "INSERT INTO active (one, revision) VALUES (1, ?) "
    "ON CONFLICT DO UPDATE SET revision = excluded.revision"
)
_KNOWN = "SELECT 1 FROM revision WHERE id = ?"
_FILES = "SELECT name, body FROM revision_file WHERE revision = ? ORDER BY name"


def publish(
    connection: sqlite3.Connection, revision: str, files: Mapping[str, bytes], now: int
) -> None:
    """Keep the files under their hash, if they aren't kept yet, and make them the active ones."""
    if connection.execute(_KEEP, (revision, now)).rowcount == 1:
        for name, body in files.items():
            connection.execute(_FILE, (revision, name, body))
    connection.execute(_ACTIVATE, (revision,))


def active(connection: sqlite3.Connection) -> str | None:
    """The active revision's hash."""
    found = connection.execute("SELECT revision FROM active").fetchone()
    return None if found is None else found[0]


def files(connection: sqlite3.Connection, revision: str) -> dict[str, bytes] | None:
    """A revision's files, or None if it was never published."""
    if connection.execute(_KNOWN, (revision,)).fetchone() is None:
        return None
    return dict(connection.execute(_FILES, (revision,)).fetchall())
