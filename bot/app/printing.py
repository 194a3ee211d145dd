"""What the commands `doors` and `page` do: read what is here, draw it, write it down."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from bot.app.doors import button, printed_doors
from bot.app.serving import content_here, settings_here
from bot.errors import ConfigurationError
from bot.services.revisions import Published, compile_files


def write_doors(folder: Path) -> list[tuple[str, str, int]]:
    """Draw every door into `folder`; returns code, place and number of pages of each code."""
    settings, published = settings_here(), published_here()
    pages = list(printed_doors(settings, published))
    write_files(folder, {page.path: page.svg for page in pages})
    count = Counter(page.path.partition("/")[0] for page in pages)
    return [(one.code, one.place, count[one.code]) for one in published.bundle.city.codes]


def button_here(language: str) -> str:
    """The button's HTML in a language; raises ConfigurationError for an unknown one."""
    published = published_here()
    known_language(published, language)
    return button(settings_here(), published, language)


def published_here() -> Published:
    """The working copy with its city pack, checked; raises ContentError."""
    return compile_files(content_here())


def known_language(published: Published, language: str) -> None:
    """Raise ConfigurationError for a language without messages."""
    languages = published.bundle.messages.languages
    if language not in languages:
        raise ConfigurationError(
            f"There is no language {language!r}. Known: {', '.join(languages)}."
        )


def write_files(folder: Path, files: Mapping[str, str]) -> None:
    """Write texts below `folder`, which is made; files of an earlier time are replaced."""
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
