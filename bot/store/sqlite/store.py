"""SqliteStore: the verbs of bot.services.ports.Store, each a unit for the writer or the reader.

Imports ports, records and errors only.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from bot.errors import StoreUnavailableError
from bot.services.ports import Door, Outgoing, Retention
from bot.services.records import (
    Arrival,
    Claim,
    Count,
    Lane,
    MessageRow,
    OutboxRow,
    OutboxStatus,
    Received,
    Saved,
    Settlement,
    StoredInbound,
    TurnWrite,
    Via,
)
from bot.store.sqlite import (
    addresses,
    lanes,
    outbox,
    revisions,
    timers,
    transcript,
    turns,
)
from bot.store.sqlite.connection import (
    ServingLock,
    identity,
    open_reader,
    open_writer,
    reworded,
)
from bot.store.sqlite.migrations import migrate
from bot.store.sqlite.reader import Reader
from bot.store.sqlite.retention import Rule, delete, find, rules_at
from bot.store.sqlite.writer import Commits, Writer, beat

T = TypeVar("T")


class SqliteStore:
    """A store in one SQLite file.

    `exclusive` is for the process that serves: it holds a lock, and on opening gives back every
    lane and every row that a killed process had in its hands. Commands that only look, or write a
    little, open with `exclusive=False` beside it. `busy_ms` is how long a verb waits for another
    process's lock.
    """

    def __init__(self, path: str | Path, exclusive: bool = True, busy_ms: int = 2000) -> None:
        self._path = Path(path)
        self._exclusive = exclusive
        self._busy_ms = busy_ms
        self._file = (0, 0)
        self._lock: ServingLock | None = None
        self._writer: Writer | None = None
        self._reader: Reader | None = None

    @property
    def commits(self) -> Commits:
        """How often the writer committed, with and without an fsync."""
        return self._writer.commits if self._writer else Commits()

    @property
    def log_is_cut(self) -> bool:
        """Whether nothing of an erased person is left in the log; false while somebody reads it."""
        return self._writer is None or self._writer.log_is_cut

    async def open(self) -> None:
        """Lock, connect, migrate, take back what a killed process held."""
        writer = Writer(self._connect, self._reword, self._busy_ms)
        try:
            await writer.start()
            self._writer = writer
            self._reader = Reader(lambda: open_reader(self._path, self._busy_ms), self._reword)
            self._file = identity(self._path)
        except sqlite3.Error as error:
            await self.close()
            raise self._reword(error) from error
        except Exception:
            await self.close()
            raise

    async def close(self) -> None:
        """Finish what was queued, end both threads, free the lock."""
        # The reader first: whoever closes last folds the log into the file and removes it.
        if self._reader is not None:
            self._reader.stop()
            self._reader = None
        if self._writer is not None:
            await self._writer.stop()
            self._writer = None
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    async def ping(self) -> None:
        """Write a trifle and read."""
        await self._write(beat)
        await self._read(revisions.active)

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

    async def contacts(self) -> Sequence[str]:
        """See the port."""
        return await self._read(addresses.contacts)

    async def keks(self) -> Sequence[str]:
        """See the port."""
        return await self._read(addresses.keks)

    async def retention(self, now: int, rules: Retention) -> Mapping[str, int]:
        """See the port."""
        gone: dict[str, int] = {}
        for rule in rules_at(now, rules):
            gone[rule.kind] = gone.get(rule.kind, 0) + await self._retire(rule)
        if any(gone.values()):
            await self._write(beat, cut_log=True)
        return gone

    async def publish(self, revision: str, files: Mapping[str, bytes], now: int) -> None:
        """See the port."""
        await self._write(lambda c: revisions.publish(c, revision, files, now))

    async def active_revision(self) -> str | None:
        """See the port."""
        return await self._read(revisions.active)

    async def revision_files(self, revision: str) -> Mapping[str, bytes] | None:
        """See the port."""
        return await self._read(lambda c: revisions.files(c, revision))

    async def _retire(self, rule: Rule) -> int:
        """Apply one rule until nothing is found, or nothing found is still past its time."""
        total = 0
        while keys := await self._read(lambda c: find(c, rule)):
            gone = await self._write(partial(delete, rule=rule, keys=keys))
            total += gone
            if gone == 0:
                break
        return total

    async def _write(
        self, unit: Callable[[sqlite3.Connection], T], durable: bool = True, cut_log: bool = False
    ) -> T:
        if identity(self._path) != self._file:
            # SQLite would go on writing into the file that nobody will ever open again.
            raise StoreUnavailableError(
                f"The database {self._path} was moved, removed or replaced while it is served; "
                "nothing was kept. Put it back, or restart the process."
            )
        # Cancelling the caller cancels only this future: the writer finishes what it was given.
        return await self._open_writer().submit(unit, durable, cut_log)

    async def _read(self, query: Callable[[sqlite3.Connection], T]) -> T:
        if self._reader is None:
            raise StoreUnavailableError("The store is closed.")
        return await self._reader.run(query)

    def _open_writer(self) -> Writer:
        if self._writer is None:
            raise StoreUnavailableError("The store is closed.")
        return self._writer

    def _reword(self, error: Exception) -> Exception:
        return reworded(self._path, error)

    def _connect(self) -> sqlite3.Connection:
        """Called in the writer's thread."""
        connection = open_writer(self._path, self._busy_ms)
        try:
            if self._exclusive:
                self._lock = ServingLock(self._path)
            migrate(connection)
            if self._exclusive:
                lanes.take_back(connection)
        except Exception:
            connection.close()
            raise
        return connection
