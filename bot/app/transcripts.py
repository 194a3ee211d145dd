"""Opens a web conversation's transcript by its pass, for bot.web."""

from __future__ import annotations

from collections.abc import Sequence

from bot.services.lanes import OpenLane, Vault
from bot.services.ports import Store
from bot.services.records import MessageRow
from bot.web.ports import Entry, View

CHANNEL = "web"


class RoomTranscripts:
    """bot.web.ports.Transcripts over the store and the vault."""

    def __init__(self, store: Store, vault: Vault) -> None:
        self._store = store
        self._vault = vault

    async def newest(self, token: str, limit: int) -> View | None:
        """The newest `limit` rows, or None if there is no such conversation."""
        lane = await self._store.locate(self._vault.lookup(CHANNEL, token))
        if lane is None:
            return None
        after = max(0, lane.conversation.message_seq - limit)
        rows = await self._store.transcript(lane.conversation.id, after, limit)
        return _view(self._vault.open(lane), rows)

    async def after(self, token: str, seq: int, limit: int) -> View | None:
        """Up to `limit` rows after the cursor."""
        lane = await self._store.locate(self._vault.lookup(CHANNEL, token))
        if lane is None:
            return None
        rows = await self._store.transcript(lane.conversation.id, seq, limit)
        return _view(self._vault.open(lane), rows)


def _view(lane: OpenLane, rows: Sequence[MessageRow]) -> View:
    session = lane.session()
    return View(
        conversation=lane.id,
        language=session.language if session else "",
        entries=tuple(_entry(lane, row) for row in rows),
        receipt=session.receipt if session else "",
    )


def _entry(lane: OpenLane, row: MessageRow) -> Entry:
    return Entry(row.seq, row.author, lane.message(row) if row.sealed else None)
