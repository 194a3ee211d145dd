"""Doctor's round: everything once, in the order in which one would look."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

from bot.app.connecting import Here, Platform, menu_now
from bot.app.doctor.database import examine_database
from bot.app.doctor.keys import open_keyring
from bot.app.doctor.machine import clock, examine_service, examine_settings
from bot.app.nature import system_clock
from bot.channels.line import examining as line
from bot.channels.line.menu.layout import Menu
from bot.channels.telegram import examining as telegram
from bot.channels.telegram.profile import Profile, profiles
from bot.errors import ConfigurationError, ContentError, EngawaError
from bot.services.checkup import Check, problem
from bot.services.revisions import Published


async def examine(here: Here, url: str) -> AsyncIterator[Check]:
    """One line for each thing looked at; `url` wins over room.url. Works without a network."""
    for check in examine_settings(here):
        yield check
    keyring, checks = open_keyring(here)
    for check in checks:
        yield check
    async for check in examine_database(here, keyring):
        yield check
    async for check in examine_service(here):
        yield check
    if here.secrets.line or here.secrets.telegram:
        async for check in _outside(here, url):
            yield check


async def _outside(here: Here, url: str) -> AsyncIterator[Check]:
    """Whatever the platforms are compared with must be read first."""
    try:
        content = await here.content()
    except ContentError as error:
        what = f"The files have {len(error.issues)} errors, and nothing else is published."
        yield problem("content", what, "See `engawa check`.")
        return
    except EngawaError as error:
        yield problem("content", str(error))
        return
    skews: list[int] = []
    async for check in _platforms(here, url, content, skews):
        yield check
    yield clock(skews)


async def _platforms(
    here: Here, url: str, content: Published, skews: list[int]
) -> AsyncIterator[Check]:
    if here.secrets.line:
        async for check in _line(here, url, content, skews):
            yield check
    if here.secrets.telegram:
        async for check in _telegram(here, url, content, skews):
            yield check


async def _line(here: Here, url: str, content: Published, skews: list[int]) -> AsyncIterator[Check]:
    menu: Menu | None = None
    picture = b""
    try:
        menu = menu_now(content)
        picture = here.picture(menu)
    except ConfigurationError as error:
        menu = None
        yield problem(line.AREA, str(error))
    async with here.line() as asks:
        async for check in line.examine(asks, _target(here, "line", url), menu, picture):
            yield check
        skews += asks.asker.skews


async def _telegram(
    here: Here, url: str, content: Published, skews: list[int]
) -> AsyncIterator[Check]:
    wanted: Mapping[str, Profile] = {}
    try:
        wanted = profiles(content.bundle)
    except ConfigurationError as error:
        yield problem(telegram.AREA, str(error))
    async with here.telegram() as asks:
        target = _target(here, "telegram", url)
        async for check in telegram.examine(asks, target, wanted, system_clock()):
            yield check
        skews += asks.asker.skews


def _target(here: Here, platform: Platform, url: str) -> str:
    """An address that no platform takes was told already, among the settings."""
    try:
        return here.webhook(platform, url)
    except ConfigurationError:
        return ""
