"""The whole service with the flows and sentences of the working copy: memory store, loopback.

May import anything of `bot`: this is the one place of the browser tests that puts it all together.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from bot.app.assembly import Parts, Service
from bot.app.content import read_content
from bot.app.nature import SystemChance, system_clock
from bot.channels.web import WebChannel
from bot.config import read_settings
from bot.privacy.keyring import new_keyring
from bot.services.ports import Chance, Clock
from bot.store.ledger import FileLedger
from bot.store.memory import MemoryStore
from tests.browser.pages import Pages
from tests.browser.serving import serving
from tests.repository import ROOT


@contextlib.asynccontextmanager
async def whole_service(
    pages: Pages, folder: Path, clock: Clock = system_clock, chance: Chance | None = None
) -> AsyncIterator[str]:
    """Serve as the demo does and give the address; its pages are closed before it stops."""
    async with running_service(pages, folder, clock, chance) as (address, _):
        yield address


@contextlib.asynccontextmanager
async def running_service(
    pages: Pages, folder: Path, clock: Clock = system_clock, chance: Chance | None = None
) -> AsyncIterator[tuple[str, Service]]:
    """The same with the service itself, for tests that move its clock."""
    parts = Parts(
        settings=read_settings(ROOT / "config.toml", {}),
        keyring=new_keyring(demo=True),
        store=MemoryStore(),
        ledger=FileLedger(folder / "erased"),
        channels={"web": WebChannel()},
        demo=True,
        clock=clock,
        chance=chance or SystemChance(),
    )
    service = Service(parts)
    assert await service.prepare(read_content(ROOT)) is None
    service.start()
    try:
        async with serving(service.application()) as address:
            try:
                yield address, service
            finally:
                await pages.close()
    finally:
        await service.stop()
