"""What the shipped phrases take for a crossed line, and all that they must not."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.safety.lexicon import LEXICON_FILE, load_lexicon
from bot.safety.reading import read_risk
from bot.safety.risk import Tier
from bot.safety.tone import LONGEST, NO_TONE, TONE_FILE, Tone, load_tone, read_conduct
from tests.repository import ROOT


@cache
def shipped() -> Tone:
    """The phrases that are shipped."""
    return load_tone({TONE_FILE: (ROOT / TONE_FILE).read_bytes()})


CROSSING = [
    ("お前はばかか", "abuse"),
    ("お前なんか消えろ", "abuse"),
    ("おまえ使えねえな", "abuse"),
    ("てめえ、くたばれ", "abuse"),
    ("このボットは無能", "abuse"),
    ("あんたら役立たずだね", "abuse"),
    ("相談員はゴミ", "abuse"),
    ("ばーか", "abuse"),
    ("バ　カ", "abuse"),
    ("ﾊﾞｶ", "abuse"),
    ("死ね", "abuse"),
    ("しね！！！", "abuse"),
    ("黙れ", "abuse"),
    ("クソボット", "abuse"),
    ("税金泥棒が", "abuse"),
    ("fuck you", "abuse"),
    ("FUCK YOU!!", "abuse"),
    ("you are useless", "abuse"),
    ("You're an idiot.", "abuse"),
    ("stupid bot", "abuse"),
    ("shut up", "abuse"),
    ("セックスしよう", "sexual"),
    ("エッチしない？", "sexual"),
    ("パンツ何色？", "sexual"),
    ("おっぱい見せて", "sexual"),
    ("裸見せて", "sexual"),
    ("ちんこ", "sexual"),
    ("send nudes", "sexual"),
    ("wanna fuck?", "sexual"),
    ("what are you wearing", "sexual"),
    ("テスト", "scribble"),
    ("てすと。", "scribble"),
    ("test", "scribble"),
    ("asdfgh", "scribble"),
    ("うんこ", "scribble"),
    ("あいうえお", "scribble"),
]

NOT_CROSSING = [
    # Contempt for oneself.
    "俺はクズ",
    "私なんてゴミです",
    "自分が役立たずで",
    "わたしはばかだから",
    "クズ",
    "ゴミみたいな人間",
    "僕は消えろって思う",
    "I'm useless",
    "I am such an idiot",
    "hate myself, stupid me",
    # What others said or did.
    "殴られてクズと言われた",
    "お前は死ねって親に言われる",
    "お前なんか消えろと怒鳴られた",
    "夫が、お前は無能だって",
    "上司に使えないと言われた",
    "彼氏に裸の写真を送れと言われた",
    "セックスしようって言われて断れない",
    "he said you are useless",
    "they told me shut up",
    "my dad calls me a bitch",
    "お前うざいって書かれた",
    "頭の中で声がする。お前は死ね",
    # Curses about a situation.
    "くそ、また使った",
    "もうくそみたいな毎日",
    "ふざけんな警察",
    "薬なんか消えろ",
    "うるさい",
    "fuck this",
    "this is bullshit",
    "fucking tired of it",
    # Despair, and help that is asked for.
    "死にたい",
    "消えたい",
    "もう殺して",
    "たすけて",
    "ああああああああ",
    "もうやだああああ",
    "バカバカしい",
    # The body, sex and drugs, told as a trouble.
    "ちんこが痛い",
    "セックスのときに使ってしまう",
    "薬なしでセックスできない",
    "レイプされた",
    "客に触らせてと頼まれる仕事",
    "エロい動画がやめられない",
    "sex without it feels empty",
    # Words that only look alike.
    "テスト前で眠れない",
    "陰性のテスト結果が出た",
    "検査のtestがこわい",
    "新しいお前の声がききたい",
    "馬鹿みたいに飲んだ",
    "誰にも言えない",
    "you can call me any time",
    "",
    "。。。",
    "\u200b\u3164",
]


@pytest.mark.parametrize(("text", "conduct"), [pytest.param(*row, id=row[0]) for row in CROSSING])
def test_a_line_is_crossed(text: str, conduct: str) -> None:
    """What is thrown at the program or whoever reads it is told by its class."""
    assert read_conduct(shipped(), text) == conduct


@pytest.mark.parametrize("text", [pytest.param(text, id=text[:20]) for text in NOT_CROSSING])
def test_no_line_is_crossed(text: str) -> None:
    """Despair, contempt for oneself, what others said and plain curses are no matter of tone."""
    assert read_conduct(shipped(), text) == ""


def test_a_long_text_tells_a_story() -> None:
    """However it is put, what takes that long to write is not thrown away as tone."""
    assert read_conduct(shipped(), "お前はばかか" + "。ねむれない" * LONGEST) == ""
    assert read_conduct(shipped(), "お前はばか" * 200_000) == ""


def test_no_cry_of_the_lexicon_is_called_rude() -> None:
    """Whatever is in the classes, the plainest cries are read as risk, which always wins."""
    lexicon = load_lexicon({LEXICON_FILE: (ROOT / LEXICON_FILE).read_bytes()})
    for text in ("死にたい", "消えたい", "殺される", "もう飲んだ", "OD した"):
        if read_risk(lexicon, text).tier >= Tier.ACTIVE:
            assert read_conduct(shipped(), text) == ""


@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    """Any text whatever has one of four answers."""
    assert read_conduct(shipped(), text) in ("", "sexual", "abuse", "scribble")


def test_without_the_file() -> None:
    """A revision without the file takes nothing for a matter of tone."""
    assert load_tone({}) == NO_TONE
    assert read_conduct(NO_TONE, "お前はばか") == ""
