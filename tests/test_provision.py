"""Where the browser of the tests comes from, and what is said when there is none."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.provision import CannotProvide, browser, provide
from tests.provision.borrowed import Borrowed

Program = Callable[[str, str], Path]


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """Write a small program that answers `--version` (or `fc-list`) with the given script."""

    def write(name: str, script: str) -> Path:
        path = tmp_path / name
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        path.chmod(0o755)
        return path

    return write


def test_the_named_chromium_comes_first(program: Program, tmp_path: Path) -> None:
    """CHROMIUM wins over what is on the PATH, and an installed Japanese font is used as it is."""
    named = program("mine", "echo Mine 1")
    program("chromium", "echo Other 2")
    program("fc-list", "echo Noto Sans CJK JP")
    found = provide(environ={"CHROMIUM": str(named), "PATH": str(tmp_path)})
    assert (found.executable, found.version, found.font) == (named, "Mine 1", "Noto Sans CJK JP")
    assert found.env == {}


def test_a_chromium_on_the_path_is_used(program: Program, tmp_path: Path) -> None:
    """Without CHROMIUM the first known name on the PATH is taken."""
    installed = program("chromium", "echo Chromium 156")
    program("fc-list", "echo Noto Sans CJK JP")
    found = provide(environ={"PATH": str(tmp_path)})
    assert (found.executable, found.version) == (installed, "Chromium 156")


def test_a_missing_font_is_borrowed(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An installed Chromium without a Japanese font is shown the borrowed font and no other."""
    program("chromium", "echo Chromium 156")
    program("fc-list", "true")
    monkeypatch.setattr(browser, "borrow", lambda say: Borrowed(tmp_path))
    found = provide(environ={"PATH": str(tmp_path)})
    assert found.env == {"FONTCONFIG_FILE": str(tmp_path / "fonts.conf")}


def test_a_bare_machine_borrows_both(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With nothing installed, program, libraries and font are the borrowed ones."""
    borrowed = program("chromium", "echo Chromium 153")
    monkeypatch.setattr(browser, "borrow", lambda say: Borrowed(tmp_path))
    monkeypatch.setattr(browser, "can_borrow_chromium", lambda: True)
    found = provide(environ={"PATH": "", "LD_LIBRARY_PATH": "/theirs"}, names=())
    assert found.executable == borrowed
    assert found.env == {
        "FONTCONFIG_FILE": str(tmp_path / "fonts.conf"),
        "LD_LIBRARY_PATH": f"{tmp_path / 'lib'}:/theirs",
    }


@pytest.mark.parametrize(
    ("chromium", "says"),
    [
        pytest.param("/nowhere/chromium", "is not a program that can be run", id="not there"),
        pytest.param(shutil.which("false"), "does not start", id="does not start"),
        pytest.param(None, "none can be fetched here", id="no other machine has one to borrow"),
    ],
)
def test_one_sentence_says_what_to_do(
    chromium: str | None, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is missing, the error is a single line that ends in the way out."""
    monkeypatch.setattr(browser, "can_borrow_chromium", lambda: False)
    monkeypatch.setattr(browser, "_installed_font", lambda environ: "Noto Sans CJK JP")
    environ = {"PATH": "", **({"CHROMIUM": chromium} if chromium else {})}
    with pytest.raises(CannotProvide, match=says) as error:
        provide(environ=environ, names=())
    assert str(error.value).count("\n") == 0
    assert "CHROMIUM=/path/to/chromium" in str(error.value)
