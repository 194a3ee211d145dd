"""LINE as a channel. Imports ports, rendering and this folder; linebot only when first used."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from bot.channels.headers import header
from bot.channels.line.events import heard_in
from bot.channels.line.outcomes import outcome_of
from bot.channels.line.signature import verify
from bot.rendering import line
from bot.rendering.bubbles import Bubble
from bot.services.ports import Allowance, Heard, Outcome
from bot.services.records import Via

if TYPE_CHECKING:
    from bot.channels.line.api import LineApi

SIGNATURE_HEADER = "X-Line-Signature"
RETRY_KEY_HEADER = "X-Line-Retry-Key"
_LOADING_SECONDS = 20


class LineChannel:
    """LINE's Messaging API: replies by token (free), pushes by retry key (counted).

    `counts` tells what was left out or failed without harm: "odd", "ignored", "acknowledge-failed",
    "loading-failed", "quota-unknown". `timeout` is in seconds, for a whole call. `data_api_base` is
    kept for those who ask; nothing is fetched from it: pictures and voices are never read.
    """

    name = "line"
    speaks_unprompted = False
    replies = True
    pushes = True

    def __init__(
        self,
        secret: str,
        access_token: str,
        api_base: str = "https://api.line.me",
        data_api_base: str = "https://api-data.line.me",
        timeout: float = 8.0,
    ) -> None:
        self.counts: Counter[str] = Counter()
        self.api_base = api_base.rstrip("/")
        self.data_api_base = data_api_base.rstrip("/")
        self._secret = secret.encode()
        self._access_token = access_token
        self._timeout = timeout
        self._api: LineApi | None = None
        self._opening = asyncio.Lock()

    def read(self, headers: Mapping[str, str], body: bytes) -> Sequence[Heard]:
        """What a webhook says; raises BadSignatureError before anything is parsed, BadBodyError."""
        verify(self._secret, body, header(headers, SIGNATURE_HEADER))
        return heard_in(body, self.name, self.counts)

    def requests(self, bubbles: Sequence[Bubble]) -> Sequence[bytes]:
        """The final bodies, without recipient, reply token or retry key."""
        return line.requests(bubbles)

    async def open(self) -> None:
        """Load the SDK and build its client now rather than at the first message."""
        async with self._opening:
            if self._api is None:
                module = await asyncio.to_thread(_load_api)
                self._api = module(self.api_base, self._access_token, self._timeout)

    async def send(
        self, via: Via, platform_id: str, payload: bytes, reply_token: str, retry_key: str
    ) -> Outcome:
        """One attempt by "reply" or "push"; raises ValueError for another road."""
        body: dict[str, Any] = msgspec.json.decode(payload)
        headers: dict[str, str] = {}
        if via == "reply":
            body = {"replyToken": reply_token, **body}
        elif via == "push":
            body = {"to": platform_id, **body}
            headers[RETRY_KEY_HEADER] = retry_key
        else:
            raise ValueError(f"LINE sends by reply or by push, not by {via!r}.")
        answer = await (await self._opened()).post(f"/v2/bot/message/{via}", body, headers)
        if answer.fault == "unsent":
            return Outcome("unsent", reason="line-unreachable")
        if answer.fault:
            return Outcome("ambiguous", reason="line-no-answer")
        return outcome_of(answer.status, answer.message)

    async def acknowledge(self, heard: Heard) -> None:
        """Leave the group we were put into; nothing else on LINE waits for an answer."""
        if heard.what == "leave_group":
            answer = await (await self._opened()).leave(heard.callback, heard.user_id)
            self.counts["acknowledge-failed"] += answer.status != 200

    async def show_loading(self, platform_id: str) -> None:
        """Show the loading animation until the next message, 20 seconds at most."""
        answer = await (await self._opened()).show_loading(platform_id, _LOADING_SECONDS)
        self.counts["loading-failed"] += answer.status != 200

    async def quota(self) -> Allowance | None:
        """The month's counted pushes; None on a plan without limit, or where LINE does not say
        (counted as "quota-unknown"): then what was known before goes on holding.
        """
        allowance, answer = await (await self._opened()).quota()
        self.counts["quota-unknown"] += answer.status != 200
        return allowance

    async def close(self) -> None:
        """Let go of connections; a later call opens them again."""
        if self._api is not None:
            api, self._api = self._api, None
            await api.close()

    async def _opened(self) -> LineApi:
        if self._api is None:
            await self.open()
        assert self._api is not None
        return self._api


def _load_api() -> type[LineApi]:
    from bot.channels.line.api import LineApi

    return LineApi
