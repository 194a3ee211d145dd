"""Compares what is on LINE with what should be, and changes nothing. Imports checkup, this folder.

What no program can read (redelivery, auto-reply) is said by others, or said to be unknown.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from bot.channels.line.menu.layout import Menu
from bot.channels.line.setup import BotInfo, FoundMenu, LineSetup
from bot.errors import PlatformRefusedError
from bot.services.checkup import Check, ok, problem, unknown, warning
from bot.services.ports import Allowance

AREA = "LINE"
CONNECT = "Run `engawa connect line`."
PUSHES = (10, 20)
"""How many counted pushes a handoff to a person takes, at least and at most."""


async def examine(
    setup: LineSetup, url: str, menu: Menu | None, picture: bytes
) -> AsyncIterator[Check]:
    """Everything that can be asked; one line each. `url` "" where nobody said which is ours."""
    try:
        yield _chat(await setup.bot())
    except PlatformRefusedError as error:
        yield unasked(error)
        return
    for part in (_webhook(setup, url), _menu(setup, menu, picture), _quota(setup)):
        try:
            async for check in part:
                yield check
        except PlatformRefusedError as error:
            yield unasked(error)


def unasked(error: PlatformRefusedError, area: str = AREA) -> Check:
    """A refusal is a problem; no answer at all is only unknown: doctor works without a network."""
    return problem(area, str(error)) if error.status else unknown(area, str(error))


def _chat(bot: BotInfo) -> Check:
    if bot.chat_mode == "bot":
        return ok(
            AREA,
            "Chat is off: LINE marks everything as read (既読) at once, whether anybody has read "
            "it or not.",
        )
    read = "stays away until somebody opens the chat in the manager"
    if bot.mark_as_read_mode == "auto":
        read = "appears at once"
    return warning(
        AREA,
        f"Chat is on ({bot.chat_mode}, {bot.mark_as_read_mode}): 既読 {read}, and whoever may use "
        "the Official Account Manager can read and answer there, past this service.",
        "Switch Chat off in the Official Account Manager.",
    )


async def _webhook(setup: LineSetup, url: str) -> AsyncIterator[Check]:
    found = await setup.webhook()
    if not found.active:
        yield problem(
            AREA,
            "LINE sends no events: «Use webhook» is off.",
            "Switch it on in the LINE Developers console, under Messaging API.",
        )
    if not url:
        yield unknown(
            AREA,
            f"LINE sends events to {found.endpoint or 'no address'}; whether that is ours is not "
            "known, since room.url is not set.",
            "Set room.url, or give --url.",
        )
    elif found.endpoint != url:
        where = found.endpoint or "no address"
        yield problem(AREA, f"LINE sends events to {where}, expected {url}.", CONNECT)
        return
    else:
        yield ok(AREA, f"LINE sends events to {url}.")
    if found.active and found.endpoint:
        yield await _tried(setup, found.endpoint)


async def _tried(setup: LineSetup, url: str) -> Check:
    tried = await setup.try_webhook(url)
    said = f"{tried.status_code} {tried.reason}".strip()
    if tried.success:
        return ok(AREA, f"LINE reaches the webhook: {said}.")
    return problem(
        AREA,
        f"LINE tried the webhook and failed: {said} ({tried.detail}).",
        "Look whether `engawa serve` runs, with the same LINE_CHANNEL_SECRET, behind TLS.",
    )


async def _menu(setup: LineSetup, menu: Menu | None, picture: bytes) -> AsyncIterator[Check]:
    shown = await setup.default_menu()
    if not shown:
        yield problem(AREA, "No menu is shown: with us down no number is one tap away.", CONNECT)
        return
    found = next((each for each in await setup.menus() if each.rich_menu_id == shown), None)
    if menu is None:
        yield unknown(AREA, "A menu is shown; there is no picture of ours to compare it with.")
        return
    yield _compared(found, menu, picture)
    if not await setup.has_picture(shown):
        yield problem(AREA, "The menu has no picture, so nobody sees it.", CONNECT)


def _compared(found: FoundMenu | None, menu: Menu, picture: bytes) -> Check:
    body = menu.body(picture)
    if found is not None and found.same(body):
        return ok(AREA, "The menu shows three words and three numbers as the directory says them.")
    if found is None or found.name.partition(" ")[0] != "engawa":
        return problem(AREA, "The menu was replaced by one that is not ours.", CONNECT)
    if found.body.get("areas") != body["areas"]:
        what = "The menu leads elsewhere than the directory and the messages say now."
        return problem(AREA, what, CONNECT)
    return warning(AREA, "The menu is ours, but not the newest: its picture is another.", CONNECT)


async def _quota(setup: LineSetup) -> AsyncIterator[Check]:
    allowance = await setup.allowance()
    yield ok(AREA, "No monthly limit on pushes.") if allowance is None else _left(allowance)


def _left(allowance: Allowance) -> Check:
    least, most = (allowance.left // pushes for pushes in reversed(PUSHES))
    handoffs = f"{least}" if least == most else f"{least} to {most}"
    what = (
        f"{allowance.total - allowance.left} of {allowance.total} pushes of this month are used, "
        f"{allowance.left} are left: enough for {handoffs} handoffs."
    )
    if most == 0:
        return problem(AREA, what, "Take a larger plan, or hand over in the web room only.")
    if least < 2:
        return warning(AREA, what, "Think about a larger plan before the month is over.")
    return ok(AREA, what)
