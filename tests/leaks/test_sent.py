"""What was sent is not kept for another day: the request goes from every byte as its row ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from bot.services.ports import Outgoing
from bot.store.sqlite import SqliteStore
from tests.leaks.canaries import traces
from tests.leaks.opening import opened
from tests.leaks.service import RunningService
from tests.leaks.test_moved import four_words


async def test_a_return_code_that_was_sent(
    running: RunningService, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once four words have arrived they open nowhere, not even with the keys, and the envelope
    they were sent in is in no file after the next cut of the log.
    """
    leased: dict[str, bytes] = {}
    claim = SqliteStore.claim_sends

    async def remember(self: SqliteStore, *arguments: Any) -> Sequence[Outgoing]:
        found = await claim(self, *arguments)
        for one in found:
            for at in (0, 20, len(one.row.sealed) - 16):
                leased[f"{one.row.id}+{at}"] = one.row.sealed[at : at + 16]
        return found

    monkeypatch.setattr(SqliteStore, "claim_sends", remember)
    await running.line_event("U1", "follow")
    await running.line_event("U1", text="合言葉")
    code = four_words(running, "U1")
    assert len(leased) > 3
    assert running.rows("SELECT DISTINCT status, sealed FROM outbox") == [("sent", b"")]
    assert [where for where, data in (await opened(running)).items() if code.encode() in data] == []
    await running.service.parts.store.unsend("line", b"a message that never was", 0)  # cuts the log
    assert traces(await running.everything(), leased) == []
