"""What the small commands do beside a running service: outbox, counts, publishing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from bot.app.nature import system_clock
from bot.app.serving import content_here, settings_here
from bot.app.storage import open_store
from bot.flow.loader import revision_of
from bot.services.journal import Journal
from bot.services.ports import Store
from bot.services.records import Count, OutboxRow, OutboxStatus
from bot.services.revisions import Programs

T = TypeVar("T")


def weekly_counts(since: str) -> Sequence[Count]:
    """The weekly sums since a Monday ("" for all)."""
    return _with_store(lambda store: store.counts(since), makes=False)


def outbox_lines(statuses: Sequence[OutboxStatus], limit: int) -> list[tuple[str, ...]]:
    """One tuple of words per row: age, channel, class, status, tries, next try, reason."""
    now = system_clock()
    rows = _with_store(lambda store: store.outbox_rows(statuses, limit), makes=False)
    return [_outbox_line(row, now) for row in rows]


def publish() -> str:
    """Check the working copy and make it active; returns the revision."""
    files = content_here()

    async def put(store: Store) -> str:
        programs = Programs(store, system_clock, Journal(logging.getLogger("engawa")))
        return (await programs.publish(files)).revision

    return _with_store(put)


def publishing_status() -> str:
    """One sentence on the active revision and whether the files are the same."""
    files = content_here()
    active = _with_store(lambda store: store.active_revision(), makes=False)
    if active is None:
        return "Nothing was ever published. Run `engawa flows publish`."
    same = active == revision_of(files)
    return f"Active is revision {active[:12]}; the files are {'the same' if same else 'different'}."


def _outbox_line(row: OutboxRow, now: int) -> tuple[str, ...]:
    due = _length(row.next_at - now) if row.status == "new" and row.next_at > now else ""
    return (
        _length(now - row.created),
        row.channel,
        row.speech,
        row.status,
        str(row.tries),
        due,
        row.reason,
    )


def _length(ms: int) -> str:
    seconds = max(0, ms) // 1_000
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def _with_store(work: Callable[[Store], Awaitable[T]], makes: bool = True) -> T:
    async def run() -> T:
        store = open_store(settings_here(), exclusive=False, makes=makes)
        await store.open()
        try:
            return await work(store)
        finally:
            await store.close()

    return asyncio.run(run())
