"""Finds a Chromium and a Japanese font, or borrows both. May import `borrowed` and the stdlib.

Order: $CHROMIUM, a Chromium or Chrome on the machine, the borrowed one. A Japanese font that is
installed is used as it is; otherwise the borrowed one is the only font the browser sees.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.provision.borrowed import Borrowed, CannotProvide, borrow, can_borrow_chromium

__all__ = ["Browser", "CannotProvide", "provide"]

NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
ADVICE = "install one ('apt-get install chromium') or name one with CHROMIUM=/path/to/chromium"


@dataclass(frozen=True)
class Browser:
    """A Chromium that starts; `env` is what must be added to the environment to start it."""

    executable: Path
    version: str
    font: str
    env: Mapping[str, str] = field(default_factory=dict)


def provide(
    say: Callable[[str], None] = lambda line: None,
    environ: Mapping[str, str] = os.environ,
    names: tuple[str, ...] = NAMES,
) -> Browser:
    """Return a browser that draws Japanese; raises `CannotProvide` with one sentence to act on."""
    found = _found(environ, names)
    if found is None and not can_borrow_chromium():
        raise CannotProvide(f"No Chromium was found, and none can be fetched here: {ADVICE}.")
    font = _installed_font(environ)
    borrowed = borrow(say) if found is None or font is None else None
    env: dict[str, str] = {}
    if borrowed and font is None:
        env["FONTCONFIG_FILE"] = str(borrowed.fonts_conf)
    if borrowed and found is None:
        found, more = _borrowed_chromium(borrowed, environ)
        env |= more
    assert found is not None
    version = _version(found, {**environ, **env})
    return Browser(found, version, font or "BIZ UDPGothic (borrowed)", env)


def _found(environ: Mapping[str, str], names: tuple[str, ...]) -> Path | None:
    """The Chromium named in the environment, else the first one on this machine."""
    named = environ.get("CHROMIUM")
    if named:
        path = shutil.which(named, path=environ.get("PATH"))
        if path is None:
            raise CannotProvide(f"CHROMIUM={named} is not a program that can be run: {ADVICE}.")
        return Path(path)
    paths = (shutil.which(name, path=environ.get("PATH")) for name in names)
    return next((Path(path) for path in paths if path), None)


def _borrowed_chromium(
    borrowed: Borrowed, environ: Mapping[str, str]
) -> tuple[Path, dict[str, str]]:
    """The borrowed Chromium brings its own libraries; what is set already comes after them."""
    libraries = [str(borrowed.libraries)]
    if environ.get("LD_LIBRARY_PATH"):
        libraries.append(environ["LD_LIBRARY_PATH"])
    return borrowed.chromium, {"LD_LIBRARY_PATH": os.pathsep.join(libraries)}


def _installed_font(environ: Mapping[str, str]) -> str | None:
    """The family of an installed Japanese font; macOS always has one."""
    if sys.platform == "darwin":
        return "Hiragino (macOS)"
    fc_list = shutil.which("fc-list", path=environ.get("PATH"))
    if fc_list is None:
        return None
    listing = subprocess.run(
        [fc_list, ":lang=ja", "family"],
        env=dict(environ),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    families = sorted(line for line in listing.stdout.splitlines() if line.strip())
    return families[0] if families else None


def _version(executable: Path, env: Mapping[str, str]) -> str:
    """What `--version` says: proof that the program and its libraries can be loaded."""
    try:
        answer = subprocess.run(
            [executable, "--version"],
            env=dict(env),
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        output = getattr(error, "stderr", None) or str(error)
        reason = str(output).strip().splitlines()[0]
        raise CannotProvide(f"{executable} does not start ({reason}): {ADVICE}.") from error
    return answer.stdout.strip()
