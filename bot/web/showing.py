"""What of a transcript is shown: rows, and the choices that still stand. Imports rendering data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from bot.rendering.bubbles import Button
from bot.web.linking import linked_lines, plain_lines
from bot.web.ports import Entry


@dataclass(frozen=True, slots=True)
class Row:
    """One row as HTML: `author` is a CSS class too; `crisis` makes the card stand out."""

    seq: int
    author: str
    texts: tuple[Markup, ...]
    crisis: bool


def rows_of(entries: Sequence[Entry]) -> list[Row]:
    """The rows that have anything to show; words taken back leave no trace."""
    rows = [_row(entry) for entry in entries]
    return [row for row in rows if row.texts]


def _row(entry: Entry) -> Row:
    body = entry.body
    if body is None:
        return Row(entry.seq, entry.author, (), False)
    said = body.bubbles or ()
    texts = [linked_lines(bubble.text) for bubble in said if bubble.text]
    if body.text and not texts:
        texts = [plain_lines(body.text)]
    return Row(entry.seq, entry.author, tuple(texts), body.crisis)


def choices_of(entries: Sequence[Entry]) -> tuple[Button, ...]:
    """The buttons that stand now: those of the newest row with buttons since the person last spoke.

    Where the person's words are the newest (the answer is still to come), the ones from before
    stay: a tap on them is answered kindly.
    """
    newest_first = list(reversed(entries))
    while newest_first and newest_first[0].author == "person":
        newest_first.pop(0)
    for entry in newest_first:
        if entry.author == "person":
            return ()
        bubbles = entry.body.bubbles if entry.body else ()
        buttons = tuple(button for bubble in bubbles for button in bubble.buttons)
        if buttons:
            return buttons
    return ()
