"""Kana in Latin letters (Hepburn, long vowels as written), for people who can't type kana.

Imports nothing of ours.
"""

from __future__ import annotations

_ROWS = {
    "": "あいうえお", "k": "かきくけこ", "g": "がぎぐげご", "s": "さしすせそ", "z": "ざじずぜぞ",
    "t": "たちつてと", "d": "だぢづでど", "n": "なにぬねの", "h": "はひふへほ", "b": "ばびぶべぼ",
    "p": "ぱぴぷぺぽ", "m": "まみむめも", "r": "らりるれろ",
}  # fmt: skip
_SIGNS = {
    **{
        kana: row + vowel
        for row, signs in _ROWS.items()
        for kana, vowel in zip(signs, "aiueo", strict=True)
    },
    **{"し": "shi", "ち": "chi", "つ": "tsu", "ふ": "fu", "じ": "ji", "ぢ": "ji", "づ": "zu"},
    **{"や": "ya", "ゆ": "yu", "よ": "yo", "わ": "wa", "を": "o", "ん": "n", "ゔ": "vu"},
}
_SMALL = {"ゃ": "ya", "ゅ": "yu", "ょ": "yo"} | dict(zip("ぁぃぅぇぉ", "aiueo", strict=True))
_SOFT = ("shi", "chi", "ji")


def romaji(word: str) -> str:
    """A word in hiragana as Latin letters; other signs stay."""
    text = ""
    double = False
    for sign in word:
        if sign in _SMALL:
            text = _joined(text, _SMALL[sign])
        elif sign == "ー":
            text += text[-1:]
        elif sign == "っ":
            double = True
        else:
            syllable = _SIGNS.get(sign, sign)
            text += ("t" if syllable.startswith("ch") else syllable[0]) * double + syllable
            double = False
    return text


def _joined(text: str, small: str) -> str:
    """«shi» and «ya» are «sha», «ri» and «ya» are «rya», «fu» and «a» are «fa»."""
    if text.endswith(_SOFT) and len(small) == 2:
        return text[:-1] + small[1]
    return text[:-1] + small
