"""Telegram's slash commands and the words they stand for. Imports nothing of ours.

The words are those that work in every state; the engine knows them, this table only points there.
"""

from __future__ import annotations

import re

COMMANDS = {
    "human": "人と話す",
    "book": "予約",
    "back": "もどる",
    "stop": "おわる",
    "erase": "消して",
    "language": "ことば",
    "help": "たすけて",
    "kept": "何が残っていますか",
    "code": "合言葉",
}
"""Command without its slash → the word that works everywhere."""

_COMMAND = re.compile(r"/([a-z0-9_]{1,32})(?:@[A-Za-z0-9_]+)?(?:\s+(.*))?", re.DOTALL)
_ENTRY_CODE = re.compile(r"[A-Za-z0-9_-]{0,64}")


def entry_code(text: str) -> str | None:
    """The opaque entry code of «/start CODE» ("" for none or a malformed one), None otherwise."""
    command = _COMMAND.fullmatch(text)
    if not command or command[1] != "start":
        return None
    code = (command[2] or "").strip()
    return code if _ENTRY_CODE.fullmatch(code) else ""


def word_of(text: str) -> str:
    """The word a command stands for; any other text comes back as it is."""
    command = _COMMAND.fullmatch(text)
    return COMMANDS.get(command[1], text) if command else text
