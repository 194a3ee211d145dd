"""The part both platforms share: a small HTTP server, a script of faults, a record of everything.

Written on bare streams, because a web framework would not let us drop a connection mid-answer.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import sys
import time
from abc import ABC, abstractmethod
from argparse import ArgumentParser
from collections import deque
from collections.abc import Callable, Mapping
from email.utils import formatdate
from typing import Any, NamedTuple, TypeVar

TRANSPORT_ACTS = ("ok", "lost_request", "lost_response", "cut", "hang", "hang_before")
"""Acts of the network; every other act is an answer of the platform (see `refusal`).

ok: effect and answer. lost_request: neither. lost_response: effect, then the connection drops.
cut: effect, then half an answer. hang: effect, then silence. hang_before: silence without effect.
"""


class Request(NamedTuple):
    """A request as it came; header names in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class Response(NamedTuple):
    """A JSON answer; `bytes` go as they are."""

    status: int
    body: Any
    headers: Mapping[str, str] = {}


class Shown(NamedTuple):
    """A message on somebody's screen, with its buttons as (label, data)."""

    text: str
    buttons: tuple[tuple[str, str], ...] = ()


def real_clock() -> int:
    """The time now, UTC milliseconds; tests hand in their own."""
    return time.time_ns() // 1_000_000


Self = TypeVar("Self", bound="ScriptedPlatform")


class ScriptedPlatform(ABC):
    """A platform that does what its script says to each request that sends a message.

    `visible` is what people see, by user; `received` every request; `violations` what a correct
    client must never do (the real platform would refuse it, or people would see it twice).
    """

    def __init__(
        self,
        clock: Callable[[], int] = real_clock,
        faults: Mapping[str, float] | None = None,
        seed: int = 0,
    ) -> None:
        self.clock = clock
        self.visible: dict[str, list[Shown]] = {}
        self.received: list[Request] = []
        self.violations: list[str] = []
        self.blocked: set[str] = set()
        self.faults = dict(faults or {})
        self.port = 0
        self.clock_wrong = 0  # ms by which the platform's own Date differs from `clock`
        self._script: deque[str] = deque()
        self._scripts: dict[str, deque[str]] = {}
        self._chance = random.Random(seed)
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    # What a platform has to say.

    @abstractmethod
    def sends(self, request: Request) -> bool:
        """Whether this request sends a message, so that the script applies to it."""

    @abstractmethod
    def refusal(self, act: str) -> Response:
        """The answer for an act that is the platform's; "…_after" acts come after the effect."""

    @abstractmethod
    def handle(self, request: Request) -> Response:
        """The ordinary answer, with its effect."""

    # What a test says and asks.

    @property
    def base_url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def script(self, *acts: str) -> None:
        """What happens to the next sending requests, in order; afterwards `faults` or "ok"."""
        self._script.extend(acts)

    def script_for(self, part: str, *acts: str) -> None:
        """What happens to the next requests whose «METHOD /path» contains `part`."""
        self._scripts.setdefault(part, deque()).extend(acts)

    def texts(self, user: str) -> list[str]:
        """The texts on a person's screen, oldest first."""
        return [shown.text for shown in self.visible.get(user, [])]

    def show(self, user: str, *shown: Shown) -> None:
        """Put messages on a person's screen."""
        self.visible.setdefault(user, []).extend(shown)

    async def start(self, port: int = 0) -> None:
        """Listen on loopback; `port` 0 takes a free one."""
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close, also what still hangs."""
        if self._server is not None:
            self._server.close()
        for task in list(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        if self._server is not None:
            await self._server.wait_closed()

    async def __aenter__(self: Self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    # The server.

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            while (request := await _read_request(reader)) is not None:
                if not await self._answered(request, writer):
                    break
        except (ConnectionError, asyncio.CancelledError):
            pass  # the client left, or the test is over
        finally:
            self._connections.discard(task)
            writer.transport.abort()

    async def _answered(self, request: Request, writer: asyncio.StreamWriter) -> bool:
        """Handle one request; whether the connection lives on."""
        if request.path.startswith("/_control/"):
            await _write(writer, self._control(request))
            return True
        self.received.append(request)
        act = self._scripted(request)
        if not act:
            act = self._next_act() if self.sends(request) else "ok"
        if act == "hang_before":
            await asyncio.Event().wait()
        if act == "lost_request":
            return False
        effect = act in TRANSPORT_ACTS or act.endswith("_after")
        response = self.handle(request) if effect else self.refusal(act)
        if act == "hang":
            await asyncio.Event().wait()
        if act == "lost_response":
            return False
        if act not in TRANSPORT_ACTS:
            response = self.refusal(act)
        await _write(writer, self._dated(response), cut=act == "cut")
        return act != "cut"

    def _dated(self, response: Response) -> Response:
        date = formatdate((self.clock() + self.clock_wrong) / 1_000, usegmt=True)
        return response._replace(headers={**response.headers, "Date": date})

    def _scripted(self, request: Request) -> str:
        for part, acts in self._scripts.items():
            if acts and part in f"{request.method} {request.path}":
                return acts.popleft()
        return ""

    def _next_act(self) -> str:
        if self._script:
            return self._script.popleft()
        draw = self._chance.random()
        for act, share in self.faults.items():
            if draw < share:
                return act
            draw -= share
        return "ok"

    def _control(self, request: Request) -> Response:
        """For tests in another process: POST script or faults, GET state."""
        if request.path == "/_control/script":
            self.script(*json.loads(request.body))
        elif request.path == "/_control/faults":
            self.faults = json.loads(request.body)
        elif request.path == "/_control/block":
            self.blocked = set(json.loads(request.body))
        return Response(
            200,
            {
                "visible": {user: self.texts(user) for user in self.visible},
                "received": [request.path for request in self.received],
                "violations": self.violations,
            },
        )


async def _read_request(reader: asyncio.StreamReader) -> Request | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.rstrip("\r\n").split("\r\n")
    method, path, _ = first.split(" ", 2)
    pairs = (line.partition(":") for line in lines)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(method, path, headers, body)


async def _write(writer: asyncio.StreamWriter, response: Response, cut: bool = False) -> None:
    plain = isinstance(response.body, bytes)
    body = response.body if plain else json.dumps(response.body, ensure_ascii=False).encode()
    headers = {
        "Content-Type": "image/png" if plain else "application/json",
        "Content-Length": str(len(body)),
        **response.headers,
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    writer.write(f"HTTP/1.1 {response.status} Scripted\r\n{head}\r\n".encode())
    writer.write(body[: len(body) // 2] if cut else body)
    with contextlib.suppress(ConnectionError):
        await writer.drain()


def serve(build: Callable[[Mapping[str, float], int, str], ScriptedPlatform], token: str) -> None:
    """Run a platform in this process until killed; the first line printed is its port."""
    parser = ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--token", default=token)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--fault", action="append", default=[], metavar="ACT=SHARE")
    given = parser.parse_args()
    faults = {act: float(share) for act, _, share in (f.partition("=") for f in given.fault)}

    async def run() -> None:
        platform = build(faults, given.seed, given.token)
        await platform.start(given.port)
        print(platform.port, flush=True)
        await asyncio.Event().wait()

    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(run())
    sys.exit(0)
