"""What of a transcript is shown: rows, and the choices that still stand. Imports rendering data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.rendering.bubbles import Button
from bot.web.ports import Entry, View


@dataclass(frozen=True, slots=True)
class Row:
    """One row to show: `author` is a CSS class too; `crisis` makes the card stand out."""

    seq: int
    author: str
    texts: tuple[str, ...]
    crisis: bool


def rows_of(view: View) -> list[Row]:
    """The rows that have anything to show; words taken back leave no trace.

    Under the cover only the newest harmless words are shown, and nothing of the person's.
    """
    rows = [row for row in map(_row, view.entries) if row.texts]
    return [row for row in rows if row.author == "bot"][-1:] if view.covered else rows


def _row(entry: Entry) -> Row:
    body = entry.body
    if body is None:
        return Row(entry.seq, entry.author, (), False)
    said = body.bubbles or ()
    texts = [bubble.text for bubble in said if bubble.text]
    if body.text and not texts:
        texts = [body.text]
    return Row(entry.seq, entry.author, tuple(texts), body.crisis)


def choices_of(view: View) -> tuple[Button, ...]:
    """The buttons that stand now; none under the cover."""
    return () if view.covered else _newest_choices(view.entries)


def _newest_choices(entries: Sequence[Entry]) -> tuple[Button, ...]:
    """Those of the newest row with buttons since the person last spoke.

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
