"""What the web room and the terminal share: nobody outside sends, so nothing can go wrong there.

Imports ports and inbound only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.engine.inbound import Inbound
from bot.errors import BadBodyError
from bot.services.ports import Allowance, Heard

LONGEST_TEXT = 10_000


class LocalChannel:
    """A channel inside our own process: people come by a form or a keyboard, not by webhook.

    The caller gives an address id and an event id; the same event id twice is one event.
    """

    name = "local"
    replies = False
    pushes = False

    def read(self, headers: Mapping[str, str], body: bytes) -> Sequence[Heard]:
        """Raises BadBodyError: this channel has no webhook."""
        raise BadBodyError(f"The {self.name} channel has no webhook.")

    def began(
        self, user_id: str, event_id: str, at: int, code: str = "", language: str = ""
    ) -> Heard:
        """The door was opened, perhaps with an opaque entry code."""
        return self._inbound(user_id, event_id, at, Inbound("begin", code=code, language=language))

    def said(self, user_id: str, event_id: str, at: int, text: str, language: str = "") -> Heard:
        """A text was written; line ends become \\n, and it is read up to 10,000 characters."""
        written = text.replace("\r\n", "\n").replace("\r", "\n").strip()[:LONGEST_TEXT]
        written = written.encode("utf-8", "replace").decode()
        return self._inbound(user_id, event_id, at, Inbound("text", written, language=language))

    def tapped(self, user_id: str, event_id: str, at: int, data: str, language: str = "") -> Heard:
        """A button was pressed; `data` is what it carried."""
        return self._inbound(user_id, event_id, at, Inbound("tap", data=data, language=language))

    def _inbound(self, user_id: str, event_id: str, at: int, inbound: Inbound) -> Heard:
        return Heard("inbound", self.name, event_id, user_id, at, inbound, message_id=event_id)

    async def acknowledge(self, heard: Heard) -> None:
        """Nothing waits for an answer here."""

    async def show_loading(self, platform_id: str) -> None:
        """Nothing to show: the page and the terminal wait visibly themselves."""

    async def quota(self) -> Allowance | None:
        """None: nothing is counted here."""
        return None

    async def close(self) -> None:
        """Nothing is held open."""
