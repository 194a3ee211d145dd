"""Verbs for whoever looks after the store: retention, keys, inventory, sums, revisions.

Each is a unit for the writer or the reader. Imports ports and records only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from bot.services.ports import Retention
from bot.services.records import Contact, Conversation, Holding, Serious
from bot.store.sqlite import addresses, holdings, limits, retention, revisions, turns
from bot.store.sqlite.access import SqliteAccess
from bot.store.sqlite.retention import Rule, delete, find, rules_at
from bot.store.sqlite.writer import beat


class Upkeep(SqliteAccess):
    """What isn't part of any conversation's turn."""

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

    async def next_expiry(self, rules: Retention) -> int | None:
        """See the port."""
        return await self._read(lambda c: retention.next_expiry(c, rules))

    async def holdings(self, now: int, rules: Retention, contact: str = "") -> Sequence[Holding]:
        """See the port; kinds are tables."""
        return await self._read(lambda c: holdings.holdings(c, rules, contact))

    async def contacts_under(self, kek: str, limit: int) -> Sequence[Contact]:
        """See the port."""
        return await self._read(lambda c: addresses.contacts_under(c, kek, limit))

    async def rewrap(self, contacts: Sequence[Contact]) -> None:
        """See the port."""
        await self._write(lambda c: addresses.rewrap(c, contacts))

    async def serious_events(self, limit: int) -> Sequence[Serious]:
        """See the port."""
        return await self._read(lambda c: turns.read_serious(c, limit))

    async def limits_asked(self, limit: int) -> Sequence[Conversation]:
        """See the port."""
        return await self._read(lambda c: limits.asked(c, limit))

    async def set_limit(self, conversation: str, until: int) -> None:
        """See the port."""
        await self._write(lambda c: limits.answer(c, conversation, until))

    async def _retire(self, rule: Rule) -> int:
        """Apply one rule until nothing is found, or nothing found is still past its time."""
        total = 0
        while keys := await self._read(lambda c: find(c, rule)):
            gone = await self._write(partial(delete, rule=rule, keys=keys))
            total += gone
            if gone == 0:
                break
        return total
