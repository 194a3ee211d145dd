"""`engawa staff` and `engawa audit`, as somebody at the machine uses them."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.app.process import engawa, environment, key_file


async def test_a_life_in_accounts(tmp_path: Path) -> None:
    """Invite, change roles, disable, enable, reset: each in a sentence, and all on record."""
    env = environment(tmp_path, ENGAWA_KEY_FILE=key_file(tmp_path))
    invited = await engawa("staff", "add", "Hana", "--role", "counselor", env=env)
    assert invited.code == 0
    assert re.search(r"^http://localhost:\d+/join/[\w-]{43}$", invited.out, re.MULTILINE)
    for words, said in (
        (("roles", "hana", "--role", "approver", "--kind", "legal"), "approver, legal"),
        (("disable", "hana"), "hana is out"),
        (("enable", "hana"), "hana may sign in again"),
        (("reset", "hana"), "/join/"),
    ):
        done = await engawa("staff", *words, env=env)
        assert done.code == 0
        assert said in done.out
    listed = await engawa("staff", "list", env={**env, "COLUMNS": "80"})
    assert re.search(r"│ approver +│", listed.out), "a role is not broken in two"
    assert re.search(r"│ legal +│", listed.out)
    assert "invited" in listed.out
    record = await engawa("audit", "list", env={**env, "COLUMNS": "200"})
    acts = re.findall(r"(account\.\w+)", record.out)
    assert acts == [
        "account.invited",
        "account.roles",
        "account.disabled",
        "account.enabled",
        "account.reset",
    ]
    assert "record is whole" in (await engawa("audit", "verify", env=env)).out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(("add", "花", "--role", "editor"), "a–z, 0–9", id="no login"),
        pytest.param(("add", "ken", "--role", "approver"), "needs a kind", id="approver of what"),
        pytest.param(("add", "hana", "--role", "editor"), "already", id="login taken"),
        pytest.param(("reset", "nobody"), "no account with the login 'nobody'", id="unknown"),
        pytest.param(("enable", "hana"), "Its state", id="not disabled"),
        pytest.param(("add", "ken", "--role", "king"), "invalid choice", id="no such role"),
        pytest.param(("add", "ken"), "--role", id="no role"),
    ],
)
async def test_refusals(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    """What can't be done is said in a sentence, with 2, and changes nothing."""
    env = environment(tmp_path, ENGAWA_KEY_FILE=key_file(tmp_path))
    await engawa("staff", "add", "hana", "--role", "editor", env=env)
    refused = await engawa("staff", *words, env=env)
    assert refused.code == 2
    assert said in refused.err
    listed = await engawa("audit", "list", env=env)
    assert listed.out.count("account.") == 1


@pytest.mark.parametrize("words", [("staff", "list"), ("audit", "verify"), ("audit", "list")])
async def test_looking_makes_no_database(tmp_path: Path, words: tuple[str, ...]) -> None:
    """Where no database is, looking says so and makes none."""
    env = environment(tmp_path, ENGAWA_KEY_FILE=key_file(tmp_path))
    refused = await engawa(*words, env=env)
    assert refused.code == 2
    assert "There is no database" in refused.err
    assert not (tmp_path / "engawa.db").exists()


async def test_no_key_file(tmp_path: Path) -> None:
    """Without the key file the record has no place for its heads: refused by the setting's name."""
    refused = await engawa("staff", "list", env=environment(tmp_path), folder=tmp_path)
    assert refused.code == 2
    assert "ENGAWA_KEY_FILE" in refused.err


@pytest.mark.parametrize(
    ("harm", "row"),
    [
        pytest.param("DELETE FROM audit WHERE seq = 2", 3, id="a row deleted"),
        pytest.param("DELETE FROM audit WHERE seq = 3", 3, id="the tail cut"),
    ],
)
async def test_a_broken_record(tmp_path: Path, harm: str, row: int) -> None:
    """`audit verify` names the first row that is wrong, and ends with 1."""
    env = environment(tmp_path, ENGAWA_KEY_FILE=key_file(tmp_path))
    for login in ("hana", "ken", "yui"):
        await engawa("staff", "add", login, "--role", "editor", env=env)
    with closing(sqlite3.connect(tmp_path / "engawa.db")) as connection:
        connection.execute(harm)
        connection.commit()
    broken = await engawa("audit", "verify", env=env)
    assert broken.code == 1
    assert f"broken at row {row}:" in broken.out


async def test_a_test_account_left_on(tmp_path: Path) -> None:
    """`serve` refuses a database in which a demo left its accounts, and names them."""
    env = environment(tmp_path, ENGAWA_KEY_FILE=key_file(tmp_path))
    await engawa("staff", "add", "editor", "--role", "editor", env=env)
    with closing(sqlite3.connect(tmp_path / "engawa.db")) as connection:
        connection.execute("UPDATE staff_account SET demo = 1")
        connection.commit()
    refused = await engawa("serve", env=env, folder=tmp_path)
    assert refused.code == 2
    assert "Demo accounts were left on in this database (editor)" in refused.err
