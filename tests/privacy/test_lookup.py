"""Keyed hashes: recorded answers, separate domains, no two names alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.privacy import lookup
from bot.privacy.lookup import address_lookup, event_key, ledger_id, message_ref
from tests.privacy.vectors import HASH_KEY, HASHES, LEDGER, Hashed

NAME = st.text(max_size=20)


@pytest.mark.parametrize("row", [pytest.param(row, id=row.name) for row in HASHES])
def test_recorded_hashes(row: Hashed) -> None:
    """A hash comes out as it was recorded: a change would lose every stored address."""
    assert getattr(lookup, row.of)(HASH_KEY, *row.parts).hex() == row.hash


def test_recorded_ledger_id() -> None:
    """A ledger id comes out as it was recorded: a change would bring erased people back."""
    assert ledger_id(HASH_KEY, LEDGER.contact) == LEDGER.id


def test_lengths() -> None:
    """Look-ups have 32 bytes, events and message references 16, ledger ids 43 characters."""
    assert len(address_lookup(HASH_KEY, "line", "u")) == 32
    assert len(event_key(HASH_KEY, "line", "e")) == 16
    assert len(message_ref(HASH_KEY, "line", "u", "m")) == 16
    assert len(ledger_id(HASH_KEY, "person")) == 43


def test_domains_are_separate() -> None:
    """The same words hash differently as an address and as an event."""
    assert address_lookup(HASH_KEY, "line", "1")[:16] != event_key(HASH_KEY, "line", "1")


@given(one=st.tuples(NAME, NAME), two=st.tuples(NAME, NAME))
def test_no_two_names_alike(one: tuple[str, str], two: tuple[str, str]) -> None:
    """Two names share a look-up only if they are the same, wherever the border between parts is."""
    assert (address_lookup(HASH_KEY, *one) == address_lookup(HASH_KEY, *two)) == (one == two)


@given(name=NAME)
def test_the_key_matters(name: str) -> None:
    """Without the key nothing can be guessed: another key gives another hash."""
    assert address_lookup(HASH_KEY, "line", name) != address_lookup(bytes(32), "line", name)


def test_half_a_character() -> None:
    """A platform's id with half a surrogate pair is hashed like any other."""
    assert len(event_key(HASH_KEY, "line", "\ud83d")) == 16
