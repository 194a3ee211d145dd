"""LINE's Messaging API, scripted: reply tokens, retry keys, quota, limits and error texts.

Acts besides those of the network: error (500 without effect), error_after (500 with effect),
throttled, quota, forbidden, unauthorized, invalid, bad_token, nobody, too_large,
odd (a 200 that is no answer). What LINE keeps
about the bot itself is `account`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from itertools import count as counter
from typing import Any

from bot.rendering import limits
from bot.rendering.counting import fits
from tests.platforms.line_account import LineAccount
from tests.platforms.server import Request, Response, ScriptedPlatform, Shown, real_clock, serve

TOKEN_LIFE = 60_000
KEY_LIFE = 24 * 3_600_000
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_TOKEN = re.compile(r"reply-(\d+)-(\d+)-(.+)")
_REFUSALS = {
    "error": (500, "An error occurred on the server."),
    "error_after": (500, "An error occurred on the server."),
    "throttled": (429, "The API rate limit has been exceeded. Try again later."),
    "quota": (429, "You have reached your monthly limit."),
    "forbidden": (403, "Access to this API is not available for your account"),
    "unauthorized": (401, "Authentication failed due to the following reason: invalid token"),
    "invalid": (400, "The request body has 1 error(s)"),
    "bad_token": (400, "Invalid reply token"),
    "nobody": (400, "Failed to send messages"),
    "too_large": (413, "Request Entity Too Large"),
}


def reply_token(user: str, at: int, n: int) -> str:
    """A reply token this platform accepts once, until a minute after `at` (UTC ms)."""
    return f"reply-{n}-{at}-{user}"


class ScriptedLine(ScriptedPlatform):
    """LINE for tests; `quota` None is a plan without limit."""

    def __init__(
        self,
        token: str = "line-access-token",
        clock: Callable[[], int] = real_clock,
        faults: Mapping[str, float] | None = None,
        seed: int = 0,
    ) -> None:
        super().__init__(clock, faults, seed)
        self.token = token
        self.quota: int | None = 200
        self.used = 0
        self.account = LineAccount()
        self.left: list[str] = []
        self.loading: list[str] = []
        self._numbers = counter()
        self._spent: set[str] = set()
        self._keys: dict[str, tuple[int, bytes]] = {}

    def reply_token(self, user: str, at: int | None = None) -> str:
        """A new reply token of an event at `at` (now, if left out)."""
        return reply_token(user, self.clock() if at is None else at, next(self._numbers))

    def sends(self, request: Request) -> bool:
        """Replies and pushes send."""
        return request.path.startswith("/v2/bot/message/") and request.method == "POST"

    def refusal(self, act: str) -> Response:
        """LINE's own words for an act."""
        if act == "odd":
            return Response(200, {"richmenus": "none"})
        status, message = _REFUSALS[act]
        return Response(status, {"message": message}, {"x-line-request-id": "scripted"})

    def handle(self, request: Request) -> Response:
        """The answer, in LINE's order: who, where, what."""
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return self.refusal("unauthorized")
        if request.path == "/v2/bot/message/quota":
            return Response(
                200,
                {"type": "limited", "value": self.quota}
                if self.quota is not None
                else {"type": "none"},
            )
        if request.path == "/v2/bot/message/quota/consumption":
            return Response(200, {"totalUsage": self.used})
        if leave := re.fullmatch(r"/v2/bot/(?:group|room)/([^/]+)/leave", request.path):
            self.left.append(leave[1])
            return Response(200, {})
        plain = "json" in request.headers.get("content-type", "")
        body = json.loads(request.body) if plain else {}
        if (about_us := self.account.handle(request, body)) is not None:
            if about_us.status == 400:
                self.violations.append(about_us.body["message"])
            return about_us
        if request.path == "/v2/bot/chat/loading/start":
            self.loading.append(body["chatId"])
            return Response(202, {})
        if request.path == "/v2/bot/message/reply":
            return self._reply(request, body)
        if request.path == "/v2/bot/message/push":
            return self._push(request, body)
        return Response(404, {"message": "Not found"})

    def _reply(self, request: Request, body: dict[str, Any]) -> Response:
        if "x-line-retry-key" in request.headers:
            return self._refuse(["a retry key on a reply"])
        if found := problems(body, {"replyToken", "messages"}):
            return self._refuse(found)
        token = _TOKEN.fullmatch(body["replyToken"])
        fresh = token and self.clock() - int(token[2]) <= TOKEN_LIFE
        if not token or not fresh or body["replyToken"] in self._spent:
            return self.refusal("bad_token")
        self._spent.add(body["replyToken"])
        return self._shown(token[3], body)

    def _push(self, request: Request, body: dict[str, Any]) -> Response:
        key = request.headers.get("x-line-retry-key", "")
        if not _UUID.fullmatch(key):
            return self._refuse(["a push without a retry key"])
        if found := problems(body, {"to", "messages"}):
            return self._refuse(found)
        earlier = self._keys.get(key)
        if earlier and self.clock() - earlier[0] <= KEY_LIFE:
            if earlier[1] != request.body:
                self.violations.append("another body under the same retry key")
            headers = {"x-line-accepted-request-id": "scripted"}
            return Response(409, {"message": "The retry key is already accepted"}, headers)
        if self.quota is not None and self.used >= self.quota:
            return self.refusal("quota")
        self._keys[key] = (self.clock(), request.body)
        self.used += body["to"] not in self.blocked
        return self._shown(body["to"], body)

    def _shown(self, user: str, body: dict[str, Any]) -> Response:
        if user not in self.blocked:  # LINE says 200 all the same
            self.show(user, *(_shown(message) for message in body["messages"]))
        return Response(200, {"sentMessages": [{"id": "1"} for _ in body["messages"]]})

    def _refuse(self, found: list[str]) -> Response:
        self.violations += found
        message = f"The request body has {len(found)} error(s)"
        return Response(400, {"message": message, "details": [{"message": f} for f in found]})


def problems(body: dict[str, Any], fields: set[str]) -> list[str]:
    """What LINE would refuse in a body of text messages; `fields` it must have, and no other."""
    found = [f"field {field}" for field in fields ^ (set(body) - {"notificationDisabled"})]
    messages = body.get("messages") or []
    if not 1 <= len(messages) <= limits.LINE_MESSAGES.most:
        found.append(f"{len(messages)} messages")
    for message in messages:
        text = message.get("text", "")
        if message.get("type") != "text" or not text.strip():
            found.append("a message without text")
        if len(text.encode("utf-16-le")) // 2 > 5000:
            found.append("a text over 5000 units")
        found += _reply_problems(message.get("quickReply", {"items": [None]}))
    return found


def _reply_problems(quick_reply: dict[str, Any]) -> list[str]:
    items = quick_reply["items"]
    if items == [None]:
        return []
    found = [] if 1 <= len(items) <= 13 else [f"{len(items)} quick replies"]
    for item in items:
        action = item["action"]
        if item["type"] != "action" or action["type"] != "postback":
            found.append("an unknown quick reply")
        if not action["label"].strip() or not fits(action["label"], limits.LINE_LABEL):
            found.append("a label outside 1 to 20")
        if not 1 <= len(action["data"]) <= 300:
            found.append("data outside 1 to 300")
        if not fits(action["displayText"], limits.LINE_DISPLAY_TEXT):
            found.append("a display text over 300")
    return found


def _shown(message: dict[str, Any]) -> Shown:
    items = message.get("quickReply", {}).get("items", [])
    actions = [item["action"] for item in items]
    return Shown(message["text"], tuple((a["label"], a["data"]) for a in actions))


if __name__ == "__main__":
    serve(
        lambda faults, seed, token: ScriptedLine(token, faults=faults, seed=seed),
        "line-access-token",
    )
