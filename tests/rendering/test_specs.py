"""The checkers of this folder refuse what the platforms refuse: they can fail."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rendering.specs import line_problems, spec_folder, telegram_problems

ACTION = {"type": "postback", "label": "はい", "data": "d", "displayText": "はい"}


def body(text: str = "a", times: int = 1, items: int = 1, **action: Any) -> dict[str, Any]:
    item = {"type": "action", "action": {**ACTION, **action}}
    message = {"type": "text", "text": text, "quickReply": {"items": [item] * items}}
    return {"to": "U" + "0" * 32, "messages": [message] * times}


def test_a_good_line_body() -> None:
    """An ordinary question has no problem."""
    assert line_problems(body()) == []


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(body(text=""), id="no-text"),
        pytest.param(body(text="🍎" * 2501), id="text-in-utf16"),
        pytest.param(body(times=6), id="six-messages"),
        pytest.param(body(items=14), id="fourteen-quick-replies"),
        pytest.param(body(label="あ" * 21), id="label"),
        pytest.param(body(label=""), id="no-label"),
        pytest.param(body(data="d" * 301), id="data"),
        pytest.param(body(displayText="あ" * 301), id="display-text"),
        pytest.param({**body(), "replyToken": "x"}, id="unknown-field"),
        pytest.param({"messages": body()["messages"]}, id="nobody"),
    ],
)
def test_a_wrong_line_body(wrong: dict[str, Any]) -> None:
    """What LINE refuses is a problem."""
    assert line_problems(wrong)


def test_the_official_schema_is_used() -> None:
    """Where LINE's specification is at hand, a field it does not know is a problem too."""
    found = line_problems(body(colour="red"))
    assert bool(found) == (spec_folder() is not None)


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"text": ""}, id="no-text"),
        pytest.param({"text": "a" * 4097}, id="text"),
        pytest.param({"text": "a", "parse_mode": "HTML"}, id="parse-mode"),
        pytest.param(
            {
                "text": "a",
                "reply_markup": {"inline_keyboard": [[{"text": "a", "callback_data": "あ" * 22}]]},
            },
            id="callback-bytes",
        ),
        pytest.param(
            {"text": "a", "reply_markup": {"inline_keyboard": [[{"text": "a", "url": "tg://x"}]]}},
            id="another-kind-of-key",
        ),
    ],
)
def test_a_wrong_telegram_message(wrong: dict[str, Any]) -> None:
    """What Telegram refuses, or we must not use, is a problem."""
    assert telegram_problems({"text": "a"}) == []
    assert telegram_problems(wrong)
