"""Opens a web conversation's transcript by its pass, for bot.web."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from bot.engine.cover import covered, on_cover
from bot.engine.session import Session
from bot.errors import SealError
from bot.services.doorstep import at_home
from bot.services.journal import Journal
from bot.services.lanes import OpenLane, Vault
from bot.services.ports import Store
from bot.services.records import Lane, MessageRow
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
        after = max(lane.address.since, lane.conversation.message_seq - limit)
        rows = await self._store.transcript(lane.conversation.id, after, limit)
        return self._view(self._vault.open(lane), _said_here(lane, rows))

    async def after(self, token: str, seq: int, limit: int) -> View | None:
        """Up to `limit` rows after the cursor."""
        lane = await self._store.locate(self._vault.lookup(CHANNEL, token))
        if lane is None:
            return None
        rows = await self._after(lane, max(seq, lane.address.since), limit)
        return self._view(self._vault.open(lane), rows)

    async def _after(self, lane: Lane, seq: int, limit: int) -> Sequence[MessageRow]:
        """The next rows that were said here, however many others stand before them."""
        while rows := await self._store.transcript(lane.conversation.id, seq, limit):
            here = _said_here(lane, rows)
            if here or len(rows) < limit:
                return here
            seq = rows[-1].seq
        return ()

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
            hidden=lane.lane.address.since > 0,
            moved=not at_home(lane.lane),
        )

    def _session(self, lane: OpenLane) -> Session | None:
        """None for one that doesn't open: the next turn lets it go, the room goes on."""
        try:
            return lane.session() if at_home(lane.lane) else lane.doorstep()
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


def _said_here(lane: Lane, rows: Sequence[MessageRow]) -> Sequence[MessageRow]:
    """The rows that may be shown at the lane's address: what was said there and is not hidden."""
    here, since = lane.address.id, lane.address.since
    return [row for row in rows if row.address == here and row.seq > since]


def _since_they_spoke(rows: Sequence[MessageRow]) -> Sequence[MessageRow]:
    """What was said since the person's last row: all that may be seen while the cover is drawn,
    also where a crisis or another word's flow stands on it.
    """
    spoke = [index for index, row in enumerate(rows) if row.author == "person"]
    return rows[spoke[-1] + 1 :] if spoke else rows
