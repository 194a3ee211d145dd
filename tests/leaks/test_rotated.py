"""A rotation to its end: with the key file of today, a backup of before opens for nobody."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.errors import EngawaError, UnknownKeyError
from bot.privacy.envelope import open_sealed, place
from bot.privacy.keyring import Keyring
from bot.store.keyfile import read_keyring
from tests.leaks.canaries import Canaries, hits, traces
from tests.leaks.opening import opened
from tests.leaks.service import RunningService
from tests.leaks.test_erase import told
from tests.leaks.test_erase_elsewhere import back_up
from tests.leaks.test_staff import invited


def contact_keys(ring: Keyring, database: Path) -> list[bytes]:
    """Every contact's key in this database; raises UnknownKeyError."""
    with closing(sqlite3.connect(database)) as copy:
        found = copy.execute("SELECT id, kek, key FROM contact").fetchall()
    return [
        open_sealed(ring.kek(kek).key, key, place("contact", "key", contact, kek))
        for contact, kek, key in found
    ]


async def test_an_old_backup_is_dead(running: RunningService, tmp_path: Path) -> None:
    """After next, promote, rewrap and destroy the service goes on with every word, and the backup
    of before opens with no key of the file, tried under whatever name.
    """
    await told(running, "U1", ["話してみる", Canaries().words()])
    await invited(running)
    before, backup = running.keyring, tmp_path / "backup.db"
    back_up(running, backup)
    assert contact_keys(before, backup) != []
    old = before.current.id
    await running.command("keys", "next")
    (new,) = [kek.id for kek in running.keyring.keks if kek.state == "next"]
    for words in (("promote", new), ("rewrap",)):
        await running.command("keys", *words)
    await running.restart()  # staff rows are sealed anew by the service itself
    await running.command("keys", "destroy", old, "--yes")
    await running.restart()
    ring = read_keyring(running.key_file)
    assert traces({"key file": running.key_file.read_bytes()}, {"old": before.current.key}) == []
    with pytest.raises(UnknownKeyError):
        contact_keys(ring, backup)
    with closing(sqlite3.connect(backup)) as copy:
        rows = copy.execute("SELECT id, kek, key FROM contact").fetchall()
    for kek in ring.keks:
        for contact, wrapped_by, key in rows:
            for name in (kek.id, wrapped_by):
                with pytest.raises((EngawaError, ValueError)):
                    open_sealed(kek.key, key, place("contact", "key", contact, name))
    assert hits(await opened(running)) != []
    assert hits(await running.everything()) == []
    assert traces(await running.everything(), {"old": before.current.key}) == []
