"""Reads the docs as a newcomer would, and tries what they say."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.repository import ROOT, named

DOCS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def _code(path: Path) -> str:
    """What a document shows as code: the fenced blocks and the words between backticks."""
    text = path.read_text(encoding="utf-8")
    fenced = re.findall(r"^```.*?^```", text, flags=re.MULTILINE | re.DOTALL)
    rest = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    return "\n".join([*fenced, *re.findall(r"`[^`\n]+`", rest)])


@pytest.mark.parametrize("path", DOCS, ids=named)
def test_every_link_leads_somewhere(path: Path) -> None:
    """Each relative link and picture of the docs is a file that is there."""
    text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.M | re.S)
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", text)
    local = [link for link in links if "://" not in link and not link.startswith("mailto:")]
    assert [link for link in local if not (path.parent / link).exists()] == []


@pytest.mark.parametrize("path", DOCS, ids=named)
def test_every_make_target_in_the_docs_exists(path: Path) -> None:
    """Each `make …` that a document shows is a target of the Makefile."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    shown = set(re.findall(r"(?:^\s*|`|&& )make ([a-z][a-z-]*)\b", _code(path), re.MULTILINE))
    assert shown - targets == set()


@pytest.mark.parametrize("path", DOCS, ids=named)
def test_every_command_in_the_docs_exists(path: Path) -> None:
    """Each `engawa …` that a document shows is a command that explains itself with --help."""
    shown = set(re.findall(r"(?:^|[`\s/])engawa ([a-z][a-z-]*)\b", _code(path)))
    assert {command for command in sorted(shown) if not _has_help(command)} == set()


def test_the_readme_names_the_two_commands() -> None:
    """README.md shows `make demo` and `make test`, the two commands of a fresh machine."""
    code = _code(ROOT / "README.md")
    assert "make demo" in code
    assert "make test" in code


def _has_help(command: str) -> bool:
    done = subprocess.run(
        [sys.executable, "-m", "bot", command, "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode == 0


def test_the_changelog_awaits_the_next_release() -> None:
    """CHANGELOG.md has an Unreleased part on top with something in it."""
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(r"^## \[Unreleased\]\n\n### \w+\n\n- ", changelog, re.MULTILINE)
