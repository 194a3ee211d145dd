"""What is past its time: found by the reader, deleted by the writer a few rows at a time.

The search walks whole tables and may take a second; it must not keep turns waiting, so it runs on
the reading connection, and each deletion asks again whether the row is still past its time.
Imports ports only.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from bot.services.ports import Retention
from bot.store.sqlite import addresses
from bot.store.sqlite.lanes import DAY

Key = tuple[Any, ...]
CHUNK = 200

_ENDED = "status IN ('sent', 'inferred', 'withdrawn', 'undeliverable')"
_GAVE_UP = "status IN ('dead', 'unknown')"
_QUIET = (
    "last_seen < ? AND NOT EXISTS (SELECT 1 FROM inbound i WHERE i.conversation = conversation.id "
    "AND i.status = 'waiting')"
)


_OLD_MESSAGE = (
    "EXISTS (SELECT 1 FROM conversation c WHERE c.id = message.conversation AND c.last_seen < ?)"
)


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
        _plain("messages", now - rules.messages, "message", ("conversation", "seq"), _OLD_MESSAGE),
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
    )


def find(connection: sqlite3.Connection, rule: Rule) -> list[Key]:
    """Keys of some rows that are past their time; none when all are gone."""
    return connection.execute(f"{rule.find} LIMIT ?", (rule.before, CHUNK)).fetchall()


def delete(connection: sqlite3.Connection, rule: Rule, keys: Sequence[Key]) -> int:
    """Delete those of these rows that are still past their time; how many."""
    return sum(rule.delete(connection, key, rule.before) for key in keys)


def _plain(kind: str, before: int, table: str, keys: tuple[str, ...], past: str) -> Rule:
    where = " AND ".join(f"{key} = ?" for key in keys)
    statement = f"DELETE FROM {table} WHERE {past} AND {where}"

    def delete_one(connection: sqlite3.Connection, key: Key, limit: int) -> int:
        return connection.execute(statement, (limit, *key)).rowcount

    return Rule(kind, before, f"SELECT {', '.join(keys)} FROM {table} WHERE {past}", delete_one)


def _delete_shell(connection: sqlite3.Connection, key: Key, before: int) -> int:
    still = f"SELECT 1 FROM conversation WHERE {_QUIET} AND contact = ?"
    if connection.execute(still, (before, *key)).fetchone() is None:
        return 0
    addresses.erase(connection, key[0])
    return 1
