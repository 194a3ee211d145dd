"""MemoryStore: the store's contract on plain dicts, gone with the process.

For the terminal, for tests, and as the plainest statement of what each verb means. It belongs to
one event loop; no verb awaits anything inside its unit. Imports ports, records and errors only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from bot.errors import LostFenceError
from bot.services.ports import Door, Outgoing
from bot.services.records import (
    Arrival,
    Claim,
    Code,
    Count,
    Lane,
    MessageRow,
    Move,
    OutboxRow,
    OutboxStatus,
    Parting,
    Received,
    Saved,
    Settlement,
    StoredInbound,
    TurnWrite,
    Via,
)
from bot.store.memory import codes, lanes, moves, outbox
from bot.store.memory.tables import DAY
from bot.store.memory.upkeep import Upkeep


class MemoryStore(Upkeep):
    """Everything in this process's memory; nothing survives it."""

    async def receive(
        self, arrivals: Sequence[Arrival], door: Door, now: int, lease_ms: int
    ) -> Received:
        """See the port."""
        with self._unit() as tables:
            return lanes.receive(tables, arrivals, door, now, lease_ms)

    async def flush(self) -> None:
        """See the port; memory has no disk to wait for."""
        await self.ping()

    async def claim_waiting(self, now: int, lease_ms: int, limit: int) -> Sequence[Claim]:
        """See the port; a lane is due when its oldest inbound is."""
        with self._unit() as tables:
            return lanes.claim_waiting(tables, now, lease_ms, limit)

    async def save_turn(self, write: TurnWrite, now: int, lease_ms: int) -> Saved:
        """See the port."""
        with self._unit() as tables:
            return lanes.save_turn(tables, write, now, lease_ms)

    async def postpone(self, claim: Claim, event: bytes, retry_at: int, give_up: bool) -> None:
        """See the port."""
        with self._unit() as tables:
            lanes.postpone(tables, claim, event, retry_at, give_up)

    async def fire_timers(self, door: Door, now: int, limit: int) -> int:
        """See the port."""
        with self._unit() as tables:
            return lanes.fire_timers(tables, door, now, limit)

    async def locate(self, lookup: bytes) -> Lane | None:
        """See the port."""
        with self._unit() as tables:
            return tables.lane_of(lookup)

    async def transcript(self, conversation: str, after: int, limit: int) -> Sequence[MessageRow]:
        """See the port."""
        with self._unit() as tables:
            mine = [row for row in tables.messages.values() if row.conversation == conversation]
            later = sorted((row for row in mine if row.seq > after), key=lambda row: row.seq)
            return tuple(later[:limit])

    async def messages_kept(self, conversation: str) -> int:
        """See the port."""
        with self._unit() as tables:
            rows = tables.messages.values()
            return sum(row.conversation == conversation and bool(row.sealed) for row in rows)

    async def unsend(self, channel: str, message_ref: bytes, now: int) -> None:
        """See the port; the reference stands for its channel already."""
        with self._unit() as tables:
            if not message_ref:
                return
            tables.unsent.setdefault(message_ref, now // DAY)
            for key, row in tables.messages.items():
                if row.message_ref == message_ref:
                    tables.messages[key] = msgspec.structs.replace(row, sealed=b"")
            kept = tables.inbounds.items()
            tables.inbounds = {k: v for k, v in kept if v.inbound.message_ref != message_ref}

    async def replace(
        self, channel: str, message_ref: bytes, seal: Callable[[Lane, MessageRow], bytes]
    ) -> None:
        """See the port."""
        with self._unit() as tables:
            for key, row in tables.messages.items():
                if message_ref and row.message_ref == message_ref and row.sealed:
                    sealed = seal(tables.lane(row.conversation), row)
                    tables.messages[key] = msgspec.structs.replace(row, sealed=sealed)

    async def set_blocked(self, lookup: bytes, blocked: bool, now: int, at: int = 0) -> None:
        """See the port."""
        with self._unit() as tables:
            address = tables.addresses.get(tables.lookups.get(lookup, ""))
            if address is not None and (at == 0 or at >= address.status_at):
                status = "blocked" if blocked else lanes.unblocked(tables, address)
                lanes.mark(tables, address, status, at)
                if blocked:
                    outbox.block(tables, lookup, now)

    async def add_counts(self, counts: Sequence[Count]) -> None:
        """See the port."""
        with self._unit() as tables:
            lanes.add_counts(tables, counts)

    async def counts(self, since_week: str) -> Sequence[Count]:
        """See the port."""
        with self._unit() as tables:
            sums = sorted(tables.counts.items())
            return tuple(Count(*key, n=n) for key, n in sums if key[0] >= since_week)

    async def claim_sends(
        self, now: int, lease_ms: int, limit: int, road: Callable[[OutboxRow], Via]
    ) -> Sequence[Outgoing]:
        """See the port."""
        with self._unit() as tables:
            return outbox.claim_sends(tables, now, lease_ms, limit, road)

    async def settle_sends(self, settlements: Sequence[Settlement], now: int) -> None:
        """See the port."""
        with self._unit() as tables:
            outbox.settle_sends(tables, settlements, now)

    async def is_leased(self, row: str) -> bool:
        """See the port."""
        with self._unit() as tables:
            return row in tables.outbox and tables.outbox[row].status == "sending"

    async def outbox_rows(
        self, statuses: Sequence[OutboxStatus], limit: int
    ) -> Sequence[OutboxRow]:
        """See the port."""
        with self._unit() as tables:
            return tuple(row for row in tables.outbox.values() if row.status in statuses)[:limit]

    async def next_due(self) -> int | None:
        """See the port."""
        with self._unit() as tables:
            return outbox.next_due(tables)

    async def erase(
        self, contact: str, now: int, fence: int | None = None
    ) -> Sequence[StoredInbound]:
        """See the port."""
        left: tuple[StoredInbound, ...] = ()
        with self._unit() as tables:
            for row in tables.conversations.values():
                if row.contact != contact:
                    continue
                if fence not in (None, tables.leases[row.id].fence):
                    raise LostFenceError("The conversation was taken by another worker.")
                left += tables.waiting(row.id)
            tables.forget(contact)
        return left

    async def lane_of(self, contact: str) -> Lane | None:
        """See the port."""
        with self._unit() as tables:
            row = tables.of_contact(contact)
            return None if row is None else tables.lane(row.id)

    async def find_code(self, mark: bytes, now: int) -> Code | None:
        """See the port."""
        with self._unit() as tables:
            return codes.find(tables, mark, now)

    async def move(
        self, move: Move, now: int, lease_ms: int, parting: Parting | None = None
    ) -> Received | None:
        """See the port."""
        with self._unit() as tables:
            return moves.move(tables, move, now, lease_ms, parting)

    async def veil(self, lookup: bytes) -> None:
        """See the port."""
        with self._unit() as tables:
            moves.veil(tables, lookup)

    async def count_tries(self, keys: Sequence[bytes], now: int, window_ms: int) -> Sequence[int]:
        """See the port."""
        with self._unit() as tables:
            return codes.count_tries(tables, keys, now, window_ms)

    async def forget_tries(self, keys: Sequence[bytes]) -> None:
        """See the port."""
        with self._unit() as tables:
            codes.forget_tries(tables, keys)
