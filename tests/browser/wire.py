"""A wire between the browser and the service that counts what goes over it, both ways.

Imports the standard library only.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import urlsplit

CHUNK = 65_536


@dataclass
class Wire:
    """`up` and `down` are bytes of HTTP, headers and all, since the last `reset`."""

    address: str = ""
    up: int = 0
    down: int = 0

    @property
    def total(self) -> int:
        """Both ways together."""
        return self.up + self.down

    def reset(self) -> None:
        """Count from here."""
        self.up = self.down = 0


@contextlib.asynccontextmanager
async def wired(target: str) -> AsyncIterator[Wire]:
    """A loopback address that leads to `target`, counted."""
    parts = urlsplit(target)
    wire = Wire()
    tasks: set[asyncio.Task[None]] = set()

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, up: bool) -> None:
        try:
            while chunk := await reader.read(CHUNK):
                if up:
                    wire.up += len(chunk)
                else:
                    wire.down += len(chunk)
                writer.write(chunk)
                await writer.drain()
        except ConnectionError:
            return  # either end may go at any time; the other is closed with it
        finally:
            writer.close()

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(parts.hostname, parts.port)
        for task in (
            asyncio.create_task(carry(reader, back, True)),
            asyncio.create_task(carry(there, writer, False)),
        ):
            tasks.add(task)
            task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(connect, "127.0.0.1", 0)
    wire.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield wire
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
