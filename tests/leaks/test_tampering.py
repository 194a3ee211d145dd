"""Rows that were changed or swapped, and keys that are not held: closed, kind, and told by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.privacy.keyring import Kek, Keyring, new_keyring, to_json
from tests.leaks.canaries import Canaries, hits
from tests.leaks.service import RunningService
from tests.web.visiting import go_in, write

SECRET = Canaries().words()
FLIPPED = "CAST(substr({0}, 1, 20) || x'00' || substr({0}, 22) AS BLOB)"


def flip(table: str, column: str, where: str = "1") -> str:
    """A statement that changes one byte of an envelope."""
    return f"UPDATE {table} SET {column} = {FLIPPED.format(column)} WHERE {where}"


async def two_people(running: RunningService) -> dict[str, str]:
    """U1 and U2 talk; their ids by table."""
    for user in ("U1", "U2"):
        await running.line_event(user, "follow")
        await running.line_event(user, text=SECRET)
    lane = await running.lane("line", "U1")
    assert lane is not None
    return {
        "contact": f"id = '{lane.contact.id}'",
        "address": f"id = '{lane.address.id}'",
        "conversation": f"id = '{lane.conversation.id}'",
        "message": f"conversation = '{lane.conversation.id}'",
    }


async def others_are_well(running: RunningService) -> None:
    """U2 is answered as ever."""
    seen = len(running.line.texts("U2"))
    await running.line_event("U2", text="話してみる")
    assert len(running.line.texts("U2")) > seen


async def log_names_only(running: RunningService, *events: str) -> None:
    """The log has these events, and nobody's words are anywhere."""
    found = await running.everything()
    for event in events:
        assert event.encode() in found["log.txt"]
    assert hits(found) == []


async def test_session_changed(running: RunningService) -> None:
    """A session that doesn't open is let go: the person is told kindly, and can go on."""
    where = await two_people(running)
    running.tamper(flip("conversation", "session", where["conversation"]))
    seen = len(running.line.texts("U1"))
    await running.line_event("U1", text="話してみる")
    assert len(running.line.texts("U1")) == seen + 1
    await running.line_event("U1", text="話してみる")
    assert len(running.line.texts("U1")) > seen + 1
    await others_are_well(running)
    await log_names_only(running, "seal_broken", "SealError")


@pytest.mark.parametrize("column", ["session", "key"])
async def test_conversations_swapped(running: RunningService, column: str) -> None:
    """Two conversations with each other's session or key: nobody sees a word of the other."""
    for user in ("U1", "U2"):
        await running.line_event(user, "follow")
    before = [running.line.texts(user)[-1] for user in ("U1", "U2")]
    first, second = running.rows(f"SELECT id, {column} FROM conversation ORDER BY rowid")
    for (row, _), (_, theirs) in ((first, second), (second, first)):
        running.tamper(f"UPDATE conversation SET {column} = x'{theirs.hex()}' WHERE id = '{row}'")
    for user, last in zip(("U1", "U2"), before, strict=True):
        await running.line_event(user, text=SECRET)
        assert running.line.texts(user)[-1] != last
        assert SECRET not in "".join(running.line.texts(user))
    await log_names_only(running, "seal_broken")


@pytest.mark.parametrize(
    ("table", "column"), [("contact", "key"), ("address", "key"), ("conversation", "key")]
)
async def test_keys_changed(running: RunningService, table: str, column: str) -> None:
    """Somebody whose keys don't open gets the safety card from memory; others notice nothing."""
    where = await two_people(running)
    running.tamper(flip(table, column, where[table]))
    seen = len(running.line.texts("U1"))
    await running.line_event("U1", text="死にたい")
    assert len(running.line.texts("U1")) == seen + 1
    assert "119" in running.line.texts("U1")[-1]
    await others_are_well(running)
    await log_names_only(running, "seal_broken", "turn_set_aside", "card_given")


async def test_platform_ids_swapped(running: RunningService) -> None:
    """With each other's platform id in their rows, two people don't get each other's messages."""
    await two_people(running)
    before = {user: list(running.line.texts(user)) for user in ("U1", "U2")}
    first, second = running.rows("SELECT id, platform_id FROM address ORDER BY rowid")
    for (row, _), (_, theirs) in ((first, second), (second, first)):
        running.tamper(f"UPDATE address SET platform_id = x'{theirs.hex()}' WHERE id = '{row}'")
    await running.line_event("U1", text="話してみる")
    assert {user: running.line.texts(user) for user in before} == before
    assert running.rows("SELECT DISTINCT reason FROM outbox WHERE status = 'dead'") == [
        ("seal_broken",)
    ]
    await log_names_only(running, "seal_broken")


async def test_request_changed(running: RunningService) -> None:
    """A waiting request that was changed is given up as a dead letter; the next one leaves."""
    await two_people(running)
    running.line.script("throttled")
    assert await running.post_line(running.line_body("U1", text="話してみる")) == 200
    await running.tried()
    running.tamper(flip("outbox", "sealed", "status = 'new'"))
    await running.settle_later()
    assert ("dead", "seal_broken") in running.rows("SELECT status, reason FROM outbox")
    seen = len(running.line.texts("U1"))
    await running.line_event("U1", text="1")
    assert len(running.line.texts("U1")) > seen
    await log_names_only(running, "seal_broken")


async def test_waiting_inbound_changed(
    running: RunningService, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An inbound that was changed while it waited is answered kindly instead of read."""
    await two_people(running)

    def fails(*_: Any) -> None:
        raise ValueError(SECRET)

    with monkeypatch.context() as patch:
        patch.setattr(running.service.conversations._turns, "_engine", fails)
        assert await running.post_line(running.line_body("U1", text="話してみる")) == 200
    running.tamper(flip("inbound", "sealed", "status = 'waiting'"))
    seen = len(running.line.texts("U1"))
    await running.settle()
    assert len(running.line.texts("U1")) == seen + 1
    await log_names_only(running, "turn_failed", "seal_broken")


async def test_message_changed_in_the_room(running: RunningService) -> None:
    """A row of the transcript that was changed shows nothing; the room and the rest stay."""
    async with running.browser() as browser:
        await go_in(browser)
        await write(browser, "ひとつめ")
        await write(browser, "ふたつめ")
        running.tamper(flip("message", "sealed", "author = 'person' AND seq < 4"))
        page = await browser.get("/room")
        assert page.status_code == 200
        assert "ふたつめ" in page.text
        assert "ひとつめ" not in page.text
        running.tamper(flip("conversation", "session"))
        assert (await browser.get("/room")).status_code == 200
        assert (await write(browser, "みっつめ")).status_code == 303
        assert "みっつめ" in (await browser.get("/room")).text
    await log_names_only(running, "seal_broken")


async def test_unknown_key(running: RunningService) -> None:
    """A key that isn't held: 503 for that person and named in /readyz; well again once it is."""
    where = await two_people(running)
    kek = running.keyring.current.id
    running.tamper(f"UPDATE contact SET kek = 'lostkey7' WHERE {where['contact']}")
    body = running.line_body("U1", text="話してみる")
    assert await running.post_line(body) == 503
    ready = await running.client.get("/readyz")
    assert ready.status_code == 503
    assert "'lostkey7'" in ready.text
    await others_are_well(running)
    found = await running.everything()
    assert b"UnknownKeyError" in found["log.txt"]
    assert hits(found) == []
    running.tamper(f"UPDATE contact SET kek = '{kek}' WHERE kek = 'lostkey7'")
    seen = len(running.line.texts("U1"))
    assert await running.post_line(body) == 200
    await running.settle()
    assert len(running.line.texts("U1")) > seen
    assert (await running.client.get("/readyz")).status_code == 200


def rotated(ring: Keyring, file: Path) -> str:
    """Put a next key into the key file, as the first step of a rotation; its id."""
    added = new_keyring().current
    keks = (*ring.keks, Kek(added.id, added.key, "next"))
    whole = Keyring(keks, ring.lookup_key, ring.ledger_key, ring.demo)
    file.write_bytes(to_json(whole))
    return added.id


async def test_rotation_is_seen(running: RunningService) -> None:
    """/readyz tells each key's id and state, so that one sees when the next one has arrived."""
    current = running.keyring.current.id
    assert f"key {current} current" in (await running.client.get("/readyz")).text
    await running.stop()
    added = rotated(running.keyring, running.key_file)
    await running.start()
    text = (await running.client.get("/readyz")).text
    assert text.splitlines() == ["ready", f"key {current} current", f"key {added} next"]
