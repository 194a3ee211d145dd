"""The settings as Markdown tables for the README, made from the code so that they can't differ."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args, get_type_hints

import msgspec
from msgspec import Meta

from bot.config.reading import SHORT_NAMES
from bot.config.secrets import NAMES
from bot.config.settings import Settings


def settings_table() -> str:
    """One row per key of config.toml: name, default, what it is for."""
    rows = ["| key | default | what it is for |", "|---|---|---|"]
    for section, default in _sections():
        for field in msgspec.structs.fields(type(default)):
            value = getattr(default, field.name)
            rows.append(
                f"| `{section}.{field.name}` | `{value}` | {_purpose(type(default), field.name)} |"
            )
    rows.append("| `hours.<queue>` | closed | weekly opening hours of a queue; see `config.toml` |")
    return "\n".join(rows)


def environment_table() -> str:
    """One row per variable of the environment."""
    rows = ["| variable | what it is |", "|---|---|"]
    rows += [f"| `{name}` | {text} |" for name, text in NAMES.items()]
    rows += [f"| `{name}` | the same as `{'.'.join(path)}` |" for name, path in SHORT_NAMES.items()]
    rows.append("| `…_FILE` | the four channel secrets may also stand in a file named so |")
    rows.append("| `ENGAWA__SECTION__KEY` | overrides any key below |")
    return "\n".join(rows)


def _sections() -> Iterator[tuple[str, msgspec.Struct]]:
    defaults = Settings()
    for field in msgspec.structs.fields(Settings):
        value = getattr(defaults, field.name)
        if isinstance(value, msgspec.Struct):
            yield field.name, value


def _purpose(section: type, name: str) -> str:
    hint = get_type_hints(section, include_extras=True)[name]
    notes = [note for note in _metas(hint) if note.description]
    return notes[-1].description or "" if notes else ""


def _metas(hint: object) -> Iterator[Meta]:
    for argument in get_args(hint):
        if isinstance(argument, Meta):
            yield argument
