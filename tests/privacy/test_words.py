"""The words of return codes: what the list holds, and which texts are four of its words."""

import re
from collections import defaultdict
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.privacy.romaji import romaji
from bot.privacy.words import fold, recognise, recognise_first, spoken, words

NUMBERS = st.tuples(*[st.integers(0, 1_023)] * 4)
WIDE = str.maketrans({chr(code): chr(code + 0x60) for code in range(0x3041, 0x3097)})
NEVER = """
くすり くさ はっぱ こな しゃぶ えす たね けし あさ ねた ちゅうしゃ はり
たばこ けむり しんなー し しぬ いのち はか ほね ち あし て め かお からだ
せなか むね あたま はな くち みみ つめ きず びょうき びょういん ねつ せき
がん いたみ かぜぐすり けいさつ たいほ けいむしょ ろうや はんにん さけ おさけ
びーる わいん しょうちゅう うめしゅ かね おかね しゃっきん ぱちんこ そうしき
おはか ないふ ほうちょう なわ ろーぷ こわい さみしい つらい かなしい おや
はは ちち おっと つま
"""
"""Whole words: drugs, death, the body, illness, police, alcohol, money trouble, those close by."""
NEVER_WITHIN = ("くすり", "しゃぶ", "ちゅうしゃ", "ころす", "じさつ", "けいさつ", "しゃっきん")


def test_there_are_as_many_words_as_ten_bits_can_name() -> None:
    """Exactly 1,024 words, each once, in hiragana of two to five signs."""
    assert len(words()) == len(set(words())) == 1_024
    odd = [word for word in words() if not re.fullmatch(r"[ぁ-ん][ぁ-んー]{1,4}", word)]
    assert odd == []


def test_no_word_is_about_what_hurts() -> None:
    """None is about drugs, death, the body, illness, police, alcohol or money trouble."""
    assert sorted(set(NEVER.split()) & set(words())) == []
    assert [word for word in words() for part in NEVER_WITHIN if part in word] == []


def test_no_word_begins_like_another_whole_one() -> None:
    """Written without gaps, four words can be cut in one way only, misheard ones too."""
    heard = sorted(fold(word) for word in words())
    alike = [(one, two) for one, two in pairwise(heard) if two.startswith(one)]
    assert alike == []


def test_every_two_words_differ_in_two_signs() -> None:
    """As heard from afar, one sign more, less or otherwise is never another word."""
    near: dict[str, set[str]] = defaultdict(set)
    for word in {fold(word) for word in words()}:
        for place in range(len(word)):
            near[f"{word[:place]}＿{word[place + 1 :]}"].add(word)  # one otherwise
            near[word[:place] + word[place + 1 :]].add(word)  # one less
        near[word].add(word)
    assert {gap: alike for gap, alike in near.items() if len(alike) > 1 and _close(alike)} == {}


def _close(alike: set[str]) -> bool:
    """Two words that lose a different sign each are two signs apart: that is far enough."""
    some = sorted(alike)
    return any(
        len(one) != len(two) or sum(a != b for a, b in zip(one, two, strict=True)) < 2
        for index, one in enumerate(some)
        for two in some[index + 1 :]
    )


def test_the_words_in_latin_letters_are_told_apart() -> None:
    """Each word has a spelling of its own in Latin letters."""
    spelt = {romaji(word) for word in words()}
    assert len(spelt) == 1_024
    assert [one for one in spelt if not re.fullmatch(r"[a-z]+", one)] == []


@given(NUMBERS)
def test_what_is_shown_is_recognised(numbers: tuple[int, ...]) -> None:
    """Four words are known again as shown, in Latin letters, and without gaps."""
    assert recognise(spoken(numbers)) == numbers
    assert recognise(spoken(numbers, latin=True).upper()) == numbers
    assert recognise(spoken(numbers).replace("　", "")) == numbers
    assert recognise(spoken(numbers).translate(WIDE)) == numbers


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("つばき　たんぽぽ　ひまわり　あさがお", id="as shown"),
        pytest.param("ツバキ・タンポポ・ヒマワリ・アサガオ", id="katakana"),
        pytest.param("ﾂﾊﾞｷ ﾀﾝﾎﾟﾎﾟ ﾋﾏﾜﾘ ｱｻｶﾞｵ", id="half width"),
        pytest.param("つばき、たんぽぽ、ひまわり、あさがお。", id="with commas and a stop"),
        pytest.param("「つばき」\n「たんぽぽ」\n「ひまわり」\n「あさがお」\n", id="in lines"),
        pytest.param("つばきたんぽぽひまわりあさがお", id="without gaps"),
        pytest.param("つはき たんほほ しまわり あさかお", id="misheard"),
        pytest.param("Tsubaki, tanpopo, himawari, asagao", id="Latin letters"),
        pytest.param(
            "つばき　たんぽぽ　ひまわり　あさがお\nこの四つの言葉は、ここには残していません。",
            id="with what we said under it",
        ),
    ],
)
def test_a_code_is_known_however_it_is_written(text: str) -> None:
    """Any separators or none, any kana, a slip of the ear."""
    assert recognise(text) == (0, 1, 2, 3)


def test_a_copied_message_opens_in_a_box_of_one_line() -> None:
    """Where only a code is asked for, what follows the four words is left out."""
    copied = "つばき　たんぽぽ　ひまわり　あさがお この四つの言葉は、ここには残していません。"
    assert recognise(copied) is None
    assert recognise_first(copied) == (0, 1, 2, 3)
    assert recognise_first("つばき たんぽぽ ひまわり さびしい あさがお") is None


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("つばき たんぽぽ ひまわり", id="three words"),
        pytest.param("つばき たんぽぽ ひまわり あさがお あじさい", id="five words"),
        pytest.param("つばきたんぽぽひまわりあさがおあじさい", id="five without gaps"),
        pytest.param("つばき たんぽぽ ひまわり さびしい", id="three and something else"),
        pytest.param("合言葉は つばき たんぽぽ ひまわり あさがお", id="in a sentence"),
        pytest.param("しにたい", id="a cry"),
        pytest.param("つばき" * 2_000, id="very long"),
        pytest.param("tsubaki tanpopo himawari 椿", id="a mixture"),
        pytest.param("\ud800", id="half a pair"),
    ],
)
def test_anything_else_is_no_code(text: str) -> None:
    """A text is a code only if the whole of it, or of a line of it, is four words."""
    assert recognise(text) is None
