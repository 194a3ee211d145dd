"""What stands in LINE's menu: made from the words, the messages and the directory. Pure.

Imports flow, rendering and errors.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec

from bot.channels.wording import platform_text
from bot.errors import ConfigurationError
from bot.flow.definition import Bundle
from bot.flow.directory import Directory, DirectoryEntry
from bot.rendering import limits
from bot.rendering.counting import shorten

WIDTH, HEIGHT = 1200, 810
"""Dots of the picture: LINE takes 800 to 2,500 wide; a small one costs people less data."""
COLUMNS = 3
WORDS = ("human", "help", "leave")
"""The words in the upper row, in this order."""
OURS = "engawa "
"""How the name of every menu begins that we made; the name is shown to nobody."""
LANGUAGE = "ja"
"""LINE tells no language, and the menu is one for all."""


class MenuButton(msgspec.Struct, frozen=True):
    """One field of the menu: what is written large and small, and what a tap does."""

    title: str
    note: str
    action: Mapping[str, str]


class Menu(msgspec.Struct, frozen=True):
    """The six fields, row by row, and the name on the bar that opens them.

    `picture` names the drawing: it is the id of the third place in the directory.
    """

    bar: str
    buttons: tuple[MenuButton, ...]
    picture: str

    def shown(self) -> list[list[str]]:
        """What the picture must show: title and note of each field."""
        return [[button.title, button.note] for button in self.buttons]

    def body(self, picture: bytes) -> dict[str, Any]:
        """The request that makes this menu; its name tells this menu and picture from any other."""
        body: dict[str, Any] = {
            "size": {"width": WIDTH, "height": HEIGHT},
            "selected": True,
            "chatBarText": self.bar,
            "areas": [
                {"bounds": bounds(place), "action": dict(button.action)}
                for place, button in enumerate(self.buttons)
            ],
        }
        mark = hashlib.sha256(msgspec.json.encode(body, order="sorted") + picture).hexdigest()
        return {**body, "name": f"{OURS}{mark[:16]}"}


def menu_of(bundle: Bundle, directory: Directory, today: date) -> Menu:
    """The menu as content and directory say it today.

    Raises ConfigurationError where the directory lacks 119, 110 or any third place.
    """
    return menu_with(bundle, directory, third_place(directory, today))


def menu_with(bundle: Bundle, directory: Directory, third: DirectoryEntry) -> Menu:
    """The menu with this third place; raises ConfigurationError where anything else is lacking."""
    labels = dict(bundle.everywhere.rails)
    words = tuple(_word(name, _text(bundle, labels[name])) for name in WORDS if name in labels)
    places = (*_emergencies(directory), third)
    if len(words) != COLUMNS or len(places) != COLUMNS:
        raise ConfigurationError(
            "LINE's menu needs the standing words human, help and leave, and two emergency "
            "numbers. Put them back into flows/everywhere.yaml and flows/safety/directory.yaml."
        )
    return Menu(_text(bundle, "platforms.menu_bar"), (*words, *map(_place, places)), third.id)


def third_places(directory: Directory) -> tuple[DirectoryEntry, ...]:
    """Every place that may stand third once it is verified: phones of the crisis list, then pages
    that always show. `make pictures` draws a menu for each.
    """
    crisis = [e for e in directory.entries if "crisis" in e.occasions and e.kind != "emergency"]
    phones = (entry for entry in crisis if entry.phone)
    pages = (entry for entry in crisis if not entry.phone and entry.status == "universal")
    return (*phones, *pages)


def third_place(directory: Directory, today: date) -> DirectoryEntry:
    """The first verified phone of the crisis list, else the page that always shows."""
    for entry in third_places(directory):
        if entry.trusted(today):
            return entry
    raise ConfigurationError(
        "The directory has no page or number that may stand beside 119 and 110. Give a place for "
        "`crisis` the status universal, or verify one."
    )


def bounds(place: int) -> dict[str, int]:
    """The field's rectangle, in dots; `place` counts from 0, row by row."""
    row, column = divmod(place, COLUMNS)
    width, height = WIDTH // COLUMNS, HEIGHT // 2
    return {"x": column * width, "y": row * height, "width": width, "height": height}


def _text(bundle: Bundle, key: str) -> str:
    return platform_text(bundle, LANGUAGE, key)


def _emergencies(directory: Directory) -> tuple[DirectoryEntry, ...]:
    found = (e for e in directory.entries if e.kind == "emergency" and e.status == "universal")
    return tuple(entry for entry in found if entry.phone)[: COLUMNS - 1]


def _word(name: str, label: str) -> MenuButton:
    action = {
        "type": "postback",
        "label": shorten(label, limits.LINE_LABEL),
        "data": f"menu.{name}",
        "displayText": label,
    }
    return MenuButton(label, "", action)


def _place(entry: DirectoryEntry) -> MenuButton:
    """Short numbers are known better than names; longer ones are not."""
    name, _, rest = entry.names[LANGUAGE].partition("（")
    note = rest.rstrip("）").rpartition("。")[2]
    if entry.phone:
        uri = "tel:" + "".join(sign for sign in entry.phone if sign.isdigit())
        known = entry.kind == "emergency"
        title, note = (entry.phone, name) if known else (name, entry.phone)
    else:
        uri, title = entry.url, name
    label = shorten(f"{title} {note}".strip(), limits.LINE_LABEL)
    return MenuButton(title, note, {"type": "uri", "label": label, "uri": uri})
