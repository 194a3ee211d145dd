"""Doctor on the database: the file, what waits in it, what is published, what should be gone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

from bot.app.connecting import Here
from bot.app.doctor import keys
from bot.app.lifetimes import retention_of
from bot.app.nature import system_clock
from bot.app.storage import SQLITE, open_store
from bot.errors import ConfigurationError, ContentError, StoreError
from bot.flow.loader import load_bundle, revision_of
from bot.privacy.keyring import Keyring
from bot.services.checkup import Check, ok, problem, unknown, warning
from bot.services.ports import Store
from bot.services.records import Count, OutboxRow
from bot.services.statistics import week_of
from bot.store.sqlite.examination import Examined, examine

AREA = "database"
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
LATE = 5 * MINUTE
"""Ms an unsent row may wait before somebody should look."""
OVERDUE = 2 * HOUR
"""Ms after its time at which a row should surely be gone."""
LARGE_LOG = 64 * 1024 * 1024
SHOWN = 1_000
WEEKS = 4


async def examine_database(here: Here, keyring: Keyring | None) -> AsyncIterator[Check]:
    """The file first, then its rows where this program can read them."""
    try:
        store = open_store(here.settings, exclusive=False, makes=False)
        path = Path(here.settings.database.url.removeprefix(SQLITE))
        found = examine(path)
    except ConfigurationError as error:
        yield warning(AREA, str(error), "The first `engawa serve` makes it.")
        return
    except StoreError as error:
        yield problem(AREA, str(error), "Mend the file, or restore a backup.")
        return
    for check in _file(found):
        yield check
    if not found.newest:
        return
    try:
        await store.open()
    except StoreError as error:
        yield problem(AREA, str(error), "Mend it, or restore a backup.")
        return
    try:
        async for check in _rows(store, here, keyring):
            yield check
    finally:
        await store.close()


def _file(found: Examined) -> Sequence[Check]:
    if found.damage:
        return [problem(AREA, f"The file is damaged: {found.damage}.", "Restore a backup.")]
    if not found.newest:
        what = f"The schema is at step {len(found.steps)}, this program's at {found.wanted}."
        return [warning(AREA, what, "The next start of `engawa serve` brings them together.")]
    size, log = found.size // 1024, found.log // 1024
    what = f"The file is whole and at schema {found.wanted}: {size} KiB, log {log} KiB."
    if found.log > LARGE_LOG:
        return [warning(AREA, what, "The log grows: look for a process that reads for very long.")]
    return [ok(AREA, what)]


async def _rows(store: Store, here: Here, keyring: Keyring | None) -> AsyncIterator[Check]:
    now = system_clock()
    if keyring is not None:
        yield keys.used(keyring, list(await store.keks()))
    yield _waiting(await store.outbox_rows(("new", "sending"), SHOWN), now)
    yield _given_up(await store.outbox_rows(("dead",), SHOWN))
    yield await _overdue(store, here, now)
    yield _published(await store.active_revision(), here)
    if here.secrets.line:
        yield _redelivery(await store.counts(week_of(now - WEEKS * 7 * DAY)))


def _waiting(rows: Sequence[OutboxRow], now: int) -> Check:
    if not rows:
        return ok("sending", "Nothing waits to be sent.")
    oldest = max(now - row.created for row in rows)
    what = f"{len(rows)} requests wait to be sent, the oldest for {oldest // 1_000} s."
    if oldest <= LATE:
        return ok("sending", what)
    return problem("sending", what, "Look whether `engawa serve` runs, and at `engawa outbox`.")


def _given_up(rows: Sequence[OutboxRow]) -> Check:
    crisis = sum(row.speech == "crisis" for row in rows)
    if crisis:
        what = f"{crisis} messages of a crisis could not be sent and were given up."
        return problem("sending", what, "See `engawa outbox --status dead`; tell the supervisor.")
    if rows:
        what = f"{len(rows)} requests were given up."
        return warning("sending", what, "See `engawa outbox --status dead`.")
    return ok("sending", "Nothing was given up.")


async def _overdue(store: Store, here: Here, now: int) -> Check:
    try:
        expiry = await store.next_expiry(retention_of(here.settings))
    except ConfigurationError as error:
        return problem("retention", str(error))
    if expiry is not None and now - expiry > OVERDUE:
        return problem(
            "retention",
            f"Something should be gone since {(now - expiry) // HOUR} h: people were told a date.",
            "Start `engawa serve`: it deletes what is past its time.",
        )
    return ok("retention", "Nothing is kept past its time: the rounds are made.")


def _published(active: str | None, here: Here) -> Check:
    try:
        files = here.files()
    except ConfigurationError as error:
        return problem("content", str(error))
    if active is None:
        return warning("content", "Nothing was ever published.", "Start `engawa serve`.")
    if active == revision_of(files):
        return ok("content", f"Revision {active[:12]} is live, the same as the files.")
    return _differing(active, files)


def _differing(active: str, files: Mapping[str, bytes]) -> Check:
    what = f"Revision {active[:12]} is live, but the files say something else"
    try:
        load_bundle(files)
    except ContentError as error:
        found = f"{what}, and have {len(error.issues)} errors."
        return problem("content", found, "See `engawa check`.")
    return warning("content", f"{what}.", "Run `engawa flows publish`, or put the files back.")


def _redelivery(counts: Sequence[Count]) -> Check:
    seen = sum(count.n for count in counts if count.event == "redelivered")
    if seen:
        return ok("LINE", f"Redelivery is on: seen {seen} times in the last {WEEKS} weeks.")
    return unknown(
        "LINE",
        f"No redelivery was seen in {WEEKS} weeks; whether it is switched on, LINE tells no "
        "program.",
        "Look in the LINE Developers console, under Messaging API: Webhook redelivery must be on. "
        "Webhook errors are listed there too.",
    )
