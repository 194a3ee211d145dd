"""Connects LINE to this service and lets go again, step by step; doing it twice changes nothing.

Each part goes on where another was refused: the menu matters most when the webhook doesn't work.
Imports this folder, steps and errors.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from bot.channels.line.menu.layout import OURS, Menu
from bot.channels.line.setup import FoundMenu, LineSetup
from bot.channels.steps import Step
from bot.errors import PlatformRefusedError

BY_HAND = (
    "By hand, because LINE lets no program do it: in the Official Account Manager Chat off, "
    "auto-reply off, webhooks on, joining groups off; in the LINE Developers console webhook "
    "redelivery on."
)


async def connect(
    setup: LineSetup, url: str, menu: Menu | None, picture: bytes
) -> AsyncIterator[Step]:
    """Webhook and menu (None: the menu is left alone, because its picture is missing)."""
    try:
        bot = await setup.bot()
    except PlatformRefusedError as error:
        yield Step("refused", str(error))
        return
    yield Step("done", f"LINE knows us as {bot.basic_id or 'a bot without a basic id'}.")
    parts = [_webhook(setup, url), _try(setup, url)]
    if menu is not None:
        parts.append(_menu(setup, menu, picture))
    for part in parts:
        try:
            async for step in part:
                yield step
        except PlatformRefusedError as error:
            yield Step("refused", str(error))
    yield Step("note", BY_HAND)


async def disconnect(setup: LineSetup) -> AsyncIterator[Step]:
    """Take our menus away. The webhook's address can only be deleted by hand."""
    try:
        found = await setup.menus()
        ours = [menu for menu in found if menu.name.startswith(OURS)]
        async for step in _hide(setup, ours):
            yield step
        async for step in _delete(setup, ours):
            yield step
        webhook = await setup.webhook()
    except PlatformRefusedError as error:
        yield Step("refused", str(error))
        return
    if not ours:
        yield Step("same", "None of our menus is on LINE.")
    if webhook.active:
        yield Step(
            "note",
            "LINE still sends events to us: no program can take its webhook address away. Switch "
            "«Use webhook» off in the LINE Developers console.",
        )


async def _webhook(setup: LineSetup, url: str) -> AsyncIterator[Step]:
    before = await setup.webhook()
    if before.endpoint == url:
        yield Step("same", f"The webhook is {url} already.")
    else:
        await setup.set_webhook(url)
        yield Step("done", f"The webhook is {url} now.")
    if not (before.active or (await setup.webhook()).active):
        yield Step(
            "refused",
            "LINE sends no events yet: «Use webhook» is off. Switch it on in the LINE Developers "
            "console, under Messaging API; no program can.",
        )


async def _try(setup: LineSetup, url: str) -> AsyncIterator[Step]:
    tried = await setup.try_webhook(url)
    if tried.success:
        yield Step("done", f"LINE tried the webhook: {tried.status_code} {tried.reason}.")
        return
    detail = f" ({tried.detail})" if tried.detail else ""
    yield Step(
        "refused",
        f"LINE tried the webhook and failed: {tried.status_code} {tried.reason}{detail}. Start "
        "`engawa serve` with the same LINE_CHANNEL_SECRET behind this address, and connect again.",
    )


async def _menu(setup: LineSetup, menu: Menu, picture: bytes) -> AsyncIterator[Step]:
    body = menu.body(picture)
    found = await setup.menus()
    same = next((each for each in found if each.same(body)), None)
    shown = await setup.default_menu()
    if same is not None and shown == same.rich_menu_id and await setup.has_picture(shown):
        yield Step("same", "The menu is as it should be.")
    else:
        async for step in _show(setup, same, body, picture):
            yield step
        if shown and not any(each.rich_menu_id == shown and _ours(each) for each in found):
            yield Step("note", "Another menu was shown until now; it was left where it is, hidden.")
    now = await setup.default_menu()
    old = [each for each in found if _ours(each) and each.rich_menu_id != now]
    async for step in _delete(setup, old):
        yield step
    if foreign := sum(not _ours(each) for each in found):
        yield Step("note", f"Left alone, because not ours: {_counted(foreign)}.")


async def _show(
    setup: LineSetup, same: FoundMenu | None, body: dict[str, object], picture: bytes
) -> AsyncIterator[Step]:
    """Make, give the picture, show: from wherever an earlier try ended."""
    if same is None:
        menu = await setup.make_menu(body)
        yield Step("done", "A menu was made: three words, three numbers.")
    else:
        menu = same.rich_menu_id
    if same is None or not await setup.has_picture(menu):
        await setup.upload(menu, picture)
        yield Step("done", f"Its picture was uploaded ({len(picture) // 1024} KiB).")
    await setup.show_menu(menu)
    yield Step("done", "Everybody sees it from now on (on phones; LINE on a PC shows no menus).")


async def _hide(setup: LineSetup, ours: Sequence[FoundMenu]) -> AsyncIterator[Step]:
    shown = await setup.default_menu()
    if any(menu.rich_menu_id == shown for menu in ours):
        await setup.hide_menu()
        yield Step("done", "Our menu is shown no longer.")


async def _delete(setup: LineSetup, menus: Sequence[FoundMenu]) -> AsyncIterator[Step]:
    for menu in menus:
        await setup.delete_menu(menu.rich_menu_id)
    if menus:
        yield Step("done", f"Deleted, from an earlier connect: {_counted(len(menus))}.")


def _ours(menu: FoundMenu) -> bool:
    return menu.name.startswith(OURS)


def _counted(number: int) -> str:
    return "1 menu" if number == 1 else f"{number} menus"
