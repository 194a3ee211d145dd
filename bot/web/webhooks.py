"""POST /webhooks/line and /webhooks/telegram: cap, verify, commit, 200; the rest comes after.

Bare ASGI: this is the busiest road of the service. Imports services' ports and errors.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence

from starlette.types import Receive, Scope, Send

from bot.errors import BadSignatureError
from bot.services.ports import Channel, Heard
from bot.web.faults import spot, status_of
from bot.web.headers import PLAIN
from bot.web.intake import Disconnected, headers_of, read_capped

log = logging.getLogger(__name__)

# The platforms that have a webhook, and what each hears when its signature or secret doesn't fit.
FORBIDDEN = {"line": 401, "telegram": 403}


class Webhook:
    """One platform's webhook as an ASGI application."""

    def __init__(
        self,
        channel: Channel,
        accept: Callable[[Sequence[Heard]], Awaitable[object]],
        cap: int,
    ) -> None:
        self._channel = channel
        self._accept = accept
        self._cap = cap

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one POST. Callbacks are answered and groups left by `accept`, after its commit."""
        try:
            headers = headers_of(scope["headers"])
            body = await read_capped(headers, receive, self._cap)
            heard = self._channel.read(headers, body)
            if heard:
                await self._accept(heard)
        except Disconnected:
            return
        except Exception as error:
            await answer(send, self._refusal(error))
            return
        await answer(send, 200)

    def _refusal(self, error: Exception) -> int:
        """The status for what went wrong: 5xx makes the platform send again, 4xx does not."""
        name = self._channel.name
        forbidden = isinstance(error, BadSignatureError)
        status = FORBIDDEN.get(name, 403) if forbidden else status_of(error)
        level = logging.ERROR if status == 500 else logging.WARNING
        log.log(
            level, "webhook.refused %s %d %s %s", name, status, type(error).__name__, spot(error)
        )
        return status


async def answer(send: Send, status: int, body: bytes = b"") -> None:
    """A bare plain-text answer."""
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*PLAIN, length]})
    await send({"type": "http.response.body", "body": body})
