"""What is past its time: found by the reader, deleted by the writer a few rows at a time.

The search goes along indexes, but there may be much to find; it must not keep turns waiting, so it
runs on the reading connection, and each deletion asks again whether the row is still past its time.
Imports ports only.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import msgspec

from bot.services.ports import Retention
from bot.store.sqlite import addresses, rows
from bot.store.sqlite.lanes import DAY

Key = tuple[Any, ...]
CHUNK = 200

# The first words of each condition are those of a partial index.
_ENDED = f"settled > 0 AND {rows.ENDED}"
_GAVE_UP = "settled > 0 AND status IN ('dead', 'unknown')"
_QUIET = (
    "last_seen < ? AND NOT EXISTS (SELECT 1 FROM inbound i WHERE i.conversation = conversation.id "
    "AND i.status = 'waiting')"
)


_SAID = "SELECT id FROM conversation WHERE said = 1 AND last_seen < ?"
_UNSAY = "UPDATE conversation SET said = 0 WHERE said = 1 AND last_seen < ? AND id = ?"
_DOORSTEPS = (
    "SELECT a.id FROM address a JOIN conversation c ON c.contact = a.contact "
    "WHERE a.session != x'' AND c.last_seen < ?"
)
_EMPTY_DOORSTEP = (
    "UPDATE address SET session = x'' WHERE session != x'' "
    "AND EXISTS (SELECT 1 FROM conversation c WHERE c.contact = address.contact "
    "AND c.last_seen < ?) AND id = ?"
)
# A row goes when its time is over, so one millisecond later than the sum.
NEXT = (
    "SELECT min(last_seen) + 1 + :messages FROM conversation WHERE said = 1",
    "SELECT min(c.last_seen) + 1 + :messages FROM address a JOIN conversation c "
    "ON c.contact = a.contact WHERE a.session != x''",
    "SELECT last_seen + 1 + :shell FROM (SELECT last_seen FROM conversation WHERE NOT EXISTS ("
    "SELECT 1 FROM inbound i WHERE i.conversation = conversation.id AND i.status = 'waiting') "
    "ORDER BY last_seen LIMIT 1)",
    f"SELECT (min(day) + 1) * {DAY} + :dedupe FROM seen",
    f"SELECT (min(day) + 1) * {DAY} + :dedupe FROM unsent",
    f"SELECT min(settled) + 1 + :outbox FROM outbox WHERE {_ENDED}",
    f"SELECT min(settled) + 1 + :dead_letters FROM outbox WHERE {_GAVE_UP}",
    "SELECT min(at) + 1 + :dead_letters FROM inbound WHERE status = 'dead'",
    "SELECT min(expires) FROM code",
    "SELECT min(until) FROM tries",
    "SELECT min(at) + 1 + :serious FROM serious",
)
_NEXT_EXPIRY = f"SELECT min(due) FROM (SELECT NULL AS due UNION ALL {' UNION ALL '.join(NEXT)})"


class Rule(NamedTuple):
    """One kind of row: how those past `before` are found, and how one of them is deleted."""

    kind: str
    before: int
    find: str
    delete: Callable[[sqlite3.Connection, Key, int], int]


def rules_at(now: int, rules: Retention) -> tuple[Rule, ...]:
    """The rules in the order in which they are applied."""
    day = (now - rules.dedupe) // DAY
    dead = now - rules.dead_letters
    return (
        Rule("messages", now - rules.messages, _SAID, _delete_messages),
        _by("doorsteps", now - rules.messages, _DOORSTEPS, _EMPTY_DOORSTEP),
        Rule(
            "shells",
            now - rules.shell,
            f"SELECT contact FROM conversation WHERE {_QUIET}",
            _delete_shell,
        ),
        _plain("dedupe", day, "seen", ("event",), "day < ?"),
        _plain("dedupe", day, "unsent", ("message_ref",), "day < ?"),
        _plain("outbox", now - rules.outbox, "outbox", ("row",), f"settled < ? AND {_ENDED}"),
        _plain("dead_letters", dead, "outbox", ("row",), f"settled < ? AND {_GAVE_UP}"),
        _plain("dead_letters", dead, "inbound", ("arrived",), "at < ? AND status = 'dead'"),
        _plain("codes", now, "code", ("mark",), "expires <= ?"),
        _plain("tries", now, "tries", ("key",), "until <= ?"),
        _plain("serious", now - rules.serious, "serious", ("id",), "at < ?"),
    )


def next_expiry(connection: sqlite3.Connection, rules: Retention) -> int | None:
    """When the next row is past its time; each part is a look at the end of an index."""
    named = msgspec.structs.asdict(rules)
    due: int | None = connection.execute(_NEXT_EXPIRY, named).fetchone()[0]
    return due


def find(connection: sqlite3.Connection, rule: Rule) -> list[Key]:
    """Keys of some rows that are past their time; none when all are gone."""
    return connection.execute(f"{rule.find} LIMIT ?", (rule.before, CHUNK)).fetchall()


def delete(connection: sqlite3.Connection, rule: Rule, keys: Sequence[Key]) -> int:
    """Delete those of these rows that are still past their time; how many."""
    return sum(rule.delete(connection, key, rule.before) for key in keys)


def _plain(kind: str, before: int, table: str, keys: tuple[str, ...], past: str) -> Rule:
    where = " AND ".join(f"{key} = ?" for key in keys)
    find = f"SELECT {', '.join(keys)} FROM {table} WHERE {past}"
    return _by(kind, before, find, f"DELETE FROM {table} WHERE {past} AND {where}")


def _by(kind: str, before: int, find: str, statement: str) -> Rule:
    def delete_one(connection: sqlite3.Connection, key: Key, limit: int) -> int:
        return connection.execute(statement, (limit, *key)).rowcount

    return Rule(kind, before, find, delete_one)


def _delete_messages(connection: sqlite3.Connection, key: Key, before: int) -> int:
    if connection.execute(_UNSAY, (before, *key)).rowcount == 0:
        return 0
    return connection.execute("DELETE FROM message WHERE conversation = ?", key).rowcount


def _delete_shell(connection: sqlite3.Connection, key: Key, before: int) -> int:
    still = f"SELECT 1 FROM conversation WHERE {_QUIET} AND contact = ?"
    if connection.execute(still, (before, *key)).fetchone() is None:
        return 0
    addresses.erase(connection, key[0])
    return 1
