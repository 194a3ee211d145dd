"""LINE's menu: what stands in it, chosen from the directory, and its drawings."""

from __future__ import annotations

import struct
from datetime import date
from pathlib import Path

import msgspec
import pytest

from bot.app.content import read_content
from bot.channels.line.menu.layout import (
    HEIGHT,
    WIDTH,
    Menu,
    bounds,
    menu_of,
    menu_with,
    third_place,
    third_places,
)
from bot.channels.line.menu.pictures import HERE, LARGEST, picture_of
from bot.engine.reading import tapped_word
from bot.errors import ConfigurationError
from bot.flow.definition import Bundle
from bot.flow.directory import Directory, DirectoryEntry
from bot.rendering import limits
from bot.rendering.counting import fits
from tests.channels.setting_up import TODAY, content, menu, picture
from tests.menu_picture import menus
from tests.platforms.line_account import menu_problem
from tests.repository import ROOT


def changed(name: str, **fields: object) -> Directory:
    """The directory with one entry changed."""
    entries = content().directory.entries
    return Directory(
        tuple(msgspec.structs.replace(e, **fields) if e.id == name else e for e in entries)
    )


def without(*names: str) -> Directory:
    """The directory without some entries."""
    entries = content().directory.entries
    return Directory(tuple(entry for entry in entries if entry.id not in names))


def verified(day: date) -> Directory:
    """The directory with its first crisis phone verified on a day."""
    return changed("yorisoi", status="verified", verified_on=day)


@pytest.mark.parametrize(
    ("directory", "third", "uri"),
    [
        pytest.param(
            content().directory,
            "mamorou_yokokoro",
            "https://www.mhlw.go.jp/mamorouyokokoro",
            id="nothing verified: the national page",
        ),
        pytest.param(verified(TODAY), "yorisoi", "tel:0120279338", id="a verified number"),
        pytest.param(
            verified(date(2026, 1, 1)),
            "mamorou_yokokoro",
            "https://www.mhlw.go.jp/mamorouyokokoro",
            id="verified too long ago",
        ),
    ],
)
def test_the_third_place(directory: Directory, third: str, uri: str) -> None:
    """The first verified phone of the crisis list stands third, else the national page."""
    found = menu_of(content().bundle, directory, TODAY)
    assert found.picture == third
    assert [button.action["uri"] for button in found.buttons[3:]] == ["tel:119", "tel:110", uri]


@pytest.mark.parametrize(
    ("directory", "words"),
    [
        pytest.param(without("police"), "two emergency numbers", id="no 110"),
        pytest.param(without("mamorou_yokokoro"), "no page or number", id="no third place"),
    ],
)
def test_a_directory_that_lacks_something(directory: Directory, words: str) -> None:
    """A menu is never made with a hole in it."""
    with pytest.raises(ConfigurationError, match=words):
        menu_of(content().bundle, directory, TODAY)


def test_content_of_an_earlier_program() -> None:
    """Content that lacks a sentence is named, not stumbled over."""
    texts = {
        language: {key: text for key, text in by_key.items() if not key.startswith("platforms.")}
        for language, by_key in content().bundle.messages.texts.items()
    }
    messages = msgspec.structs.replace(content().bundle.messages, texts=texts)
    bundle: Bundle = msgspec.structs.replace(content().bundle, messages=messages)
    with pytest.raises(ConfigurationError, match=r"no message «platforms\.menu_bar»"):
        menu_of(bundle, content().directory, TODAY)


def test_what_line_takes() -> None:
    """Size, names, labels and fields keep to LINE's limits; the fields cover the whole picture."""
    body = menu().body(picture())
    assert menu_problem(body) == ""
    assert all(fits(area["action"]["label"], limits.LINE_LABEL) for area in body["areas"])
    boxes = [bounds(place) for place in range(6)]
    assert sum(box["width"] * box["height"] for box in boxes) == WIDTH * HEIGHT


def test_its_words_are_those_of_everywhere() -> None:
    """A tap on the upper row is the standing word it shows, in whatever state somebody is."""
    actions = [button.action for button in menu().buttons[:3]]
    words = [tapped_word(content().program, action["data"]) for action in actions]
    assert [word.id for word in words if word] == ["human", "help", "leave"]


def test_another_menu_or_picture_has_another_name() -> None:
    """The name tells apart what people would see or reach differently."""
    other = menu_of(content().bundle, verified(TODAY), TODAY)
    names = {menu().body(b"a")["name"], menu().body(b"b")["name"], other.body(b"a")["name"]}
    assert len(names) == 3
    assert all(name.startswith("engawa ") for name in names)


def third_ids() -> list[str]:
    return [entry.id for entry in third_places(content().directory)]


@pytest.mark.parametrize("third", third_ids())
def test_every_third_place_has_its_drawing(third: str) -> None:
    """The drawings in the repository show what content and directory say: else `make pictures`."""
    [entry] = [entry for entry in content().directory.entries if entry.id == third]
    found = menu_with(content().bundle, content().directory, entry)
    drawing = picture_of(found, (ROOT / "city" / "menu", HERE))
    assert struct.unpack(">II", drawing[16:24]) == (WIDTH, HEIGHT)
    assert len(drawing) <= LARGEST


def test_no_drawing_is_left_over() -> None:
    """Beside the code lie the drawings of today's content, each with its note, and nothing else."""
    kept = {path.stem for path in HERE.glob("*.png")}
    assert kept == {path.stem for path in HERE.glob("*.json")}
    assert kept == {drawn.place.name for drawn in menus(read_content(ROOT), None)}


def _copied(folder: Path, found: Menu) -> tuple[Path, Path]:
    drawing, note = folder / f"{found.picture}.png", folder / f"{found.picture}.json"
    drawing.write_bytes((HERE / drawing.name).read_bytes())
    note.write_bytes((HERE / note.name).read_bytes())
    return drawing, note


def test_an_old_drawing_is_refused(tmp_path: Path) -> None:
    """A drawing that shows something else than the directory says now is not uploaded."""
    _copied(tmp_path, menu())
    assert picture_of(menu(), (tmp_path,)) == picture()
    moved = changed("mamorou_yokokoro", names={"ja": "まもろうよ"})
    with pytest.raises(ConfigurationError, match="Run `make pictures` and connect again"):
        picture_of(menu_of(content().bundle, moved, TODAY), (tmp_path,))


@pytest.mark.parametrize(
    ("which", "data", "words"),
    [
        pytest.param(0, b"\x89PNG another", "not a picture of what", id="another picture"),
        pytest.param(1, b"{}", "can't be read", id="a note without content"),
        pytest.param(1, b"\xff", "can't be read", id="no note at all"),
    ],
)
def test_a_drawing_that_does_not_fit_its_note(
    which: int, data: bytes, words: str, tmp_path: Path
) -> None:
    """A note must be of the drawing beside it."""
    _copied(tmp_path, menu())[which].write_bytes(data)
    with pytest.raises(ConfigurationError, match=words):
        picture_of(menu(), (tmp_path,))


def test_no_drawing(tmp_path: Path) -> None:
    """Where there is none, the way to one is told."""
    with pytest.raises(ConfigurationError, match="There is no picture of LINE's menu"):
        picture_of(menu(), (tmp_path,))


def test_only_trusted_places_stand_third() -> None:
    """Whatever is unverified, no number of it reaches the menu."""
    entry: DirectoryEntry = third_place(content().directory, TODAY)
    assert entry.trusted(TODAY)
