"""One conversation file, read and checked; an unknown key names the file and the line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

CHANNELS = ("line", "telegram", "web", "terminal")
LANGUAGES = ("ja", "ja-easy", "en")
MEDIA = (
    *("sticker", "picture", "voice", "video", "file", "place", "contact_card"),
    "free_text",
)
MODES = ("door_only", "buttons_only", "full")
VERBS = (
    "follow", "start", "write", "press", "press_stale", "edit", "silence", "wait", "moved", "code",
    *MEDIA,
)  # fmt: skip
EXPECTED = ("says", "state", "events", "offers", "rails", "language", "ended", "risk")
_HEAD = ("about", "channel", "language", "at", "open", "mode", "doorstep", "turns")
_UNITS = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_DEFAULT_AT = "2027-01-12T14:00+09:00"


class ScriptError(Exception):
    """A conversation file is not written as the format says."""


@dataclass(frozen=True)
class Part:
    """One turn of a script: the verb with its value, what is expected, and where it stands."""

    verb: str
    value: Any
    expected: Mapping[str, Any]
    line: int
    node: yaml.MappingNode


@dataclass(frozen=True)
class Script:
    """One conversation file."""

    path: Path
    about: str
    channels: tuple[str, ...]
    languages: tuple[str, ...]
    at: int
    open: Mapping[str, bool]
    mode: str
    doorstep: bool
    parts: tuple[Part, ...]


def milliseconds(length: str) -> int:
    """`10m` and its like as milliseconds."""
    if not re.fullmatch(r"[1-9][0-9]*[smhd]", length):
        raise ScriptError(f"{length!r} is not a length of time; write 30s, 10m, 2h or 3d")
    return int(length[:-1]) * _UNITS[length[-1]]


def read_script(path: Path) -> Script:
    """The script in a file; raises ScriptError with file and line."""
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
        return _script(path, node)
    except (ScriptError, yaml.YAMLError, ValueError) as error:
        raise ScriptError(f"{path.name}: {error}") from error


def _script(path: Path, node: yaml.Node | None) -> Script:
    fields = _fields(node, _HEAD)
    head = {key: _plain(value) for key, value in fields.items() if key != "turns"}
    if not head.get("about") or not isinstance(fields.get("turns"), yaml.SequenceNode):
        raise ScriptError("`about:` (one sentence) and a list `turns:` are needed")
    opened = head.get("open", {"counselors": "true"})
    return Script(
        path=path,
        about=str(head["about"]),
        channels=_known(head.get("channel", list(CHANNELS)), CHANNELS),
        languages=_known(head.get("language", "ja"), LANGUAGES),
        at=round(datetime.fromisoformat(str(head.get("at", _DEFAULT_AT))).timestamp() * 1000),
        open={queue: truth(value) for queue, value in opened.items()},
        mode=_known(head.get("mode", "full"), MODES)[0],
        doorstep=truth(str(head.get("doorstep", "false"))),
        parts=tuple(_part(each) for each in fields["turns"].value),
    )


def _part(node: yaml.Node) -> Part:
    fields = _fields(node, (*VERBS, *EXPECTED))
    verbs = [key for key in fields if key in VERBS]
    line = node.start_mark.line + 1
    if len(verbs) != 1 or not isinstance(node, yaml.MappingNode):
        raise ScriptError(f"line {line}: a turn has exactly one verb, found {verbs}")
    expected = {key: _plain(value) for key, value in fields.items() if key in EXPECTED}
    for key in ("says", "events", "offers"):
        if key in expected:
            expected[key] = _listed(expected[key])
    return Part(verbs[0], _plain(fields[verbs[0]]), expected, line, node)


def _fields(node: yaml.Node | None, known: tuple[str, ...]) -> dict[str, yaml.Node]:
    if not isinstance(node, yaml.MappingNode):
        raise ScriptError("a mapping is expected here")
    fields: dict[str, yaml.Node] = {}
    for key, value in node.value:
        if key.value not in known or key.value in fields:
            wrong = "twice" if key.value in fields else f"unknown; known are {', '.join(known)}"
            raise ScriptError(f"line {key.start_mark.line + 1}: `{key.value}` is {wrong}")
        fields[key.value] = value
    return fields


def _plain(node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return {key.value: _plain(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_plain(each) for each in node.value]
    return node.value


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _known(value: Any, known: tuple[str, ...]) -> tuple[str, ...]:
    names = tuple(_listed(value))
    for name in names:
        if name not in known:
            raise ScriptError(f"{name!r} is not one of {', '.join(known)}")
    return names


def truth(value: str) -> bool:
    """`true` or `false`, as written."""
    if value not in ("true", "false"):
        raise ScriptError(f"{value!r} is neither true nor false")
    return value == "true"
