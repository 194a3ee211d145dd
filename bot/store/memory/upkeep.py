"""Verbs for whoever looks after the store: retention, keys, inventory, revisions.

Imports ports and records only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.services.ports import Retention
from bot.services.records import Contact, Conversation, Holding, Serious
from bot.store.memory import holdings, limits, retention
from bot.store.memory.access import MemoryAccess


class Upkeep(MemoryAccess):
    """What isn't part of any conversation's turn."""

    async def contacts(self) -> Sequence[str]:
        """See the port."""
        with self._unit() as tables:
            return tuple(sorted(tables.contacts))

    async def keks(self) -> Sequence[str]:
        """See the port."""
        with self._unit() as tables:
            return tuple(sorted({contact.kek for contact in tables.contacts.values()}))

    async def retention(self, now: int, rules: Retention) -> Mapping[str, int]:
        """See the port."""
        with self._unit() as tables:
            return retention.retire(tables, now, rules)

    async def publish(self, revision: str, files: Mapping[str, bytes], now: int) -> None:
        """See the port."""
        with self._unit() as tables:
            tables.revisions.setdefault(revision, dict(files))
            tables.published.setdefault(revision, now)
            tables.active["revision"] = revision

    async def active_revision(self) -> str | None:
        """See the port."""
        with self._unit() as tables:
            return tables.active.get("revision")

    async def revision_files(self, revision: str) -> Mapping[str, bytes] | None:
        """See the port."""
        with self._unit() as tables:
            files = tables.revisions.get(revision)
            return None if files is None else dict(sorted(files.items()))

    async def next_expiry(self, rules: Retention) -> int | None:
        """See the port."""
        with self._unit() as tables:
            return retention.next_expiry(tables, rules)

    async def holdings(self, now: int, rules: Retention, contact: str = "") -> Sequence[Holding]:
        """See the port."""
        with self._unit() as tables:
            return holdings.holdings(tables, rules, contact)

    async def contacts_under(self, kek: str, limit: int) -> Sequence[Contact]:
        """See the port."""
        with self._unit() as tables:
            under = sorted(row.id for row in tables.contacts.values() if row.kek == kek)
            return tuple(tables.contacts[each] for each in under[:limit])

    async def rewrap(self, contacts: Sequence[Contact]) -> None:
        """See the port."""
        with self._unit() as tables:
            tables.contacts.update({row.id: row for row in contacts if row.id in tables.contacts})

    async def serious_events(self, limit: int) -> Sequence[Serious]:
        """See the port."""
        with self._unit() as tables:
            newest = sorted(tables.serious.values(), key=lambda each: (-each.at, each.id))
            return tuple(newest[:limit])

    async def limits_asked(self, limit: int) -> Sequence[Conversation]:
        """See the port."""
        with self._unit() as tables:
            return limits.asked(tables, limit)

    async def set_limit(self, conversation: str, until: int) -> None:
        """See the port."""
        with self._unit() as tables:
            limits.answer(tables, conversation, until)
