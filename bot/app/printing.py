"""What the commands `doors` and `page` do: read what is here, draw it, write it down."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path

from bot.app.doors import button, printed_doors
from bot.app.here import content_here, settings_here
from bot.app.leaves import PLATFORMS, data_pages, emergency_pages
from bot.app.standing import ZONE
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


def write_emergency_pages(folder: Path) -> Mapping[str, int]:
    """Write the emergency page into `folder`; the size of each file in bytes."""
    today = datetime.now(ZONE).date()
    return _written(folder, emergency_pages(settings_here(), published_here(), today))


def write_data_pages(folder: Path, on: Collection[str]) -> Mapping[str, int]:
    """Write the statement on data into `folder`; raises ConfigurationError for a platform that
    doesn't exist.
    """
    unknown = sorted(set(on) - set(PLATFORMS))
    if unknown:
        raise ConfigurationError(
            f"There is no platform {unknown[0]!r}. Known: {', '.join(PLATFORMS)}."
        )
    return _written(folder, data_pages(settings_here(), published_here(), on))


def _written(folder: Path, pages: Mapping[str, str]) -> Mapping[str, int]:
    write_files(folder, pages)
    return {name: len(html.encode()) for name, html in pages.items()}


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
