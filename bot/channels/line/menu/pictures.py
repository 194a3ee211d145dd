"""The drawn menus: a PNG each and a note of what it shows. Imports errors and this folder only.

Nothing is drawn while serving or connecting: `make pictures` does it, in a browser.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import msgspec

from bot.channels.line.menu.layout import HEIGHT, WIDTH, Menu
from bot.errors import ConfigurationError

HERE = Path(__file__).parent
LARGEST = 1_000_000
"""Bytes; LINE takes 1 MB."""


class Note(msgspec.Struct, frozen=True):
    """What a drawing shows: title and note of each field, its size in dots, its PNG's hash."""

    shows: list[list[str]]
    width: int
    height: int
    sha256: str


def note_of(menu: Menu, picture: bytes) -> Note:
    """The note that belongs beside this drawing of this menu."""
    return Note(menu.shown(), WIDTH, HEIGHT, hashlib.sha256(picture).hexdigest())


def picture_of(menu: Menu, folders: Sequence[Path] = (HERE,)) -> bytes:
    """The drawing of this menu, from the first folder that has it.

    Raises ConfigurationError where none is there, or what is there shows something else.
    """
    for folder in folders:
        drawing, note = folder / f"{menu.picture}.png", folder / f"{menu.picture}.json"
        if drawing.exists() and note.exists():
            return _fitting(menu, drawing, note)
    raise ConfigurationError(
        f"There is no picture of LINE's menu with «{menu.buttons[-1].title}». "
        "Run `make pictures` and connect again."
    )


def _fitting(menu: Menu, drawing: Path, note: Path) -> bytes:
    try:
        picture = drawing.read_bytes()
        told = msgspec.json.decode(note.read_bytes(), type=Note)
    except (OSError, msgspec.DecodeError) as error:
        raise ConfigurationError(
            f"{note} or its picture can't be read ({type(error).__name__}). Run `make pictures`."
        ) from error
    if told != note_of(menu, picture) or len(picture) > LARGEST:
        raise ConfigurationError(
            f"{drawing.name} is not a picture of what the directory and the messages say now. "
            "Run `make pictures` and connect again."
        )
    return picture
