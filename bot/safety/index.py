"""Finds every phrase of a lexicon in a text in one pass, without regular expressions.

Phrases are filed under their first two letters, so a text costs one look-up per letter, whatever it
holds: nothing a person writes can make reading slow. Imports nothing of ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from operator import add

import msgspec


class Phrase(msgspec.Struct, frozen=True):
    """A folded phrase and who asks for it; a Latin end must be the end of a word."""

    text: str
    owner: int

    @property
    def latin_start(self) -> bool:
        """Whether no Latin letter may stand before it."""
        return is_latin(self.text[0])

    @property
    def latin_end(self) -> bool:
        """Whether no Latin letter may stand after it."""
        return is_latin(self.text[-1])


class Hit(msgspec.Struct, frozen=True):
    """A phrase found at [start, end) of the folded text."""

    start: int
    end: int
    owner: int


_Entry = tuple[str, bool, bool, int]


class PhraseIndex:
    """All phrases of a lexicon; immutable once built."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        self._by_start: dict[str, list[_Entry]] = {}
        for phrase in phrases:
            entry = (phrase.text, phrase.latin_start, phrase.latin_end, phrase.owner)
            self._by_start.setdefault(phrase.text[:2], []).append(entry)
        self._single = any(len(start) == 1 for start in self._by_start)

    def find(self, text: str) -> Iterator[Hit]:
        """Every place where a phrase stands, overlapping ones too, in no promised order."""
        by_start = self._by_start
        for at, pair in enumerate(map(add, text, text[1:])):
            if pair in by_start:
                yield from _hits(text, at, by_start[pair])
        if self._single:
            for at, letter in enumerate(text):
                if letter in by_start:
                    yield from _hits(text, at, by_start[letter])


def is_latin(letter: str) -> bool:
    """Whether a letter belongs to words that are written with spaces between them."""
    return letter.isascii() and letter.isalnum()


def _hits(text: str, at: int, entries: list[_Entry]) -> Iterator[Hit]:
    for phrase, latin_start, latin_end, owner in entries:
        if text.startswith(phrase, at):
            end = at + len(phrase)
            if latin_start and _inside_word(text, at):
                continue
            if latin_end and end < len(text) and is_latin(text[end]):
                continue
            yield Hit(at, end, owner)


def _inside_word(text: str, at: int) -> bool:
    """Whether the letter at `at` continues a Latin word, as in «todo» or «d/od»."""
    if at == 0:
        return False
    before = text[at - 1]
    return is_latin(before) or (before == "/" and at > 1 and is_latin(text[at - 2]))
