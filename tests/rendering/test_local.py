"""What the web room and the terminal show."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings

from bot.rendering import terminal, web
from bot.rendering.bubbles import Bubble, Button
from bot.rendering.web import Block, Choice
from tests.rendering.strategies import BUBBLES

QUESTION = Bubble(
    "話しますか？\nゆっくりで大丈夫です。",
    (Button("q1.y", "はい"), Button("w.h", "人と話す", rail=True), Button("q1.n", "いいえ")),
)


def test_the_payload_comes_back() -> None:
    """The transcript's payload holds the bubbles as they were said."""
    [payload] = web.requests([QUESTION, Bubble("a\ud83d")])
    assert web.bubbles_of(payload) == (QUESTION, Bubble("a\ufffd"))


def test_structure_for_a_template() -> None:
    """Lines, then answers with the numbers the other channels show, then rails."""
    assert web.blocks([QUESTION]) == (
        Block(
            ("話しますか？", "ゆっくりで大丈夫です。"),
            (Choice(1, "はい", "q1.y"), Choice(2, "いいえ", "q1.n")),
            (Choice(0, "人と話す", "w.h"),),
        ),
    )


def test_terminal_lines() -> None:
    """Choices are numbered lines, rails stand in brackets, a blank line parts the bubbles."""
    assert terminal.lines([Bubble("こんにちは。"), QUESTION]) == (
        "こんにちは。",
        "",
        "話しますか？",
        "ゆっくりで大丈夫です。",
        "",
        "1 はい",
        "2 いいえ",
        "［人と話す］",
    )


@pytest.mark.parametrize(
    "rendered", [pytest.param(web.requests, id="web"), pytest.param(terminal.requests, id="tty")]
)
def test_nothing_said_is_no_request(
    rendered: Callable[[Sequence[Bubble]], tuple[bytes, ...]],
) -> None:
    """Blank bubbles make no payload."""
    assert rendered([Bubble(""), Bubble("\n")]) == ()


def test_no_escape_reaches_the_terminal() -> None:
    """A text cannot colour the screen or move the cursor."""
    assert terminal.lines([Bubble("a\x1b[31mb\u202ec\x07")]) == ("a[31mbc",)


@settings(deadline=None)
@given(BUBBLES)
def test_whatever_is_said_is_shown(bubbles: list[Bubble]) -> None:
    """Any bubbles survive the transcript and print as UTF-8 without control characters."""
    for payload in web.requests(bubbles):
        assert len(web.blocks(web.bubbles_of(payload))) == len(web.bubbles_of(payload))
    for payload in terminal.requests(bubbles):
        assert not set(payload.decode()) & set("\x00\x1b\x07\x9b\r")
