"""What the tests look at the pages with: axe-core (rules of accessibility), acorn (reads scripts).

Fetched by hash into `.cache/` like the browser; the versions stand in `checkers/package.json`.
Imports `borrowed` and the standard library only.
"""

import hashlib
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.provision.borrowed import CACHE, run

HERE = Path(__file__).parent / "checkers"
KEPT = ("axe-core/axe.min.js", "acorn/dist/acorn.js")


@dataclass(frozen=True)
class Checkers:
    """Where the scripts lie."""

    home: Path

    @property
    def axe(self) -> Path:
        """axe-core, to be run inside a page."""
        return self.home / "axe.min.js"

    @property
    def acorn(self) -> Path:
        """acorn, to be run inside a page: `acorn.parse(source, {ecmaVersion: 5})`."""
        return self.home / "acorn.js"


def provide_checkers(
    say: Callable[[str], None] = lambda line: None, cache: Path = CACHE
) -> Checkers:
    """Fetch once for each package-lock.json; raises `CannotProvide` with one sentence."""
    lock = (HERE / "package-lock.json").read_bytes()
    home = cache / f"checkers-{hashlib.sha256(lock).hexdigest()[:12]}"
    if not home.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as workshop:
            built = _build(Path(workshop), say)
            if not home.is_dir():  # another process may have been quicker
                built.rename(home)
    return Checkers(home)


def _build(workshop: Path, say: Callable[[str], None]) -> Path:
    say("fetching axe-core and acorn (1 MB, once)")
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(HERE / name, workshop)
    run("npm", "ci", "--no-progress", "--loglevel=error", cwd=workshop)
    built = workshop / "built"
    built.mkdir()
    for name in KEPT:
        shutil.copy(workshop / "node_modules" / name, built)
    return built
