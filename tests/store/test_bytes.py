"""What went is gone byte by byte: after an erase, a move that ends a contact, and retention."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.services.ports import Retention
from bot.services.records import Claim, Code
from bot.store.sqlite import SqliteStore
from tests.store.people import (
    DAY,
    LEASE,
    NOW,
    PlainDoor,
    arrival,
    claim_one,
    coming,
    four_words,
    lookup,
    said,
    to_send,
    turn,
)
from tests.store.test_sqlite import CanaryDoor, held


@pytest.fixture
async def canary(sqlite: SqliteStore) -> Claim:
    """A person of whom every byte is a canary: texts, requests, a code, a doorstep; in her lane."""
    claim = await claim_one(sqlite, CanaryDoor(), arrival("e", "CANARY", message_ref=b"CANARY ref"))
    for seq in range(1, 30):
        write = turn(
            claim,
            messages=(said(claim, seq, b"CANARY text " * seq, b"CANARY %d" % seq),),
            outbox=(to_send(claim, seq, reason="CANARY reason"),),
            codes=(
                Code(b"CANARY code %d" % seq, "return", claim.lane.contact.id, NOW + DAY),
                Code(b"CANARY link %d" % seq, "door", claim.lane.contact.id, NOW + DAY),
            ),
            addresses=(replace(claim.lane.address, session=b"CANARY doorstep" * seq),),
            conversation={"session": b"CANARY later" * seq, "version": seq, "last_seen": NOW},
        )
        await sqlite.save_turn(write, NOW, LEASE)
        claim = await claim_one(sqlite, PlainDoor(), arrival(f"e{seq}", "CANARY"))
    return claim


def seen(folder: Path, *words: bytes) -> list[bytes]:
    """Which of these stand anywhere in the database, its log or its index."""
    data = held(folder)
    return [word for word in words if word in data]


async def test_after_an_erase(sqlite: SqliteStore, canary: Claim, tmp_path: Path) -> None:
    """Codes, door links and small sessions go with the rest of a contact."""
    assert held(tmp_path).count(b"CANARY") > 100
    await sqlite.erase(canary.lane.contact.id, NOW)
    assert seen(tmp_path, b"CANARY") == []
    await sqlite.close()
    assert b"CANARY" not in (tmp_path / "engawa.db").read_bytes()


async def test_after_a_move_away(sqlite: SqliteStore, canary: Claim, tmp_path: Path) -> None:
    """A newcomer who turns out to be known leaves no byte of the contact that they were."""
    hana = await claim_one(sqlite, PlainDoor(), arrival("h1"))
    await sqlite.save_turn(turn(hana, codes=(four_words(hana),)), NOW, LEASE)
    contact = hana.lane.contact.id
    address = replace(coming(contact, "phone").address, lookup=lookup("CANARY"))
    received = await sqlite.move(coming(contact, "", address=address), NOW, LEASE)
    assert received is not None
    assert [each.event for each in received.left] == [b"e29"]
    # The look-up is the known contact's now; everything else of the one who was erased is gone.
    data = held(tmp_path).replace(lookup("CANARY"), b"")
    assert b"CANARY" not in data
    assert canary.lane.conversation.id.encode() not in data


async def test_after_a_move_of_ones_own(sqlite: SqliteStore, canary: Claim, tmp_path: Path) -> None:
    """The code that was used and the small session of the address that was left are gone."""
    contact = canary.lane.contact.id
    code = b"CANARY code 29"
    assert seen(tmp_path, code, b"CANARY doorstep") == [code, b"CANARY doorstep"]
    address = coming(contact, "phone").address
    assert await sqlite.move(coming(contact, "", code, address=address), NOW, LEASE) is not None
    assert seen(tmp_path, code, b"CANARY doorstep", b"CANARY text") == [b"CANARY text"]


@pytest.mark.parametrize(
    ("days", "gone", "left"),
    [
        pytest.param(2, (b"CANARY code", b"CANARY link"), b"CANARY text", id="codes"),
        pytest.param(8, (b"CANARY text", b"CANARY doorstep"), b"CANARY key", id="texts"),
    ],
)
async def test_after_retention(
    sqlite: SqliteStore,
    canary: Claim,
    tmp_path: Path,
    days: int,
    gone: tuple[bytes, ...],
    left: bytes,
) -> None:
    """What is past its time leaves no byte, while the rest of the person is kept."""
    assert seen(tmp_path, *gone) == list(gone)
    await sqlite.retention(NOW + days * DAY, Retention())
    assert seen(tmp_path, *gone, left) == [left]


async def test_after_all_retention(sqlite: SqliteStore, canary: Claim, tmp_path: Path) -> None:
    """After their last day nothing of a person stands in the file, open or closed."""
    await sqlite.save_turn(turn(canary), NOW, LEASE)
    await sqlite.retention(NOW + 31 * DAY, Retention())
    assert seen(tmp_path, b"CANARY") == []
    await sqlite.close()
    assert b"CANARY" not in (tmp_path / "engawa.db").read_bytes()
