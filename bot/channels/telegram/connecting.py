"""Connects Telegram to this service and lets go again, step by step; twice changes nothing.

Imports this folder, steps and errors.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping

from bot.channels.asking import quoted
from bot.channels.steps import Step
from bot.channels.telegram.profile import Profile
from bot.channels.telegram.setup import ALLOWED_UPDATES, CONNECTIONS, TelegramSetup, WebhookInfo
from bot.errors import PlatformRefusedError

OTHERS = "others"
"""How the language of everybody else is named."""


async def connect(
    setup: TelegramSetup, url: str, secret: str, profiles: Mapping[str, Profile]
) -> AsyncIterator[Step]:
    """Webhook, then commands and descriptions of each language."""
    try:
        me = await setup.me()
    except PlatformRefusedError as error:
        yield Step("refused", str(error))
        return
    yield Step("done", f"Telegram knows us as @{me.username}.")
    if me.can_join_groups:
        yield Step("note", "Anybody can put us into groups: @BotFather, /setjoingroups, Disable.")
    parts = [_webhook(setup, url, secret)]
    parts += [_profile(setup, code, profile) for code, profile in profiles.items()]
    for part in parts:
        try:
            async for step in part:
                yield step
        except PlatformRefusedError as error:
            yield Step("refused", str(error))


async def disconnect(setup: TelegramSetup, languages: Iterable[str]) -> AsyncIterator[Step]:
    """No webhook, no commands, no descriptions; Telegram keeps updates that wait for a day."""
    try:
        if (await setup.webhook()).url:
            await setup.delete_webhook()
            yield Step("done", "Telegram sends us nothing any more; what waits is kept for a day.")
        else:
            yield Step("same", "Telegram sends us nothing already.")
        for code in languages:
            yield await _clear(setup, code)
    except PlatformRefusedError as error:
        yield Step("refused", str(error))


async def _webhook(setup: TelegramSetup, url: str, secret: str) -> AsyncIterator[Step]:
    """Set even where it stands already: whether the secret is the same, Telegram doesn't tell."""
    before = await setup.webhook()
    await setup.set_webhook(url, secret)
    same = _same(before, url)
    yield Step("same" if same else "done", f"The webhook is {url}{' already' if same else ' now'}.")
    after = await setup.webhook()
    if not _same(after, url):
        yield Step("refused", f"Telegram took the webhook and shows {after.url or 'none'} instead.")
    if after.last_error_message:
        yield Step("note", f"The last error Telegram met: {quoted(after.last_error_message)}.")
    if after.pending_update_count:
        yield Step("note", f"{after.pending_update_count} updates wait and come now.")


def _same(found: WebhookInfo, url: str) -> bool:
    return (
        found.url == url
        and sorted(found.allowed_updates) == sorted(ALLOWED_UPDATES)
        and found.max_connections == CONNECTIONS
    )


async def _profile(setup: TelegramSetup, code: str, profile: Profile) -> AsyncIterator[Step]:
    changed = []
    if await setup.commands(code) != profile.commands:
        await setup.set_commands(code, profile.commands)
        changed.append(f"{len(profile.commands)} commands")
    if await setup.description(code) != profile.description:
        await setup.set_description(code, profile.description)
        changed.append("description")
    if await setup.short_description(code) != profile.short_description:
        await setup.set_short_description(code, profile.short_description)
        changed.append("short description")
    about = f"for {code or OTHERS}"
    if changed:
        yield Step("done", f"Set {about}: {', '.join(changed)}.")
    else:
        yield Step("same", f"Commands and descriptions {about} are as they should be.")


async def _clear(setup: TelegramSetup, code: str) -> Step:
    about = f"Commands and descriptions for {code or OTHERS}"
    found = (
        await setup.commands(code),
        await setup.description(code),
        await setup.short_description(code),
    )
    if not any(found):
        return Step("same", f"{about} are empty already.")
    await setup.delete_commands(code)
    await setup.set_description(code, "")
    await setup.set_short_description(code, "")
    return Step("done", f"{about} were taken away.")
