"""The unit that saves a turn: everything it changes, or nothing. Imports records and errors."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from bot.engine.events import Timer
from bot.errors import LostFenceError
from bot.services.records import (
    Conversation,
    Count,
    MessageRow,
    Saved,
    Serious,
    TurnWrite,
)
from bot.store.sqlite import codes, lanes, rows

_DONE = (
    "DELETE FROM inbound WHERE conversation = ? AND event = ? "
    "RETURNING CASE WHEN veiled THEN address ELSE '' END"
)
_HIDE = "UPDATE address SET since = max(since, ?) WHERE id = ?"
_SAVE = (
    "UPDATE conversation SET address = ?, session = ?, revision = ?, shape = ?, version = ?, "
    "owner = ?, epoch = ?, tier = ?, tier_at = ?, tier_rule = ?, message_seq = ?, outbox_seq = ?, "
    "first_seen = ?, last_seen = ?, lease_until = ?, "
    "limit_asked = CASE WHEN ?16 > abs(limit_asked) THEN ?16 ELSE limit_asked END, "
    "said = max(said, ?) WHERE id = ? AND fence = ? AND version = ?"
)
# Never less: what was veiled while the turn was running stays veiled.
_STAND = (
    "UPDATE address SET session = ?, since = max(since, ?) WHERE id = ? "
    "AND contact = (SELECT c.contact FROM conversation c WHERE c.id = ?)"
)
_SAY = (
    "INSERT INTO message (conversation, seq, author, at, sealed, message_ref, address) "
    "VALUES (?, ?, ?, ?, ?, ?, ?)"
)
_SERIOUS = (
    "INSERT INTO serious (id, at, tier, rule, act) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
)
_SERIOUS_ONES = "SELECT id, at, tier, rule, act FROM serious ORDER BY at DESC, id LIMIT ?"
_OVERTAKE = (
    "UPDATE outbox SET status = 'withdrawn', settled = ?1, sealed = x'' "
    "WHERE conversation = ?2 AND status IN ('new', 'sending', 'waiting') "
    "AND speech IN ('turn', 'notice', 'info') "
    "AND (?3 = '' OR address = ?3)"
)
_WITHDRAW = (
    "UPDATE outbox SET status = 'withdrawn', settled = ?, sealed = x'' "
    "WHERE id = ? AND conversation = ? AND status IN ('new', 'waiting')"
)
# By how many timers stay: changed in place, they cost less than deleted and inserted again.
_OTHER_TIMERS = (
    "DELETE FROM timer WHERE conversation = ?",
    "DELETE FROM timer WHERE conversation = ? AND kind != ?",
    "DELETE FROM timer WHERE conversation = ? AND kind NOT IN (?, ?)",
)
_TIMER = (
    "INSERT INTO timer (conversation, kind, due, data) VALUES (?, ?, ?, ?) "
    "ON CONFLICT DO UPDATE SET due = excluded.due, data = excluded.data"
)
_COUNT = (
    "INSERT INTO count (week, channel, event, label, n) VALUES (?, ?, ?, ?, ?) "
    "ON CONFLICT DO UPDATE SET n = n + excluded.n"
)
_COUNTS = "SELECT week, channel, event, label, n FROM count WHERE week >= ? ORDER BY 1, 2, 3, 4"


def save_turn(connection: sqlite3.Connection, write: TurnWrite, now: int, lease_ms: int) -> Saved:
    """Write a turn; the lane is free afterwards unless more inbounds wait in it."""
    conversation = write.conversation
    done = connection.execute(_DONE, (conversation.id, write.done)).fetchall()
    more = lanes.waiting(connection, conversation.id)
    until = now + lease_ms if more else 0
    _save_conversation(connection, conversation, write.claim_fence, until, bool(write.messages))
    for message in write.messages:
        _say(connection, message)
    _withdraw(connection, write, now)
    for row in write.outbox:
        rows.add_outbox(connection, row)
    _set_timers(connection, conversation.id, write.timers)
    add_counts(connection, write.counts)
    for address in write.addresses:
        kept = (address.session, address.since, address.id, conversation.id)
        connection.execute(_STAND, kept)
    for (veiled,) in done:
        if veiled:  # quick exit came between a message and its answer: neither is shown there
            connection.execute(_HIDE, (conversation.message_seq, veiled))
    codes.add(connection, write.codes, now)
    add_serious(connection, write.serious)
    return Saved(more)


def add_serious(connection: sqlite3.Connection, events: Iterable[Serious]) -> None:
    """Keep serious events, apart from everybody."""
    for each in events:
        connection.execute(_SERIOUS, (each.id, each.at, each.tier, each.rule, each.act))


def read_serious(connection: sqlite3.Connection, limit: int) -> tuple[Serious, ...]:
    """The newest serious events."""
    return tuple(Serious(*row) for row in connection.execute(_SERIOUS_ONES, (limit,)))


def add_counts(connection: sqlite3.Connection, counts: Iterable[Count]) -> None:
    """Add to the weekly sums."""
    for each in counts:
        connection.execute(_COUNT, (each.week, each.channel, each.event, each.label, each.n))


def read_counts(connection: sqlite3.Connection, since_week: str) -> tuple[Count, ...]:
    """The weekly sums from this week on."""
    return tuple(Count(*row) for row in connection.execute(_COUNTS, (since_week,)))


def _save_conversation(
    connection: sqlite3.Connection, new: Conversation, fence: int, lease_until: int, said: bool
) -> None:
    kept = (new.address, new.session, new.revision, new.shape, new.version, new.owner, new.epoch)
    tier = (new.tier, new.tier_at, new.tier_rule)
    marks = (new.message_seq, new.outbox_seq, new.first_seen, new.last_seen, lease_until)
    condition = (new.limit_asked, said, new.id, fence, new.version - 1)
    if connection.execute(_SAVE, (*kept, *tier, *marks, *condition)).rowcount != 1:
        raise LostFenceError(
            "The conversation was taken by another worker, or erased; nothing of the turn was kept."
        )


def _say(connection: sqlite3.Connection, row: MessageRow) -> None:
    # Taken back while its turn was running: the row stays as a place in the order, empty.
    sealed = b"" if lanes.is_unsent(connection, row.message_ref) else row.sealed
    values = (row.conversation, row.seq, row.author, row.at, sealed, row.message_ref, row.address)
    connection.execute(_SAY, values)


def _set_timers(connection: sqlite3.Connection, conversation: str, timers: Sequence[Timer]) -> None:
    kinds = {timer.kind for timer in timers}
    connection.execute(_OTHER_TIMERS[len(kinds)], (conversation, *kinds))
    for timer in timers:
        connection.execute(_TIMER, (conversation, timer.kind, timer.due, timer.data))


def _withdraw(connection: sqlite3.Connection, write: TurnWrite, now: int) -> None:
    if write.withdraw_turns:
        connection.execute(_OVERTAKE, (now, write.conversation.id, write.withdraw_at))
    for row_id in write.withdraw:
        connection.execute(_WITHDRAW, (now, row_id, write.conversation.id))
