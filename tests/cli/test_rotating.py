"""`engawa keys`, `engawa inventory` and `engawa erase`, beside a running service's database."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from bot.app.nature import SystemChance
from bot.engine.inbound import Inbound
from bot.privacy.keyring import new_keyring
from bot.services.lanes import Vault
from bot.services.ports import Heard
from bot.services.records import Arrival
from bot.store.keyfile import changing, read_keyring, write_keyring
from bot.store.ledger import FileLedger
from bot.store.sqlite import SqliteStore
from bot.store.sqlite.holdings import TABLES
from tests.app.process import Ended, engawa, environment, key_file

NOW = 1_800_000_000_000
SECRET = "絶対に見えない言葉"


class Beside:
    """A database that is open as a serving process has it, and the commands beside it."""

    def __init__(self, folder: Path, store: SqliteStore) -> None:
        self.folder = folder
        self.store = store
        self.file = Path(key_file(folder))
        self.environment = environment(folder, ENGAWA_KEY_FILE=str(self.file))

    async def engawa(self, *words: str) -> Ended:
        """One command."""
        return await engawa(*words, env=self.environment)

    async def said(self, *words: str) -> str:
        """What a command printed that must succeed."""
        ended = await self.engawa(*words)
        assert ended.code == 0, ended.err
        return ended.out

    async def come(self, people: int) -> list[str]:
        """So many people say something secret; their contacts' ids."""
        vault = Vault(lambda: read_keyring(self.file), SystemChance(), lambda: NOW)
        found = []
        for n in range(people):
            heard = Heard("inbound", "line", f"e{n}", f"U{n}", NOW, Inbound("text", text=SECRET))
            event = vault.event("line", heard.event_id)
            one = Arrival(event, "line", vault.lookup("line", heard.user_id), NOW)
            (claim,) = (await self.store.receive([one], vault.door({event: heard}), NOW, 1)).claims
            found.append(claim.lane.contact.id)
        return found

    async def inventory(self, *more: str) -> Any:
        """The inventory as JSON."""
        return json.loads(await self.said("inventory", "--format", "json", *more))


@pytest.fixture
async def beside(tmp_path: Path) -> AsyncIterator[Beside]:
    """An open, empty database."""
    store = SqliteStore(tmp_path / "engawa.db")
    await store.open()
    yield Beside(tmp_path, store)
    await store.close()


async def test_a_whole_rotation(beside: Beside) -> None:
    """next, promote, rewrap, destroy: each says what comes then; in between rows can be read."""
    await beside.come(3)
    old = read_keyring(beside.file).current.id
    told = await beside.said("keys", "next")
    new = read_keyring(beside.file).keks[-1].id
    assert f"engawa keys promote {new}" in told
    assert "engawa keys rewrap" in await beside.said("keys", "promote", new)
    early = await beside.engawa("keys", "destroy", old, "--yes")
    assert (early.code, "wraps the keys of 3 contacts" in early.err) == (2, True)
    assert "3 contacts were brought" in await beside.said("keys", "rewrap")
    assert set(await beside.store.keks()) == {new}
    asked = await beside.engawa("keys", "destroy", old)
    assert (asked.code, "no backup of the database" in asked.out) == (2, True)
    assert read_keyring(beside.file).kek(old).key
    assert "copy" in await beside.said("keys", "destroy", old, "--yes")
    listed = await beside.said("keys", "list")
    rows = [line.strip("│").split("│") for line in listed.splitlines() if line.startswith("│")]
    assert [[cell.strip() for cell in row] for row in rows] == [
        [old, "destroyed", "0"],
        [new, "current", "3"],
    ]


def aged(file: Path, days: float) -> None:
    """Put the times of every key so many days back."""
    back = int(days * 86_400_000)
    with changing(file) as put:
        keyring = read_keyring(file)
        keks = [replace(k, since=k.since - back, used=max(0, k.used - back)) for k in keyring.keks]
        put(replace(keyring, keks=tuple(keks)))


async def test_turning(beside: Beside) -> None:
    """One command, called day by day, does each step when it is due, in one line, and says what
    comes next; nothing is drawn where nobody looks at a terminal.
    """
    await beside.come(3)
    old = read_keyring(beside.file).current.id
    assert (await beside.said("keys", "turn")).startswith("Nothing is due.\nNext: a next key is")
    aged(beside.file, 6)
    out = await beside.said("keys", "turn")
    new = read_keyring(beside.file).keks[-1].id
    assert out.startswith(f"Key {new} is handed out as the next one. Replace every copy")
    assert f"Next: key {new} is promoted by the first call after" in out
    aged(beside.file, 1)
    ended = await beside.engawa("keys", "turn")
    assert (ended.code, ended.err) == (0, "")
    assert f"Key {new} is the current one.\n3 contacts were brought" in ended.out
    assert set(await beside.store.keks()) == {new}
    aged(beside.file, 1)
    assert f"Key {old} is destroyed" in await beside.said("keys", "turn")
    assert "Nothing is due." in await beside.said("keys", "turn")


async def test_turning_late(beside: Beside) -> None:
    """Where no timer called, the call says that the bound was broken, and ends with 2."""
    await beside.come(1)
    aged(beside.file, 15)
    ended = await beside.engawa("keys", "turn")
    assert (ended.code, "opens backups that are older than 14 days" in ended.out) == (2, True)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        pytest.param(("promote", "nothing"), "holds no key 'nothing'", id="promote what isn't"),
        pytest.param(("destroy", "nothing", "--yes"), "holds no key", id="destroy what isn't"),
    ],
)
async def test_refusals(beside: Beside, words: tuple[str, ...], sentence: str) -> None:
    """What can't be done to a key is said in one sentence, and the file stays as it is."""
    before = beside.file.read_bytes()
    ended = await beside.engawa("keys", *words)
    assert (ended.code, len(ended.err.splitlines())) == (2, 1)
    assert sentence in ended.err
    assert beside.file.read_bytes() == before


async def test_rows_under_a_missing_key(beside: Beside) -> None:
    """A keyring swapped for another: the list and the round name the key that is missing."""
    await beside.come(2)
    missing = read_keyring(beside.file).current.id
    beside.file.unlink()
    write_keyring(beside.file, new_keyring())
    assert "Restore the key file" in await beside.said("keys", "list")
    ended = await beside.engawa("keys", "rewrap")
    assert ended.code == 2
    assert f"Rows are under key {missing}" in ended.out
    assert [key["state"] for key in (await beside.inventory())["keys"]] == ["current", "missing"]


async def test_the_inventory(beside: Beside) -> None:
    """Every table is counted, with the keys and the files; no content and no id is printed."""
    contacts = await beside.come(2)
    FileLedger(f"{beside.file}.erased").record("somebody")
    found = await beside.inventory()
    kinds = {line["kind"]: line for line in found["kinds"]}
    assert set(kinds) == {table.name for table in TABLES}
    assert [kinds[kind]["rows"] for kind in ("contact", "inbound", "seen")] == [2, 2, 2]
    assert {kinds[kind]["whose"] for kind in ("seen", "tries", "count")} == {"nobody"}
    assert kinds["staff_account"]["whose"] == "staff"
    current = read_keyring(beside.file).current.id
    assert found["keys"] == [{"id": current, "state": "current", "contacts": 2, "staff": False}]
    files = {file["what"]: file for file in found["files"]}
    assert files["erase ledger"]["lines"] == 1
    assert {"database", "its log", "keyring"} <= set(files)
    table = await beside.said("inventory")
    for out in (json.dumps(found), table):
        assert SECRET not in out
        assert not any(contact in out for contact in contacts)
    assert "erase ledger" in table


async def test_the_inventory_of_one(beside: Beside) -> None:
    """Of a contact: their rows alone, without keys and files; of nobody's id a sentence."""
    contact, _ = await beside.come(2)
    found = await beside.inventory("--contact", contact)
    assert {line["kind"]: line["rows"] for line in found["kinds"]} == {
        "contact": 1,
        "address": 1,
        "conversation": 1,
        "message": 0,
        "inbound": 1,
        "outbox": 0,
        "timer": 0,
        "code": 0,
    }
    assert (found["keys"], found["files"]) == ([], [])
    nobody = await beside.engawa("inventory", "--contact", "x")
    assert (nobody.code, "Nothing is kept under the id 'x'" in nobody.err) == (2, True)


async def test_erase(beside: Beside) -> None:
    """`erase` takes one contact, writes the ledger, leaves the others; twice is no error."""
    contact, other = await beside.come(2)
    assert "Erased." in await beside.said("erase", "--", contact)
    assert await beside.store.contacts() == (other,)
    assert contact.encode() not in (beside.folder / "engawa.db-wal").read_bytes()
    assert len(FileLedger(f"{beside.file}.erased").key_ids()) == 1
    assert "Nothing was kept" in await beside.said("erase", "--", contact)
    mistyped = await beside.engawa("erase", contact[:-1] + "!")
    assert (mistyped.code, "is no contact's id" in mistyped.err) == (2, True)
