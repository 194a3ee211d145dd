"""Opens a web conversation's transcript by its pass, for bot.web."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from bot.engine.cover import covered, on_cover
from bot.engine.session import Session
from bot.errors import SealError
from bot.services.journal import Journal
from bot.services.lanes import OpenLane, Vault
from bot.services.ports import Store
from bot.services.records import MessageRow
from bot.web.ports import Entry, View

CHANNEL = "web"


class RoomTranscripts:
    """bot.web.ports.Transcripts over the store and the vault."""

    def __init__(self, store: Store, vault: Vault, journal: Journal) -> None:
        self._store = store
        self._vault = vault
        self._journal = journal

    async def newest(self, token: str, limit: int) -> View | None:
        """The newest `limit` rows, or None if there is no such conversation."""
        lane = await self._store.locate(self._vault.lookup(CHANNEL, token))
        if lane is None:
            return None
        after = max(0, lane.conversation.message_seq - limit)
        rows = await self._store.transcript(lane.conversation.id, after, limit)
        return self._view(self._vault.open(lane), rows)

    async def after(self, token: str, seq: int, limit: int) -> View | None:
        """Up to `limit` rows after the cursor."""
        lane = await self._store.locate(self._vault.lookup(CHANNEL, token))
        if lane is None:
            return None
        rows = await self._store.transcript(lane.conversation.id, seq, limit)
        return self._view(self._vault.open(lane), rows)

    def _view(self, lane: OpenLane, rows: Sequence[MessageRow]) -> View:
        session = self._session(lane)
        if session and covered(session):
            rows = _since_they_spoke(rows)
        return View(
            conversation=lane.id,
            language=session.language if session else "",
            entries=tuple(self._entry(lane, row) for row in rows),
            receipt=session.receipt if session else "",
            covered=session is not None and on_cover(session),
        )

    def _session(self, lane: OpenLane) -> Session | None:
        """None for one that doesn't open: the next turn lets it go, the room goes on."""
        try:
            return lane.session()
        except (SealError, msgspec.DecodeError) as error:
            self._journal.fault("seal_broken", error)
            return None

    def _entry(self, lane: OpenLane, row: MessageRow) -> Entry:
        """A row that doesn't open shows nothing; the person's other words stay theirs."""
        try:
            body = lane.message(row) if row.sealed else None
        except (SealError, msgspec.DecodeError) as error:
            self._journal.fault("seal_broken", error)
            body = None
        return Entry(row.seq, row.author, body)


def _since_they_spoke(rows: Sequence[MessageRow]) -> Sequence[MessageRow]:
    """What was said since the person's last row: all that may be seen while the cover is drawn,
    also where a crisis or another word's flow stands on it.
    """
    spoke = [index for index, row in enumerate(rows) if row.author == "person"]
    return rows[spoke[-1] + 1 :] if spoke else rows
