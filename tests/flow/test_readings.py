"""Readings for furigana: the longest entry wins, what is unknown is missed and not misread."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import ContentError
from bot.flow.findings import Findings
from bot.flow.readings import READINGS_FILE, Piece, Readings, aligned, load_readings

ENTRIES = {
    "話": "はなし",
    "話し": "はなし",
    "電話": "でんわ",
    "聞き取る": "ききとる",
    "時間": "じかん",
    "#時": "じ",
    "#日": "にち",
    "7日": "なのか",
    "人": "ひと",
    "食パン": "しょくパン",
}


def load(text: str) -> Readings:
    """The readings of a file, or its issues as ContentError."""
    findings = Findings()
    table = findings.read_versioned(READINGS_FILE, text.encode())
    readings = load_readings(findings, table)
    findings.raise_if_any()
    return readings


@pytest.fixture(scope="module")
def readings() -> Readings:
    """The entries above, as a file would hold them."""
    lines = "".join(f'  "{surface}": {reading}\n' for surface, reading in ENTRIES.items())
    return load(f"engawa: 1\nreadings:\n{lines}")


def spell(readings: Readings, text: str) -> str:
    """The text with each reading in brackets."""
    pieces = readings.split(text)
    return "".join(f"{one.text}[{one.reading}]" if one.reading else one.text for one in pieces)


@pytest.mark.parametrize(
    ("text", "spelt"),
    [
        pytest.param("話を", "話[はなし]を", id="a noun"),
        pytest.param("話します", "話[はな]します", id="the longer entry wins"),
        pytest.param("電話", "電話[でんわ]", id="two kanji"),
        pytest.param("会話", "会話", id="an unknown word is not misread by its second half"),
        pytest.param("聞き取る", "聞[き]き取[と]る", id="each kanji has its own part"),
        pytest.param("24時間", "24時間[じかん]", id="hours of time"),
        pytest.param("9時", "9時[じ]", id="a number before"),
        pytest.param("時", "時", id="no number before"),
        pytest.param("7日", "7日[なのか]", id="days of their own name"),
        pytest.param("17日", "17日[にち]", id="not in the middle of a number"),
        pytest.param("食パン", "食[しょく]パン", id="katakana stay"),
        pytest.param("", "", id="nothing"),
        pytest.param("ひらがな", "ひらがな", id="nothing to read"),
    ],
)
def test_a_text_is_read(readings: Readings, text: str, spelt: str) -> None:
    """Kanji get what stands in the file, and all else stays as it is."""
    assert spell(readings, text) == spelt


def test_what_is_not_covered_is_named(readings: Readings) -> None:
    """The runs of kanji without a reading, for whoever writes the file."""
    assert readings.unread("会話は7日、電話は明日") == ("会話", "明日")


@given(st.text(alphabet="話電会時間人取聞しきる0179日#ー。<&\U00020000", max_size=40))
def test_nothing_is_lost(readings: Readings, text: str) -> None:
    """The pieces of any text are the text."""
    assert "".join(piece.text for piece in readings.split(text)) == text


@pytest.mark.parametrize(
    ("surface", "reading", "pieces"),
    [
        pytest.param("送る", "おくる", (Piece("送", "おく"), Piece("る")), id="kana at the end"),
        pytest.param("お金", "おかね", (Piece("お"), Piece("金", "かね")), id="kana in front"),
        pytest.param("送る", "おくり", None, id="other kana"),
        pytest.param("送る", "る", None, id="nothing left for the kanji"),
        pytest.param("送る", "okuru", None, id="Latin letters"),
        pytest.param("おくる", "おくる", None, id="no kanji at all"),
    ],
)
def test_an_entry_is_aligned(surface: str, reading: str, pieces: tuple[Piece, ...] | None) -> None:
    """Kana stand for themselves; where the two don't fit, there is no entry."""
    assert aligned(surface, reading) == pieces


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param(
            "engawa: 1\nreadings:\n  送る: おくり\n",
            r"readings\.yaml:3:3.*«送る» can't be read as «おくり»",
            id="an entry that doesn't fit",
        ),
        pytest.param(
            "engawa: 1\nreadings:\n  送る: [おくる]\n", r"yaml:3:7.*is a list", id="a list"
        ),
        pytest.param("engawa: 1\n", "lacks the key «readings»", id="nothing in it"),
        pytest.param(
            "engawa: 1\nreadings: {}\nwords: {}\n", "has no key «words»", id="an unknown key"
        ),
        pytest.param("engawa: 1\nreadings: x\n", "yaml:2:11.*is «x»", id="no mapping"),
    ],
)
def test_a_mistake_is_shown_in_its_place(text: str, says: str) -> None:
    """Each says the file, the line and what to write."""
    with pytest.raises(ContentError, match=f"(?s){says}"):
        load(text)


def test_no_file_reads_nothing() -> None:
    """Where there are no readings, texts stay whole."""
    assert load_readings(Findings(), None).split("電話") == (Piece("電話"),)
