"""A process killed with SIGKILL loses nothing that a verb had returned for."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bot.store.sqlite import SqliteStore
from tests.store.people import LEASE, NOW, lookup, push

ROOT = Path(__file__).parents[2]
CHILD = """
import asyncio, os, signal, sys
from bot.store.sqlite import SqliteStore
from tests.store.people import *

async def main():
    store, door = SqliteStore(sys.argv[1]), PlainDoor()
    await store.open()
    claim = await claim_one(store, door, arrival("e1"))
    if sys.argv[2] != "receive":
        write = turn(claim, messages=(said(claim, 1, b"text"),), outbox=(to_send(claim, 1),))
        await store.save_turn(write, NOW, LEASE)
    if sys.argv[2] == "claim_sends":
        await store.claim_sends(NOW, LEASE, 9, push)
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


@pytest.mark.parametrize("verb", ["receive", "save_turn", "claim_sends"])
async def test_killed_after(verb: str, tmp_path: Path) -> None:
    """What the verb returned for is there after the restart, once, and work goes on at once."""
    path = tmp_path / "a.db"
    assert _run_child(path, verb) == -signal.SIGKILL
    store = SqliteStore(path)
    await store.open()
    claims = await store.claim_waiting(NOW, LEASE, 9)
    out = await store.claim_sends(NOW, LEASE, 9, push)
    lane = await store.locate(lookup("hana"))
    await store.close()
    assert lane is not None
    assert lane.conversation.version == (0 if verb == "receive" else 1)
    assert len(claims) == (1 if verb == "receive" else 0)
    assert [each.row.tries for each in out] == {
        "receive": [],
        "save_turn": [1],
        "claim_sends": [2],
    }[verb]


def _run_child(path: Path, verb: str) -> int:
    command = [sys.executable, "-c", CHILD, str(path), verb]
    return subprocess.run(command, cwd=ROOT, timeout=60, check=False).returncode
