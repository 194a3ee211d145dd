"""How texts are folded before they are compared."""

import sys
import unicodedata
from time import process_time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.flow.normalisation import normalise, normalise_spaced, without_piles


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        pytest.param("シニタイ", "しにたい", id="katakana"),
        pytest.param("ｼﾆﾀｲ", "しにたい", id="half width"),
        pytest.param("し に た い", "しにたい", id="spaces"),
        pytest.param("し\u200bに\u2060た\ufeffい", "しにたい", id="zero width"),
        pytest.param("\u202eしにたい\u202c", "しにたい", id="bidi marks"),
        pytest.param("し\u0351\u0302に\u036fたい", "しにたい", id="piled marks"),
        pytest.param("し\ufffdにたい", "しにたい", id="what could not be decoded"),
        pytest.param("しにた～い", "しにたい", id="wave"),
        pytest.param("しにたーーい。", "しにたい", id="long vowels and full stop"),
        pytest.param("「人と話す」", "人と話す", id="brackets around"),
        pytest.param("ＯＤした！！", "odした", id="full-width Latin"),
        pytest.param("たすけて…♪", "たすけて", id="ending marks"),
        pytest.param("カ\u200b\u3099", "が", id="a mark that hides composing"),
        pytest.param("Straße", "strasse", id="casefold"),
        pytest.param("①", "1", id="circled number"),
        pytest.param("a\x00b\ud800", "ab", id="NUL and a lone surrogate"),
        pytest.param("！？", "", id="marks alone"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_spelling_habits_do_not_matter(text: str, folded: str) -> None:
    """Width, case, kana, spaces, invisible marks, long vowels and endings fold away."""
    assert normalise(text) == folded


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        pytest.param("I want  to die.", "i want to die", id="Latin words keep one space"),
        pytest.param("死 に たい", "死にたい", id="Japanese keeps none"),
        pytest.param("死・に…た.い", "死にたい", id="dots between letters"),
        pytest.param("i.want-to,die", "i want to die", id="marks between words"),
        pytest.param("don’t", "don't", id="a typographic apostrophe"),
        pytest.param("OD した", "odした", id="mixed"),
    ],
)
def test_latin_words_stay_apart_where_asked(text: str, folded: str) -> None:
    """The spaced form keeps word boundaries of Latin text and drops disguising marks."""
    assert normalise_spaced(text) == folded


ANY_TEXT = st.text(st.characters(exclude_categories=()))


@given(ANY_TEXT)
@example("ΐ\u0345ß")
@example("\u1e9e\u0130")
@example("a' .' b")
def test_folding_twice_changes_nothing(text: str) -> None:
    """Both forms are idempotent for every text, lone surrogates and NUL included."""
    assert normalise(normalise(text)) == normalise(text)
    assert normalise_spaced(normalise_spaced(text)) == normalise_spaced(text)


@given(ANY_TEXT)
def test_what_is_left_can_always_be_stored(text: str) -> None:
    """A folded text holds no surrogate and no control character."""
    folded = normalise(text)
    folded.encode("utf-8")
    assert all(letter.isprintable() or not letter.isascii() for letter in folded)


PILED = {
    "latin": "\u0301\u0327",
    "half-width sound marks": "\uff9e\u0301",
    "hebrew": "\u05b0\u05b1\u0591",
    "taken apart": "\u0f73\u0301\u0f81\u0327",
}


@pytest.mark.parametrize("marks", PILED.values(), ids=PILED)
def test_piled_marks_cost_little(marks: str) -> None:
    """A form full of marks in the worst order is folded in well under a second of work, not in the
    seven that sorting them would take, during which nobody else would be heard.
    """
    began = process_time()
    folded = normalise("死にたい" + marks * 20_000)
    assert process_time() - began < 1.5
    assert folded.startswith("死にたい")


def test_every_mark_is_known_as_one() -> None:
    """No sign of Unicode becomes a pile of marks without counting as a mark."""
    signs = (chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000)
    marks = [
        sign
        for sign in signs
        if unicodedata.combining(sign)
        or (not sign.isascii() and unicodedata.combining(unicodedata.normalize("NFKD", sign)[0]))
    ]
    unknown = [f"{ord(sign):x}" for sign in marks if without_piles(sign * 50) != sign * 30]
    assert unknown == []
