"""GET /healthz (alive) and /readyz (fit for service, or one sentence per problem)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

PLAIN = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


async def alive(_: Request) -> Response:
    """The process answers; nothing else is asked."""
    return PlainTextResponse("alive\n", headers=PLAIN)


def ready(
    readiness: Callable[[], Awaitable[Sequence[str]]],
    standing: Callable[[], Sequence[str]],
) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint that answers 200, or 503 with one sentence per problem; then how things stand."""

    async def endpoint(_: Request) -> Response:
        problems = await readiness()
        lines = [*(problems or ["ready"]), *standing()]
        return PlainTextResponse("\n".join(lines) + "\n", 503 if problems else 200, headers=PLAIN)

    return endpoint
