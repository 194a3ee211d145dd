"""Compares what is on Telegram with what should be, and changes nothing.

Imports checkup and this folder.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

from bot.channels.asking import quoted
from bot.channels.telegram.profile import Profile
from bot.channels.telegram.setup import ALLOWED_UPDATES, TelegramSetup, WebhookInfo
from bot.errors import PlatformRefusedError
from bot.services.checkup import Check, ok, problem, unknown, warning

AREA = "Telegram"
CONNECT = "Run `engawa connect telegram`."
RECENT = 3_600
"""Seconds in which an error of the webhook is of today's concern."""
MANY = 100
"""Waiting updates from which on somebody should look."""


async def examine(
    setup: TelegramSetup, url: str, profiles: Mapping[str, Profile], now: int
) -> AsyncIterator[Check]:
    """Everything that can be asked; `url` "" where nobody said which is ours, `now` in UTC ms."""
    try:
        me = await setup.me()
        yield ok(AREA, f"Telegram knows us as @{me.username}.")
        if me.can_join_groups:
            what = "Anybody can put us into groups; we leave them, but names are seen."
            yield warning(AREA, what, "@BotFather, /setjoingroups, Disable.")
        for check in _webhook(await setup.webhook(), url, now // 1_000):
            yield check
        for code, profile in profiles.items():
            yield await _profile(setup, code, profile)
    except PlatformRefusedError as error:
        yield problem(AREA, str(error)) if error.status else unknown(AREA, str(error))


def _webhook(found: WebhookInfo, url: str, now: int) -> list[Check]:
    return [_address(found.url, url), *_narrowed(found), _waiting(found), *_errors(found, now)]


def _address(found: str, url: str) -> Check:
    if not found:
        return problem(AREA, "Telegram sends us nothing: no webhook is set.", CONNECT)
    if not url:
        what = f"Telegram sends updates to {found}; whether that is ours is not known."
        return unknown(AREA, what, "Set room.url, or give --url.")
    if found != url:
        return problem(AREA, f"Telegram sends updates to {found}, expected {url}.", CONNECT)
    return ok(AREA, f"Telegram sends updates to {url}.")


def _narrowed(found: WebhookInfo) -> list[Check]:
    """An empty list is Telegram's default: more than we read, and nothing of it is missing."""
    missing = sorted(set(ALLOWED_UPDATES) - set(found.allowed_updates))
    if not found.url or not found.allowed_updates or not missing:
        return []
    return [problem(AREA, f"Telegram keeps back {', '.join(missing)}.", CONNECT)]


def _waiting(found: WebhookInfo) -> Check:
    count = found.pending_update_count
    if count < MANY:
        return ok(AREA, f"{count} updates wait.")
    return warning(AREA, f"{count} updates wait.", "Look whether `engawa serve` keeps up.")


def _errors(found: WebhookInfo, now: int) -> list[Check]:
    if not found.last_error_date:
        return []
    ago = max(0, now - found.last_error_date)
    words = quoted(found.last_error_message)
    what = f"Telegram's last error with the webhook, {ago // 60} min ago: {words}."
    if ago > RECENT:
        return [ok(AREA, what)]
    return [problem(AREA, what, "Look whether `engawa serve` runs, with the same secret.")]


async def _profile(setup: TelegramSetup, code: str, profile: Profile) -> Check:
    about = f"for {code or 'others'}"
    found = {
        "commands": await setup.commands(code) == profile.commands,
        "description": await setup.description(code) == profile.description,
        "short description": await setup.short_description(code) == profile.short_description,
    }
    other = [name for name, same in found.items() if not same]
    if other:
        what = f"Changed {about}, or not set yet: {', '.join(other)}."
        return warning(AREA, what, CONNECT)
    return ok(AREA, f"Commands and descriptions {about} are as they should be.")
