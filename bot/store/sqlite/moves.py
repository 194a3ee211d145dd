"""The unit that moves a contact to another address, and the one that hides what was said at one.

Imports records and this folder's units only.
"""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from msgspec.structs import replace

from bot.services.records import (
    Address,
    Claim,
    Conversation,
    Lane,
    Move,
    OutboxRow,
    Parting,
    Received,
    StoredInbound,
)
from bot.store.sqlite import addresses, codes, lanes, rows

_HOLDER = "SELECT id, contact FROM address WHERE lookup = ?"
_OTHER = (
    "SELECT id FROM address WHERE contact = ? AND id != ? ORDER BY status = 'blocked', id LIMIT 1"
)
_INBOUNDS_BY = (
    f"{rows.INBOUND} WHERE conversation = ? AND address = ? AND status = 'waiting' ORDER BY arrived"
)
_DROP_INBOUNDS = "DELETE FROM inbound WHERE conversation = ? AND address = ?"
_WITHDRAW = (
    "UPDATE outbox SET status = 'withdrawn', reason = 'moved', settled = ?1, sealed = x'' "
    "WHERE conversation = ?2 AND address = ?3 "
    "AND status IN ('new', 'sending', 'waiting') AND (?4 OR speech != 'crisis')"
)
_UNSENT_CRISIS = (
    f"{rows.OUTBOX} WHERE conversation = ? AND address = ? AND speech = 'crisis' "
    "AND status IN ('new', 'sending', 'waiting') ORDER BY seq"
)
# Its lease and its tries stay: an attempt that is under way is settled by the row's id.
_CARRY = (
    "UPDATE outbox SET conversation = ?, address = ?, sealed = ?, epoch = ?, seq = ? WHERE id = ?"
)
_DONE = (
    "DELETE FROM inbound WHERE event = ? AND conversation = (SELECT c.id FROM conversation c "
    "JOIN address a ON a.contact = c.contact WHERE a.lookup = ?)"
)
_REMOVE = "DELETE FROM address WHERE id = ?"
_FALL_BACK = (
    "UPDATE conversation SET address = CASE address WHEN ?1 THEN ?2 ELSE address END, "
    "fence = fence + 1, lease_until = 0 WHERE id = ?3"
)
_AT_HOME = (
    "UPDATE address SET status = 'active', session = x'' WHERE status = 'former' "
    "AND id = (SELECT c.address FROM conversation c WHERE c.id = ?)"
)
_LEAVE = (
    "UPDATE address SET status = CASE status WHEN 'blocked' THEN status ELSE 'former' END, "
    "session = x'', since = ? WHERE id = ?"
)
_COME_BACK = (
    "UPDATE address SET status = 'active', status_at = max(status_at, ?), session = x'', "
    "since = CASE WHEN ?2 THEN since ELSE ?3 END WHERE id = ?4"
)
# Said late, it would be said where the conversation is at home again.
_NOT_MOVED_AWAY = (
    "UPDATE outbox SET status = 'withdrawn', reason = 'moved', settled = ?, sealed = x'' "
    "WHERE conversation = ? AND address = ? AND speech = 'notice' "
    "AND status IN ('new', 'sending', 'waiting')"
)
_HOME = (
    "UPDATE conversation SET address = ?, outbox_seq = ?, tier = ?, tier_at = ?, tier_rule = ? "
    "WHERE id = ?"
)
_FILE = (
    "INSERT INTO inbound (event, conversation, at, sealed, message_ref, due, tier, address) "
    "VALUES (?, ?, ?, ?, x'', 0, 0, ?)"
)
_VEIL = (
    "UPDATE address SET since = (SELECT c.message_seq FROM conversation c "
    "WHERE c.contact = address.contact) WHERE lookup = ?"
)
_VEIL_WAITING = (
    "UPDATE inbound SET veiled = 1 WHERE status = 'waiting' AND conversation = (SELECT c.id "
    "FROM conversation c JOIN address a ON a.contact = c.contact WHERE a.lookup = ?1) "
    "AND address = (SELECT a.id FROM address a WHERE a.lookup = ?1)"
)


class Taken(NamedTuple):
    """What was found where the address belonged to somebody else: the inbounds that waited there,
    their conversation if nothing was left of it, and the crisis rows that go on.
    """

    left: tuple[StoredInbound, ...] = ()
    ended: Conversation | None = None
    unsent: tuple[OutboxRow, ...] = ()


def veil(connection: sqlite3.Connection, lookup: bytes) -> None:
    """Hide at this address all that was said so far, and what is about to be answered."""
    connection.execute(_VEIL, (lookup,))
    connection.execute(_VEIL_WAITING, (lookup,))


def move(
    connection: sqlite3.Connection,
    move: Move,
    now: int,
    lease_ms: int,
    parting: Parting | None = None,
) -> Received | None:
    """Use a code up and bring its contact to the address; None if the code is not live."""
    code = codes.find(connection, move.mark, now)
    if code is None:
        return None
    if code.contact != move.address.contact:
        raise ValueError("the address must belong to the contact whose code it is")
    codes.use_up(connection, move.mark)
    lane = _lane(connection, code.contact)
    connection.execute(_DONE, (move.done, move.address.lookup))
    home, mine = move.address.id, lane.conversation
    taken = _take_away(connection, move.address.lookup, mine, home, now, parting)
    arrived = _arrive(connection, move.address, lane, now)
    mine = replace(mine, outbox_seq=mine.outbox_seq + len(taken.unsent))
    given_up = _take_away(connection, move.leaves, mine, arrived, now, parting)
    seq = mine.outbox_seq + len(given_up.unsent)
    if arrived != lane.address.id:
        seq += _leave(connection, move, lane, seq, now)
    tier = _gravest(mine, taken.ended, given_up.ended)
    connection.execute(_HOME, (arrived, seq, *tier, lane.conversation.id))
    connection.execute(_FILE, (move.event, lane.conversation.id, move.at, move.sealed, arrived))
    claim = _claim(connection, code.contact, now + lease_ms)
    return Received((claim,), left=(*taken.left, *given_up.left))


def _take_away(
    connection: sqlite3.Connection,
    lookup: bytes,
    to: Conversation,
    home: str,
    now: int,
    parting: Parting | None,
) -> Taken:
    """Free the look-up from another contact, who is erased where it was the only address; `home` is
    the address at which the conversation `to` goes on.
    """
    held = connection.execute(_HOLDER, (lookup,)).fetchone()
    if held is None or held[1] == to.contact:
        return Taken()
    loser = _lane(connection, held[1]).conversation
    other = connection.execute(_OTHER, (held[1], held[0])).fetchone()
    unsent = _carry_over(connection, lookup, to, home, other is None, parting)
    if other is None:
        return Taken(addresses.erase(connection, held[1]), loser, unsent)
    left = rows.inbounds(connection.execute(_INBOUNDS_BY, (loser.id, held[0])).fetchall())
    connection.execute(_DROP_INBOUNDS, (loser.id, held[0]))
    connection.execute(_WITHDRAW, (now, loser.id, held[0], True))
    connection.execute(_REMOVE, (held[0],))
    connection.execute(_FALL_BACK, (held[0], other[0], loser.id))
    connection.execute(_AT_HOME, (loser.id,))
    return Taken(left, unsent=unsent)


def _carry_over(
    connection: sqlite3.Connection,
    lookup: bytes,
    to: Conversation,
    home: str,
    ends: bool,
    parting: Parting | None,
) -> tuple[OutboxRow, ...]:
    """Crisis rows that wait to be sent to the address go over to the contact that comes there."""
    lane = lanes.find_lane(connection, lookup)
    if parting is None or lane is None:
        return ()
    values = (lane.conversation.id, lane.address.id)
    waiting = rows.outbox(connection.execute(_UNSENT_CRISIS, values).fetchall())
    carried = tuple(parting(lane, waiting, ends))
    for seq, row in enumerate(carried, to.outbox_seq + 1):
        values = (to.id, home)
        connection.execute(_CARRY, (*values, row.sealed, to.epoch, seq, row.id))
    return carried


def _arrive(connection: sqlite3.Connection, address: Address, lane: Lane, now: int) -> str:
    """Put the address there, or bring it back; its id. Nothing of before is shown at it, unless
    the conversation was there all the time.
    """
    seq = lane.conversation.message_seq
    held = connection.execute(_HOLDER, (address.lookup,)).fetchone()
    if held is None:
        fresh = replace(address, status="active", session=b"", since=seq)
        rows.add_address(connection, fresh)
        return address.id
    stays = held[0] == lane.address.id
    connection.execute(_COME_BACK, (address.status_at, stays, seq, held[0]))
    connection.execute(_NOT_MOVED_AWAY, (now, lane.conversation.id, held[0]))
    return str(held[0])


def _leave(connection: sqlite3.Connection, move: Move, lane: Lane, seq: int, now: int) -> int:
    """Close the address that was current; how many rows were added to be sent to it."""
    conversation, home = lane.conversation, lane.address
    connection.execute(_LEAVE, (conversation.message_seq, home.id))
    connection.execute(_WITHDRAW, (now, conversation.id, home.id, False))
    if move.notice is None or move.notice.address != home.id:
        return 0  # it was made for the address of an earlier moment
    rows.add_outbox(connection, replace(move.notice, seq=seq + 1))
    return 1


def _gravest(mine: Conversation, *theirs: Conversation | None) -> tuple[int, int, str]:
    """The tier that stays: somebody who was in danger a moment ago under another mark still is."""
    ended = (each for each in theirs if each is not None)
    worst = max((mine, *ended), key=lambda each: each.tier)
    return worst.tier, worst.tier_at, worst.tier_rule


def _lane(connection: sqlite3.Connection, contact: str) -> Lane:
    return rows.lane(connection.execute(rows.LANE_OF_CONTACT, (contact,)).fetchone())


def _claim(connection: sqlite3.Connection, contact: str, lease_until: int) -> Claim:
    """Take the lane, also from whoever is at work in it: their turn began at the address before."""
    found = connection.execute(rows.LANE_OF_CONTACT, (contact,)).fetchone()
    return lanes.claim(connection, lanes.Free(rows.lane(found), *found[-2:]), lease_until)
