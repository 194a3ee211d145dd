"""Texts are counted as each platform counts them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.rendering.counting import count, fits, graphemes, shorten
from bot.rendering.limits import LINE_LABEL, Limit
from tests.rendering.strategies import ODD


@pytest.mark.parametrize(
    ("text", "utf16", "shown", "code_points", "octets"),
    [
        pytest.param("", 0, 0, 0, 0, id="empty"),
        pytest.param("abc", 3, 3, 3, 3, id="latin"),
        pytest.param("縁側", 2, 2, 2, 6, id="kanji"),
        pytest.param("🍎", 2, 1, 1, 4, id="emoji"),
        pytest.param("か\u3099", 2, 1, 2, 6, id="combining-voicing-mark"),
        pytest.param("ｶﾞ", 2, 1, 2, 6, id="half-width-voicing-mark"),
        pytest.param("葛\U000e0100", 3, 1, 2, 7, id="ideographic-variation"),
        pytest.param("❤️", 2, 1, 2, 6, id="variation-selector"),
        pytest.param("👍🏽", 4, 1, 2, 8, id="skin-tone"),
        pytest.param("👩‍👩‍👧‍👦", 11, 1, 7, 25, id="family-joined"),
        pytest.param("🏳️‍🌈", 6, 1, 4, 14, id="rainbow-flag"),
        pytest.param("🇯🇵🇯🇵", 8, 2, 4, 16, id="two-flags"),
        pytest.param("🇯🇵🇯", 6, 2, 3, 12, id="flag-and-a-half"),
        pytest.param("🏴\U000e0067\U000e0062\U000e007f", 8, 1, 4, 16, id="tag-sequence"),
        pytest.param("1️⃣", 3, 1, 3, 7, id="keycap"),
        pytest.param("\u1100\u1161\u11a8", 3, 1, 3, 9, id="hangul-jamo"),
        pytest.param("\uac01\uac01", 2, 2, 2, 6, id="hangul-syllables"),
        pytest.param("\uac00\u11a8", 2, 1, 2, 6, id="hangul-syllable-and-final"),
        pytest.param("a\u0301\u0302", 3, 1, 3, 5, id="two-marks"),
        pytest.param("\r\n", 2, 1, 2, 2, id="line-end"),
        pytest.param("\n\n", 2, 2, 2, 2, id="two-lines"),
        pytest.param("\n\u0301", 2, 2, 2, 3, id="mark-after-a-line-end"),
        pytest.param("a\u200dあ", 3, 2, 3, 7, id="joiner-between-letters"),
    ],
)
def test_units(text: str, utf16: int, shown: int, code_points: int, octets: int) -> None:
    """One text has four lengths, and each is the one its platform counts."""
    assert count(text, "utf16") == utf16
    assert count(text, "graphemes") == shown
    assert count(text, "code_points") == code_points
    assert count(text, "bytes") == octets


def test_items_are_not_a_length() -> None:
    """A text has no length in items."""
    with pytest.raises(ValueError, match="items"):
        count("a", "items")


@settings(deadline=None)
@given(st.text(alphabet=st.one_of(st.sampled_from(ODD), st.characters()), max_size=40))
def test_graphemes_are_the_text(text: str) -> None:
    """Joined, the graphemes are the text; none is empty; utf16 agrees with the codec."""
    parts = list(graphemes(text))
    assert "".join(parts) == text
    assert all(parts)
    assert count(text, "utf16") == len(text.encode("utf-16-le", "surrogatepass")) // 2


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        pytest.param("はい", "はい", id="short"),
        pytest.param("あ" * 20, "あ" * 20, id="exactly-twenty"),
        pytest.param("あ" * 21, "あ" * 19 + "…", id="one-too-many"),
        pytest.param("👩‍👧" * 20, "👩‍👧" * 20, id="twenty-families"),
        pytest.param("👩‍👧" * 21, "👩‍👧" * 19 + "…", id="a-family-is-never-cut"),
    ],
)
def test_labels_are_cut_with_an_ellipsis(label: str, expected: str) -> None:
    """A label over the limit ends in «…» and is never cut inside a character."""
    assert shorten(label, LINE_LABEL) == expected


@settings(deadline=None)
@given(st.text(alphabet=ODD, max_size=80), st.integers(min_value=1, max_value=30))
def test_a_shortened_label_fits(label: str, most: int) -> None:
    """Whatever the label, it fits afterwards, and one that fits is not touched."""
    limit = Limit(most, "graphemes")
    cut = shorten(label, limit)
    assert fits(cut, limit)
    if fits(label, limit):
        assert cut == label
