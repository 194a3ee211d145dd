"""Connects the platforms to this service as config, content and environment say, and lets go."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from pathlib import Path
from typing import Literal, TypeVar
from urllib.parse import urlsplit

import msgspec

from bot.app.content import pack_folder, read_content
from bot.app.here import home, settings_here
from bot.app.nature import system_clock
from bot.app.standing import ZONE
from bot.app.storage import SQLITE, open_store
from bot.channels.line.menu.layout import Menu, menu_of
from bot.channels.line.menu.pictures import HERE, picture_of
from bot.channels.line.setup import LineSetup
from bot.channels.steps import Step
from bot.channels.telegram.setup import TelegramSetup
from bot.config import Secrets, Settings, read_secrets
from bot.errors import ConfigurationError, ContentError, StoreError
from bot.services.revisions import Published, compile_files
from bot.store.sqlite.examination import examine

Platform = Literal["line", "telegram"]
WEBHOOK = "/webhooks/{}"
DRAWINGS = "menu"
"""The folder of a city pack where its own drawings of LINE's menu lie."""
Say = Callable[[Step], object]
S = TypeVar("S", LineSetup, TelegramSetup)


class Here(msgspec.Struct, frozen=True):
    """What connecting and doctor start from: this environment, as `engawa serve` would read it."""

    settings: Settings
    secrets: Secrets

    def line(self) -> LineSetup:
        """Asks LINE; raises ConfigurationError where its secrets are missing."""
        if not self.secrets.line:
            raise _missing("LINE_CHANNEL_SECRET and LINE_CHANNEL_ACCESS_TOKEN")
        line = self.settings.line
        token, timeout = self.secrets.line_token, self.settings.delivery.timeout_ms / 1_000
        return LineSetup(token, line.api_base, line.data_api_base, timeout, system_clock)

    def telegram(self) -> TelegramSetup:
        """Asks Telegram; raises ConfigurationError where its secrets are missing."""
        if not self.secrets.telegram:
            raise _missing("TELEGRAM_BOT_TOKEN and TELEGRAM_WEBHOOK_SECRET")
        timeout = self.settings.delivery.timeout_ms / 1_000
        base = self.settings.telegram.api_base
        return TelegramSetup(self.secrets.telegram_token, base, timeout, system_clock)

    def webhook(self, platform: Platform, url: str) -> str:
        """Where this platform shall send; `url` wins over room.url, and "" is neither.

        Raises ConfigurationError for an address that no platform takes.
        """
        root = (url or self.settings.room.url).strip()
        if not root:
            return ""
        parts = urlsplit(root)
        if parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment:
            raise ConfigurationError(
                f"{root} is no address that {platform} could send to: it must look like "
                "https://your.host. Set room.url, or give --url."
            )
        return root.rstrip("/") + WEBHOOK.format(platform)

    async def content(self) -> Published:
        """The revision that is live; the files, where nothing was published yet (or it is older
        than this program can read). Raises ConfigurationError, ContentError, StoreError.
        """
        live = await _live(self.settings)
        return compile_files(self.files()) if live is None else live

    def files(self) -> dict[str, bytes]:
        """The working copy with the city pack."""
        content = self.settings.content
        return dict(read_content(home() / content.directory, content.city))

    def picture(self, menu: Menu) -> bytes:
        """The drawing of the menu: the city's own, or ours; raises ConfigurationError."""
        content = self.settings.content
        pack = pack_folder(home() / content.directory, content.city)
        return picture_of(menu, ([pack / DRAWINGS] if pack else []) + [HERE])


def here() -> Here:
    """This environment; raises ConfigurationError."""
    return Here(settings_here(), read_secrets(os.environ))


def connect(platform: Platform, url: str, say: Say) -> bool:
    """Set the webhook and what people see; whether nothing was refused."""
    from bot.channels.line import connecting as line
    from bot.channels.telegram import connecting as telegram
    from bot.channels.telegram.profile import profiles

    found = here()
    target = found.webhook(platform, url)
    setup = found.line() if platform == "line" else found.telegram()
    if not target:
        raise ConfigurationError(
            f"Where {platform} shall send is not known. Set room.url (https://…), or give --url."
        )
    content = asyncio.run(found.content())
    if isinstance(setup, TelegramSetup):
        secret, shown = found.secrets.telegram_secret, profiles(content.bundle)
        return _run(setup, lambda asks: telegram.connect(asks, target, secret, shown), say)
    menu: Menu | None = menu_now(content)
    try:
        picture = found.picture(menu) if menu else b""
    except ConfigurationError as error:
        # The webhook matters as much: it is set all the same.
        say(Step("refused", str(error)))
        _run(setup, lambda asks: line.connect(asks, target, None, b""), say)
        return False
    return _run(setup, lambda asks: line.connect(asks, target, menu, picture), say)


def disconnect(platform: Platform, say: Say) -> bool:
    """Undo what connecting did, as far as the platform allows; whether nothing was refused."""
    from bot.channels.line import connecting as line
    from bot.channels.telegram import connecting as telegram
    from bot.channels.telegram.profile import LANGUAGES

    found = here()
    if platform == "line":
        return _run(found.line(), line.disconnect, say)
    return _run(found.telegram(), lambda asks: telegram.disconnect(asks, LANGUAGES), say)


def menu_now(content: Published) -> Menu:
    """LINE's menu as this content says it today; raises ConfigurationError."""
    today = datetime.fromtimestamp(system_clock() / 1_000, ZONE).date()
    return menu_of(content.bundle, content.directory, today)


def _run(
    setup: AbstractAsyncContextManager[S], steps: Callable[[S], AsyncIterator[Step]], say: Say
) -> bool:
    async def run() -> bool:
        good = True
        async with setup as asks:
            async for step in steps(asks):
                say(step)
                good = good and step.state != "refused"
        return good

    return asyncio.run(run())


async def _live(settings: Settings) -> Published | None:
    try:
        store = open_store(settings, exclusive=False, makes=False)
        found = examine(Path(settings.database.url.removeprefix(SQLITE)))
    except (ConfigurationError, StoreError):
        return None  # never served yet, or nothing that could be read
    if found.damage or not found.newest:
        return None  # only looking must not bring an older database up to date
    await store.open()
    try:
        active = await store.active_revision()
        files = await store.revision_files(active) if active else None
    finally:
        await store.close()
    try:
        return compile_files(files) if files else None
    except ContentError:
        return None


def _missing(names: str) -> ConfigurationError:
    return ConfigurationError(f"{names} are missing. Set them as for `engawa serve`.")
