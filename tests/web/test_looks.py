"""The style sheet: enough contrast in light and dark, targets large enough, no foreign font."""

from __future__ import annotations

import re

import pytest

from bot.web.static import FOLDER

CSS = (FOLDER / "room.css").read_text("utf-8")
LIGHT, DARK = (
    dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block))
    for block in re.findall(r":root \{(.*?)\}", CSS, re.S)
)
READ_ON = [
    ("ink", "ground"),
    ("ink", "paper"),
    ("ink", "mine"),
    ("ink", "alarm-ground"),
    ("quiet", "ground"),
    ("quiet", "paper"),
    ("lamp", "ground"),
    ("lamp", "paper"),
    ("lamp", "alarm-ground"),
    ("on-lamp", "lamp"),
    ("alarm", "ground"),
]


def luminance(color: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The ratio between two colours."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colors", [pytest.param(LIGHT, id="light"), pytest.param(DARK, id="dark")])
@pytest.mark.parametrize(("text", "ground"), READ_ON)
def test_text_can_be_read(colors: dict[str, str], text: str, ground: str) -> None:
    """Every pair of text and ground has at least 4.5 to 1."""
    assert contrast(colors[text], colors[ground]) >= 4.5


@pytest.mark.parametrize("colors", [pytest.param(LIGHT, id="light"), pytest.param(DARK, id="dark")])
@pytest.mark.parametrize("ground", ["ground", "paper"])
def test_edges_can_be_seen(colors: dict[str, str], ground: str) -> None:
    """Edges of buttons and fields, and the focus ring, have at least 3 to 1."""
    assert contrast(colors["wood"], colors[ground]) >= 3
    assert contrast(colors["lamp"], colors[ground]) >= 3


def test_nothing_is_fetched_by_style() -> None:
    """The style sheet names no address and no font of ours: what the device has is used."""
    assert "url(" not in CSS
    assert "@import" not in CSS
    assert "@font-face" not in CSS
