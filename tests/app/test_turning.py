"""`engawa keys turn` against the real store and a real key file, with a clock that is handed in."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from bot.app.nature import SystemChance
from bot.app.turning import Turned, turn
from bot.engine.inbound import Inbound
from bot.errors import KeyringError, SealError, UnknownKeyError
from bot.privacy.envelope import open_sealed, place
from bot.privacy.keyring import Keyring, new_keyring, promoted, with_next
from bot.privacy.turning import DAY
from bot.services.lanes import Vault
from bot.services.ports import Heard
from bot.services.records import Arrival, Contact, Lane
from bot.store.keyfile import read_keyring, write_keyring
from bot.store.sqlite import SqliteStore
from tests.repository import ROOT

START = 1_800_000_000_000
PEOPLE = 3


class Town:
    """A database with people in it, and the key file that belongs to it."""

    def __init__(self, folder: Path) -> None:
        self.database = folder / "engawa.db"
        self.file = folder / "keys.json"
        write_keyring(self.file, new_keyring(now=START))

    def come(self, name: str, keyring: Keyring | None = None) -> None:
        """Somebody writes for the first time, to a process that holds these keys or today's."""
        asyncio.run(self._come(name, keyring or read_keyring(self.file)))

    async def _come(self, name: str, keyring: Keyring) -> None:
        vault = Vault(lambda: keyring, SystemChance(), lambda: START)
        heard = Heard("inbound", "line", name, name, START, Inbound("text", text="secret"))
        event = vault.event("line", name)
        arrival = Arrival(event, "line", vault.lookup("line", name), START)
        store = SqliteStore(self.database)
        await store.open()
        await store.receive([arrival], vault.door({event: heard}), START, 1)
        await store.close()

    def turn(self, day: float) -> Turned:
        """One call."""
        return turn(self.file, START + int(day * DAY), lambda brought, total: None)

    def back_up(self, name: str) -> Path:
        """A backup as docs/operations.md says."""
        path = self.database.with_name(name)
        with (
            closing(sqlite3.connect(self.database)) as live,
            closing(sqlite3.connect(path)) as copy,
        ):
            live.backup(copy)
        return path

    def opens(self, database: Path, keyring: Keyring) -> list[bool]:
        """Whether each contact of a database opens with these keys."""
        vault = Vault(lambda: keyring, SystemChance(), lambda: START)
        return [_opens(vault, lane) for lane in asyncio.run(_lanes(database))]


async def _lanes(database: Path) -> Sequence[Lane]:
    store = SqliteStore(database)
    await store.open()
    lanes = [await store.lane_of(contact) for contact in await store.contacts()]
    await store.close()
    return [lane for lane in lanes if lane is not None]


def _opens(vault: Vault, lane: Lane) -> bool:
    try:
        vault.open(lane)
    except (UnknownKeyError, SealError):
        return False
    return True


def _fits_any(contact: Contact, keyring: Keyring) -> bool:
    """Whether any key of the file, under whatever name, opens a contact's key."""
    for key in [kek.key for kek in keyring.keks if kek.key] + [keyring.lookup_key]:
        try:
            open_sealed(key, contact.key, place("contact", "key", contact.id, contact.kek))
        except SealError:
            continue
        return True
    return False


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Town:
    """Three people on day 0."""
    monkeypatch.setenv("ENGAWA_HOME", str(ROOT))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/engawa.db")
    made = Town(tmp_path)
    for n in range(PEOPLE):
        made.come(f"U{n}")
    return made


def test_a_backup_is_dead_after_fifteen_days(town: Town) -> None:
    """A backup of day 0 opens with the keys of day 0, and with those of day 15 nothing in it does;
    everybody in the database, and yesterday's backup, opens.
    """
    first, backup = read_keyring(town.file), town.back_up("day0.db")
    for day in range(1, 15):
        town.turn(day)
    yesterday = town.back_up("day14.db")
    town.turn(15)
    today = read_keyring(town.file)
    assert town.opens(backup, first) == [True] * PEOPLE
    assert town.opens(backup, today) == [False] * PEOPLE
    lanes = asyncio.run(_lanes(backup))
    assert [_fits_any(lane.contact, first) for lane in lanes] == [True] * PEOPLE
    assert [_fits_any(lane.contact, today) for lane in lanes] == [False] * PEOPLE
    assert town.opens(town.database, today) == [True] * PEOPLE
    assert town.opens(yesterday, today) == [True] * PEOPLE


def test_one_round(town: Town) -> None:
    """Six quiet days, then handed out, promoted and rewrapped, destroyed; twice is no error."""
    first = read_keyring(town.file).current.id
    quiet, out = town.turn(1), town.turn(6)
    assert (quiet.handed_out, quiet.next.act) == ("", "hand out")
    assert (out.handed_out != "", out.next.act, out.next.key) == (True, "promote", out.handed_out)
    assert town.turn(6.5).handed_out == ""
    up = town.turn(7)
    assert (up.promoted, up.rewrapped.moved) == (out.handed_out, PEOPLE)
    again = town.turn(7)
    assert (again.promoted, again.rewrapped.moved, again.destroyed) == ("", 0, [])
    gone = town.turn(8)
    assert (gone.destroyed, gone.next.act) == ([first], "hand out")
    states = [(kek.state, len(kek.key)) for kek in read_keyring(town.file).keks]
    assert states == [("destroyed", 0), ("current", 32)]


def test_killed_between_promotion_and_rewrap(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """A call that dies after the promotion is finished by the next one; nobody is lost."""
    town.turn(6)

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr("bot.app.rotating.rewrap", dies)
        with pytest.raises(KeyboardInterrupt):
            town.turn(7)
    assert town.opens(town.database, read_keyring(town.file)) == [True] * PEOPLE
    done = town.turn(8)
    assert (done.rewrapped.moved, len(done.destroyed)) == (PEOPLE, 1)
    assert town.opens(town.database, read_keyring(town.file)) == [True] * PEOPLE


def test_a_process_that_had_not_read_the_file(town: Town) -> None:
    """Who came under the earlier key after the rewrap is brought over before it is destroyed."""
    town.turn(6)
    stale = read_keyring(town.file)
    town.turn(7)
    town.come("Ulate", stale)
    done = town.turn(8)
    assert (done.rewrapped.moved, len(done.destroyed)) == (1, 1)
    assert town.opens(town.database, read_keyring(town.file)) == [True] * (PEOPLE + 1)


def test_a_changed_row_holds_its_key_back(town: Town) -> None:
    """A contact whose key doesn't open is named, and the key it is under is not destroyed."""
    with closing(sqlite3.connect(town.database)) as database:
        one = "SELECT min(id) FROM contact"
        database.execute(f"UPDATE contact SET key = zeroblob(60) WHERE id = ({one})")
        database.commit()
    town.turn(6)
    town.turn(7)
    done = town.turn(8)
    assert len(done.rewrapped.broken) == 1
    assert (done.destroyed, len(done.held_back)) == ([], 1)
    assert town.turn(14.1).late == done.held_back


def test_another_database(town: Town) -> None:
    """Rows under keys that the file never held stop everything before anything is changed."""
    town.file.unlink()
    write_keyring(town.file, new_keyring(now=START))
    before = town.file.read_bytes()
    with pytest.raises(KeyringError, match=r"never held: .*Nothing was turned"):
        town.turn(9)
    assert town.file.read_bytes() == before


def test_a_backup_put_back_too_late(town: Town) -> None:
    """Rows under a key that was destroyed are told, and the keys go on being turned."""
    backup = town.back_up("day0.db")
    for day in range(1, 9):
        town.turn(day)
    town.database.with_name("engawa.db-wal").unlink(missing_ok=True)
    backup.replace(town.database)
    done = town.turn(14)
    assert len(done.rewrapped.unknown) == 1
    assert done.handed_out


def test_a_folder_that_can_not_be_written(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the key file can't be replaced, the first call says so, and nothing is changed."""
    before = town.file.read_bytes()
    monkeypatch.setattr("bot.store.keyfile.os.access", lambda *_: False)
    with pytest.raises(KeyringError, match=r"can't be replaced from here.*Nothing was changed"):
        town.turn(1)
    assert town.file.read_bytes() == before


def test_a_full_disk(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that can't be written whole stays as it was, and nothing is left beside it."""
    before = town.file.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("bot.store.keyfile.os.fsync", full)
    with pytest.raises(KeyringError, match="it stays as it was"):
        town.turn(6)
    assert town.file.read_bytes() == before
    assert not town.file.with_name(".keys.json.new").exists()


def test_keys_without_times(town: Town) -> None:
    """A file of before counts from the first call, which says so; half rotated, it is finished."""
    keyring = with_next(new_keyring())
    other = promoted(keyring, keyring.keks[-1].id)
    town.file.unlink()
    town.database.unlink()
    write_keyring(town.file, other)
    town.come("Unew")
    first = town.turn(0)
    assert (first.counted, first.destroyed) == (True, [])
    then = town.turn(1)
    assert (then.counted, len(then.destroyed)) == (False, 1)
