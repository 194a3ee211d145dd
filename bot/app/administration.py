"""What the small commands do beside a running service: outbox, counts, publishing, erasing."""

from __future__ import annotations

import asyncio
import logging
import os
import re
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TypeVar

from bot.app.here import DEMO_KEY, LEDGER_SUFFIX, content_here, settings_here
from bot.app.nature import SystemChance, system_clock
from bot.app.storage import open_store
from bot.config import read_secrets
from bot.errors import ConfigurationError, StoreUnavailableError
from bot.flow.loader import revision_of
from bot.services.bell import InProcessBell
from bot.services.erasure import Erasure
from bot.services.journal import Journal
from bot.services.lanes import Vault
from bot.services.ports import Store
from bot.services.records import Count, OutboxRow, OutboxStatus
from bot.services.revisions import Programs
from bot.store.keyfile import read_keyring
from bot.store.ledger import FileLedger
from bot.store.sqlite import SqliteStore

T = TypeVar("T")
_ID = re.compile(r"[A-Za-z0-9_-]{22}")
_CUTS = 5
"""Tries to empty the log; each waits up to two seconds for whoever reads from it."""


def weekly_counts(since: str) -> Sequence[Count]:
    """The weekly sums since a Monday ("" for all)."""
    return with_store(lambda store: store.counts(since), makes=False)


def outbox_lines(statuses: Sequence[OutboxStatus], limit: int) -> list[tuple[str, ...]]:
    """One tuple of words per row: age, channel, class, status, tries, next try, reason."""
    now = system_clock()
    rows = with_store(lambda store: store.outbox_rows(statuses, limit), makes=False)
    return [_outbox_line(row, now) for row in rows]


def publish() -> str:
    """Check the working copy and make it active; returns the revision."""
    files = content_here()

    async def put(store: Store) -> str:
        programs = Programs(store, system_clock, Journal(logging.getLogger("engawa")))
        return (await programs.publish(files)).revision

    return with_store(put)


def publishing_status() -> str:
    """One sentence on the active revision and whether the files are the same."""
    files = content_here()
    active = with_store(lambda store: store.active_revision(), makes=False)
    if active is None:
        return "Nothing was ever published. Run `engawa flows publish`."
    same = active == revision_of(files)
    return f"Active is revision {active[:12]}; the files are {'the same' if same else 'different'}."


def erase(contact: str) -> bool:
    """Erase a contact, the ledger first; whether anything was kept of them.

    Raises ConfigurationError for what is no contact's id.
    """
    if not _ID.fullmatch(contact):
        raise ConfigurationError(
            f"{contact!r} is no contact's id: that is 22 letters, digits, hyphens or underscores."
        )
    file = key_file_here()
    keyring = read_keyring(file)

    async def work(store: Store) -> bool:
        known = await store.lane_of(contact) is not None
        chance, journal = SystemChance(), Journal(logging.getLogger("engawa"))
        erasure = Erasure(
            store,
            FileLedger(f"{file}{LEDGER_SUFFIX}"),
            Vault(lambda: keyring, chance, system_clock),
            {},
            InProcessBell(),
            chance,
            system_clock,
            journal,
        )
        await erasure.erase_contact(contact)
        await _cut_log(store, contact)
        return known

    return with_store(work, makes=False)


def key_file_here() -> Path:
    """The key file of this environment, or the demo's where only a demo ran."""
    given = read_secrets(os.environ).key_file
    if not given and not DEMO_KEY.exists():
        raise ConfigurationError(
            "ENGAWA_KEY_FILE is missing. Set it as for `engawa serve` (after `engawa demo`, run "
            "this in the same folder)."
        )
    return Path(given) if given else DEMO_KEY


async def _cut_log(store: Store, contact: str) -> None:
    """While the service reads from the log it can't be emptied; it reads for a moment only."""
    for _ in range(_CUTS):
        if not isinstance(store, SqliteStore) or store.log_is_cut:
            return
        await store.erase(contact, system_clock())  # twice is no error, and tries again
    raise StoreUnavailableError(
        "The rows are erased, but somebody reads the database's log all the time, so it still "
        "holds their bytes. End what reads it (a backup, a copy), and run the command again."
    )


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


def with_store(work: Callable[[Store], Awaitable[T]], makes: bool = True) -> T:
    """Run `work` on the store of this environment, beside whoever serves; `makes`: a database that
    isn't there is made, else refused.
    """

    async def run() -> T:
        store = open_store(settings_here(), exclusive=False, makes=makes)
        await store.open()
        try:
            return await work(store)
        finally:
            await store.close()

    return asyncio.run(run())
