"""Units that take and give back a conversation's lane: filing arrivals, claiming, postponing.

Imports records, ports and errors only.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from bot.errors import LostFenceError
from bot.services.ports import Door
from bot.services.records import (
    AddressStatus,
    Arrival,
    Claim,
    Lane,
    Received,
    StoredInbound,
)
from bot.services.verdicts import NO_QUOTA
from bot.store.sqlite import rows

DAY = 86_400_000

_SEEN = "INSERT INTO seen (event, day) VALUES (?, ?) ON CONFLICT DO NOTHING"
_UNSENT = "SELECT 1 FROM unsent WHERE message_ref = ?"
_UNBLOCK = "UPDATE address SET status = ?, status_at = ? WHERE id = ?"
_FILE = (
    "INSERT INTO inbound (event, conversation, at, sealed, message_ref, due, tier, address) "
    "VALUES (?, ?, ?, ?, ?, 0, ?, ?)"
)
_ELSEWHERE = f"{rows.ADDRESS} WHERE contact = ? AND id != ? ORDER BY id"
_TAKE = "UPDATE conversation SET fence = ?, lease_until = ? WHERE id = ?"
_WAITING = f"{rows.INBOUND} WHERE conversation = ? AND status = 'waiting' ORDER BY arrived"
_RIDING = (
    f"{rows.OUTBOX} WHERE conversation = ? AND (status = 'waiting' OR "
    f"(status = 'new' AND rank = 0 AND instr(reason, '{NO_QUOTA}'))) ORDER BY seq"
)
# The oldest inbound decides when a lane is due: what comes later never passes it.
_STALLED = (
    "SELECT w.conversation FROM (SELECT conversation, min(arrived) AS oldest, max(tier) AS tier "
    "FROM inbound WHERE status = 'waiting' GROUP BY conversation) w "
    "JOIN inbound i ON i.arrived = w.oldest JOIN conversation c ON c.id = w.conversation "
    "WHERE i.due <= ?1 AND (c.lease_until <= ?1 OR c.lease_until > ?1 + ?2) "
    "ORDER BY w.tier DESC, w.oldest LIMIT ?3"
)
_GIVE_BACK = "UPDATE conversation SET lease_until = 0 WHERE id = ? AND fence = ?"
_LATER = (
    "UPDATE inbound SET tries = tries + 1, due = ?, status = ? "
    "WHERE conversation = ? AND event = ? AND status = 'waiting'"
)

_TAKE_BACK = (
    "UPDATE conversation SET lease_until = 0 "
    "WHERE lease_until > 0 AND id IN (SELECT conversation FROM inbound WHERE status = 'waiting')",
    f"UPDATE outbox INDEXED BY outbox_due SET next_at = 0 WHERE {rows.DUE} AND status = 'sending'",
)


class Free(NamedTuple):
    """A lane as it was found, with its last fence and the end of its last lease."""

    lane: Lane
    fence: int
    lease_until: int

    def is_taken(self, now: int, lease_ms: int) -> bool:
        """Whether somebody works in it; a lease too long was taken before the clock went back."""
        return now < self.lease_until <= now + lease_ms


def receive(
    connection: sqlite3.Connection,
    arrivals: Sequence[Arrival],
    door: Door,
    now: int,
    lease_ms: int,
) -> Received:
    """File arrivals in the order they happened, then claim the lanes that are free."""
    filed: dict[str, Free] = {}
    parked = duplicates = 0
    for arrival in sorted(arrivals, key=lambda each: each.at):
        if not _is_new(connection, arrival, now):
            duplicates += 1
            continue
        free = _file(connection, arrival, door)
        if free.is_taken(now, lease_ms):
            parked += 1
        else:
            filed[free.lane.conversation.id] = free
    claims = tuple(claim(connection, free, now + lease_ms) for free in filed.values())
    return Received(claims, parked, duplicates)


def claim_waiting(
    connection: sqlite3.Connection, now: int, lease_ms: int, limit: int
) -> tuple[Claim, ...]:
    """Claim free lanes whose oldest inbound is due, the most urgent first, then the oldest."""
    found = connection.execute(_STALLED, (now, lease_ms, limit)).fetchall()
    claims = []
    for conversation in found:
        row = connection.execute(rows.LANE_OF_CONVERSATION, conversation).fetchone()
        claims.append(claim(connection, Free(rows.lane(row), *row[-2:]), now + lease_ms))
    return tuple(claims)


def postpone(
    connection: sqlite3.Connection, claim: Claim, event: bytes, retry_at: int, give_up: bool
) -> None:
    """Give the lane back; the inbound is tried again later or set aside."""
    conversation = claim.lane.conversation.id
    if connection.execute(_GIVE_BACK, (conversation, claim.fence)).rowcount != 1:
        raise LostFenceError("The conversation was taken by another worker; nothing was postponed.")
    status = "dead" if give_up else "waiting"
    connection.execute(_LATER, (retry_at, status, conversation, event))


def lane_of(connection: sqlite3.Connection, contact: str) -> Lane | None:
    """The lane of a contact, with its current address."""
    found = connection.execute(rows.LANE_OF_CONTACT, (contact,)).fetchone()
    return None if found is None else rows.lane(found)


def find_lane(connection: sqlite3.Connection, lookup: bytes) -> Lane | None:
    """The lane of an address, with that address."""
    found = connection.execute(rows.LANE_OF_LOOKUP, (lookup,)).fetchone()
    return None if found is None else rows.lane(found)


def waiting(connection: sqlite3.Connection, conversation: str) -> tuple[StoredInbound, ...]:
    """The inbounds of a lane whose turn has not come, in order of arrival."""
    return rows.inbounds(connection.execute(_WAITING, (conversation,)))


def is_unsent(connection: sqlite3.Connection, message_ref: bytes) -> bool:
    """Whether this message was taken back."""
    return bool(message_ref) and connection.execute(_UNSENT, (message_ref,)).fetchone() is not None


def _is_new(connection: sqlite3.Connection, arrival: Arrival, now: int) -> bool:
    fresh = connection.execute(_SEEN, (arrival.event, now // DAY)).rowcount == 1
    return fresh and not is_unsent(connection, arrival.message_ref)


def _file(connection: sqlite3.Connection, arrival: Arrival, door: Door) -> Free:
    """Insert an inbound, and its person if they are new."""
    found = connection.execute(rows.LANE_OF_LOOKUP, (arrival.lookup,)).fetchone()
    if found is None:
        newcomer = door.newcomer(arrival)
        rows.add_newcomer(connection, newcomer)
        free = Free(Lane(newcomer.contact, newcomer.address, newcomer.conversation), 0, 0)
    else:
        free = Free(_welcomed(connection, rows.lane(found), arrival.at), *found[-2:])
    conversation = free.lane.conversation.id
    sealed = door.seal(arrival, free.lane)
    values = (arrival.event, conversation, arrival.at, sealed, arrival.message_ref)
    connection.execute(_FILE, (*values, arrival.tier, free.lane.address.id))
    return free


def _welcomed(connection: sqlite3.Connection, lane: Lane, at: int) -> Lane:
    """The lane of somebody who writes: a blocked address is active again, unless they blocked us
    after they wrote (`at`; 0 where the platform doesn't tell).
    """
    address = lane.address
    if address.status != "blocked" or 0 < at < address.status_at:
        return lane
    status: AddressStatus = "active" if address.id == lane.conversation.address else "former"
    since = max(at, address.status_at)
    connection.execute(_UNBLOCK, (status, since, address.id))
    welcome = msgspec.structs.replace(address, status=status, status_at=since)
    return msgspec.structs.replace(lane, address=welcome)


def claim(connection: sqlite3.Connection, free: Free, lease_until: int) -> Claim:
    """Take a free lane under a new fence, with all that waits in it."""
    conversation = free.lane.conversation
    connection.execute(_TAKE, (free.fence + 1, lease_until, conversation.id))
    others = connection.execute(_ELSEWHERE, (conversation.contact, conversation.address))
    return Claim(
        lane=_answerable(connection, free.lane),
        fence=free.fence + 1,
        inbounds=waiting(connection, conversation.id),
        waiting=rows.outbox(connection.execute(_RIDING, (conversation.id,))),
        elsewhere=rows.addresses(others),
    )


def _answerable(connection: sqlite3.Connection, lane: Lane) -> Lane:
    """The lane with its current address: who writes from a former one is answered there."""
    if lane.address.id == lane.conversation.address:
        return lane
    found = connection.execute(rows.LANE_OF_CONVERSATION, (lane.conversation.id,)).fetchone()
    return rows.lane(found)


def take_back(connection: sqlite3.Connection) -> None:
    """End the leases of a killed process, of lanes with work in them and of rows being sent.

    Only for a process that serves alone. Lanes are found by their inbounds: the table of
    conversations is too long to be walked at every start.
    """
    for statement in _TAKE_BACK:
        connection.execute(statement)
