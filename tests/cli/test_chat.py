"""`engawa chat`: the same conversation, driven by a keyboard."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.app.content import read_content
from bot.flow.loader import load_bundle
from tests.app.process import engawa, environment
from tests.repository import ROOT

TEXTS = load_bundle(read_content(ROOT)).messages.texts


async def test_a_first_contact(tmp_path: Path) -> None:
    """From the welcome to a goodbye by numbers and words; nothing is left on the disk."""
    typed = "1\nさみしい夜\nつぎにすすむ\nおわる\n1\n".encode()
    ended = await engawa("chat", env=environment(tmp_path), typed=typed, folder=tmp_path)
    assert (ended.code, ended.err) == (0, "")
    said = ("listening.when", "leave.enough", "leave.come_again", "cli.bye")
    places = [ended.out.find(TEXTS["ja"][key]) for key in said]
    assert places == sorted(places)
    assert places[0] > 0
    assert list(tmp_path.iterdir()) == []


async def test_danger(tmp_path: Path) -> None:
    """Danger is heard here too, and shows where to turn now."""
    typed = "いまから死にます\n".encode()
    ended = await engawa("chat", env=environment(tmp_path), typed=typed)
    assert ended.code == 0
    assert "119" in ended.out


@pytest.mark.parametrize(
    ("language", "spoken"),
    [
        pytest.param("en", "en", id="English"),
        pytest.param("ja-easy", "ja-easy", id="easy Japanese"),
        pytest.param("", "ja", id="none"),
        pytest.param("tlh", "ja", id="one that isn't there"),
    ],
)
async def test_language(tmp_path: Path, language: str, spoken: str) -> None:
    """--language chooses; another one falls back to Japanese; Ctrl-D says goodbye."""
    ended = await engawa("chat", "--language", language, env=environment(tmp_path))
    assert (ended.code, ended.err) == (0, "")
    assert TEXTS[spoken]["welcome.ask"] in ended.out
    assert TEXTS[spoken]["cli.bye"] in ended.out


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param(b"\xff\xfe\x00\n", id="no UTF-8"),
        pytest.param(b"\n\n   \n", id="nothing"),
        pytest.param(b"a" * 200_000 + b"\n", id="very long"),
        pytest.param("消して\n1\nまた来ました\n".encode(), id="erased, then more"),
        pytest.param(b"1", id="ends without a line"),
    ],
)
async def test_odd_typing(tmp_path: Path, typed: bytes) -> None:
    """Whatever is typed, the conversation goes on and ends kindly."""
    ended = await engawa("chat", env=environment(tmp_path), typed=typed)
    assert (ended.code, ended.err) == (0, "")
    assert TEXTS["ja"]["cli.bye"] in ended.out


async def test_another_encoding(tmp_path: Path) -> None:
    """A terminal that can't show Japanese gets what it can."""
    env = environment(tmp_path, PYTHONIOENCODING="latin-1")
    ended = await engawa("chat", "--language", "en", env=env, typed=b"1\n")
    assert (ended.code, ended.err) == (0, "")
    assert TEXTS["en"]["listening.when"] in ended.out


async def test_broken_flows(tmp_path: Path) -> None:
    """Broken flows are refused with file and line before anybody is greeted."""
    home = tmp_path / "home"
    for name in ("flows", "messages"):
        shutil.copytree(ROOT / name, home / name)
    (home / "flows" / "kept.yaml").write_text("engawa: 1\nflow: kept\nstates: {\n")
    ended = await engawa("chat", env=environment(tmp_path, ENGAWA_HOME=str(home)))
    assert ended.code == 2
    assert "flows/kept.yaml:" in ended.err
    assert ended.out == ""
