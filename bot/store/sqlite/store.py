"""SqliteStore: the verbs of bot.services.ports.Store, each a unit for the writer or the reader.

Imports ports and records only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

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
from bot.store.sqlite import addresses, codes, lanes, moves, outbox, timers, transcript, turns
from bot.store.sqlite.staff import SqliteStaff
from bot.store.sqlite.upkeep import Upkeep


class SqliteStore(Upkeep):
    """A store in one SQLite file (see SqliteAccess for how it is opened)."""

    @property
    def staff(self) -> SqliteStaff:
        """Staff and their record, in the same file and on the same threads."""
        return SqliteStaff(self._write, self._read)

    async def receive(
        self, arrivals: Sequence[Arrival], door: Door, now: int, lease_ms: int
    ) -> Received:
        """See the port; committed without an fsync of its own."""
        return await self._write(
            lambda c: lanes.receive(c, arrivals, door, now, lease_ms), durable=False
        )

    async def flush(self) -> None:
        """An fsync, unless the last commit had one."""
        await self._open_writer().flush()

    async def claim_waiting(self, now: int, lease_ms: int, limit: int) -> Sequence[Claim]:
        """See the port; a lane is due when its oldest inbound is."""
        return await self._write(
            lambda c: lanes.claim_waiting(c, now, lease_ms, limit), durable=False
        )

    async def save_turn(self, write: TurnWrite, now: int, lease_ms: int) -> Saved:
        """See the port."""
        return await self._write(lambda c: turns.save_turn(c, write, now, lease_ms))

    async def postpone(self, claim: Claim, event: bytes, retry_at: int, give_up: bool) -> None:
        """See the port."""
        await self._write(lambda c: lanes.postpone(c, claim, event, retry_at, give_up))

    async def fire_timers(self, door: Door, now: int, limit: int) -> int:
        """See the port; if a power cut loses the commit, the timers are due again."""
        return await self._write(lambda c: timers.fire_timers(c, door, now, limit), durable=False)

    async def locate(self, lookup: bytes) -> Lane | None:
        """See the port."""
        return await self._read(lambda c: lanes.find_lane(c, lookup))

    async def transcript(self, conversation: str, after: int, limit: int) -> Sequence[MessageRow]:
        """See the port."""
        return await self._read(lambda c: transcript.read(c, conversation, after, limit))

    async def messages_kept(self, conversation: str) -> int:
        """See the port."""
        return await self._read(lambda c: transcript.kept(c, conversation))

    async def unsend(self, channel: str, message_ref: bytes, now: int) -> None:
        """See the port; the reference stands for its channel already. The log is emptied too."""
        await self._write(lambda c: transcript.unsend(c, message_ref, now), cut_log=True)

    async def replace(
        self, channel: str, message_ref: bytes, seal: Callable[[Lane, MessageRow], bytes]
    ) -> None:
        """See the port; the log is emptied too, because the words of before stand in it."""
        await self._write(lambda c: transcript.replace(c, message_ref, seal), cut_log=True)

    async def set_blocked(self, lookup: bytes, blocked: bool, now: int, at: int = 0) -> None:
        """See the port."""
        await self._write(lambda c: addresses.set_blocked(c, lookup, blocked, now, at))

    async def add_counts(self, counts: Sequence[Count]) -> None:
        """See the port; a sum that a power cut takes is not worth an fsync."""
        await self._write(lambda c: turns.add_counts(c, counts), durable=False)

    async def counts(self, since_week: str) -> Sequence[Count]:
        """See the port."""
        return await self._read(lambda c: turns.read_counts(c, since_week))

    async def claim_sends(
        self, now: int, lease_ms: int, limit: int, road: Callable[[OutboxRow], Via]
    ) -> Sequence[Outgoing]:
        """See the port; `road` runs in the writer's thread and must be quick."""
        return await self._write(lambda c: outbox.claim_sends(c, now, lease_ms, limit, road))

    async def settle_sends(self, settlements: Sequence[Settlement], now: int) -> None:
        """See the port."""
        await self._write(lambda c: outbox.settle_sends(c, settlements, now))

    async def is_leased(self, row: str) -> bool:
        """See the port."""
        return await self._read(lambda c: outbox.is_leased(c, row))

    async def outbox_rows(
        self, statuses: Sequence[OutboxStatus], limit: int
    ) -> Sequence[OutboxRow]:
        """See the port."""
        return await self._read(lambda c: outbox.read_rows(c, statuses, limit))

    async def next_due(self) -> int | None:
        """See the port."""
        return await self._read(outbox.next_due)

    async def erase(
        self, contact: str, now: int, fence: int | None = None
    ) -> Sequence[StoredInbound]:
        """See the port; the log is emptied too, or as soon as nobody reads from it."""
        return await self._write(lambda c: addresses.erase(c, contact, fence), cut_log=True)

    async def lane_of(self, contact: str) -> Lane | None:
        """See the port."""
        return await self._read(lambda c: lanes.lane_of(c, contact))

    async def find_code(self, mark: bytes, now: int) -> Code | None:
        """See the port."""
        return await self._read(lambda c: codes.find(c, mark, now))

    async def move(
        self, move: Move, now: int, lease_ms: int, parting: Parting | None = None
    ) -> Received | None:
        """See the port; the log is emptied too, because a contact may have been erased.

        `parting` runs in the writer's thread.
        """
        return await self._write(
            lambda c: moves.move(c, move, now, lease_ms, parting), cut_log=True
        )

    async def veil(self, lookup: bytes) -> None:
        """See the port."""
        await self._write(lambda c: moves.veil(c, lookup))

    async def count_tries(self, keys: Sequence[bytes], now: int, window_ms: int) -> Sequence[int]:
        """See the port."""
        return await self._write(lambda c: codes.count_tries(c, keys, now, window_ms))

    async def forget_tries(self, keys: Sequence[bytes]) -> None:
        """See the port."""
        await self._write(lambda c: codes.forget_tries(c, keys))
