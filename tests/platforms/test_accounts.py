"""The scripted platforms refuse settings as the real ones do, or connect's tests prove nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.platforms.line_account import LineAccount, menu_problem
from tests.platforms.server import Request
from tests.platforms.telegram_account import TelegramAccount

AREA = {
    "bounds": {"x": 0, "y": 0, "width": 800, "height": 500},
    "action": {"type": "uri", "label": "x", "uri": "tel:119"},
}
MENU: dict[str, Any] = {
    "size": {"width": 800, "height": 500},
    "selected": True,
    "name": "n",
    "chatBarText": "c",
    "areas": [AREA],
}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param({}, "", id="good"),
        pytest.param({"size": {"width": 700, "height": 400}}, "size", id="too narrow"),
        pytest.param({"size": {"width": 800, "height": 600}}, "size", id="too high"),
        pytest.param({"chatBarText": "c" * 15}, "chatBarText", id="bar too long"),
        pytest.param({"areas": []}, "areas", id="no area"),
        pytest.param({"more": 1}, "fields", id="an unknown field"),
        pytest.param(
            {"areas": [{**AREA, "action": {"type": "uri", "label": "x" * 21, "uri": "tel:1"}}]},
            "label",
            id="label too long",
        ),
        pytest.param(
            {"areas": [{**AREA, "action": {"type": "uri", "label": "x", "uri": "sms:1"}}]},
            "action",
            id="another scheme",
        ),
        pytest.param(
            {"areas": [{**AREA, "bounds": {"x": 1, "y": 0, "width": 800, "height": 500}}]},
            "outside",
            id="outside the picture",
        ),
    ],
)
def test_menus(change: dict[str, Any], words: str) -> None:
    """A menu that LINE would refuse is refused."""
    found = menu_problem({**MENU, **change})
    assert words in found
    assert bool(found) == bool(words)


def test_a_menu_needs_its_picture_before_it_is_shown() -> None:
    """Showing comes after the picture, the picture comes once, and its size must fit."""
    account = LineAccount()
    made = account.handle(Request("POST", "/v2/bot/richmenu", {}, b""), MENU)
    assert made is not None
    menu = made.body["richMenuId"]
    show = Request("POST", f"/v2/bot/user/all/richmenu/{menu}", {}, b"")
    assert (account.handle(show, {}) or made).status == 400
    head = b"\x89PNG\r\n\x1a\n" + b"0" * 8
    for size, status in ((801, 400), (800, 200), (800, 400)):
        data = head + size.to_bytes(4, "big") + (500).to_bytes(4, "big")
        path = f"/v2/bot/richmenu/{menu}/content"
        upload = Request("POST", path, {"content-type": "image/png"}, data)
        answer = account.handle(upload, {})
        assert answer is not None
        assert answer.status == status
    assert account.handle(show, {}) is not None
    assert account.default_menu == menu


@pytest.mark.parametrize(
    ("method", "fields", "words"),
    [
        pytest.param("setWebhook", {"url": "http://a.example"}, "HTTPS", id="no TLS"),
        pytest.param("setWebhook", {"url": "https://a.example:9000"}, "ports", id="another port"),
        pytest.param(
            "setWebhook", {"url": "https://a.example", "secret_token": "?"}, "secret", id="secret"
        ),
        pytest.param(
            "setMyCommands",
            {"commands": json.dumps([{"command": "Help", "description": "x"}])},
            "COMMAND",
            id="a capital letter",
        ),
        pytest.param("setMyDescription", {"description": "x" * 513}, "too long", id="too long"),
        pytest.param(
            "setMyShortDescription",
            {"short_description": "x", "language_code": "ja-easy"},
            "language",
            id="a language that is no two letters",
        ),
    ],
)
def test_telegram(method: str, fields: dict[str, str], words: str) -> None:
    """A setting that Telegram would refuse is refused."""
    answer = TelegramAccount().handle(method, fields)
    assert answer is not None
    assert answer.status == 400
    assert words in answer.body["description"]


def test_allowed_updates_that_are_left_out_stay() -> None:
    """As Telegram has it: left out means as before."""
    account = TelegramAccount()
    hook = {"url": "https://a.example", "secret_token": "s"}
    account.handle("setWebhook", {**hook, "allowed_updates": '["message"]'})
    account.handle("setWebhook", hook)
    assert account.allowed == ["message"]
