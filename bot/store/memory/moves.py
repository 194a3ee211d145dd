"""Moving a contact to another address, and hiding what was said at one, in memory.

Imports records and this folder only.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from msgspec.structs import replace

from bot.services.records import (
    Address,
    Arrival,
    Conversation,
    Move,
    OutboxClass,
    OutboxRow,
    Parting,
    Received,
    StoredInbound,
)
from bot.store.memory import codes, lanes
from bot.store.memory.tables import Lease, Tables

_UNSENT = ("new", "sending", "waiting")
_BUT_CRISIS: tuple[OutboxClass, ...] = ("staff", "turn", "notice", "info")
_NOTICES: tuple[OutboxClass, ...] = ("notice",)
_EVERY: tuple[OutboxClass, ...] = ("crisis", *_BUT_CRISIS)


class Taken(NamedTuple):
    """What was found where the address belonged to somebody else: the inbounds that waited there,
    their conversation if nothing was left of it, and the crisis rows that go on.
    """

    left: tuple[StoredInbound, ...] = ()
    ended: Conversation | None = None
    unsent: tuple[OutboxRow, ...] = ()


def veil(tables: Tables, lookup: bytes) -> None:
    """Hide at this address all that was said so far, and what is about to be answered."""
    lane = tables.lane_of(lookup)
    if lane is not None:
        veiled = replace(lane.address, since=lane.conversation.message_seq)
        tables.addresses[veiled.id] = veiled
        for arrived, each in tables.inbounds.items():
            if each.inbound.address == veiled.id and not each.dead:
                tables.inbounds[arrived] = each._replace(veiled=True)


def move(
    tables: Tables, move: Move, now: int, lease_ms: int, parting: Parting | None = None
) -> Received | None:
    """Use a code up and bring its contact to the address; None if the code is not live."""
    code = codes.find(tables, move.mark, now)
    if code is None:
        return None
    if code.contact != move.address.contact:
        raise ValueError("the address must belong to the contact whose code it is")
    del tables.codes[move.mark]
    before = _conversation(tables, code.contact)
    tables.inbounds = {
        arrived: each
        for arrived, each in tables.inbounds.items()
        if each.inbound.event != move.done
    }
    home, mine = move.address.id, before
    taken = _take_away(tables, move.address.lookup, mine, home, now, parting)
    arrived = _arrive(tables, move.address, before, now)
    mine = replace(mine, outbox_seq=mine.outbox_seq + len(taken.unsent))
    given_up = _take_away(tables, move.leaves, mine, arrived, now, parting)
    seq = mine.outbox_seq + len(given_up.unsent)
    if arrived != before.address:
        seq += _leave(tables, move, before, seq, now)
    ended = [each for each in (taken.ended, given_up.ended) if each is not None]
    worst = max((before, *ended), key=lambda each: each.tier)
    tables.conversations[before.id] = replace(
        before,
        address=arrived,
        outbox_seq=seq,
        tier=worst.tier,
        tier_at=worst.tier_at,
        tier_rule=worst.tier_rule,
    )
    lanes.queue(tables, Arrival(move.event, "", b"", move.at), before.id, move.sealed, arrived)
    claim = lanes.claim(tables, before.id, now + lease_ms)
    return Received((claim,), left=(*taken.left, *given_up.left))


def _take_away(
    tables: Tables,
    lookup: bytes,
    to: Conversation,
    home: str,
    now: int,
    parting: Parting | None,
) -> Taken:
    """Free the look-up from another contact, who is erased where it was the only address; `home` is
    the address at which the conversation `to` goes on.
    """
    held = tables.addresses.get(tables.lookups.get(lookup, ""))
    if held is None or held.contact == to.contact:
        return Taken()
    loser = _conversation(tables, held.contact)
    others = [row for row in tables.addresses.values() if row.contact == held.contact]
    others = [row for row in others if row.id != held.id]
    waiting = tables.waiting(loser.id)
    unsent = _carry_over(tables, lookup, to, home, not others, parting)
    if not others:
        tables.forget(held.contact)
        return Taken(waiting, loser, unsent)
    left = _drop_inbounds(tables, loser.id, held.id)
    _withdraw(tables, loser.id, held.id, now, _EVERY)
    tables.remove_address(held)
    if loser.address == held.id:
        other = min(others, key=lambda row: (row.status == "blocked", row.id))
        tables.conversations[loser.id] = replace(loser, address=other.id)
        if other.status == "former":
            tables.addresses[other.id] = replace(other, status="active", session=b"")
    tables.leases[loser.id] = Lease(tables.leases[loser.id].fence + 1)
    return Taken(left, unsent=unsent)


def _carry_over(
    tables: Tables,
    lookup: bytes,
    to: Conversation,
    home: str,
    ends: bool,
    parting: Parting | None,
) -> tuple[OutboxRow, ...]:
    """Crisis rows that wait to be sent to the address go over to the contact that comes there."""
    lane = tables.lane_of(lookup)
    if parting is None or lane is None:
        return ()
    waiting = [
        row
        for row in tables.rows_of(lane.conversation.id)
        if (row.address, row.speech) == (lane.address.id, "crisis") and row.status in _UNSENT
    ]
    carried = tuple(parting(lane, waiting, ends))
    for seq, row in enumerate(carried, to.outbox_seq + 1):
        tables.change(
            tables.outbox[row.id],
            conversation=to.id,
            address=home,
            sealed=row.sealed,
            epoch=to.epoch,
            seq=seq,
        )
    return carried


def _drop_inbounds(tables: Tables, conversation: str, address: str) -> tuple[StoredInbound, ...]:
    left = [
        each
        for each in tables.inbounds.values()
        if (each.inbound.conversation, each.inbound.address) == (conversation, address)
    ]
    tables.inbounds = {k: v for k, v in tables.inbounds.items() if v not in left}
    return tuple(each.inbound for each in left if not each.dead)


def _arrive(tables: Tables, address: Address, conversation: Conversation, now: int) -> str:
    """Put the address there, or bring it back; its id. Nothing of before is shown at it, unless
    the conversation was there all the time.
    """
    held = tables.addresses.get(tables.lookups.get(address.lookup, ""))
    if held is None:
        seq = conversation.message_seq
        tables.add_address(replace(address, status="active", session=b"", since=seq))
        return address.id
    stays = held.id == conversation.address
    tables.addresses[held.id] = replace(
        held,
        status="active",
        status_at=max(held.status_at, address.status_at),
        session=b"",
        since=held.since if stays else conversation.message_seq,
    )
    # Said late, it would be said where the conversation is at home again.
    _withdraw(tables, conversation.id, held.id, now, _NOTICES)
    return held.id


def _leave(tables: Tables, move: Move, conversation: Conversation, seq: int, now: int) -> int:
    """Close the address that was current; how many rows were added to be sent to it."""
    home = tables.addresses[conversation.address]
    tables.addresses[home.id] = replace(
        home,
        status="blocked" if home.status == "blocked" else "former",
        session=b"",
        since=conversation.message_seq,
    )
    _withdraw(tables, conversation.id, home.id, now, _BUT_CRISIS)
    if move.notice is None or move.notice.address != home.id:
        return 0  # it was made for the address of an earlier moment
    tables.outbox[move.notice.id] = replace(move.notice, seq=seq + 1)
    return 1


def _withdraw(
    tables: Tables, conversation: str, address: str, now: int, classes: Collection[OutboxClass]
) -> None:
    for row in tables.rows_of(conversation):
        concerned = row.address == address and row.speech in classes
        if concerned and row.status in _UNSENT:
            tables.end(row, "withdrawn", now, reason="moved")


def _conversation(tables: Tables, contact: str) -> Conversation:
    found = tables.of_contact(contact)
    if found is None:
        raise ValueError(f"contact {contact} has no conversation")
    return found
