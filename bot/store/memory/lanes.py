"""Taking and giving back lanes, saving turns, in memory. Imports records, ports and errors."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from bot.engine.events import Timer
from bot.errors import LostFenceError
from bot.services.ports import Door
from bot.services.records import (
    Address,
    AddressStatus,
    Arrival,
    Claim,
    Count,
    Lane,
    OutboxRow,
    Received,
    Saved,
    StoredInbound,
    TurnWrite,
)
from bot.services.verdicts import NO_QUOTA
from bot.store.memory import codes, limits
from bot.store.memory.tables import DAY, Lease, Queued, Tables


def receive(
    tables: Tables, arrivals: Sequence[Arrival], door: Door, now: int, lease_ms: int
) -> Received:
    """File arrivals in the order they happened, then claim the lanes that are free."""
    free: dict[str, None] = {}
    parked = duplicates = 0
    for arrival in sorted(arrivals, key=lambda each: each.at):
        known = arrival.event in tables.seen
        tables.seen.setdefault(arrival.event, now // DAY)
        if known or arrival.message_ref in tables.unsent:
            duplicates += 1
            continue
        conversation = _file(tables, arrival, door)
        if tables.leases[conversation].is_held(now, lease_ms):
            parked += 1
        else:
            free[conversation] = None
    claims = tuple(claim(tables, each, now + lease_ms) for each in free)
    return Received(claims, parked, duplicates)


def claim_waiting(tables: Tables, now: int, lease_ms: int, limit: int) -> tuple[Claim, ...]:
    """Claim free lanes whose oldest inbound is due, the most urgent first, then the oldest."""
    lanes: dict[str, list[Queued]] = {}
    for each in tables.inbounds.values():
        if not each.dead:
            lanes.setdefault(each.inbound.conversation, []).append(each)
    due = [
        (-max(each.tier for each in waiting), waiting[0].inbound.arrived, conversation)
        for conversation, waiting in lanes.items()
        if waiting[0].due <= now and not tables.leases[conversation].is_held(now, lease_ms)
    ]
    return tuple(claim(tables, lane, now + lease_ms) for _, _, lane in sorted(due)[:limit])


def save_turn(tables: Tables, write: TurnWrite, now: int, lease_ms: int) -> Saved:
    """Write a turn; the lane is free afterwards unless more inbounds wait in it."""
    new = write.conversation
    old = tables.conversations.get(new.id)
    lease = tables.leases.get(new.id)
    if old is None or lease is None or lease.fence != write.claim_fence:
        raise LostFenceError("The conversation was taken by another worker, or erased.")
    if old.version != new.version - 1:
        raise LostFenceError("The conversation was changed by another turn.")
    veiled = _drop(tables, new.id, write.done)
    more = tables.waiting(new.id)
    tables.leases[new.id] = Lease(lease.fence, now + lease_ms if more else 0)
    tables.conversations[new.id] = msgspec.structs.replace(
        new,
        contact=old.contact,
        key=old.key,
        limit_asked=limits.asked_at(tables, old, new),
        limited_until=old.limited_until,
    )
    _say(tables, write, now)
    tables.timers = {key: timer for key, timer in tables.timers.items() if key[0] != new.id}
    for timer in write.timers:
        tables.timers[new.id, timer.kind] = timer
    add_counts(tables, write.counts)
    for address in write.addresses:
        _stand(tables, old.contact, address)
    for left in veiled:
        _hide(tables, left, new.message_seq)
    codes.add(tables, write.codes, now)
    for each in write.serious:
        tables.serious.setdefault(each.id, each)
    return Saved(more)


def postpone(tables: Tables, claim: Claim, event: bytes, retry_at: int, give_up: bool) -> None:
    """Give the lane back; the inbound is tried again later or set aside."""
    conversation = claim.lane.conversation.id
    if tables.leases.get(conversation, Lease(-1)).fence != claim.fence:
        raise LostFenceError("The conversation was taken by another worker; nothing was postponed.")
    tables.leases[conversation] = Lease(claim.fence)
    for arrived, each in tables.inbounds.items():
        key = (each.inbound.conversation, each.inbound.event)
        if key == (conversation, event) and not each.dead:
            again = msgspec.structs.replace(each.inbound, tries=each.inbound.tries + 1)
            tables.inbounds[arrived] = each._replace(inbound=again, due=retry_at, dead=give_up)


def fire_timers(tables: Tables, door: Door, now: int, limit: int) -> int:
    """Each due timer is gone and its inbound is there; how many there were."""
    due = sorted((timer.due, *key) for key, timer in tables.timers.items() if timer.due <= now)[
        :limit
    ]
    for at, conversation, kind in due:
        timer: Timer = tables.timers.pop((conversation, kind))
        event, sealed = door.seal_timer(timer, tables.lane(conversation))
        queue(tables, Arrival(event, "", b"", at), conversation, sealed)
    return len(due)


def mark(tables: Tables, address: Address, status: AddressStatus, at: int) -> Address:
    """Put an address with this status, told at `at`, in the place of the old one."""
    since = max(at, address.status_at)
    marked = msgspec.structs.replace(address, status=status, status_at=since)
    tables.addresses[address.id] = marked
    return marked


def unblocked(tables: Tables, address: Address) -> AddressStatus:
    """The status of an address that is not blocked."""
    conversation = tables.of_contact(address.contact)
    at_home = conversation is not None and conversation.address == address.id
    return "active" if at_home else "former"


def add_counts(tables: Tables, counts: Sequence[Count]) -> None:
    """Add to the weekly sums."""
    for each in counts:
        key = (each.week, each.channel, each.event, each.label)
        tables.counts[key] = tables.counts.get(key, 0) + each.n


def _file(tables: Tables, arrival: Arrival, door: Door) -> str:
    lane = tables.lane_of(arrival.lookup)
    if lane is None:
        lane = tables.add(door.newcomer(arrival))
    elif lane.address.status == "blocked" and not 0 < arrival.at < lane.address.status_at:
        status = unblocked(tables, lane.address)
        welcome = mark(tables, lane.address, status, arrival.at)
        lane = Lane(lane.contact, welcome, lane.conversation)
    queue(tables, arrival, lane.conversation.id, door.seal(arrival, lane), lane.address.id)
    return lane.conversation.id


def queue(
    tables: Tables, arrival: Arrival, conversation: str, sealed: bytes, address: str = ""
) -> None:
    """File one inbound of a lane."""
    arrived = max(tables.inbounds, default=0) + 1
    inbound = StoredInbound(
        arrival.event,
        conversation,
        arrived,
        arrival.at,
        sealed,
        arrival.message_ref,
        address=address,
    )
    tables.inbounds[arrived] = Queued(inbound, 0, arrival.tier)


def claim(tables: Tables, conversation: str, until: int) -> Claim:
    """Take a lane under a new fence, with all that waits in it."""
    fence = tables.leases[conversation].fence + 1
    tables.leases[conversation] = Lease(fence, until)
    riding = tuple(row for row in tables.rows_of(conversation) if _may_ride(row))
    lane = tables.lane(conversation)
    waiting = tables.waiting(conversation)
    return Claim(lane, fence, waiting, riding, tables.elsewhere(lane.conversation))


def _may_ride(row: OutboxRow) -> bool:
    stuck = row.status == "new" and row.speech == "crisis" and NO_QUOTA in row.reason
    return stuck or row.status == "waiting"


def _drop(tables: Tables, conversation: str, event: bytes) -> list[str]:
    """Drop an inbound; the address it came by, if that was veiled while it waited."""
    done = [
        arrived
        for arrived, each in tables.inbounds.items()
        if (each.inbound.conversation, each.inbound.event) == (conversation, event)
    ]
    dropped = [tables.inbounds.pop(arrived) for arrived in done]
    return [each.inbound.address for each in dropped if each.veiled]


def _hide(tables: Tables, address: str, seq: int) -> None:
    """Quick exit came between a message and its answer: neither is shown there."""
    if veiled := tables.addresses.get(address):
        since = max(veiled.since, seq)
        tables.addresses[address] = msgspec.structs.replace(veiled, since=since)


def _stand(tables: Tables, contact: str, changed: Address) -> None:
    """Write what a turn changed at an address; what was veiled meanwhile stays veiled."""
    old = tables.addresses.get(changed.id)
    if old is not None and old.contact == contact:
        since = max(old.since, changed.since)
        tables.addresses[old.id] = msgspec.structs.replace(
            old, session=changed.session, since=since
        )


def _say(tables: Tables, write: TurnWrite, now: int) -> None:
    for message in write.messages:
        taken_back = message.message_ref in tables.unsent
        kept = msgspec.structs.replace(message, sealed=b"") if taken_back else message
        tables.messages[message.conversation, message.seq] = kept
    for row in tables.rows_of(write.conversation.id):
        here = write.withdraw_turns and write.withdraw_at in ("", row.address)
        overtaken = here and row.speech in ("turn", "notice", "info")
        named = row.id in write.withdraw and row.status in ("new", "waiting")
        if named or (overtaken and row.status in ("new", "sending", "waiting")):
            tables.end(row, "withdrawn", now)
    for row in write.outbox:
        tables.outbox[row.id] = row
