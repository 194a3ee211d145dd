"""A real uvicorn on loopback for the browser tests. May import uvicorn and nothing of `bot`."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import uvicorn
from starlette.types import ASGIApp


@contextlib.asynccontextmanager
async def serving(application: ASGIApp, port: int = 0) -> AsyncIterator[str]:
    """Serve on a free port (or a given one) and give the address; ends with the block.

    The server is told to stop rather than signalled: a signal would end every later live stream
    of the process (sse-starlette keeps that for good).
    """
    listener = socket.create_server(("127.0.0.1", port))
    port = listener.getsockname()[1]
    configuration = uvicorn.Config(
        application, log_config=None, lifespan="off", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(configuration)
    serve = asyncio.create_task(server._serve(sockets=[listener]))
    while not server.started:  # noqa: ASYNC110 (uvicorn has no event for it)
        await asyncio.sleep(0)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await serve
        listener.close()
