"""Words and numbers that exist nowhere else, and the search for them in whatever disguise.

Every canary begins like all the others, so that one search finds any of them. Imports nothing of
ours.
"""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Iterator, Mapping
from itertools import count
from urllib.parse import quote

MARK = "Kanaria7Qx"
"""How each ASCII canary begins; letters and digits only, so that it fits wherever a code does."""
SONG = "かなりあのうた"
"""How each canary of hiragana begins; normalisation leaves it as it is."""
NUMBERS = 713_045_791_000
"""Canary numbers count up from here (a thousand of them): twelve digits that begin alike."""
AROUND = 40

_KANA = "あいうえおかきくけこ"


class Canaries:
    """Gives out canaries; no two are the same."""

    def __init__(self) -> None:
        self._numbers = count()

    def word(self, name: str = "") -> str:
        """An ASCII canary, with the name of where it is put."""
        return f"{MARK}{next(self._numbers):03}{name}"

    def words(self) -> str:
        """A Japanese sentence with a canary of hiragana and one of ASCII."""
        n = next(self._numbers)
        return f"きょう{SONG}{''.join(_KANA[int(digit)] for digit in str(n))}と{self.word()}"

    def number(self) -> int:
        """A canary number."""
        return NUMBERS + next(self._numbers)

    def degrees(self) -> float:
        """A canary among coordinates."""
        return 35 + self.number() / 10**12


def hits(places: Mapping[str, bytes]) -> list[str]:
    """Every canary found: the place, the disguise, and what stands around it."""
    return [
        f"{place}: {disguise}: {around!r}"
        for place, data in places.items()
        for disguise, around in _found(data)
    ]


def traces(places: Mapping[str, bytes], secrets: Mapping[str, bytes]) -> list[str]:
    """Which of these very bytes are found: raw, as hex, as base64."""
    needles = [
        (name, disguise, form)
        for name, secret in secrets.items()
        for disguise, form in _bytes_forms(secret)
    ]
    return [
        f"{place}: {name} {disguise}"
        for place, data in places.items()
        for name, disguise, form in needles
        if form in data
    ]


def disguises(word: str) -> Iterator[tuple[str, bytes]]:
    """The ways a word may have been written down, by name."""
    plain = word.encode()
    yield "raw", plain
    yield "lower case", word.lower().encode()
    yield "upper case", word.upper().encode()
    yield "utf-16-le", word.encode("utf-16-le")
    yield "utf-16-be", word.encode("utf-16-be")
    yield "url-encoded", quote(word).encode()
    yield "json-escaped", json.dumps(word)[1:-1].encode()
    yield from ((name, form) for name, form in _bytes_forms(plain) if name != "raw")
    for name in ("utf-16-le", "utf-16-be"):
        yield f"{name} in hex", word.encode(name).hex().encode()


def _found(data: bytes) -> Iterator[tuple[str, bytes]]:
    for word in (MARK, SONG, str(NUMBERS)[:-3]):
        for disguise, form in disguises(word):
            if (at := data.find(form)) >= 0:
                yield disguise, data[max(0, at - AROUND) : at + AROUND]
    for form in _BINARY:
        if (at := data.find(form)) >= 0:
            yield "number", data[max(0, at - AROUND) : at + AROUND]


def _bytes_forms(plain: bytes) -> Iterator[tuple[str, bytes]]:
    yield "raw", plain
    yield "hex", plain.hex().encode()
    yield "HEX", plain.hex().upper().encode()
    for shift in range(3):
        # What stands before and after decides the first and last characters: they are left out.
        whole = base64.b64encode(bytes(shift) + plain)
        first, last = (shift * 8 + 5) // 6, (shift + len(plain)) * 8 // 6
        yield f"base64+{shift}", whole[first:last]
        yield f"base64url+{shift}", whole[first:last].translate(bytes.maketrans(b"+/", b"-_"))


# The first bytes of every canary number as SQLite writes it, and as a coordinate.
_BINARY = sorted(
    {number.to_bytes(6, "big")[:5] for number in range(NUMBERS, NUMBERS + 1000)}
    | {struct.pack(">d", 35 + n / 10**12)[:6] for n in range(NUMBERS, NUMBERS + 1000)}
)
