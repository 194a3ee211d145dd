"""Units over codes and over tries to guess one. Imports records only."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from bot.errors import LostFenceError
from bot.services.records import Code

_FIND = "SELECT mark, kind, contact, expires FROM code WHERE mark = ? AND expires > ?"
_EARLIER = "DELETE FROM code WHERE contact = ? AND kind = 'return'"
_EXPIRED = "DELETE FROM code WHERE mark = ? AND expires <= ?"
_ADD = "INSERT INTO code (mark, kind, contact, expires) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
_USED = "DELETE FROM code WHERE mark = ?"
# A window longer than it can be was begun before the clock went back.
_TRY = (
    "INSERT INTO tries (key, n, until) VALUES (?1, 1, ?2 + ?3) ON CONFLICT DO UPDATE SET "
    "n = CASE WHEN until > ?2 AND until <= ?2 + ?3 THEN n + 1 ELSE 1 END, "
    "until = CASE WHEN until > ?2 AND until <= ?2 + ?3 THEN until ELSE ?2 + ?3 END "
    "RETURNING n"
)
_FORGET = "DELETE FROM tries WHERE key = ?"


def find(connection: sqlite3.Connection, mark: bytes, now: int) -> Code | None:
    """The code with this mark, if it is live."""
    found = connection.execute(_FIND, (mark, now)).fetchone()
    return None if found is None else Code(*found)


def add(connection: sqlite3.Connection, codes: Iterable[Code], now: int) -> None:
    """Keep new codes; a return code takes the place of the earlier one.

    Raises LostFenceError where a mark is somebody else's live one: the turn is taken anew, with
    another draw.
    """
    for code in codes:
        if code.kind == "return":
            connection.execute(_EARLIER, (code.contact,))
        connection.execute(_EXPIRED, (code.mark, now))
        values = (code.mark, code.kind, code.contact, code.expires)
        if connection.execute(_ADD, values).rowcount != 1:
            raise LostFenceError("The code drawn is somebody's already; nothing was kept.")


def use_up(connection: sqlite3.Connection, mark: bytes) -> None:
    """A code works once."""
    connection.execute(_USED, (mark,))


def count_tries(
    connection: sqlite3.Connection, keys: Sequence[bytes], now: int, window_ms: int
) -> tuple[int, ...]:
    """One more try under each key; how many each has since its window began."""
    return tuple(int(connection.execute(_TRY, (key, now, window_ms)).fetchone()[0]) for key in keys)


def forget_tries(connection: sqlite3.Connection, keys: Sequence[bytes]) -> None:
    """The tries under these keys count no more."""
    for key in keys:
        connection.execute(_FORGET, (key,))
