"""What is past its time, in memory. Imports ports only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

import msgspec

from bot.services.ports import Retention
from bot.store.memory import holdings
from bot.store.memory.holdings import GAVE_UP
from bot.store.memory.tables import DAY, ENDED, Tables

K = TypeVar("K")
V = TypeVar("V")


def retire(tables: Tables, now: int, rules: Retention) -> Mapping[str, int]:
    """Delete what is past its time; how many rows of each kind."""
    return {
        "messages": _messages(tables, now - rules.messages),
        "doorsteps": _doorsteps(tables, now - rules.messages),
        "shells": _shells(tables, now - rules.shell),
        "dedupe": _dedupe(tables, (now - rules.dedupe) // DAY),
        "outbox": _outbox(tables, now - rules.outbox, ENDED),
        "dead_letters": _outbox(tables, now - rules.dead_letters, GAVE_UP)
        + _dead_inbounds(tables, now - rules.dead_letters),
        "codes": _delete(tables.codes, lambda _, code: code.expires <= now),
        "tries": _delete(tables.tries, lambda _, window: window.until <= now),
        "serious": _delete(tables.serious, lambda _, each: each.at < now - rules.serious),
    }


def next_expiry(tables: Tables, rules: Retention) -> int | None:
    """When the next row is past its time."""
    doorsteps = [
        row.last_seen + 1 + rules.messages
        for row in tables.conversations.values()
        if any(each.session for each in tables.addresses.values() if each.contact == row.contact)
    ]
    dues = [due for line in holdings.lines(tables, rules, "") for due in line.dues]
    return min([*doorsteps, *dues], default=None)


def _messages(tables: Tables, before: int) -> int:
    quiet = {row.id for row in tables.conversations.values() if row.last_seen < before}
    return _delete(tables.messages, lambda _, row: row.conversation in quiet)


def _doorsteps(tables: Tables, before: int) -> int:
    quiet = {row.contact for row in tables.conversations.values() if row.last_seen < before}
    full = [row for row in tables.addresses.values() if row.session and row.contact in quiet]
    for row in full:
        tables.addresses[row.id] = msgspec.structs.replace(row, session=b"")
    return len(full)


def _shells(tables: Tables, before: int) -> int:
    quiet = [
        row.contact
        for row in tables.conversations.values()
        if row.last_seen < before and not tables.waiting(row.id)
    ]
    for contact in quiet:
        tables.forget(contact)
    return len(quiet)


def _dedupe(tables: Tables, before: int) -> int:
    return _delete(tables.seen, lambda _, day: day < before) + _delete(
        tables.unsent, lambda _, day: day < before
    )


def _outbox(tables: Tables, before: int, statuses: tuple[str, ...]) -> int:
    return _delete(
        tables.outbox,
        lambda key, row: row.status in statuses and tables.settled.get(key, 0) < before,
    )


def _dead_inbounds(tables: Tables, before: int) -> int:
    return _delete(tables.inbounds, lambda _, each: each.dead and each.inbound.at < before)


def _delete(rows: dict[K, V], past: Callable[[K, V], bool]) -> int:
    gone = [key for key, row in rows.items() if past(key, row)]
    for key in gone:
        del rows[key]
    return len(gone)
