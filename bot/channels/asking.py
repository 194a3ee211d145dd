"""One question to a platform and its answer, for setting up and looking after. Imports quiet,
errors.

Not through the SDKs: their typed answers drop what they don't know, and the Date header, by which
doctor sees a wrong clock. Whatever is asked, no address and no token gets into an error: an address
of Telegram holds the token.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any, NamedTuple

import httpx

from bot.channels.quiet import hush
from bot.errors import PlatformRefusedError
from bot.services.ports import Clock

QUOTED = 160
"""Characters of a platform's own words that are shown."""


class Reply(NamedTuple):
    """What a platform answered; `body` is empty where it was no JSON object."""

    status: int
    body: Mapping[str, Any]
    content: bytes


class Asker:
    """Asks one platform. Use as `async with`.

    `skews` are the platform's clock minus ours (ms), one for each answer that carried a date.
    """

    def __init__(self, name: str, headers: Mapping[str, str], timeout: float, clock: Clock) -> None:
        hush("httpx", "httpcore")
        self.name = name
        self.skews: list[int] = []
        self._timeout = timeout
        self._clock = clock
        self._client = httpx.AsyncClient(headers=dict(headers), timeout=timeout, verify=_trusted())

    async def __aenter__(self) -> Asker:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def ask(
        self,
        method: str,
        url: str,
        data: Mapping[str, str] | None = None,
        content: bytes | None = None,
        kind: str = "",
    ) -> Reply:
        """The answer, whatever its status; `data` goes as a form, `content` as it is, of this kind.

        Raises PlatformRefusedError where none came.
        """
        headers = {"Content-Type": kind} if kind else {}
        try:
            answer = await self._client.request(
                method, url, data=data, content=content, headers=headers
            )
        except httpx.TimeoutException:
            raise PlatformRefusedError(
                f"{self.name} did not answer within {self._timeout:g} s. "
                "Look whether this machine reaches it, and run the command again."
            ) from None
        except httpx.HTTPError as error:
            raise PlatformRefusedError(
                f"{self.name} can't be reached from this machine ({type(error).__name__}). "
                "Let HTTPS out to it, and run the command again."
            ) from None
        self._compare_clocks(answer.headers.get("date", ""))
        return Reply(answer.status_code, _object(answer.content), answer.content)

    def _compare_clocks(self, date: str) -> None:
        try:
            told = parsedate_to_datetime(date)
        except ValueError:
            return
        # A Date is cut to whole seconds: its middle is the best guess.
        self.skews.append(int(told.timestamp() * 1_000) + 500 - self._clock())


def quoted(words: object) -> str:
    """A platform's own words, on one line and not too long; "" for none."""
    text = " ".join(words.split()) if isinstance(words, str) else ""
    text = "".join(sign for sign in text if sign.isprintable())
    return text if len(text) <= QUOTED else f"{text[: QUOTED - 1]}…"


@cache
def _trusted() -> ssl.SSLContext:
    """Whom we trust; read once, since it takes a tenth of a second."""
    return httpx.create_ssl_context()


def _object(content: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
