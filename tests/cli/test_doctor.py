"""`engawa doctor` as a process: beside a running service, without a network, and `--launch`."""

from __future__ import annotations

import json
import re
import socket
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.app.content import read_content
from bot.app.nature import system_clock
from bot.flow.city import QUESTIONS_FILE
from bot.flow.directory import load_directory
from bot.flow.loader import load_bundle
from bot.flow.signoff import fingerprint, needed
from bot.privacy.keyring import new_keyring
from bot.store.keyfile import write_keyring
from tests.app.process import engawa, environment, key_file, serving, stop
from tests.platforms.line import ScriptedLine
from tests.platforms.telegram import ScriptedTelegram
from tests.repository import ROOT

URL = "https://room.example"


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


async def test_beside_a_running_service(tmp_path: Path) -> None:
    """A service that was connected has no problem; one whose webhook was moved has."""
    keys = tmp_path / "keys"
    keys.mkdir()
    async with ScriptedLine() as line, ScriptedTelegram() as telegram:
        env = environment(
            tmp_path,
            ENGAWA_KEY_FILE=key_file(keys),
            LINE_CHANNEL_SECRET="s",
            LINE_CHANNEL_ACCESS_TOKEN=line.token,
            TELEGRAM_BOT_TOKEN=telegram.token,
            TELEGRAM_WEBHOOK_SECRET="t",
            LINE_API_BASE=line.base_url,
            LINE_DATA_API_BASE=line.base_url,
            TELEGRAM_API_BASE=telegram.base_url,
            ENGAWA__ROOM__URL=URL,
            PORT=str(free_port()),
            STAFF_PORT="0",
        )
        for platform in ("line", "telegram"):
            assert (await engawa("connect", platform, env=env)).code == 0
        async with serving("serve", env=env, folder=tmp_path) as service:
            well = await engawa("doctor", "--format", "json", env=env)
            line.account.endpoint = "https://elsewhere.example"
            moved = await engawa("doctor", env=env)
            await stop(service)
    checks = json.loads(well.out)["checks"]
    assert [check for check in checks if check["state"] == "problem"] == []
    assert (well.code, well.err) == (0, "")
    assert any("is ready" in check["what"] for check in checks)
    assert any("The clock agrees" in check["what"] for check in checks)
    assert moved.code == 1
    assert "https://elsewhere.example, expected" in moved.out
    assert "Problems: 1." in moved.out
    for secret in (line.token, telegram.token):
        assert secret not in well.out + moved.out


async def test_without_a_network(tmp_path: Path) -> None:
    """What can't be asked is unknown, and by itself no problem."""
    keys = tmp_path / "keys"
    keys.mkdir()
    nowhere = f"http://127.0.0.1:{free_port()}"
    env = environment(
        tmp_path,
        ENGAWA_KEY_FILE=key_file(keys),
        LINE_CHANNEL_SECRET="s",
        LINE_CHANNEL_ACCESS_TOKEN="t",
        LINE_API_BASE=nowhere,
        ENGAWA__ROOM__URL=URL,
    )
    ended = await engawa("doctor", "--format", "json", env=env)
    checks = json.loads(ended.out)["checks"]
    assert ended.code == 0
    [line] = [check for check in checks if check["area"] == "LINE"]
    assert line["state"] == "unknown"
    assert "can't be reached from this machine" in line["what"]


async def test_what_forbids_opening(tmp_path: Path) -> None:
    """The shipped content isn't signed, verified or decided by anybody: 3, and everything named."""
    env = environment(tmp_path)
    ended = await engawa("doctor", "--launch", "--format", "json", env=env)
    assert (ended.code, ended.err) == (3, "")
    items = json.loads(ended.out)["items"]
    told = "\n".join(item["what"] for item in items)
    assert {item["area"] for item in items} == {
        "settings",
        "keys",
        "policies",
        "signatures",
        "places",
    }
    assert sum(item["area"] == "policies" for item in items) == 14
    for words in (
        "no https address",
        "no keyring",
        "legal, en, ja, ja-easy",
        "clinical (a physician), en, ja, ja-easy",
        "flows/safety/lexicon.yaml",
        "yorisoi",
    ):
        assert words in told
    assert not re.search(r"0[0-9]{1,3}-[0-9]+-[0-9]+", ended.out), "an unverified number"
    assert all(item["mend"] for item in items)
    table = await engawa("doctor", "--launch", env=env)
    assert table.code == 3
    assert "things are left before anybody may be let in" in table.out


async def test_demo_keys_and_modes_forbid_opening(tmp_path: Path) -> None:
    """Demo keys, and a mode that nobody decided, are among what is left."""
    env = environment(
        tmp_path, ENGAWA_KEY_FILE=key_file(tmp_path, demo=True), ENGAWA__LINE__MODE="full"
    )
    ended = await engawa("doctor", "--launch", "--format", "json", env=env)
    told = [item["what"] for item in json.loads(ended.out)["items"]]
    assert "The key file holds demo keys." in told
    assert "line is full without the city's decision." in told


@pytest.mark.parametrize(
    ("age", "left"),
    [
        pytest.param(14, False, id="in time"),
        pytest.param(15, True, id="never turned"),
        pytest.param(None, True, id="no date at all"),
    ],
)
async def test_keys_that_nobody_turns_forbid_opening(
    age: int | None, left: bool, tmp_path: Path
) -> None:
    """A current key that is older than what people are told, or without a date, is among it."""
    made = 0 if age is None else system_clock() - age * 86_400_000 + 3_600_000
    write_keyring(tmp_path / "keys.json", new_keyring(now=made))
    env = environment(tmp_path, ENGAWA_KEY_FILE=str(tmp_path / "keys.json"))
    ended = await engawa("doctor", "--launch", "--format", "json", env=env)
    told = [item["what"] for item in json.loads(ended.out)["items"]]
    assert any("not turned by a timer" in what for what in told) == left


async def test_broken_content_forbids_opening(tmp_path: Path) -> None:
    """Files that can't be published are one line, with the command that says more."""
    for name in ("flows", "messages"):
        (tmp_path / name).mkdir()
    env = environment(tmp_path, ENGAWA__CONTENT__DIRECTORY=str(tmp_path))
    ended = await engawa("doctor", "--launch", "--format", "json", env=env)
    assert ended.code == 3
    [item] = [i for i in json.loads(ended.out)["items"] if i["area"] == "content"]
    assert "engawa check" in item["mend"]


async def test_ready_to_open(tmp_path: Path) -> None:
    """Where everything is signed, verified and decided, nothing is left: 0."""
    keys = tmp_path / "keys"
    keys.mkdir()
    env = environment(
        tmp_path,
        ENGAWA_KEY_FILE=key_file(keys),
        ENGAWA__ROOM__URL=URL,
        ENGAWA__CONTENT__CITY=str(_finished_pack(tmp_path / "pack")),
    )
    ended = await engawa("doctor", "--launch", env=env)
    assert (ended.code, ended.out, ended.err) == (0, "Nothing forbids opening.\n", "")


class _Plain(yaml.SafeDumper):
    """Writes everything out: our reader takes no aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _finished_pack(folder: Path) -> Path:
    """A city pack in which everything is decided, verified and signed."""
    folder.mkdir()
    today = date.today()
    common = read_content(ROOT, "")
    directory = load_directory(common, load_bundle(common).messages.languages)
    unsure = [entry.id for entry in directory.entries if entry.status != "universal"]
    _write(folder, "directory", places={name: _verified(today) for name in unsure})
    questions = yaml.safe_load(common[QUESTIONS_FILE])["policies"]
    decision = {"decided": True, "text": "x", "who": "the head", "when": today}
    _write(folder, "policies", policies=dict.fromkeys(questions, decision))
    bundle = load_bundle(read_content(ROOT, str(folder)))
    signatures = [
        {
            "role": need.role,
            "key": need.key,
            "language": need.language,
            "hash": fingerprint(bundle, need.key, need.language),
            "who": "somebody",
            "when": today,
        }
        for need in needed(bundle)
    ]
    _write(folder, "approvals", approvals=signatures)
    return folder


def _verified(today: date) -> dict[str, Any]:
    return {"status": "verified", "verified_on": today}


def _write(folder: Path, name: str, **content: Any) -> None:
    text = yaml.dump({"engawa": 1, **content}, Dumper=_Plain, allow_unicode=True)
    (folder / f"{name}.yaml").write_text(text, "utf-8")
