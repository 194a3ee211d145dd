"""Long texts are cut where a reader would pause."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.rendering.counting import count, fits, graphemes
from bot.rendering.limits import Limit, Unit
from bot.rendering.splitting import split
from tests.rendering.strategies import ODD

UNITS: tuple[Unit, ...] = ("utf16", "code_points", "bytes")


@pytest.mark.parametrize(
    ("text", "most", "pieces"),
    [
        pytest.param("", 5, (), id="empty"),
        pytest.param("あいう", 5, ("あいう",), id="fits"),
        pytest.param("あ。い。う", 4, ("あ。い。", "う"), id="last-sentence-end"),
        pytest.param("あ、い。う、え、お", 6, ("あ、い。", "う、え、お"), id="end-before-comma"),
        pytest.param("あ、い、うえお", 5, ("あ、い、", "うえお"), id="comma"),
        pytest.param("あいうえおか", 4, ("あいうえ", "おか"), id="nowhere-to-pause"),
        pytest.param("あ！？い", 3, ("あ！？", "い"), id="ends-in-a-row"),
        pytest.param("「あ。」いうえ", 5, ("「あ。」", "いうえ"), id="bracket-stays"),
        pytest.param("い。「あ。」う", 5, ("い。", "「あ。」う"), id="bracket-not-alone"),
        pytest.param("あ\nいう\nえ", 5, ("あ\nいう\n", "え"), id="lines"),
        pytest.param("Yes. No way", 7, ("Yes. ", "No way"), id="latin"),
        pytest.param("3.5 percent", 8, ("3.5 ", "percent"), id="point-in-a-number"),
        pytest.param("🍎🍎🍎", 4, ("🍎🍎", "🍎"), id="utf16-units"),
        pytest.param("あ👩‍👧", 4, ("あ👩\u200d", "👧"), id="longer-than-the-limit"),
        pytest.param("あ👩‍👧い", 5, ("あ", "👩‍👧", "い"), id="never-inside-a-character"),
    ],
)
def test_where_it_is_cut(text: str, most: int, pieces: tuple[str, ...]) -> None:
    """At the last sentence end that fits, else at a comma, else where it is full."""
    assert split(text, Limit(most, "utf16")) == pieces


@settings(deadline=None)
@given(
    st.text(alphabet=st.one_of(st.sampled_from(ODD), st.characters()), max_size=200),
    st.integers(min_value=4, max_value=40),
    st.sampled_from(UNITS),
)
def test_nothing_is_lost(text: str, most: int, unit: Unit) -> None:
    """Joined, the pieces are the text; each fits and none is empty."""
    limit = Limit(most, unit)
    pieces = split(text, limit)
    assert "".join(pieces) == text
    assert all(pieces)
    assert all(fits(piece, limit) for piece in pieces)


@settings(deadline=None)
@given(st.text(alphabet=ODD, max_size=120), st.sampled_from(UNITS))
def test_characters_stay_whole(text: str, unit: Unit) -> None:
    """No piece begins inside a character, unless the character alone is over the limit."""
    limit = Limit(40, unit)
    edges, position = set(), 0
    for cluster in graphemes(text):
        if count(cluster, unit) > limit.most:
            return
        position += len(cluster)
        edges.add(position)
    position = 0
    for piece in split(text, limit):
        position += len(piece)
        assert position in edges


def test_a_long_text_is_quick() -> None:
    """A text of a hundred pages is cut in one pass, not in the square of its length."""
    text = "あ" * 200_000
    assert [len(piece) for piece in split(text, Limit(5000, "utf16"))] == [5000] * 40
