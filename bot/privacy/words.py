"""The 1,024 words of which return codes are made, and how a spoken or mistyped one is told.

Everyday words in kana, of two to five signs. Folded (below), no word begins like another whole one
and every two differ in two signs at least: a slip of the tongue or the finger gives no other code.
Imports the standard library only.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from importlib import resources

from bot.privacy.romaji import romaji

COUNT = 4
"""Words in a code."""

_PLAIN = str.maketrans(
    "がぎぐげござじずぜぞだぢづでどばびぶべぼぱぴぷぺぽゔぁぃぅぇぉゃゅょゎを",
    "かきくけこさしすせそたしすてとはしふへほはしふへほうあいうえおやゆよわお",
)
_NEAR = str.maketrans("ひつ", "しす")
_VOWELS = {
    **dict.fromkeys("あかさたなはまやらわ", "あ"),
    **dict.fromkeys("いきしちにみり", "い"),
    **dict.fromkeys("うくすぬふむゆる", "う"),
    **dict.fromkeys("えけせてねへめれ", "え"),
    **dict.fromkeys("おこそとのほもよろ", "お"),
}
_LONG = {"あ": "あ", "い": "い", "う": "う", "え": "えい", "お": "おう"}
_KATAKANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}
_GAP = re.compile(r"[\s、。，．,.・･/／|｜:：;；「」『』()（）\[\]_〜~+-]+")
_KANA = re.compile(r"[ぁ-ゔー]+")
_LATIN = re.compile(r"[a-z']+")


@cache
def words() -> tuple[str, ...]:
    """All of them; a word's place in the list is its number, so the order never changes."""
    data = resources.files("bot.privacy").joinpath("data/words.txt")
    return tuple(data.read_text(encoding="utf-8").split())


def fold(word: str) -> str:
    """A word in hiragana as heard from afar: no voicing marks, no long vowels, no small signs."""
    folded = ""
    for sign in word.translate(_PLAIN).translate(_NEAR).replace("っ", ""):
        vowel = _VOWELS.get(folded[-1]) if folded else None
        if sign != "ー" and not (vowel and sign in _LONG[vowel]):
            folded += sign
    return folded


def spoken(numbers: Sequence[int], latin: bool = False) -> str:
    """The words with these numbers as people see them, in Latin letters on request."""
    chosen = [words()[number] for number in numbers]
    return " ".join(romaji(word) for word in chosen) if latin else "　".join(chosen)


def recognise(text: str) -> tuple[int, ...] | None:
    """The numbers of the four words that make up a whole text, or None if it is anything else.

    Any gaps or none, hiragana, katakana of any width, or Latin letters. One whole line is enough:
    whoever copies a message of ours takes along what stands under the words.
    """
    if len(text) > 200:
        return None
    return _whole(text) or next(filter(None, map(_whole, text.splitlines())), None)


def recognise_first(text: str) -> tuple[int, ...] | None:
    """The same where nothing but a code is asked for: a box of one line, into which a browser puts
    a copied message with its lines joined.
    """
    return recognise(text) or recognise(" ".join(text.split()[:COUNT]))


def _whole(text: str) -> tuple[int, ...] | None:
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_KATAKANA).strip()
    parts = [part for part in _GAP.split(plain) if part]
    if parts and all(_LATIN.fullmatch(part) for part in parts):
        return _numbers([_by_romaji().get(part.replace("'", "")) for part in parts])
    if not parts or not all(_KANA.fullmatch(part) for part in parts):
        return None
    if len(parts) == 1:
        return _unbroken(parts[0])
    return _numbers([_by_sound().get(fold(part)) for part in parts])


def _numbers(found: Sequence[int | None]) -> tuple[int, ...] | None:
    known = tuple(number for number in found if number is not None)
    return known if len(found) == len(known) == COUNT else None


def _unbroken(kana: str) -> tuple[int, ...] | None:
    """Words without gaps: none begins like another whole one, so there is one way to cut."""
    found: list[int | None] = []
    longest = max(map(len, words()))
    while kana and len(found) < COUNT:
        ends = range(1, min(longest, len(kana)) + 1)
        cut = next((end for end in ends if kana[:end] in _by_spelling()), 0)
        if not cut:
            return None
        found.append(_by_spelling()[kana[:cut]])
        kana = kana[cut:]
    return None if kana else _numbers(found)


@cache
def _by_spelling() -> dict[str, int]:
    return {word: number for number, word in enumerate(words())}


@cache
def _by_sound() -> dict[str, int]:
    return {fold(word): number for number, word in enumerate(words())}


@cache
def _by_romaji() -> dict[str, int]:
    return {romaji(word): number for number, word in enumerate(words())}
