"""line-bot-sdk's asynchronous client, as much of it as we use. The only module that imports it.

Importing takes over a second, so bot.channels.line.client does it when something is first sent.
Messages go through the SDK's generic call: its typed models would parse and copy our finished
bodies (measured: 2.3 to 3.2 ms of CPU a message against 1.5 to 1.9) and check less than rendering.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

import aiohttp
from linebot.v3.messaging import (  # type: ignore[import-untyped]
    ApiException,
    AsyncApiClient,
    AsyncMessagingApi,
    Configuration,
    ShowLoadingAnimationRequest,
)

from bot.channels.quiet import hush
from bot.services.ports import Allowance


class Answer(NamedTuple):
    """How a call ended: an HTTP status with LINE's `message`, or status 0 and why in `fault`.

    `fault` is "unsent" when the request surely did not leave, else "ambiguous".
    """

    status: int
    message: str = ""
    fault: str = ""


class LineApi:
    """LINE's Messaging API. Build it inside the running loop; `close` it there too."""

    def __init__(self, base: str, access_token: str, timeout: float) -> None:
        hush("linebot")
        self._timeout = aiohttp.ClientTimeout(total=timeout, connect=timeout / 2)
        self._client = AsyncApiClient(Configuration(host=base, access_token=access_token))
        self._calls = AsyncMessagingApi(self._client)

    async def post(self, path: str, body: Mapping[str, Any], headers: Mapping[str, str]) -> Answer:
        """Send a finished body; never raises for what LINE or the network may do."""

        async def call() -> object:
            return await self._client.call_api(
                path,
                "POST",
                header_params={"Content-Type": "application/json", **headers},
                body=dict(body),
                response_types_map={},
                _request_timeout=self._timeout,
            )

        return await _answer(call)

    async def leave(self, kind: str, place: str) -> Answer:
        """Leave a group ("group") or a chat of several people ("room")."""
        leave = self._calls.leave_room if kind == "room" else self._calls.leave_group
        return await _answer(lambda: leave(place, _request_timeout=self._timeout))

    async def show_loading(self, user: str, seconds: int) -> Answer:
        """Show the loading animation for 5 to 60 seconds, in steps of five."""
        request = ShowLoadingAnimationRequest(chatId=user, loadingSeconds=seconds)
        show = self._calls.show_loading_animation
        return await _answer(lambda: show(request, _request_timeout=self._timeout))

    async def quota(self) -> tuple[Allowance | None, Answer]:
        """The month's counted messages; None: no limit, or unknown unless the status is 200."""
        told: list[Allowance] = []

        async def ask() -> None:
            quota = await self._calls.get_message_quota(_request_timeout=self._timeout)
            if quota.value is not None:
                used = await self._calls.get_message_quota_consumption(
                    _request_timeout=self._timeout
                )
                total = int(quota.value)
                told.append(Allowance(total, max(0, total - int(used.total_usage))))

        answer = await _answer(ask)
        return (told[0] if told else None), answer

    async def close(self) -> None:
        """Let go of connections."""
        await self._client.close()


async def _answer(call: Callable[[], Awaitable[object]]) -> Answer:
    """Wait for a call and put into words how it ended."""
    try:
        await call()
    except ApiException as error:
        return Answer(int(error.status or 0), _message(error.body))
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
        return Answer(0, fault="unsent")
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError, LookupError):
        # The last two: the SDK stumbled over an answer that is not what LINE sends.
        return Answer(0, fault="ambiguous")
    return Answer(200)


def _message(body: str | None) -> str:
    try:
        answer = json.loads(body or "{}")
    except ValueError:
        return ""
    message = answer.get("message") if isinstance(answer, dict) else None
    return message if isinstance(message, str) else ""
