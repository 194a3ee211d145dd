"""Reads config.toml with the city pack laid over it, overridden by the environment.

Refusals name the key and where it was set.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from bot.config.settings import Content, Settings
from bot.errors import ConfigurationError

PREFIX = "ENGAWA__"
SHORT_NAMES = {
    "HOST": ("server", "host"),
    "PORT": ("server", "port"),
    "STAFF_HOST": ("staff", "host"),
    "STAFF_PORT": ("staff", "port"),
    "DATABASE_URL": ("database", "url"),
    "LINE_API_BASE": ("line", "api_base"),
    "LINE_DATA_API_BASE": ("line", "data_api_base"),
    "TELEGRAM_API_BASE": ("telegram", "api_base"),
}
CITY_FILE = "city.toml"
_KINDS = {
    "int": "a whole number",
    "float": "a number",
    "str": "a text",
    "bool": "true or false",
    "object": "a section",
    "array": "a list",
}
OF_THE_MACHINE = ("server", "database", "content")
"""Sections that a city pack can't set: they belong to the machine it is laid on."""


def read_settings(file: Path, environment: Mapping[str, str]) -> Settings:
    """The settings of `file` (absent: all defaults), those of the city pack laid over it, under
    the environment's overrides.

    Raises ConfigurationError naming the file or variable, what was found and what was expected.
    """
    tree = _read_toml(file)
    given = {path: (name, value) for name, value in environment.items() if (path := _path_of(name))}
    city = _city_file(file, tree, given)
    origins = _lay_over(tree, city, _read_toml(city)) if city else {}
    for path, (name, value) in given.items():
        _override(tree, path, value)
        origins[".".join(path)] = f"{name} (environment)"
    try:
        return msgspec.convert(tree, Settings, strict=False)
    except msgspec.ValidationError as error:
        key, reason = _key_and_reason(str(error))
        whole = _with_unknown(key, reason)
        where = _origin(origins, whole) or origins.get(key) or _below(origins, whole) or str(file)
        raise ConfigurationError(
            f"{where}: {key or 'the settings'}: {_plain(reason)}. "
            "See the settings table in README.md."
        ) from error


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"{file} is not a TOML file: {error}. Mend that line and start again."
        ) from error


def _city_file(
    file: Path, tree: Mapping[str, Any], given: Mapping[tuple[str, ...], tuple[str, str]]
) -> Path | None:
    """Where the pack's settings stand, before anything is checked; None for no pack."""
    section = tree.get("content")
    content: dict[str, Any] = dict(section) if isinstance(section, dict) else {}
    for key in ("directory", "city"):
        if ("content", key) in given:
            content[key] = _parsed(given["content", key][1])
    folder = content.get("city", Content().city)
    directory = content.get("directory", Content().directory)
    if not isinstance(folder, str) or not isinstance(directory, str) or not folder:
        return None  # a wrong type is refused with everything else
    return file.parent / directory / folder / CITY_FILE


def _lay_over(tree: dict[str, Any], file: Path, city: Mapping[str, Any]) -> dict[str, str]:
    """Put the pack's values into `tree`; returns which keys come from its file.

    A queue's hours and a decision are taken as a whole: half of one and half of another would be
    nobody's.
    """
    origins = {}
    for section, values in city.items():
        if section in OF_THE_MACHINE:
            raise ConfigurationError(
                f"{file}: {section}: a city pack can't set this; it belongs to the machine. "
                "Move it to config.toml."
            )
        origins[section] = str(file)
        here = tree.get(section)
        if isinstance(values, dict) and isinstance(here, dict):
            here.update(values)
        else:
            tree[section] = values
        for key in values if isinstance(values, dict) else ():
            origins[f"{section}.{key}"] = str(file)
    return origins


def _path_of(name: str) -> tuple[str, ...] | None:
    if name in SHORT_NAMES:
        return SHORT_NAMES[name]
    if name.startswith(PREFIX):
        return tuple(part.lower() for part in name.removeprefix(PREFIX).split("__"))
    return None


def _override(tree: dict[str, Any], path: tuple[str, ...], value: str) -> None:
    for part in path[:-1]:
        branch = tree.setdefault(part, {})
        if not isinstance(branch, dict):
            raise ConfigurationError(
                f"{PREFIX}{'__'.join(path).upper()} reaches below {part!r}, which is no section."
            )
        tree = branch
    tree[path[-1]] = _parsed(value)


def _parsed(value: str) -> object:
    """JSON where it is JSON (true, 12, lists), else the text itself."""
    try:
        return json.loads(value)
    except ValueError:
        return value


def _origin(origins: Mapping[str, str], key: str) -> str:
    """Where a key was set, or the value that it lies in; a whole section has no one origin."""
    while key not in origins and key.count(".") > 1:
        key = key.rpartition(".")[0]
    return origins.get(key, "")


def _below(origins: Mapping[str, str], key: str) -> str:
    """Where something inside `key` was set: a section of the environment's own, say."""
    return next((where for name, where in origins.items() if name.startswith(f"{key}.")), "")


def _plain(reason: str) -> str:
    """msgspec's words as people say them."""
    if found := re.fullmatch(r"Object contains unknown field `(.+)`", reason):
        return f"there is no setting `{found[1]}`"
    if found := re.fullmatch(r"Invalid enum value '(.*)'", reason):
        return f"'{found[1]}' is none of the words it may be"
    if found := re.fullmatch(r"Expected `(\w+)`, got `(\w+)`", reason):
        return f"expected {_KINDS.get(found[1], found[1])}, got {_KINDS.get(found[2], found[2])}"
    if found := re.fullmatch(r"Expected `\w+` (<=|>=) (\S+)", reason):
        return f"expected {'at most' if found[1] == '<=' else 'at least'} {found[2]}"
    return reason


def _with_unknown(key: str, reason: str) -> str:
    """The whole key where a section holds one that doesn't exist."""
    found = re.search(r"unknown field `([^`]+)`", reason)
    return ".".join(part for part in (key, found[1] if found else "") if part)


def _key_and_reason(text: str) -> tuple[str, str]:
    """Splits msgspec's «Expected `int`, got `str` - at `$.server.port`» into key and reason."""
    reason, _, where = text.partition(" - at ")
    return where.strip("`").removeprefix("$").removeprefix("."), reason
