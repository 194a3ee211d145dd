"""How a text is folded before it is compared with a phrase; spelling habits don't matter then.

«シニタイ», «ｼﾆﾀｲ», «し に た い» and «しにたーい。» all become «しにたい». The folded form
is never shown or kept. Imports nothing of ours.
"""

from __future__ import annotations

import re
import unicodedata

_SPACES = "\t\n\v\f\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\u2800"
# Controls, zero-width, bidi and variation marks, Hangul fillers, tags, lone surrogates, and the
# marks that stay after composition: piled upon letters they would hide a cry from us alone.
_INVISIBLE = (
    "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
    "\0-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffd"
    "\ud800-\udfff\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_LONG_VOWELS = "ー〜~〰∼―─"
_ENDING = "。．.、，,!！?？…‥・♪♫♬☆★—–-:：;；'\"’”"
_BRACKETS = "「」『』()（）[]［］【】〈〉《》<>〔〕{}\"'“”‘’"

# Sorting the marks upon one letter takes a time that grows with their square. No letter of any
# language carries more than this (Unicode's "stream-safe" length); whoever piles up thousands would
# stop the service for everybody. A few signs become marks only when they are taken apart.
_PILE = 30
_MARKS_TAKEN_APART = "\u0f73\u0f75\u0f81\uff9e\uff9f"
_LAST_MARK = 0x1E94A


def _piles() -> re.Pattern[str]:
    marks = "".join(chr(code) for code in range(_LAST_MARK + 1) if unicodedata.combining(chr(code)))
    return re.compile(f"([{marks}{_MARKS_TAKEN_APART}]{{{_PILE}}})[{marks}{_MARKS_TAKEN_APART}]+")


_PILES = _piles()
_DROPPED = re.compile(f"[{_SPACES}{_INVISIBLE}{_LONG_VOWELS}]+")
# Between two letters of a word these are a disguise, between two Latin words a gap.
_MARKS = '・…‥·•*_.,。、，．!?！？:;：；~♪♡☆★"“”\\-'
_DROPPED_BUT_SPACES = re.compile(f"[{_INVISIBLE}{_LONG_VOWELS}]+")
_GAPS = re.compile(f"[{_SPACES}{_MARKS}]+")
# A space means something only between two Latin words.
_LATIN_GAP = re.compile("(?<=[a-z0-9']) (?=[a-z0-9'])")
_KANA = re.compile("[ァ-ヶヽヾ]")
# Common letters are mapped to themselves: a letter that the table lacks costs an exception inside.
_HIRAGANA = {
    code: code for code in (*range(0x21, 0x7F), *range(0x3001, 0x30FF), *range(0x4E00, 0x9FA1))
}
_HIRAGANA |= {code: code - 0x60 for code in (*range(0x30A1, 0x30F7), 0x30FD, 0x30FE)}
# Folding a text of only these letters again changes nothing, so one pass is enough.
_SETTLED = re.compile("[a-z0-9ぁ-ゖ一-龠々、。!?' ]*")


def normalise(text: str) -> str:
    """The folded form of a text: NFKC, lower case, katakana as hiragana; spaces, invisible marks,
    long vowels, ending punctuation and surrounding brackets removed. Folding twice changes nothing.
    """
    return _settle(text, spaced=False)


def normalise_spaced(text: str) -> str:
    """As `normalise`, but inner punctuation goes too, and one space stays between two Latin words.

    For phrases that must match whole words, and texts that hide words behind dots.
    """
    return _settle(text, spaced=True)


def _settle(text: str, spaced: bool) -> str:
    folded = _fold(text, spaced)
    # Removing a mark can bring together letters that compose; rare, and it ends soon.
    while not _SETTLED.fullmatch(folded):
        again = _fold(folded, spaced)
        if again == folded:
            break
        folded = again
    return folded


def without_piles(text: str) -> str:
    """The text with at most 30 marks upon one letter, so that composing it takes little time."""
    return _PILES.sub(r"\1", text) if len(text) > _PILE else text


def _fold(text: str, spaced: bool) -> str:
    folded = unicodedata.normalize("NFKC", without_piles(text)).casefold()
    if _KANA.search(folded):
        folded = folded.translate(_HIRAGANA)
    folded = _close_gaps(folded) if spaced else _DROPPED.sub("", folded)
    return _strip(folded)


def _close_gaps(folded: str) -> str:
    folded = _DROPPED_BUT_SPACES.sub("", folded).replace("’", "'")
    if not _GAPS.search(folded):
        return folded
    folded = _GAPS.sub(" ", folded)
    return _LATIN_GAP.sub("\0", folded).replace(" ", "").replace("\0", " ")


def _strip(folded: str) -> str:
    return folded.lstrip(_BRACKETS + " ").rstrip(_ENDING + _BRACKETS + " ")
