"""The web room as a channel: people read the transcript, so nothing is ever sent to it.

Imports ports, rendering and bot.channels.local only; forms, pages and streams are bot.web's.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.channels.local import LocalChannel
from bot.rendering import web
from bot.rendering.bubbles import Bubble
from bot.services.ports import Outcome
from bot.services.records import Via


class WebChannel(LocalChannel):
    """The chat room in a browser."""

    name = "web"
    speaks_unprompted = True

    def requests(self, bubbles: Sequence[Bubble]) -> Sequence[bytes]:
        """The transcript's payload (bot.rendering.web.bubbles_of reads it)."""
        return web.requests(bubbles)

    async def send(
        self, via: Via, platform_id: str, payload: bytes, reply_token: str, retry_key: str
    ) -> Outcome:
        """Says "rejected": the page reads the transcript, and a row for it is a mistake of ours."""
        return Outcome("rejected", reason="web-reads-transcript")
