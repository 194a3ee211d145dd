"""Leasing what may leave and writing how it ended, in memory. Imports records and ports."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.services.ports import Outgoing
from bot.services.records import OutboxClass, OutboxRow, Settlement, Via
from bot.services.verdicts import NO_QUOTA
from bot.store.memory.tables import Tables

Road = Callable[[OutboxRow], Via]
_CLASSES: tuple[OutboxClass, ...] = ("crisis", "staff", "turn", "notice", "info")
_STILL_OPEN = ("new", "sending", "waiting")


def claim_sends(
    tables: Tables, now: int, lease_ms: int, limit: int, road: Road
) -> tuple[Outgoing, ...]:
    """Lease rows class by class; a row that finds no road or no reader lets the next one come."""
    taken: list[Outgoing] = []
    for speech in _CLASSES:
        while len(taken) < limit:
            found = _eligible(tables, speech, now)[: limit - len(taken)]
            if not found:
                break
            leased = (_lease(tables, row, now, max(lease_ms, 1), road) for row in found)
            taken.extend(each for each in leased if each is not None)
    return tuple(taken)


def settle_sends(tables: Tables, settlements: Sequence[Settlement], now: int) -> None:
    """Write how attempts ended; one that was erased or settled meanwhile stays as it is."""
    for each in settlements:
        row = tables.outbox.get(each.id)
        if row is not None and row.status == "sending":
            changes = {"next_at": each.next_at, "reason": each.reason}
            if each.status in _STILL_OPEN:
                tables.change(row, status=each.status, **changes)
            else:
                tables.end(row, each.status, now, **changes)


def block(tables: Tables, lookup: bytes, now: int) -> None:
    """Withdraw the unsent rows of an address."""
    address = tables.lookups.get(lookup)
    for row in list(tables.outbox.values()):
        if row.address == address and row.status in ("new", "waiting"):
            tables.end(row, "withdrawn", now, reason="blocked")


def next_due(tables: Tables) -> int | None:
    """When the next timer or outbox row falls due; not rows that wait behind another."""
    rows = [row.next_at for row in _first(tables, 0)]
    return min([*rows, *(timer.due for timer in tables.timers.values())], default=None)


def _eligible(tables: Tables, speech: OutboxClass, now: int) -> list[OutboxRow]:
    due = (row for row in _first(tables, now) if row.speech == speech and row.next_at <= now)
    return sorted(due, key=lambda row: row.next_at)


def _first(tables: Tables, now: int) -> list[OutboxRow]:
    """Unsent rows that wait behind no other."""
    unsent = [row for row in tables.outbox.values() if row.status in ("new", "sending")]
    ahead = [row for row in unsent if not _is_stuck(row, now)]
    return [row for row in unsent if not any(_goes_before(other, row) for other in ahead)]


def _is_stuck(row: OutboxRow, now: int) -> bool:
    """Whether a row is tried later for want of the month's pushes, or is a notice or an info that
    is put off: it holds up nobody.
    """
    put_off = row.speech in ("notice", "info") or NO_QUOTA in row.reason
    return row.status == "new" and row.next_at > now and put_off


def _goes_before(other: OutboxRow, row: OutboxRow) -> bool:
    if other.conversation != row.conversation or other.seq >= row.seq:
        return False
    return row.speech != "crisis" or other.speech == "crisis"


def _lease(tables: Tables, row: OutboxRow, now: int, lease_ms: int, road: Road) -> Outgoing | None:
    lane = tables.lane(row.conversation, row.address)
    if lane.address.status == "blocked":
        tables.end(row, "undeliverable", now, reason="blocked")
        return None
    via = road(row)
    if not via:
        tables.change(row, status="waiting")
        return None
    leased = tables.change(
        row,
        status="sending",
        via=via,
        tries=row.tries + 1,
        first_at=row.first_at or now,
        next_at=now + lease_ms,
    )
    return Outgoing(leased, lane)
