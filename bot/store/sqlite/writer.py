"""The one thread that writes: it takes the units that wait and commits them together.

It never waits to fill a group: what gathered during the last commit is the next group. Each unit
has a savepoint, so a failing one rolls back alone. Imports errors and the connection only.

A group of `receive`s alone commits with synchronous=NORMAL: written to the log, which survives the
death of the process, but not fsynced. The next group with a durable unit commits with FULL, whose
fsync of the log covers the earlier frames too. A message answered at once costs one fsync, not two.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from bot.errors import StoreUnavailableError

T = TypeVar("T")
Unit = Callable[[sqlite3.Connection], Any]
_GROUP = 256  # at most, so that the first of a long queue does not wait for the last


class Commits(NamedTuple):
    """How often the writer committed: `full` with an fsync, `normal` without; `units` in all."""

    full: int = 0
    normal: int = 0
    units: int = 0


class _Job(NamedTuple):
    unit: Unit
    durable: bool
    cut_log: bool
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]


class Writer:
    """Owns the connection that `connect` opens, in its own thread."""

    def __init__(
        self,
        connect: Callable[[], sqlite3.Connection],
        reword: Callable[[Exception], Exception],
        busy_ms: int,
    ) -> None:
        self._busy_ms = busy_ms
        self._connect = connect
        self._reword = reword
        self._waiting: deque[_Job] = deque()
        self._wake = threading.Condition()
        self._idle = False
        self._closing = False
        self._full = True  # what the connection's synchronous is set to
        self._unsynced = False
        self._uncut = False
        self._changed = 0  # rows that the successful units of the last group touched
        self._commits = Commits()
        self._thread = threading.Thread(target=self._run, name="engawa-store", daemon=True)
        self._opened: asyncio.Future[None] | None = None

    @property
    def commits(self) -> Commits:
        """The figures until now."""
        return self._commits

    @property
    def log_is_cut(self) -> bool:
        """Whether the log was emptied after the last erase, or somebody was reading from it."""
        return not self._uncut

    async def start(self) -> None:
        """Open the connection in the thread; raises what opening raised."""
        loop = asyncio.get_running_loop()
        self._loop = loop
        self._opened = loop.create_future()
        self._thread.start()
        try:
            await self._opened
        except Exception:
            self._thread.join()
            raise

    def submit(
        self, unit: Callable[[sqlite3.Connection], T], durable: bool = True, cut_log: bool = False
    ) -> asyncio.Future[T]:
        """Queue a unit. It runs to its end even if who awaits the future is cancelled.

        `cut_log` empties the write-ahead log after the commit, so that no deleted byte stays in it.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        with self._wake:
            if self._closing:
                raise StoreUnavailableError("The store is closed.")
            self._waiting.append(_Job(unit, durable, cut_log, loop, future))
            if self._idle:
                self._wake.notify()
        return future

    async def flush(self) -> None:
        """Return once every commit until now is on the disk."""
        await self.submit(self._beat_if_unsynced)

    async def stop(self) -> None:
        """Finish what was queued, close the connection, end the thread."""
        loop = asyncio.get_running_loop()
        closed: asyncio.Future[None] = loop.create_future()
        with self._wake:
            self._closed = (loop, closed)
            self._closing = True
            self._wake.notify()
        if self._thread.is_alive():
            await closed
            self._thread.join()

    def _beat_if_unsynced(self, connection: sqlite3.Connection) -> None:
        # A commit that changed nothing writes nothing, and so would not fsync either.
        if self._unsynced:
            beat(connection)

    def _run(self) -> None:
        opened = self._opened
        assert opened is not None  # start() made it before the thread
        try:
            connection = self._connect()
        except Exception as error:
            self._closing = True
            answer = _Answer(opened, error=self._reword(error))
            _resolve_in(self._loop, [answer])
            return
        # A process that was killed may have left bytes of somebody erased in the log.
        self._cut_log(connection, patient=False)
        _resolve_in(self._loop, [_Answer(opened)])
        while group := self._take():
            _resolve(self._commit(connection, group))
        connection.close()
        loop, closed = self._closed
        _resolve_in(loop, [_Answer(closed)])

    def _take(self) -> list[_Job]:
        with self._wake:
            while not self._waiting and not self._closing:
                self._idle = True
                self._wake.wait()
                self._idle = False
            return [self._waiting.popleft() for _ in range(min(len(self._waiting), _GROUP))]

    def _commit(self, connection: sqlite3.Connection, group: list[_Job]) -> list[_Answer]:
        """Run a group in one transaction; every job gets its answer, whatever happens."""
        durable = any(job.durable for job in group)
        try:
            self._set_full(connection, durable)
            connection.execute("BEGIN IMMEDIATE")
            answers = self._run_units(connection, group)
            connection.execute("COMMIT")
        except Exception as error:
            reworded = self._reword(error)
            _give_up(connection)
            return [_Answer(job.future, error=reworded, job=job) for job in group]
        self._count(len(group), durable)
        if self._changed:
            self._unsynced = not durable
        if (asked := any(job.cut_log for job in group)) or self._uncut:
            self._cut_log(connection, patient=asked)
        return answers

    def _run_units(self, connection: sqlite3.Connection, group: list[_Job]) -> list[_Answer]:
        answers = []
        self._changed = 0
        for job in group:
            before = connection.total_changes
            connection.execute("SAVEPOINT unit")
            try:
                value = job.unit(connection)
            except Exception as error:
                if not connection.in_transaction:
                    raise  # a full disk ends the whole transaction: all of the group fail
                connection.execute("ROLLBACK TO unit")
                answers.append(_Answer(job.future, error=self._reword(error), job=job))
            else:
                answers.append(_Answer(job.future, value, job=job))
                self._changed += connection.total_changes - before
            connection.execute("RELEASE unit")
        return answers

    def _set_full(self, connection: sqlite3.Connection, full: bool) -> None:
        if full != self._full:
            connection.execute(f"PRAGMA synchronous = {'FULL' if full else 'NORMAL'}")
            self._full = full

    def _count(self, units: int, durable: bool) -> None:
        full, normal, before = self._commits
        self._commits = Commits(full + durable, normal + (not durable), before + units)

    def _cut_log(self, connection: sqlite3.Connection, patient: bool) -> None:
        """Empty the log; while somebody reads from it, it is tried again after each commit."""
        try:
            if not patient:  # no turn waits for a reader of the log
                connection.execute("PRAGMA busy_timeout = 0")
            self._uncut = bool(connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0])
        except sqlite3.Error:
            # The commit stands; a fault of the disk will be told by the next one.
            self._uncut = True
        finally:
            connection.execute(f"PRAGMA busy_timeout = {self._busy_ms:d}")


class _Answer(NamedTuple):
    future: asyncio.Future[Any]
    value: Any = None
    error: Exception | None = None
    job: _Job | None = None


def beat(connection: sqlite3.Connection) -> None:
    """Write a trifle."""
    connection.execute("UPDATE meta SET n = n + 1 WHERE name = 'beat'")


def _give_up(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:
        connection.execute("ROLLBACK")


def _resolve(answers: list[_Answer]) -> None:
    """Hand answers to their loops: one call for all of the same loop."""
    loops: dict[asyncio.AbstractEventLoop, list[_Answer]] = {}
    for answer in answers:
        if answer.job is not None:
            loops.setdefault(answer.job.loop, []).append(answer)
    for loop, theirs in loops.items():
        _resolve_in(loop, theirs)


def _resolve_in(loop: asyncio.AbstractEventLoop, answers: list[_Answer]) -> None:
    try:
        loop.call_soon_threadsafe(_deliver, answers)
    except RuntimeError:
        if not loop.is_closed():
            raise
        # The loop ended while its unit was being written: nobody is left to hear of it.


def _deliver(answers: list[_Answer]) -> None:
    for answer in answers:
        if answer.future.done():
            continue  # the caller was cancelled; the unit is kept all the same
        if answer.error is not None:
            answer.future.set_exception(answer.error)
        else:
            answer.future.set_result(answer.value)
