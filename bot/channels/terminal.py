"""The terminal as a channel: lines in, lines out. Imports ports, rendering, bot.channels.local.

The loop that reads the keyboard is the command `engawa chat`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from bot.channels.local import LocalChannel
from bot.rendering import terminal
from bot.rendering.bubbles import Bubble
from bot.services.ports import Outcome
from bot.services.records import Via


class TerminalChannel(LocalChannel):
    """The same conversation at a keyboard; `write` prints one piece of text with its line end.

    A typed line goes to `said`: digits, labels and the words that work everywhere are the engine's.
    """

    name = "terminal"
    speaks_unprompted = False
    pushes = True

    def __init__(self, write: Callable[[str], object]) -> None:
        self._write = write

    def requests(self, bubbles: Sequence[Bubble]) -> Sequence[bytes]:
        """The lines to print, as one payload."""
        return terminal.requests(bubbles)

    async def send(
        self, via: Via, platform_id: str, payload: bytes, reply_token: str, retry_key: str
    ) -> Outcome:
        """Print it."""
        self._write(msgspec.json.decode(payload, type=str) + "\n\n")
        return Outcome("sent")
