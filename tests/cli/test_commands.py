"""Every command of `engawa`: its help, what it prints, how it refuses; never a traceback."""

from __future__ import annotations

import shutil
import stat
from pathlib import Path

import pytest

from bot.cli.main import COMMANDS
from bot.services.records import OutboxRow
from bot.store.sqlite import SqliteStore
from tests.app.house import MINUTE, House
from tests.app.process import engawa, environment
from tests.repository import ROOT


@pytest.mark.parametrize("command", [(), *[(name,) for name in COMMANDS]])
async def test_help(tmp_path: Path, command: tuple[str, ...]) -> None:
    """--help says in words what a command does, and 0."""
    ended = await engawa(*command, "--help", env=environment(tmp_path))
    assert ended.code == 0
    assert f"usage: {' '.join(['engawa', *command])}" in ended.out
    assert len(ended.out.split()) > 15


@pytest.mark.parametrize(
    "words",
    [
        pytest.param((), id="nothing"),
        pytest.param(("sreve",), id="a typo"),
        pytest.param(("keys",), id="no verb"),
        pytest.param(("keys", "new"), id="no file"),
        pytest.param(("flows",), id="no verb of flows"),
        pytest.param(("outbox", "--status", "lost"), id="a status that isn't"),
        pytest.param(("outbox", "--limit", "-3"), id="less than nothing"),
        pytest.param(("counts", "--since", "yesterday"), id="no day"),
        pytest.param(("check", "/no/such/folder"), id="no folder"),
    ],
)
async def test_wrong_words(tmp_path: Path, words: tuple[str, ...]) -> None:
    """A command that can't be understood is refused with 2, in words on standard error."""
    ended = await engawa(*words, env=environment(tmp_path))
    assert ended.code == 2
    assert ended.out == ""
    assert "engawa" in ended.err


async def test_version(tmp_path: Path) -> None:
    """--version says the version."""
    ended = await engawa("--version", env=environment(tmp_path))
    assert ended.code == 0
    assert ended.out.startswith("engawa ")


async def test_a_good_check(tmp_path: Path) -> None:
    """`check` says ok and what there is, and makes no database."""
    ended = await engawa("check", env=environment(tmp_path))
    assert ended.code == 0
    assert ended.out.startswith("ok ")
    assert "flows" in ended.out
    assert list(tmp_path.iterdir()) == []


async def test_a_broken_check(tmp_path: Path) -> None:
    """`check` prints every issue with file, line and column, what was found and what to do."""
    home = _home(tmp_path)
    flow = home / "flows" / "welcome.yaml"
    text = flow.read_text("utf-8").replace("next: {always: listen}", "next: {always: lisetn}", 1)
    flow.write_text(text.replace("say: welcome.hello", "say: welcome.helo"), "utf-8")
    ended = await engawa("check", str(home), env=environment(tmp_path))
    assert ended.code == 2
    at = [n for n, line in enumerate(text.splitlines(), 1) if "lisetn" in line]
    assert f"flows/welcome.yaml:{at[0]}:" in ended.err
    assert "listen" in ended.err
    assert "welcome.helo" in ended.err
    assert ended.out == ""


async def test_keys(tmp_path: Path) -> None:
    """`keys new` makes a file for its owner alone, and never overwrites one."""
    file = tmp_path / "keys.json"
    made = await engawa("keys", "new", str(file), env=environment(tmp_path))
    assert made.code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    before = file.read_bytes()
    assert before.decode() not in made.out
    again = await engawa("keys", "new", str(file), env=environment(tmp_path))
    assert again.code == 2
    assert "is not overwritten" in again.err
    assert file.read_bytes() == before


async def test_publishing(tmp_path: Path) -> None:
    """`flows publish` makes the files live; `status` says whether they still are the same."""
    home = _home(tmp_path)
    env = environment(tmp_path, ENGAWA_HOME=str(home))
    assert (await engawa("flows", "status", env=env)).code == 2  # there is no database
    published = await engawa("flows", "publish", env=env)
    assert published.code == 0
    revision = published.out.split()[-1]
    assert (await engawa("flows", "status", env=env)).out == (
        f"Active is revision {revision}; the files are the same.\n"
    )
    (home / "flows" / "welcome.yaml").write_text("engawa: 1\nflow: welcome\n")
    refused = await engawa("flows", "publish", env=env)
    assert refused.code == 2
    assert "flows/welcome.yaml:" in refused.err
    assert (await engawa("flows", "status", env=env)).out == (
        f"Active is revision {revision}; the files are different.\n"
    )


@pytest.mark.parametrize("command", [("outbox",), ("counts",), ("flows", "status")])
async def test_looking_makes_nothing(tmp_path: Path, command: tuple[str, ...]) -> None:
    """A command that looks at a database that isn't there says so and makes none."""
    ended = await engawa(*command, env=environment(tmp_path))
    assert ended.code == 2
    assert f"There is no database at {tmp_path}/engawa.db" in ended.err
    assert list(tmp_path.iterdir()) == []


async def test_outbox(tmp_path: Path) -> None:
    """`outbox` lists what waits, failed or was given up, with age and reason, never its content."""
    house = House(tmp_path)
    await house.open()
    outcomes = {"Udead": "invalid", "Ugone": "nobody", "Uwaits": "quota", "Uagain": "error"}
    for person, act in outcomes.items():
        event = house.line_event("follow", person, follow={"isUnblocked": False})
        if act == "quota":  # without a token that is fresh only a push is left
            event["timestamp"] -= 2 * MINUTE
        house.line.script(*[act] * (2 if act == "error" else 1))
        await house.post_line(event, settle=False)
        await house.service.delivery.run_once()
    rows = await house.rows("new", "dead", "undeliverable", "waiting")
    await house.close()
    assert {row.status for row in rows} == {"new", "dead", "undeliverable", "waiting"}
    ended = await engawa("outbox", env=environment(tmp_path))
    assert ended.code == 0
    for row in rows:
        assert _listed(row, ended.out), row.status
    assert "薬のこと" not in ended.out
    assert not any(person in ended.out for person in outcomes)
    dead = await engawa("outbox", "--status", "dead", "--limit", "1", env=environment(tmp_path))
    assert dead.out.count("│ line") == 1
    sent = await engawa("outbox", "--status", "sent", env=environment(tmp_path))
    assert "Nothing waits and nothing failed." in sent.out


async def test_counts(tmp_path: Path) -> None:
    """`counts` prints the weekly sums, from a week on if that is asked for."""
    house = House(tmp_path)
    await house.open()
    for person in ("Uone", "Utwo"):
        event = house.line_event("follow", person, follow={"isUnblocked": False})
        await house.post_line(event)
    await house.close()
    ended = await engawa("counts", env=environment(tmp_path))
    assert ended.code == 0
    door = next(line for line in ended.out.splitlines() if "door" in line)
    assert [part.strip() for part in door.strip("│").split("│")][-1] == "2"
    later = await engawa("counts", "--since", "2040-01-02", env=environment(tmp_path))
    assert later.code == 0
    assert "door" not in later.out


@pytest.mark.parametrize("command", [("outbox",), ("counts",), ("flows", "status")])
async def test_no_database_at_all(tmp_path: Path, command: tuple[str, ...]) -> None:
    """A file that is no database is named in one sentence."""
    (tmp_path / "engawa.db").write_bytes(b"this is a letter, not a database" * 40)
    ended = await engawa(*command, env=environment(tmp_path))
    assert ended.code == 2
    assert "is not a database" in ended.err
    assert len(ended.err.splitlines()) == 1


async def test_beside_a_running_service(tmp_path: Path) -> None:
    """Commands that look work while the service has the database open."""
    store = SqliteStore(tmp_path / "engawa.db")
    await store.open()
    ended = await engawa("outbox", env=environment(tmp_path))
    await store.close()
    assert (ended.code, ended.err) == (0, "")


def _listed(row: OutboxRow, table: str) -> bool:
    return any(
        row.status in line and row.speech in line and row.reason in line
        for line in table.splitlines()
    )


def _home(folder: Path) -> Path:
    home = folder.parent / f"{folder.name}-home"
    for name in ("flows", "messages"):
        shutil.copytree(ROOT / name, home / name)
    return home
