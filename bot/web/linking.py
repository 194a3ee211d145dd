"""Turns what was said into safe HTML: lines stay lines, our numbers and addresses can be tapped,
readings stand above kanji for who wants them.

Imports flow's readings and markupsafe only.
"""

from __future__ import annotations

import re

from markupsafe import Markup, escape

from bot.flow.readings import NO_READINGS, Readings

# https addresses end before Japanese brackets and stops; numbers are Japanese ones with hyphens,
# the short public ones (119, 110, 118, 188, 189, 171) and those with a hash (#7119).
TARGET = re.compile(
    r"(?P<address>https://[A-Za-z0-9.-]+(?::\d+)?(?:/[A-Za-z0-9._~%/?#@!$&*+,;=:-]*)?)"
    r"|(?<![\d#-])(?P<number>0\d{1,4}-\d{1,4}-\d{3,4}|11[089]|18[89]|#\d{4})(?![\d-])"
)
TRAILING = ".,;:!?"
CODE = re.compile("[ぁ-ゖー]+(?:\u3000[ぁ-ゖー]+){3}")
"""A return code on a line of its own: no word of it is broken, and one touch selects it whole."""


def plain_lines(text: str) -> Markup:
    """A person's own words: escaped, line breaks kept, nothing linked."""
    return Markup("<br>").join(escape(line) for line in text.split("\n"))


def linked_lines(text: str, readings: Readings = NO_READINGS) -> Markup:
    """Our words: escaped, line breaks kept, telephone numbers and https addresses linked."""
    return Markup("<br>").join(_linked(line, readings) for line in text.split("\n"))


def read_out(text: str, readings: Readings) -> Markup:
    """Our words on one line, escaped, with readings above kanji."""
    return Markup("").join(
        Markup("<ruby>{}<rt>{}</rt></ruby>").format(piece.text, piece.reading)
        if piece.reading
        else escape(piece.text)
        for piece in readings.split(text)
    )


def _linked(line: str, readings: Readings) -> Markup:
    if CODE.fullmatch(line):
        return Markup('<b class="code">{}</b>').format(line)
    parts: list[Markup] = []
    end = 0
    for match in TARGET.finditer(line):
        shown = match[0].rstrip(TRAILING) if match["address"] else match[0]
        before = read_out(line[end : match.start()], readings)
        parts += [before, _link(shown, bool(match["address"]))]
        end = match.start() + len(shown)
    return Markup("").join([*parts, read_out(line[end:], readings)])


def _link(shown: str, address: bool) -> Markup:
    if address:
        return Markup('<a href="{}" rel="noreferrer noopener" target="_blank">{}</a>').format(
            shown, shown
        )
    return Markup('<a class="tel" href="tel:{}">{}</a>').format(
        shown.replace("-", "").replace("#", "%23"), shown
    )
