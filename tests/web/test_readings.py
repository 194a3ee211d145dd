"""The shipped readings and pictures: every kanji we write can be read, every picture is drawn."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from bot.flow.pictures import PICTURES_FILE
from bot.web.static import FOLDER
from tests.repository import ROOT
from tests.web.stand_ins import read_messages, read_readings

DAYS = re.compile(r"\{\w*(?:days|kept|left|number)\w*\}")
DRAWN = set(re.findall(r'<symbol id="(\w+)"', (FOLDER / "pictures.svg").read_text("utf-8")))
# Staff read these, not people on the other side.
INSIDE = ("staff.", "cli.", "new_city.", "policies.")
OTHER_FILES = sorted([*ROOT.glob("flows/safety/directory.yaml"), *ROOT.glob("city/**/*.yaml")])


@pytest.mark.parametrize("language", ["ja", "ja-easy"])
def test_every_message_can_be_read(language: str) -> None:
    """No kanji in what people read lacks its reading (flows/words/readings.yaml)."""
    texts = read_messages().texts[language]
    outside = {key: text for key, text in texts.items() if not key.startswith(INSIDE)}
    unread = {key: read_readings().unread(DAYS.sub("12", text)) for key, text in outside.items()}
    assert {key: runs for key, runs in unread.items() if runs} == {}


@pytest.mark.parametrize("path", OTHER_FILES, ids=lambda path: path.name)
def test_every_place_can_be_read(path: Path) -> None:
    """The same for names and hours of places, and for the sentences of the city pack."""
    if "policies" in path.name or "approvals" in path.name or "entry_codes" in path.name:
        return
    unread: set[str] = set()
    for text in _japanese(yaml.safe_load(path.read_text("utf-8")), "messages" in path.parts):
        unread.update(read_readings().unread(DAYS.sub("12", text)))
    assert unread == set()


def test_every_choice_has_a_drawing() -> None:
    """Each label that begins with button_ has a picture, and each picture is drawn and used."""
    named = yaml.safe_load((ROOT / PICTURES_FILE).read_text("utf-8"))["pictures"]
    labels = {key for key in read_messages().texts["ja"] if ".button_" in key}
    outside = {key for key in labels if not key.startswith(INSIDE)}
    assert outside - set(named) == set()
    assert set(named.values()) == DRAWN


def test_no_text_is_drawn() -> None:
    """Our drawings hold lines and no letters, load nothing and run nothing."""
    for path in FOLDER.glob("*.svg"):
        drawing = path.read_text("utf-8")
        assert not re.search(r"<text|<image|<script|href=|url\((?!#)", drawing)


def _japanese(node: object, inside: bool) -> list[str]:
    """The texts under `ja` and `ja-easy`; `inside` a file of one language, all."""
    if isinstance(node, dict):
        found: list[str] = []
        for key, value in node.items():
            found += _japanese(value, inside or str(key).startswith("ja"))
        return found
    if isinstance(node, list):
        return [text for each in node for text in _japanese(each, inside)]
    return [node] if inside and isinstance(node, str) else []
