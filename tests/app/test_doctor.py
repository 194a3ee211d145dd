"""Doctor on this machine: keys, database, content, settings, service, clock; each trouble named."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from bot.app.connecting import Here
from bot.app.doctor import database, examine, machine
from bot.app.doctor.keys import aged, open_keyring, used
from bot.app.nature import system_clock
from bot.config import Secrets, Settings, read_settings
from bot.config.settings import Decision
from bot.privacy.keyring import Kek, new_keyring
from bot.services.checkup import Check
from bot.store.keyfile import write_keyring
from bot.store.sqlite.migrations import STEPS
from tests.app.house import MINUTE, House
from tests.repository import ROOT

HOUR, DAY = 60 * MINUTE, 24 * 60 * MINUTE


def here(folder: Path, key_file: Path | None = None, /, **environment: str) -> Here:
    """This environment with the database and, in a folder of its own, the keyring."""
    file = key_file or folder / "keys" / "keyring.json"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        write_keyring(file, new_keyring(now=system_clock()))
    given = {"DATABASE_URL": f"sqlite:///{folder}/engawa.db", "PORT": "0", **environment}
    settings = read_settings(ROOT / "config.toml", given)
    settings = replace(settings, content=replace(settings.content, directory=str(ROOT)))
    return Here(settings, Secrets(key_file=str(file)))


async def found(where: Here, area: str = "") -> list[Check]:
    """What doctor says, of one area or of all."""
    return [check async for check in examine(where, "") if area in ("", check.area)]


def worst(checks: list[Check]) -> list[Check]:
    """What is not as it should be."""
    return [check for check in checks if check.state != "ok"]


async def served(folder: Path) -> House:
    """A house that has served and is closed again."""
    house = House(folder)
    await house.open()
    await house.post_line(house.line_event("follow", follow={"isUnblocked": False}))
    await house.close()
    return house


def clock_at(monkeypatch: pytest.MonkeyPatch, now: int) -> None:
    """What doctor takes for the time."""
    monkeypatch.setattr(database, "system_clock", lambda: now)


async def test_after_serving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A house that served well has nothing to be complained of but the missing address."""
    house = await served(tmp_path)
    clock_at(monkeypatch, house.clock.now)
    where = here(tmp_path, tmp_path / "keys.json")
    checks = await found(where)
    assert [check.what.partition(" ")[0] for check in worst(checks)] == [
        "room.url",
        "The",  # the keys lie beside the database
        "server.port",
    ]
    assert [check.state for check in checks].count("problem") == 0


def _missing(where: Here) -> Here:
    return replace(where, secrets=Secrets(key_file="/nowhere/keys.json"))


def _unset(where: Here) -> Here:
    return replace(where, secrets=Secrets())


def _open_to_others(where: Here) -> Here:
    Path(where.secrets.key_file).chmod(0o644)
    return where


def _demo(where: Here) -> Here:
    file = Path(where.secrets.key_file)
    file.unlink()
    write_keyring(file, new_keyring(demo=True, now=system_clock()))
    return where


def _ledger_is_a_folder(where: Here) -> Here:
    Path(f"{where.secrets.key_file}.erased").mkdir()
    return where


@pytest.mark.parametrize(
    ("change", "state", "words"),
    [
        pytest.param(_missing, "problem", "There is no key file", id="missing"),
        pytest.param(_unset, "problem", "ENGAWA_KEY_FILE is not set", id="not set"),
        pytest.param(_open_to_others, "problem", "chmod 600", id="open to others"),
        pytest.param(_demo, "problem", "demo keys", id="demo keys"),
        pytest.param(_ledger_is_a_folder, "problem", "can't be read", id="ledger unreadable"),
    ],
)
def test_keys(change: Callable[[Here], Here], state: str, words: str, tmp_path: Path) -> None:
    """Each trouble with the key file is one line."""
    _, checks = open_keyring(change(here(tmp_path)))
    [trouble] = worst(checks)
    assert (trouble.area, trouble.state) == ("keys", state)
    assert words in trouble.what


async def test_rows_under_a_key_that_is_not_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows that another keyring sealed are a problem, and the key is named."""
    house = await served(tmp_path)
    clock_at(monkeypatch, house.clock.now)
    [trouble] = [c for c in await found(here(tmp_path), "keys") if c.state == "problem"]
    [used] = [kek.id for kek in house.service.parts.keyring.keks]
    assert used in trouble.what


def test_old_keys_in_use() -> None:
    """Rows under an old key ask for the end of the rotation; a destroyed key is not held."""
    keks = (
        Kek("new1", b"n" * 32, "current"),
        Kek("old1", b"o" * 32, "old"),
        Kek("gone1", b"", "destroyed"),
    )
    keyring = replace(new_keyring(), keks=keks)
    assert used(keyring, ["new1"]).state == "ok"
    assert "engawa keys rewrap" in used(keyring, ["new1", "old1"]).mend
    assert used(keyring, ["gone1"]).state == "problem"


NOW = 1_800_000_000_000


@pytest.mark.parametrize(
    ("age", "state", "words"),
    [
        pytest.param(14 * DAY, "ok", "No key that is held", id="at the bound"),
        pytest.param(14 * DAY + 1, "problem", "(14 days). People are told", id="past the bound"),
        pytest.param(NOW, "warning", "is not known", id="a file of before"),
    ],
)
@pytest.mark.parametrize("current", [True, False], ids=["current", "old"])
def test_age_of_keys(age: int, state: str, words: str, current: bool) -> None:
    """A key, current or old, that opens backups of over 14 days is a problem; of none, no age."""
    keyring = new_keyring(now=NOW - age if current else NOW)
    if not current:
        old = Kek("old1", b"o" * 32, "old", since=NOW, used=NOW - age)
        keyring = replace(keyring, keks=(old, *keyring.keks))
    found = aged(keyring, NOW)
    assert (found.state, words in found.what) == (state, True)
    assert ("engawa keys turn" in found.mend) == (state != "ok")


async def test_no_database_yet(tmp_path: Path) -> None:
    """Before the first start there is none, and looking makes none."""
    [told] = await found(here(tmp_path), "database")
    assert (told.state, told.what.startswith("There is no database")) == ("warning", True)
    assert not (tmp_path / "engawa.db").exists()


def _no_database(path: Path) -> None:
    path.write_bytes(b"this is a letter, not a database" * 40)


def _damaged(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        root = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'revision_file'"
        ).fetchone()[0]
        size = connection.execute("PRAGMA page_size").fetchone()[0]
    with path.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\xff" * size)


def _older(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM _sqlite_migrations WHERE name = ?", (STEPS[-1].__name__,))
        connection.commit()


@pytest.mark.parametrize(
    ("change", "state", "words"),
    [
        pytest.param(_no_database, "problem", "is not a database", id="no database"),
        pytest.param(_damaged, "problem", "damaged", id="damaged"),
        pytest.param(_older, "warning", f"this program's at {len(STEPS)}", id="older schema"),
    ],
)
async def test_database(
    change: Callable[[Path], None], state: str, words: str, tmp_path: Path
) -> None:
    """A file that can't be trusted is named, and left as it is."""
    await served(tmp_path)
    change(tmp_path / "engawa.db")
    before = (tmp_path / "engawa.db").read_bytes()
    [trouble] = await found(here(tmp_path, tmp_path / "keys.json"), "database")
    assert trouble.state == state
    assert words in trouble.what
    assert (tmp_path / "engawa.db").read_bytes() == before


async def outbox_house(folder: Path, *acts: str) -> House:
    """A house in which sends ended as scripted."""
    house = House(folder)
    await house.open()
    for number, act in enumerate(acts):
        event = house.line_event("follow", f"U{number}", follow={"isUnblocked": False})
        house.line.script(act, act)
        await house.post_line(event, settle=False)
        await house.service.delivery.run_once()
    await house.close()
    return house


@pytest.mark.parametrize(
    ("later", "state"),
    [pytest.param(MINUTE, "ok", id="a minute"), pytest.param(HOUR, "problem", id="an hour")],
)
async def test_what_waits(
    later: int, state: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request that waits is no trouble at first, and one after some minutes."""
    house = await outbox_house(tmp_path, "error")
    clock_at(monkeypatch, house.clock.now + later)
    checks = await found(here(tmp_path, tmp_path / "keys.json"), "sending")
    [waiting] = [check for check in checks if "wait to be sent" in check.what]
    assert waiting.state == state


async def test_what_was_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests that were given up ask for a look."""
    house = await outbox_house(tmp_path, "invalid")
    clock_at(monkeypatch, house.clock.now)
    checks = await found(here(tmp_path, tmp_path / "keys.json"), "sending")
    [trouble] = worst(checks)
    assert (trouble.state, trouble.what) == ("warning", "1 requests were given up.")


async def test_retention_that_does_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever stays past its time is a problem: people were told a date."""
    house = await served(tmp_path)
    clock_at(monkeypatch, house.clock.now + 40 * DAY)
    [trouble] = await found(here(tmp_path, tmp_path / "keys.json"), "retention")
    assert (trouble.state, "Something should be gone since" in trouble.what) == ("problem", True)


async def test_retention_without_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `engawa serve` would refuse is a line like any other."""
    house = await served(tmp_path)
    clock_at(monkeypatch, house.clock.now)
    where = here(tmp_path, tmp_path / "keys.json", ENGAWA__RETENTION__MESSAGES="80")
    [trouble] = await found(where, "retention")
    assert (trouble.state, "reason" in trouble.what) == ("problem", True)


@pytest.mark.parametrize(
    ("text", "state", "words"),
    [
        pytest.param("engawa: 1\nflow: kept\nstates: {\n", "problem", "errors", id="broken"),
        pytest.param(None, "warning", "say something else", id="edited"),
    ],
)
async def test_files_that_differ(
    text: str | None,
    state: str,
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Files that are not what is live are named, broken ones as a problem."""
    house = await served(tmp_path)
    clock_at(monkeypatch, house.clock.now)
    copy = tmp_path / "copy"
    for name in ("flows", "messages", "city"):
        shutil.copytree(ROOT / name, copy / name)
    kept = copy / "flows" / "kept.yaml"
    kept.write_text(text or kept.read_text("utf-8") + "# edited\n", "utf-8")
    where = here(tmp_path, tmp_path / "keys.json")
    content = replace(where.settings.content, directory=str(copy))
    where = replace(where, settings=replace(where.settings, content=content))
    [trouble] = await found(where, "content")
    assert (trouble.state, words in trouble.what) == (state, True)


async def test_redelivery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A redelivery that was seen shows that the switch is on; else nobody can know."""
    house = House(tmp_path)
    await house.open()
    where = here(tmp_path, tmp_path / "keys.json", LINE_API_BASE="http://127.0.0.1:1")
    secrets = replace(where.secrets, line_secret="s", line_token="t")
    where = replace(where, secrets=secrets)
    clock_at(monkeypatch, house.clock.now)
    before = [c for c in await found(where, "LINE") if "edelivery" in c.what]
    again = house.line_text("こんばんは")
    await house.post_line({**again, "deliveryContext": {"isRedelivery": True}})
    await house.close()
    after = [c for c in await found(where, "LINE") if "edelivery" in c.what]
    assert [check.state for check in before + after] == ["unknown", "ok"]
    assert "seen 1 times" in after[0].what


SETTINGS: list[Any] = [
    pytest.param({"ENGAWA__ROOM__URL": "http://a.example"}, "problem", "anybody", id="no TLS"),
    pytest.param({"ENGAWA__ROOM__URL": "https://a.example"}, None, "", id="TLS"),
    pytest.param({"ENGAWA__ROOM__URL": ""}, "warning", "lead nowhere", id="no address"),
    pytest.param(
        {"ENGAWA__ROOM__URL": "https://a.example", "ENGAWA__ROOM__QUIET": "always"},
        "problem",
        "room.quiet",
        id="quiet hours that are none",
    ),
    pytest.param(
        {"ENGAWA__ROOM__URL": "https://a.example", "STAFF_HOST": "192.0.2.7"},
        "problem",
        "without https",
        id="staff pages open to the network",
    ),
]


@pytest.mark.parametrize(("given", "state", "words"), SETTINGS)
def test_settings(given: dict[str, str], state: str | None, words: str, tmp_path: Path) -> None:
    """Settings that would hurt somebody are named."""
    trouble = worst(list(machine.examine_settings(here(tmp_path, **given))))
    assert [check.state for check in trouble] == ([state] if state else [])
    assert all(words in check.what for check in trouble)


@pytest.mark.parametrize(
    ("mode", "decision", "state"),
    [
        pytest.param("", "", "ok", id="left out: the strictest"),
        pytest.param("door_only", "", "ok", id="strictest"),
        pytest.param("full", "", "problem", id="full without a decision"),
        pytest.param("buttons_only", "Head, 2026-11-01, No. 12", "ok", id="decided"),
        pytest.param("full", Decision("Head", "2026-11-01", "No. 12"), "ok", id="decided, table"),
        pytest.param("full", Decision("Head"), "problem", id="half a decision"),
        pytest.param("full", "yes", "problem", id="what serve refuses"),
    ],
)
def test_modes(mode: Any, decision: str | Decision, state: str, tmp_path: Path) -> None:
    """More than a door needs the city's decision."""
    where = here(tmp_path)
    line = replace(where.settings.line, mode=mode, decision=decision)
    settings: Settings = replace(where.settings, line=line)
    secrets = replace(where.secrets, line_secret="s", line_token="t")
    checks = machine.examine_settings(Here(settings, secrets))
    [told] = [check for check in checks if check.what.startswith("line is")]
    assert told.state == state


@pytest.mark.parametrize(
    ("free", "state"),
    [
        pytest.param(50 << 30, "ok", id="plenty"),
        pytest.param(500 << 20, "warning", id="little"),
        pytest.param(10 << 20, "problem", id="hardly any"),
    ],
)
def test_disk(free: int, state: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fills up is told before nothing can be kept."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(1, 1, free))
    [told] = [c for c in machine.examine_settings(here(tmp_path)) if "disk" in c.what]
    assert told.state == state


@pytest.mark.parametrize(
    ("skews", "state", "words"),
    [
        pytest.param([], "unknown", "nobody could say", id="nobody asked"),
        pytest.param([300, -4_000], "ok", "agrees", id="right"),
        pytest.param([20_000], "warning", "20 s slow", id="slow"),
        pytest.param([-95_000, -120_000], "problem", "95 s fast", id="wrong"),
    ],
)
def test_clock(skews: list[int], state: str, words: str) -> None:
    """A clock that differs from the platforms' spoils reply tokens, and is named."""
    told = machine.clock(skews)
    assert (told.state, words in told.what) == (state, True)
