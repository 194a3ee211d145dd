"""Passwords: which are refused, and how the others are kept (Argon2id). Pure, but slow on purpose.

Rules after ASVS 5.0, 6.2: at least 12 characters, up to 256, nothing about which kinds of
characters; refused is what stands on every list or tells of the account. Imports answers only.
"""

from __future__ import annotations

import asyncio
import re
import unicodedata
from collections.abc import Iterable, Set
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from bot.services.staff.answers import Reason
from bot.services.staff.guessable import COMMON, PLACE

SHORTEST = 12
LONGEST = 256
_LEFT = 6  # so many characters must be left of it without what anybody would guess
WAITING = 20
"""So many strangers wait for their turn at most."""
# Each hashing takes 64 MiB and a core for a while: one at a time for strangers, one for those who
# are known.
_AT_ONCE = 1

_LEET = str.maketrans("0134578@$!|", "oieastbasii")


def plain(password: str) -> str:
    """The form that is hashed: alike from every keyboard and system (NFKC), otherwise untouched."""
    return unicodedata.normalize("NFKC", password)


def fault(password: str, own_words: Iterable[str]) -> Reason | None:
    """Why a new password is refused, or None. `own_words`: the login, the name, the centre."""
    if len(password) > LONGEST * 4:  # composing makes no text that much shorter
        return "too_long"
    given = plain(password)
    if len(given) < SHORTEST:
        return "too_short"
    if len(given) > LONGEST:
        return "too_long"
    folded = given.casefold()
    if _weak(folded, frozenset()):
        return "too_common"
    own = {part for word in own_words for part in _parts(word)}
    return "tells_too_much" if _weak(folded, PLACE | own) else None


def _weak(folded: str, more: Set[str]) -> bool:
    """Whether little is left once guessable words, runs and repetitions are taken out."""
    words = sorted(COMMON | more, key=len, reverse=True)
    guessed = re.compile("|".join(re.escape(word) for word in words))
    forms = (folded, folded.translate(_LEET))
    return any(_what_counts(guessed.sub(" ", form)) < _LEFT for form in forms)


def _what_counts(text: str) -> int:
    """How many different characters it has, without years and runs such as 1234 or aaaa."""
    undated = re.sub(r"(19|20)\d\d", " ", text)
    kept = {
        char
        for before, char in pairwise(f"\0{undated}")
        if abs(ord(char) - ord(before)) > 1 and not char.isspace()
    }
    return len(kept)


def _bytes(password: str) -> bytes:
    # A form can carry half a surrogate pair: it must be hashed, not crash the door.
    return plain(password).encode("utf-8", "surrogatepass")


def _parts(word: str) -> set[str]:
    whole = plain(word).casefold()
    return {part for part in re.split(r"[\W_\d]+", whole) if len(part) >= 3}


class Passwords:
    """Hashes and verifies in threads, a few at a time, so that a flood of sign-ins can't take all
    memory.
    """

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turn = asyncio.Semaphore(_AT_ONCE)
        self._strangers = asyncio.Semaphore(_AT_ONCE)
        self._waiting = 0
        self._nobody = ""

    async def hash(self, password: str) -> str:
        """The Argon2id hash of a password that passed `fault`."""
        async with self._turn:
            return await asyncio.to_thread(self._hasher.hash, _bytes(password))

    @property
    def crowded(self) -> bool:
        """Whether no more strangers should wait."""
        return self._waiting >= WAITING

    async def fits(self, kept: str, password: str, known: bool = True) -> bool:
        """Whether a password fits a hash. Without a hash the same work is done, for nothing.

        `known`: whoever asks does not stand in the strangers' row.
        """
        against = kept or await self._hash_of_nobody()
        self._waiting += not known
        try:
            async with self._turn if known else self._strangers:
                # Cut: hashing a megabyte would be work for whoever asks. Nobody has such a
                # password.
                cut = _bytes(password[: LONGEST + 1])
                fits = await asyncio.to_thread(self._verify, against, cut)
        finally:
            self._waiting -= not known
        return fits and bool(kept)

    def is_outdated(self, kept: str) -> bool:
        """Whether a hash was made with weaker figures than today's."""
        return self._hasher.check_needs_rehash(kept)

    async def _hash_of_nobody(self) -> str:
        if not self._nobody:
            self._nobody = await self.hash("nobody has this password")
        return self._nobody

    def _verify(self, kept: str, password: bytes) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False
