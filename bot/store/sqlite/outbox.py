"""Units over the outbox: leasing what may leave, writing how it ended. Imports records, ports."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence

import msgspec

from bot.services.ports import Outgoing
from bot.services.records import Lane, OutboxRow, OutboxStatus, Settlement, Via
from bot.services.verdicts import NO_QUOTA
from bot.store.sqlite import rows

Road = Callable[[OutboxRow], Via]
_STILL_OPEN = ("new", "sending", "waiting")

# Per conversation the lowest row not yet sent; a crisis row waits only for earlier crisis rows, and
# nothing waits for one that the month's pushes don't suffice for and that is to be tried later, nor
# for a notice or an info that is put off (till the morning, say).
_FIRST = (
    f"o.{rows.DUE} AND NOT EXISTS (SELECT 1 FROM outbox b WHERE b.conversation = o.conversation "
    f"AND b.seq < o.seq AND b.{rows.DUE} AND (o.rank > 0 OR b.rank = 0) "
    "AND NOT (b.status = 'new' AND b.next_at > {now} "
    f"AND (b.rank > {rows.RANKS['turn']} OR instr(b.reason, '{NO_QUOTA}'))))"
)
_ELIGIBLE = (
    f"{rows.OUTBOX} o WHERE o.rank = ?1 AND o.next_at <= ?2 AND {_FIRST.format(now='?2')} "
    "ORDER BY o.next_at, o.row LIMIT ?3"
)
_LEASE = (
    "UPDATE outbox SET status = 'sending', via = ?, tries = ?, first_at = ?, next_at = ? "
    "WHERE id = ?"
)
_LEASED = "SELECT 1 FROM outbox WHERE id = ? AND status = 'sending'"
_PARK = "UPDATE outbox SET status = 'waiting' WHERE id = ?"
# What has ended is never sent again: the request itself goes at once.
_REFUSE = (
    "UPDATE outbox SET status = 'undeliverable', reason = 'blocked', settled = ?, sealed = x'' "
    "WHERE id = ?"
)
_SETTLE = (
    "UPDATE outbox SET status = ?, next_at = ?, reason = ?, settled = ? "
    "WHERE id = ? AND status = 'sending'"
)
_EMPTY = f"UPDATE outbox SET sealed = x'' WHERE id = ? AND {rows.ENDED}"
_NEXT = " UNION ALL ".join(
    [
        "SELECT min(due) AS at FROM timer",
        # For each class a walk along the index that ends at the first row which could leave.
        *(
            f"SELECT * FROM (SELECT o.next_at FROM outbox o WHERE o.rank = {rank} "
            f"AND {_FIRST.format(now=0)} ORDER BY o.next_at LIMIT 1)"
            for rank in rows.RANKS.values()
        ),
    ]
)
_NEXT_DUE = f"SELECT min(at) FROM ({_NEXT})"


def claim_sends(
    connection: sqlite3.Connection, now: int, lease_ms: int, limit: int, road: Road
) -> tuple[Outgoing, ...]:
    """Lease rows class by class; a row that finds no road or no reader lets the next one come."""
    taken: list[Outgoing] = []
    for rank in rows.RANKS.values():
        while len(taken) < limit:
            found = rows.outbox(
                connection.execute(_ELIGIBLE, (rank, now, limit - len(taken))).fetchall()
            )
            if not found:
                break
            for row in found:
                sent = _lease(connection, row, now, lease_ms, road)
                if sent is not None:
                    taken.append(sent)
    return tuple(taken)


def settle_sends(
    connection: sqlite3.Connection, settlements: Sequence[Settlement], now: int
) -> None:
    """Write how attempts ended; one that was erased or settled meanwhile stays as it is."""
    for each in settlements:
        settled = 0 if each.status in _STILL_OPEN else now
        values = (each.status, each.next_at, each.reason, settled, each.id)
        connection.execute(_SETTLE, values)
        connection.execute(_EMPTY, (each.id,))


def is_leased(connection: sqlite3.Connection, row: str) -> bool:
    """Whether a row is being sent."""
    return connection.execute(_LEASED, (row,)).fetchone() is not None


def read_rows(
    connection: sqlite3.Connection, statuses: Sequence[OutboxStatus], limit: int
) -> tuple[OutboxRow, ...]:
    """Rows by status, oldest first."""
    marks = ", ".join("?" * len(statuses))
    query = f"{rows.OUTBOX} WHERE status IN ({marks}) ORDER BY row LIMIT ?"
    return rows.outbox(connection.execute(query, (*statuses, limit)))


def next_due(connection: sqlite3.Connection) -> int | None:
    """When the next timer or outbox row falls due (UTC ms); not rows that wait behind another."""
    due: int | None = connection.execute(_NEXT_DUE).fetchone()[0]
    return due


def _lease(
    connection: sqlite3.Connection, row: OutboxRow, now: int, lease_ms: int, road: Road
) -> Outgoing | None:
    lane = _lane(connection, row)
    if lane.address.status == "blocked":
        connection.execute(_REFUSE, (now, row.id))
        return None
    via = road(row)
    if not via:
        connection.execute(_PARK, (row.id,))
        return None
    # A lease of no length would be over before the row left, and this loop would never end.
    until = now + max(lease_ms, 1)
    leased = msgspec.structs.replace(
        row,
        status="sending",
        via=via,
        tries=row.tries + 1,
        first_at=row.first_at or now,
        next_at=until,
    )
    connection.execute(_LEASE, (via, leased.tries, leased.first_at, until, row.id))
    return Outgoing(leased, lane)


def _lane(connection: sqlite3.Connection, row: OutboxRow) -> Lane:
    found = connection.execute(rows.LANE_OF_OUTBOX, (row.address, row.conversation)).fetchone()
    return rows.lane(found)
