"""What goes to LINE is what LINE takes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings

from bot.rendering import line
from bot.rendering.bubbles import Bubble, Button
from tests.rendering.specs import line_problems
from tests.rendering.strategies import BUBBLES

YES, NO = Button("q1.y", "はい"), Button("q1.n", "いいえ")
HUMAN = Button("w.human", "人と話す", rail=True)


def bodies(*bubbles: Bubble) -> list[dict[str, Any]]:
    return [json.loads(body) for body in line.requests(bubbles)]


def labels(message: dict[str, Any]) -> list[str]:
    return [item["action"]["label"] for item in message.get("quickReply", {}).get("items", [])]


def test_a_question() -> None:
    """Choices are numbered in the text, rails are not; all are quick replies with their data."""
    [body] = bodies(Bubble("こんにちは。"), Bubble("話しますか？", (YES, NO, HUMAN)))
    first, question = body["messages"]
    assert first == {"type": "text", "text": "こんにちは。"}
    assert question["text"] == "話しますか？\n\n1 はい\n2 いいえ"
    assert labels(question) == ["はい", "いいえ", "人と話す"]
    assert question["quickReply"]["items"][0] == {
        "type": "action",
        "action": {"type": "postback", "label": "はい", "data": "q1.y", "displayText": "はい"},
    }


def test_no_recipient_inside() -> None:
    """The same bytes serve a reply and a push: neither recipient nor token is in them."""
    assert [set(body) for body in bodies(Bubble("a"))] == [{"messages"}]


def test_six_bubbles_are_two_requests() -> None:
    """Five messages a request; the quick replies stand on the very last one."""
    first, second = bodies(*(Bubble(str(n), (YES,) if n == 5 else ()) for n in range(6)))
    assert [m["text"] for m in first["messages"]] == ["0", "1", "2", "3", "4"]
    assert [labels(m) for m in first["messages"]] == [[]] * 5
    assert [labels(m) for m in second["messages"]] == [["はい"]]


def test_buttons_move_to_the_last_message() -> None:
    """LINE shows only the last message's quick replies, so an earlier question's move there."""
    [body] = bodies(Bubble("案内", (HUMAN,)), Bubble("話しますか？", (YES,)), Bubble("待ちます"))
    texts = [message["text"] for message in body["messages"]]
    assert texts == ["案内", "話しますか？\n\n1 はい", "待ちます"]
    assert [labels(m) for m in body["messages"]] == [[], [], ["はい", "人と話す"]]


def test_the_same_button_twice_is_shown_once() -> None:
    """A rail under each bubble of a turn appears once."""
    [body] = bodies(Bubble("a", (HUMAN,)), Bubble("b", (HUMAN, YES)))
    assert labels(body["messages"][-1]) == ["はい", "人と話す"]


def test_fourteen_choices() -> None:
    """All are numbered in the text; thirteen fit as quick replies, and rails keep their place."""
    many = tuple(Button(f"c{n}", f"答え{n}") for n in range(1, 15))
    [body] = bodies(Bubble("どれですか", (*many, HUMAN)))
    [message] = body["messages"]
    assert message["text"].endswith("13 答え13\n14 答え14")
    assert labels(message) == [*(f"答え{n}" for n in range(1, 13)), "人と話す"]


def test_a_long_label() -> None:
    """A label over twenty characters is cut on the button, whole in the text and when said."""
    long = "だれにも言わずに話を聞いてほしいときがある"
    [body] = bodies(Bubble("?", (Button("d", long),)))
    [message] = body["messages"]
    action = message["quickReply"]["items"][0]["action"]
    assert message["text"] == f"?\n\n1 {long}"
    assert (action["label"], action["displayText"]) == (long[:19] + "…", long)


def test_a_long_text() -> None:
    """Over 5000 units it becomes several messages, with the buttons under the last."""
    [body] = bodies(Bubble("あいうえ。" * 1500, (YES,)))
    assert [len(m["text"]) for m in body["messages"]] == [5000, 2500 + len("\n\n1 はい")]
    assert [labels(m) for m in body["messages"]] == [[], ["はい"]]


@pytest.mark.parametrize(
    ("bubble", "texts"),
    [
        pytest.param(Bubble(""), [], id="nothing-said"),
        pytest.param(Bubble(" \n"), [], id="blank"),
        pytest.param(Bubble("", (HUMAN,)), ["…"], id="rails-without-text"),
        pytest.param(Bubble("", (YES,)), ["1 はい"], id="choices-without-text"),
        pytest.param(Bubble("a\ud83d"), ["a\ufffd"], id="half-an-emoji"),
    ],
)
def test_blank_texts(bubble: Bubble, texts: list[str]) -> None:
    """LINE refuses a request for one blank message: it is left out, or a sign stands for it."""
    assert [m["text"] for body in bodies(bubble) for m in body["messages"]] == texts


@pytest.mark.parametrize(
    "data", [pytest.param("", id="empty"), pytest.param("a" * 301, id="too-long")]
)
def test_data_is_never_cut(data: str) -> None:
    """Data that LINE would refuse is refused here, because cut data would be another button."""
    with pytest.raises(ValueError, match="1 to 300"):
        line.requests([Bubble("a", (Button(data, "x"),))])


@settings(deadline=None)
@given(BUBBLES)
def test_whatever_is_said_fits(bubbles: list[Bubble]) -> None:
    """Any bubbles give bodies within every limit and LINE's own specification."""
    for payload in line.requests(bubbles):
        assert line_problems({"to": "U" + "0" * 32, **json.loads(payload)}) == []


@settings(deadline=None)
@given(BUBBLES)
def test_no_text_is_lost(bubbles: list[Bubble]) -> None:
    """Every text and every numbered label arrives, in order (blank space and half emoji aside)."""
    sent = "".join(m["text"] for body in bodies(*bubbles) for m in body["messages"])
    asked = "".join(
        bubble.text
        + "".join(
            f"{n}{button.label}"
            for n, button in enumerate((b for b in bubble.buttons if not b.rail), start=1)
        )
        for bubble in bubbles
    )
    assert _letters(sent) == _letters(asked)


def _letters(text: str) -> str:
    return "".join("" if c.isspace() or c in "…\ufffd\ud83d" else c for c in text)
