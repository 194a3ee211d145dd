"""Lines on paper: they fit, lose nothing, and break where a reader would."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rendering.typesetting import LEADING, Block, break_lines, measure, stack

TEXT = st.text(
    st.sampled_from("あいうおご、。（）「」ー話薬場所カメラabcXYZ 019/?=—’"),
    min_size=1,
    max_size=80,
).filter(lambda text: text.strip() != "")


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        pytest.param(
            "名前を言わずに、少し座って話せる場所です。",
            12,
            ["名前を言わずに、少し", "座って話せる場所です。"],
            id="between phrases",
        ),
        pytest.param("お金がない", 4, ["お金が", "ない"], id="a polite お keeps its word"),
        pytest.param("あああ。ああ", 3, ["ああ", "あ。", "ああ"], id="no line begins with a mark"),
        pytest.param("ああ「あ」", 3, ["ああ", "「あ」"], id="no line ends with a bracket"),
        pytest.param("a place to sit", 5, ["a place", "to sit"], id="between English words"),
        pytest.param("一。\n二。", 20, ["一。", "二。"], id="a line of its own"),
        pytest.param("一番長い", 20, ["一番長い"], id="short enough"),
    ],
)
def test_lines_break_between_phrases(text: str, width: float, lines: list[str]) -> None:
    """A line ends where a phrase does, and the lines are of about the same length."""
    assert break_lines(text, width) == lines


@given(TEXT, st.floats(3, 40))
def test_nothing_is_lost_in_lines(text: str, width: float) -> None:
    """All signs but spaces are still there, in order."""
    assert "".join(break_lines(text, width)).replace(" ", "") == text.replace(" ", "")


@given(TEXT.filter(lambda text: not set("、。（）「」ー") & set(text)), st.floats(3, 40))
def test_a_line_is_never_too_wide(text: str, width: float) -> None:
    """Where no mark has to stay with its neighbour, each line is within the width."""
    assert all(measure(line) <= width for line in break_lines(text, width))


def test_a_column_shrinks_until_it_fits() -> None:
    """Letters get smaller together, the lines stand below one another and end above the edge."""
    blocks = [Block("話せる場所です。" * 4, 5), Block("もうひとつ", 4, gap=3)]
    lines = stack(blocks, 60, 30, 2)
    assert lines[-1].y + lines[-1].size * LEADING <= 30
    assert [line.y for line in lines] == sorted(line.y for line in lines)
    assert lines[-1].size / lines[0].size == pytest.approx(0.8)


def test_a_column_that_would_be_too_small_to_read() -> None:
    """Rather than letters that nobody can read, a refusal with the text's beginning."""
    with pytest.raises(ValueError, match="話せる"):
        stack([Block("話せる場所です。" * 40, 5)], 60, 30, 2)
