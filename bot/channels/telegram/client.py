"""Telegram as a channel. Imports ports, rendering and this folder; telegram only when built."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from bot.channels.headers import header
from bot.rendering import telegram
from bot.rendering.bubbles import Bubble
from bot.services.ports import Allowance, Heard, Outcome
from bot.services.records import Via


class TelegramChannel:
    """Telegram's Bot API: no reply tokens, no quota, no retry key; one message per request.

    `counts` tells what was left out or failed without harm: "odd", "ignored", "acknowledge-failed",
    "loading-failed". `timeout` is in seconds, for each phase of a call. Building one imports
    python-telegram-bot, which takes about a second.
    """

    name = "telegram"
    speaks_unprompted = True
    replies = False
    pushes = True

    def __init__(
        self,
        token: str,
        secret: str,
        api_base: str = "https://api.telegram.org",
        timeout: float = 8.0,
    ) -> None:
        from bot.channels.telegram import api, updates

        self.counts: Counter[str] = Counter()
        self._secret = secret.encode()
        self._updates = updates
        self._api = api.TelegramApi(api_base.rstrip("/"), token, timeout)

    def read(self, headers: Mapping[str, str], body: bytes) -> Sequence[Heard]:
        """What a webhook says; raises BadSignatureError before anything is parsed, BadBodyError."""
        self._updates.verify(self._secret, header(headers, self._updates.SECRET_HEADER))
        return self._updates.heard_in(body, self.name, self.counts)

    def requests(self, bubbles: Sequence[Bubble]) -> Sequence[bytes]:
        """The final messages, without recipient."""
        return telegram.requests(bubbles)

    async def send(
        self, via: Via, platform_id: str, payload: bytes, reply_token: str, retry_key: str
    ) -> Outcome:
        """One attempt; Telegram knows one road, so `via`, the token and the key are not used."""
        return await self._api.send(int(platform_id), msgspec.json.decode(payload))

    async def acknowledge(self, heard: Heard) -> None:
        """Answer a tap's callback, or leave the group we were put into."""
        taken = True
        if heard.what == "leave_group":
            taken = await self._api.leave(int(heard.user_id))
        elif heard.callback:
            taken = await self._api.answer(heard.callback)
        self.counts["acknowledge-failed"] += not taken

    async def show_loading(self, platform_id: str) -> None:
        """Show "typing" for five seconds."""
        taken = await self._api.show_typing(int(platform_id))
        self.counts["loading-failed"] += not taken

    async def quota(self) -> Allowance | None:
        """None: Telegram has no monthly quota."""
        return None

    async def close(self) -> None:
        """Let go of connections."""
        await self._api.close()
