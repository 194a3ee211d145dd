"""What LINE keeps about the bot itself: webhook, menus, pictures, chat mode; with its limits."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from itertools import count
from typing import Any
from urllib.parse import urlsplit

from bot.rendering import limits
from bot.rendering.counting import fits
from tests.platforms.server import Request, Response

MOST_MENUS = 1000
_OWN_FIELDS = {"size", "selected", "name", "chatBarText", "areas"}
_NOT_FOUND = Response(404, {"message": "Not found"})
_DONE = Response(200, {})


class LineAccount:
    """The settings of one LINE account, as its API shows them; a test may change any."""

    def __init__(self) -> None:
        self.chat_mode = "bot"
        self.mark_as_read_mode = "auto"
        self.endpoint = ""
        self.active = True
        self.reachable = True
        self.tries: list[str] = []
        self.menus: dict[str, dict[str, Any]] = {}
        self.pictures: dict[str, bytes] = {}
        self.default_menu = ""
        self.most_menus = MOST_MENUS
        self._numbers = count(1)

    def handle(self, request: Request, body: Any) -> Response | None:
        """The answer, or None for a path that is about something else."""
        for method, path, answer in self._routes():
            found = re.fullmatch(path, request.path)
            if found and method == request.method:
                return answer(found, request, body)
        return None

    def _routes(self) -> list[tuple[str, str, Callable[..., Response]]]:
        menu = r"/v2/bot/richmenu/([^/]+)"
        everybody = r"/v2/bot/user/all/richmenu"
        webhook = r"/v2/bot/channel/webhook"
        return [
            ("GET", r"/v2/bot/info", self._info),
            ("GET", rf"{webhook}/endpoint", self._webhook),
            ("PUT", rf"{webhook}/endpoint", self._set_webhook),
            ("POST", rf"{webhook}/test", self._try),
            ("GET", r"/v2/bot/richmenu/list", self._list),
            ("POST", r"/v2/bot/richmenu", self._make),
            ("DELETE", menu, self._delete),
            ("GET", rf"{menu}/content", self._picture),
            ("POST", rf"{menu}/content", self._upload),
            ("GET", everybody, self._shown),
            ("DELETE", everybody, self._hide),
            ("POST", rf"{everybody}/([^/]+)", self._show),
        ]

    def add_menu(self, name: str, shown: bool = False) -> str:
        """A menu that somebody else made; returns its id."""
        body = {"size": {"width": 800, "height": 270}, "selected": False, "name": name}
        number = self._keep({**body, "chatBarText": "x", "areas": []})
        self.pictures[number] = b"somebody's"
        if shown:
            self.default_menu = number
        return number

    def _keep(self, body: dict[str, Any]) -> str:
        number = f"richmenu-{next(self._numbers)}"
        self.menus[number] = {"richMenuId": number, **body}
        return number

    def _info(self, *_: object) -> Response:
        return Response(
            200,
            {
                "userId": "U" + "b" * 32,
                "basicId": "@216engawa",
                "displayName": "scripted",
                "chatMode": self.chat_mode,
                "markAsReadMode": self.mark_as_read_mode,
            },
        )

    def _webhook(self, *_: object) -> Response:
        if not self.endpoint:
            return _NOT_FOUND
        return Response(200, {"endpoint": self.endpoint, "active": self.active})

    def _set_webhook(self, found: object, request: Request, body: Any) -> Response:
        url = body.get("endpoint", "")
        if set(body) != {"endpoint"} or urlsplit(url).scheme != "https" or len(url) > 500:
            return _invalid("The property, endpoint, in the request body is invalid")
        self.endpoint = url
        return _DONE

    def _try(self, found: object, request: Request, body: Any) -> Response:
        self.tries.append(body.get("endpoint", self.endpoint))
        answer = {"success": True, "statusCode": 200, "reason": "OK", "detail": "200"}
        if not self.reachable:
            answer = {
                "success": False,
                "statusCode": 0,
                "reason": "COULD_NOT_CONNECT",
                "detail": "TLS handshake failure",
            }
        return Response(200, {**answer, "timestamp": "2026-11-21T00:00:00.000Z"})

    def _list(self, *_: object) -> Response:
        return Response(200, {"richmenus": list(self.menus.values())})

    def _make(self, found: object, request: Request, body: Any) -> Response:
        if problem := menu_problem(body):
            return _invalid(problem)
        if len(self.menus) >= self.most_menus:
            return _invalid("The maximum number of rich menus has been reached")
        return Response(200, {"richMenuId": self._keep(body)})

    def _delete(self, found: re.Match[str], *_: object) -> Response:
        if self.menus.pop(found[1], None) is None:
            return _NOT_FOUND
        self.pictures.pop(found[1], None)
        if self.default_menu == found[1]:
            self.default_menu = ""
        return _DONE

    def _picture(self, found: re.Match[str], *_: object) -> Response:
        if found[1] not in self.pictures:
            return _NOT_FOUND
        return Response(200, self.pictures[found[1]])

    def _upload(self, found: re.Match[str], request: Request, body: Any) -> Response:
        if found[1] not in self.menus:
            return _NOT_FOUND
        if found[1] in self.pictures:
            return _invalid("An image has already been uploaded to the richmenu")
        if problem := picture_problem(self.menus[found[1]], request):
            return _invalid(problem)
        self.pictures[found[1]] = request.body
        return _DONE

    def _shown(self, *_: object) -> Response:
        if not self.default_menu:
            return Response(404, {"message": "no default richmenu"})
        return Response(200, {"richMenuId": self.default_menu})

    def _hide(self, *_: object) -> Response:
        self.default_menu = ""
        return _DONE

    def _show(self, found: re.Match[str], *_: object) -> Response:
        if found[1] not in self.menus:
            return _NOT_FOUND
        if found[1] not in self.pictures:
            return _invalid("must upload richmenu image before applying it to user")
        self.default_menu = found[1]
        return _DONE


def menu_problem(body: dict[str, Any]) -> str:
    """What LINE would refuse in a menu, or nothing."""
    width, height = body["size"]["width"], body["size"]["height"]
    if set(body) != _OWN_FIELDS:
        return "unknown or missing fields"
    if not 800 <= width <= 2500 or height < 250 or width / height < 1.45:
        return "The size is invalid"
    if not 1 <= len(body["chatBarText"]) <= 14 or not 1 <= len(body["name"]) <= 300:
        return "chatBarText or name is too long"
    if not 1 <= len(body["areas"]) <= 20:
        return "1 to 20 areas"
    return next(filter(None, (_area_problem(area, width, height) for area in body["areas"])), "")


def _area_problem(area: dict[str, Any], width: int, height: int) -> str:
    place, action = area["bounds"], area["action"]
    if place["x"] + place["width"] > width or place["y"] + place["height"] > height:
        return "an area outside of the picture"
    if not fits(action.get("label", ""), limits.LINE_LABEL):
        return "a label over 20"
    if action["type"] == "postback":
        return "" if 1 <= len(action["data"]) <= 300 else "data outside 1 to 300"
    if action["type"] == "uri" and re.match(r"(https?|line|tel):", action["uri"]):
        return ""
    return "an unknown action"


def picture_problem(menu: dict[str, Any], request: Request) -> str:
    """What LINE would refuse in a menu's picture, or nothing."""
    data = request.body
    if request.headers.get("content-type") != "image/png" or data[:8] != b"\x89PNG\r\n\x1a\n":
        return "The content type is not supported"
    if len(data) > 1_000_000:
        return "The image is larger than 1 MB"
    if struct.unpack(">II", data[16:24]) != (menu["size"]["width"], menu["size"]["height"]):
        return "The image size does not match the size of the rich menu"
    return ""


def _invalid(message: str) -> Response:
    return Response(400, {"message": message})
