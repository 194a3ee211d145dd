"""One connection to a listener: how long a request may take to arrive, and how large its head is.

The server behind it sets no bounds of its own for either, and nothing else need stand in front of
us: a Tor service leads straight here.
"""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

ARRIVES_WITHIN = 60.0
"""Seconds for a whole request; the largest form takes 42 at 50 kbit/s."""
HEAD_MAX = 65_536
"""Bytes of a request that are not its body: head, trailers, frames of chunks."""


class Connection(HttpToolsProtocol):
    """Closes on whoever holds it open without a whole request, or sends a head without an end."""

    _deadline: asyncio.TimerHandle | None = None
    _loose = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody is there: now they should ask."""
        super().connection_made(transport)
        self._expect()

    def connection_lost(self, exc: Exception | None) -> None:
        """Gone."""
        self._arrived()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """What is no body is counted. A new request, or what looks like one, has its own time."""
        if self.transport.is_closing():
            return
        self._expect()
        self._loose += len(data)
        super().data_received(data)
        if self._loose > HEAD_MAX and not self.transport.is_closing():
            self.send_400_response("Request head too large.")

    def on_body(self, body: bytes) -> None:
        """A part of the body; whoever reads it has a bound for it."""
        self._loose -= len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is whole."""
        self._arrived()
        self._loose = 0
        super().on_message_complete()

    def _expect(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(ARRIVES_WITHIN, self.transport.close)

    def _arrived(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
