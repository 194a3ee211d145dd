"""What goes to Telegram is what Telegram takes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings

from bot.rendering import telegram
from bot.rendering.bubbles import Bubble, Button
from tests.rendering.specs import telegram_problems
from tests.rendering.strategies import BUBBLES

YES, NO = Button("q1.y", "はい"), Button("q1.n", "いいえ")
RAILS = tuple(
    Button(f"w.{n}", label, rail=True) for n, label in enumerate(("人", "予約", "消して"))
)


def messages(*bubbles: Bubble) -> list[dict[str, Any]]:
    return [json.loads(body) for body in telegram.requests(bubbles)]


def keys(message: dict[str, Any]) -> list[list[str]]:
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [[key["text"] for key in row] for row in rows]


def test_a_question() -> None:
    """One request a bubble; a row for each choice, rails two to a row; digits in the text."""
    first, question = messages(Bubble("こんにちは。"), Bubble("話しますか？", (YES, NO, *RAILS)))
    assert first == {"text": "こんにちは。", "link_preview_options": {"is_disabled": True}}
    assert question["text"] == "話しますか？\n\n1 はい\n2 いいえ"
    assert keys(question) == [["はい"], ["いいえ"], ["人", "予約"], ["消して"]]
    assert question["reply_markup"]["inline_keyboard"][0] == [
        {"text": "はい", "callback_data": "q1.y"}
    ]


def test_marks_are_no_markup() -> None:
    """What looks like markup goes out as it is, without a parse mode."""
    [message] = messages(Bubble("*a* <b> _c_"))
    assert message["text"] == "*a* <b> _c_"
    assert "parse_mode" not in message


def test_a_long_text() -> None:
    """4096 code points, an emoji counting as one; the keyboard stands under the last piece."""
    assert [len(m["text"]) for m in messages(Bubble("🍎" * 4096))] == [4096]
    pieces = messages(Bubble("🍎" * 4097, (RAILS[0],)))
    assert [(len(m["text"]), keys(m)) for m in pieces] == [(4096, []), (1, [["人"]])]


@pytest.mark.parametrize(
    "data", [pytest.param("", id="empty"), pytest.param("あ" * 22, id="sixty-six-bytes")]
)
def test_data_is_never_cut(data: str) -> None:
    """Callback data over 64 bytes is refused here, because cut data would be another button."""
    with pytest.raises(ValueError, match="1 to 64 bytes"):
        telegram.requests([Bubble("a", (Button(data, "x"),))])


def test_too_many_buttons() -> None:
    """Over a hundred, choices keep only their digits and rails keep their place."""
    many = tuple(Button(f"c{n}", f"答え{n}") for n in range(1, 121))
    message = messages(Bubble("どれ", (*many, *RAILS)))[-1]
    assert [label for row in keys(message) for label in row][-4:] == [
        "答え97",
        "人",
        "予約",
        "消して",
    ]
    assert message["text"].endswith("120 答え120")


@settings(deadline=None)
@given(BUBBLES)
def test_whatever_is_said_fits(bubbles: list[Bubble]) -> None:
    """Any bubbles give messages within every limit and Telegram's own description."""
    for payload in telegram.requests(bubbles):
        assert telegram_problems(json.loads(payload)) == []
