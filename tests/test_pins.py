"""Polices what is fetched: exact versions, hashes, and no trace of the machine they came from."""

import re
import tomllib
from pathlib import Path

import pytest

from tests.repository import ROOT, TRACKED, named

REQUIREMENTS = sorted((ROOT / "requirements").glob("*.txt"))
# Written in pieces, so that this file does not hold what it looks for.
FOREIGN = [
    *(
        "".join(host)
        for host in [
            ("pypi", ".org"),
            ("python", "hosted.org"),
            ("registry.", "npmjs"),
            ("registry.", "yarnpkg"),
            ("npm", "mirror.com"),
            ("playwright.", "azureedge"),
        ]
    ),
    *("/" + folder + "/" for folder in ["work", "root", "opt/pypi", "opt/wheels", "tmp/brief"]),
    *("/" + folder + "/[a-z]" for folder in ["Users", "home"]),
]


def test_no_file_points_at_one_machine() -> None:
    """No tracked file names a package registry or a folder of the machine it was written on."""
    pattern = re.compile("|".join(piece.replace(".", r"\.") for piece in FOREIGN))
    found = []
    for path in TRACKED:
        content = path.read_bytes()
        if b"\0" not in content:
            lines = content.decode("utf-8", "replace").splitlines()
            found += [
                f"{named(path)}:{number} {match[0]}"
                for number, line in enumerate(lines, 1)
                if (match := pattern.search(line))
            ]
    assert found == []


@pytest.mark.parametrize("path", REQUIREMENTS, ids=lambda path: path.name)
def test_every_requirement_has_its_hash(path: Path) -> None:
    """Each pinned package has an exact version and a hash, and the file names no place to fetch."""
    text = path.read_text(encoding="utf-8", errors="replace")
    entries = re.split(r"^(?=\S)", text, flags=re.MULTILINE)[1:]
    assert entries
    assert [entry for entry in entries if not re.match(r"[\w.-]+(\[[\w,-]+\])?==\d", entry)] == []
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []
    assert "://" not in text


def test_what_is_declared_is_pinned() -> None:
    """Each dependency in pyproject.toml is in run.in, at a version that run.txt holds."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {_package(line) for line in project["dependencies"]}
    wanted = (ROOT / "requirements/run.in").read_text(encoding="utf-8").splitlines()
    pins = {_package(line): line.split(" ")[0] for line in wanted if "==" in line}
    assert declared <= set(pins)
    locked = (ROOT / "requirements/run.txt").read_text(encoding="utf-8").lower()
    missing = [pin for pin in pins.values() if f"\n{pin.lower()}" not in f"\n{locked}"]
    assert missing == []


def test_the_tests_run_on_what_is_served_with() -> None:
    """requirements/test.txt holds every pin of run.txt, at the same version."""
    run, test = (
        set(re.findall(r"^\S+==\S+", (ROOT / "requirements" / name).read_text(), re.MULTILINE))
        for name in ("run.txt", "test.txt")
    )
    assert run - test == set()


@pytest.mark.parametrize("folder", ["tests/provision", "tests/provision/checkers"])
def test_what_npm_fetches_is_pinned(folder: str) -> None:
    """Each npm lock file has a hash for each package and no address to fetch it from."""
    lock = (ROOT / folder / "package-lock.json").read_text(encoding="utf-8")
    assert lock.count('"integrity": "sha512-') == lock.count('"node_modules/')
    assert '"resolved"' not in lock


def _package(line: str) -> str:
    match = re.match(r"[\w.-]+", line)
    assert match, line
    return match[0].lower().replace("_", "-")
