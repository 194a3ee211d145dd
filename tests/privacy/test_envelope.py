"""Envelopes: known answers, what must not open, and what holds for all."""

from __future__ import annotations

import timeit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import SealError
from bot.privacy import envelope
from bot.privacy.envelope import new_key, open_sealed, place, seal
from tests.privacy.vectors import ENVELOPES, NIST, Nist, Recorded

KEY = bytes(range(32))
HERE = place("message", "body", "conversation", 7)
PARTS = st.lists(
    st.integers(min_value=0) | st.text(min_size=1).filter(lambda s: not set(s) & {"\x1e", "\x1f"}),
    max_size=5,
)


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in NIST])
def test_published_vectors(case: Nist) -> None:
    """The cipher inside the envelope is AES-256-GCM as NIST's test cases publish it."""
    key, nonce = bytes.fromhex(case.key), bytes.fromhex(case.nonce)
    made = envelope._encrypt(key, nonce, bytes.fromhex(case.plain), bytes.fromhex(case.at))
    assert made.hex() == "01" + case.nonce + case.cipher + case.tag


@pytest.mark.parametrize("row", [pytest.param(row, id=row.name) for row in ENVELOPES])
def test_recorded_envelopes(row: Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    """An envelope recorded in this format opens, and is made again byte for byte."""
    key, plain, at = bytes.fromhex(row.key), bytes.fromhex(row.plain), place(*row.place)
    assert open_sealed(key, bytes.fromhex(row.sealed), at) == plain
    monkeypatch.setattr(
        "bot.privacy.envelope.os.urandom", lambda count: bytes.fromhex(row.nonce)[:count]
    )
    assert seal(key, plain, at).hex() == row.sealed


def test_every_byte_counts() -> None:
    """An envelope with any one byte changed does not open."""
    sealed = bytes.fromhex(ENVELOPES[1].sealed)
    key, at = bytes.fromhex(ENVELOPES[1].key), place(*ENVELOPES[1].place)
    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1
        with pytest.raises(SealError):
            open_sealed(key, bytes(changed), at)


def test_every_length_counts() -> None:
    """An envelope cut anywhere, or with something added, does not open."""
    sealed = seal(KEY, b"text", HERE)
    for length in range(len(sealed)):
        with pytest.raises(SealError):
            open_sealed(KEY, sealed[:length], HERE)
    with pytest.raises(SealError):
        open_sealed(KEY, sealed + b"\0", HERE)


@pytest.mark.parametrize(
    ("key", "at", "sentence"),
    [
        pytest.param(KEY, place("message", "body", "conversation", 8), "moved", id="other row"),
        pytest.param(KEY, place("inbound", "body", "conversation", 7), "moved", id="other table"),
        pytest.param(KEY, place("message", "body", "stranger", 7), "moved", id="other person"),
        pytest.param(bytes(32), HERE, "another key", id="other key"),
    ],
)
def test_another_place_or_key(key: bytes, at: bytes, sentence: str) -> None:
    """An envelope opens only with its key and where it was sealed."""
    with pytest.raises(SealError, match=sentence):
        open_sealed(key, seal(KEY, b"text", HERE), at)


@pytest.mark.parametrize(
    ("sealed", "sentence"),
    [
        pytest.param(b"", "is empty", id="empty"),
        pytest.param(b"\x02" + bytes(100), "has version 2, this program knows version 1", id="new"),
        pytest.param(b"\x01" + bytes(91), "cut short: 92 bytes, at least 93", id="short"),
    ],
)
def test_not_an_envelope(sealed: bytes, sentence: str) -> None:
    """What is no envelope is refused with a sentence that says why."""
    with pytest.raises(SealError, match=sentence):
        open_sealed(KEY, sealed, HERE)


def test_foreign_padding() -> None:
    """An envelope that opens but was padded by nobody we know is refused."""
    with pytest.raises(SealError, match="padding"):
        open_sealed(KEY, envelope._encrypt(KEY, bytes(12), bytes(64), HERE), HERE)


@given(plain=st.binary(max_size=300), parts=PARTS)
def test_what_is_sealed_opens(plain: bytes, parts: list[str | int]) -> None:
    """Any bytes come back from any place, and their length shows only in steps of 64."""
    sealed = seal(KEY, plain, place(*parts))
    assert open_sealed(KEY, sealed, place(*parts)) == plain
    assert len(sealed) == 1 + 12 + 16 + 64 * (len(plain) // 64 + 1)


@given(one=PARTS, two=PARTS)
def test_places_are_distinct(one: list[str | int], two: list[str | int]) -> None:
    """Two lists of parts name the same place only if they are the same list."""
    assert (place(*one) == place(*two)) == (one == two)


@pytest.mark.parametrize("part", ["", "a\x1fb", "a\x1eb"], ids=["empty", "separator", "number"])
def test_ambiguous_part(part: str) -> None:
    """A part that would let two places share a name is refused."""
    with pytest.raises(ValueError, match="without separators"):
        place("message", part)


def test_fresh_randomness() -> None:
    """Sealing the same text twice gives two envelopes, and two new keys differ."""
    assert seal(KEY, b"text", HERE) != seal(KEY, b"text", HERE)
    assert new_key() != new_key()
    assert len(new_key()) == 32


def test_quick_enough() -> None:
    """Sealing a message costs microseconds, so that nobody is tempted to leave something open."""
    best = min(timeit.repeat(lambda: seal(KEY, bytes(120), HERE), number=500, repeat=9)) / 500
    assert best < 50e-6  # about 4 µs on a quiet machine; the margin is for a busy one
