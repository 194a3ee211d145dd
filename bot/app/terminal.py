"""`engawa chat`: the same services on a memory store, read from the keyboard."""

from __future__ import annotations

import asyncio
import io
import logging
import sys
from collections.abc import AsyncIterator

from msgspec.structs import replace

from bot.app.assembly import Parts, Service
from bot.app.content import read_content
from bot.app.here import home, settings_here
from bot.app.journaling import quiet_logging
from bot.channels.terminal import TerminalChannel
from bot.config.settings import Floods
from bot.flow.messages import text
from bot.privacy.keyring import new_keyring
from bot.services.ports import Heard
from bot.store.memory import MemoryStore

PERSON = "terminal"
UNHURRIED = 1_000_000
"""Messages at once and a minute: nobody is asked to slow down here."""


class ForgetfulLedger:
    """A ledger for a store that is gone with the process anyway."""

    def record(self, key_id: str) -> None:
        """Nothing outlives this process, so nothing needs to be remembered."""

    def key_ids(self) -> tuple[str, ...]:
        """None."""
        return ()


def talk(language: str) -> int:
    """Hold one conversation; 0 when the person leaves."""
    quiet_logging(logging.ERROR)
    for stream in (sys.stdin, sys.stdout):
        # A terminal of another encoding must not end the conversation at the first odd character.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    return asyncio.run(_talk(language))


async def _talk(language: str) -> int:
    channel = TerminalChannel(sys.stdout.write)
    # A script may be piped in: whoever sits at this keyboard floods nobody else.
    settings = replace(settings_here(), floods=Floods(burst=UNHURRIED, per_minute=UNHURRIED))
    parts = Parts(
        settings=settings,
        keyring=new_keyring(demo=True),
        store=MemoryStore(),
        ledger=ForgetfulLedger(),
        channels={channel.name: channel},
        demo=True,
    )
    service = Service(parts)
    content = settings.content
    files = read_content(home() / content.directory, content.city)
    refusal = await service.prepare(files)
    if refusal is not None:
        raise refusal
    try:
        await _converse(service, channel, language)
    finally:
        await service.stop()
    return 0


async def _converse(service: Service, channel: TerminalChannel, language: str) -> None:
    published = await service.programs.active()
    messages = published.bundle.messages
    spoken = language if language in messages.texts else messages.source_language

    def line(key: str) -> str:
        return text(messages, spoken, key, {})

    now, chance = service.parts.clock, service.parts.chance
    sys.stdout.write(line("cli.intro") + "\n\n")
    await _hear(service, channel.began(PERSON, chance.id(), now(), language=spoken))
    async for typed in _typed(line("cli.prompt")):
        await _hear(service, channel.said(PERSON, chance.id(), now(), typed, spoken))
    sys.stdout.write("\n" + line("cli.bye") + "\n")


async def _hear(service: Service, heard: Heard) -> None:
    """One turn, and what was due meanwhile. The loops don't run: nothing speaks while one types."""
    await service.timers.run_once()
    await service.conversations.accept([heard])
    await service.delivery.run_once()


async def _typed(prompt: str) -> AsyncIterator[str]:
    while True:
        sys.stdout.write(prompt + " ")
        sys.stdout.flush()
        line = await asyncio.to_thread(sys.stdin.readline)
        if not line:
            return
        if line.strip():
            yield line.strip()
