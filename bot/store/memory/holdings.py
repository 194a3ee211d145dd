"""What is held, kind by kind, in memory, and when each row goes. Imports ports and records only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from bot.services.ports import Retention
from bot.services.records import Conversation, Holding, OutboxRow
from bot.store.memory.tables import DAY, ENDED, Queued, Tables

GAVE_UP = ("dead", "unknown")


class Line(msgspec.Struct, frozen=True):
    """One kind: how many rows, since when, and when those go that go by themselves (UTC ms)."""

    kind: str
    rows: int
    since: Sequence[int] = ()
    dues: Sequence[int] = ()


def holdings(tables: Tables, rules: Retention, contact: str = "") -> tuple[Holding, ...]:
    """A line for each kind, or for each that can hold rows of this contact."""
    return tuple(
        Holding(line.kind, line.rows, min(line.since, default=0), min(line.dues, default=0))
        for line in lines(tables, rules, contact)
    )


def lines(tables: Tables, rules: Retention, contact: str) -> Iterator[Line]:
    """The lines of everybody, or of one contact."""
    mine = [row for row in tables.conversations.values() if contact in ("", row.contact)]
    yield from _people(tables, rules, mine)
    yield from _rows(tables, rules, {row.id: row for row in mine})
    codes = [code for code in tables.codes.values() if contact in ("", code.contact)]
    yield Line("code", len(codes), (), [code.expires for code in codes])
    if not contact:
        yield from _of_nobody(tables, rules)


def _people(tables: Tables, rules: Retention, mine: Sequence[Conversation]) -> Iterator[Line]:
    first = [row.first_seen for row in mine]
    gone = [row.last_seen + 1 + rules.shell for row in mine if not tables.waiting(row.id)]
    contacts = {row.contact for row in mine}
    addresses = sum(row.contact in contacts for row in tables.addresses.values())
    yield Line("contact", len(mine), first, gone)
    yield Line("address", addresses, first, gone)
    yield Line("conversation", len(mine), first, gone)


def _rows(tables: Tables, rules: Retention, mine: dict[str, Conversation]) -> Iterator[Line]:
    said = [row for row in tables.messages.values() if row.conversation in mine]
    gone = [mine[row.conversation].last_seen + 1 + rules.messages for row in said]
    yield Line("message", len(said), [row.at for row in said], gone)
    queued = [each for each in tables.inbounds.values() if each.inbound.conversation in mine]
    yield _inbounds(queued, rules)
    out = [row for row in tables.outbox.values() if row.conversation in mine]
    yield Line("outbox", len(out), [row.created for row in out], list(_ended(tables, rules, out)))
    yield Line("timer", sum(key[0] in mine for key in tables.timers))


def _inbounds(queued: Sequence[Queued], rules: Retention) -> Line:
    dead = [each.inbound.at + 1 + rules.dead_letters for each in queued if each.dead]
    return Line("inbound", len(queued), [each.inbound.at for each in queued], dead)


def _ended(tables: Tables, rules: Retention, rows: Iterable[OutboxRow]) -> Iterator[int]:
    for row in rows:
        if row.status in ENDED:
            yield tables.settled[row.id] + 1 + rules.outbox
        elif row.status in GAVE_UP:
            yield tables.settled[row.id] + 1 + rules.dead_letters


def _of_nobody(tables: Tables, rules: Retention) -> Iterator[Line]:
    yield Line("tries", len(tables.tries), (), [each.until for each in tables.tries.values()])
    for kind, marks in (("seen", tables.seen), ("unsent", tables.unsent)):
        days = list(marks.values())
        gone = [(day + 1) * DAY + rules.dedupe for day in days]
        yield Line(kind, len(days), [day * DAY for day in days], gone)
    times = [each.at for each in tables.serious.values()]
    yield Line("serious", len(times), times, [at + 1 + rules.serious for at in times])
    yield Line("count", len(tables.counts))
    yield Line("revision", len(tables.revisions), list(tables.published.values()))
    yield Line("revision_file", sum(len(files) for files in tables.revisions.values()))
