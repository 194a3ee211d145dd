"""Reads flows/words/pictures.yaml: which drawing can stand beside a choice. Imports this room only.

Whether a drawing of that name exists is for whoever draws it (bot.web) to say.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.flow.definition import Messages
from bot.flow.findings import Findings, suggest
from bot.flow.nodes import Table, shorten

PICTURES_FILE = "flows/words/pictures.yaml"


def load_pictures(findings: Findings, table: Table | None, messages: Messages) -> Mapping[str, str]:
    """The name of a drawing by the key of the choice's label; no file gives none."""
    if table is None:
        return {}
    findings.want_keys(table, "The file", ("engawa", "pictures"))
    node = table.get("pictures")
    entries = findings.want_table(node, "`pictures`") if node is not None else None
    known = messages.texts[messages.source_language]
    found: dict[str, str] = {}
    for key, value in entries.pairs() if entries else ():
        picture = findings.want_name(value, f"The picture of «{shorten(key.text)}»")
        if key.text not in known:
            findings.note(
                "unknown-message",
                key.place,
                f"There is no message «{shorten(key.text)}».",
                suggest(key.text, known),
            )
        elif picture is not None:
            found[key.text] = picture
    return found
