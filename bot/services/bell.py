"""The in-process bell: wakes whoever watches a conversation. Imports nothing of ours."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import AsyncIterator


class InProcessBell:
    """`ports.Bell` within one process. Rings between two looks count once; none is lost."""

    def __init__(self) -> None:
        # Weak, so that a listener who goes away without a word is forgotten.
        self._ears: dict[str, weakref.WeakSet[asyncio.Event]] = {}

    def ring(self, conversation: str) -> None:
        """Something new was committed for this conversation."""
        ears = self._ears.get(conversation)
        if ears is None:
            return
        for ear in ears:
            ear.set()
        if not ears:
            del self._ears[conversation]

    def listen(self, conversation: str) -> AsyncIterator[None]:
        """Yields whenever it rang since this call."""
        ear = asyncio.Event()
        self._ears.setdefault(conversation, weakref.WeakSet()).add(ear)
        return self._hear(conversation, ear)

    async def _hear(self, conversation: str, ear: asyncio.Event) -> AsyncIterator[None]:
        try:
            while True:
                await ear.wait()
                ear.clear()
                yield
        finally:
            ears = self._ears.get(conversation)
            if ears is not None:
                ears.discard(ear)
                if not ears:
                    del self._ears[conversation]
