"""LINE's endpoints for setting up and looking after: bot, webhook, menus, quota.

Imports asking, ports and this folder. Nothing here sends a message to anybody.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from bot.channels.asking import Asker, Reply
from bot.channels.line.refusals import refusal
from bot.errors import PlatformRefusedError
from bot.services.ports import Allowance, Clock

T = TypeVar("T")
JSON = "application/json"
PNG = "image/png"


class BotInfo(msgspec.Struct, frozen=True, rename="camel"):
    """Who we are on LINE. `chat_mode`: "chat" or "bot"; `mark_as_read_mode`: "auto" or "manual"."""

    basic_id: str = ""
    chat_mode: str = ""
    mark_as_read_mode: str = ""


class Webhook(msgspec.Struct, frozen=True):
    """Where LINE sends events, and whether it does."""

    endpoint: str = ""
    active: bool = False


class Tried(msgspec.Struct, frozen=True, rename="camel"):
    """How LINE's own try of the webhook went."""

    success: bool = False
    status_code: int = 0
    reason: str = ""
    detail: str = ""


class FoundMenu(msgspec.Struct, frozen=True, rename="camel"):
    """A menu on the account: its id, its name, and what makes it."""

    rich_menu_id: str
    name: str = ""
    body: Mapping[str, Any] = {}

    def same(self, body: Mapping[str, Any]) -> bool:
        """Whether it is what this request would make."""
        parts = ("name", "size", "selected", "chatBarText", "areas")
        return all(self.body.get(part) == body[part] for part in parts)


class _Quota(msgspec.Struct):
    value: int | None = None


class _Used(msgspec.Struct, rename="camel"):
    total_usage: int


class _Menus(msgspec.Struct):
    richmenus: list[dict[str, Any]] = []


class _MenuId(msgspec.Struct, rename="camel"):
    rich_menu_id: str


class LineSetup:
    """Asks LINE. Use as `async with`; every verb raises PlatformRefusedError with a sentence."""

    def __init__(
        self, access_token: str, api_base: str, data_api_base: str, timeout: float, clock: Clock
    ) -> None:
        headers = {"Authorization": f"Bearer {access_token}"}
        self.asker = Asker("LINE", headers, timeout, clock)
        self._api = api_base.rstrip("/")
        self._data_api = data_api_base.rstrip("/")

    async def __aenter__(self) -> LineSetup:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.asker.__aexit__()

    async def bot(self) -> BotInfo:
        """Who we are; the cheapest question that needs a good token."""
        return _read(await self._get("/v2/bot/info", "bot"), BotInfo)

    async def webhook(self) -> Webhook:
        """Where events go; an empty endpoint where none was ever set."""
        reply = await self._asked("GET", "/v2/bot/channel/webhook/endpoint")
        if reply.status == 404:
            return Webhook()
        return _read(_taken(reply, "webhook"), Webhook)

    async def set_webhook(self, url: str) -> None:
        """Send events there from now on (LINE may need a minute)."""
        body = {"endpoint": url}
        _taken(await self._asked("PUT", "/v2/bot/channel/webhook/endpoint", body), "webhook")

    async def try_webhook(self, url: str) -> Tried:
        """Let LINE post an empty delivery there and tell how it went."""
        reply = await self._asked("POST", "/v2/bot/channel/webhook/test", {"endpoint": url})
        return _read(_taken(reply, "webhook"), Tried)

    async def menus(self) -> tuple[FoundMenu, ...]:
        """Every menu made through the API, ours and others'."""
        listed = _read(await self._get("/v2/bot/richmenu/list", "menu"), _Menus).richmenus
        return tuple(
            FoundMenu(str(each.get("richMenuId", "")), str(each.get("name", "")), each)
            for each in listed
        )

    async def default_menu(self) -> str:
        """The id of the menu that everybody sees; "" for none."""
        reply = await self._asked("GET", "/v2/bot/user/all/richmenu")
        if reply.status == 404:
            return ""
        return _read(_taken(reply, "menu"), _MenuId).rich_menu_id

    async def make_menu(self, body: Mapping[str, Any]) -> str:
        """Make a menu, still without a picture; returns its id."""
        reply = _taken(await self._asked("POST", "/v2/bot/richmenu", body), "menu")
        return _read(reply, _MenuId).rich_menu_id

    async def has_picture(self, menu: str) -> bool:
        """Whether its picture was uploaded."""
        reply = await self.asker.ask("GET", f"{self._data_api}/v2/bot/richmenu/{menu}/content")
        if reply.status == 404:
            return False
        return bool(_taken(reply, "picture").content)

    async def upload(self, menu: str, picture: bytes) -> None:
        """Give a menu its picture (a PNG), once and for good."""
        url = f"{self._data_api}/v2/bot/richmenu/{menu}/content"
        _taken(await self.asker.ask("POST", url, content=picture, kind=PNG), "picture")

    async def show_menu(self, menu: str) -> None:
        """Show this menu to everybody."""
        _taken(await self._asked("POST", f"/v2/bot/user/all/richmenu/{menu}"), "menu")

    async def hide_menu(self) -> None:
        """Show no menu of the API any more."""
        _taken(await self._asked("DELETE", "/v2/bot/user/all/richmenu"), "menu")

    async def delete_menu(self, menu: str) -> None:
        """Delete a menu with its picture; one that is gone already is no error."""
        reply = await self._asked("DELETE", f"/v2/bot/richmenu/{menu}")
        if reply.status != 404:
            _taken(reply, "menu")

    async def allowance(self) -> Allowance | None:
        """The month's counted messages; None on a plan without limit."""
        quota = _read(await self._get("/v2/bot/message/quota", "quota"), _Quota)
        if quota.value is None:
            return None
        used = await self._get("/v2/bot/message/quota/consumption", "quota")
        left = quota.value - _read(used, _Used).total_usage
        return Allowance(quota.value, max(0, left))

    async def _get(self, path: str, about: str) -> Reply:
        return _taken(await self._asked("GET", path), about)

    async def _asked(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Reply:
        content = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        kind = "" if body is None else JSON
        return await self.asker.ask(method, f"{self._api}{path}", content=content, kind=kind)


def _taken(reply: Reply, about: str) -> Reply:
    if not 200 <= reply.status < 300:
        raise refusal(reply, about)
    return reply


def _read(reply: Reply, shape: type[T]) -> T:
    try:
        return msgspec.convert(reply.body, shape)
    except msgspec.ValidationError:
        raise PlatformRefusedError(
            "LINE answered something that its own specification does not know. Run the command "
            "again; if it stays so, tell the developers of Engawa.",
            reply.status,
        ) from None
