"""Turning keys day by day: the bound that people are told, whatever a timer does."""

from __future__ import annotations

from random import Random
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.privacy.keyring import Kek, Keyring, destroyed, from_json, new_keyring, to_json
from bot.privacy.turning import (
    BOUND,
    DAY,
    FORGOTTEN_AFTER,
    HANDED_OUT_FOR,
    HOUR,
    KEPT_FOR,
    advanced,
    comes_next,
    counted,
    past_the_bound,
    to_destroy,
    without_forgotten,
)

START = 1_800_000_000_000
DAYS = 200
MOST_HELD = 2


class Backup(NamedTuple):
    """When it was taken, the keys that rows were under then, and of these the rows of processes
    that had read the file (it takes them seconds).
    """

    at: int
    keys: frozenset[str]
    punctual: frozenset[str]


class Town:
    """Rows under keys, a nightly backup before and after each call, and a process that is late."""

    def __init__(self, keyring: Keyring) -> None:
        self.keyring = keyring
        self.rows = [keyring.current.id]
        self.stale: list[str] = []
        self.backups: list[Backup] = []

    def call(self, now: int) -> None:
        """What `engawa keys turn` does."""
        before = self.keyring.current.id
        self.keyring = advanced(counted(self.keyring, now), now)
        self.rows = [self.keyring.current.id] * len(self.rows + self.stale)
        for key_id in to_destroy(self.keyring, now):
            self.keyring = destroyed(self.keyring, key_id, now)
        self.keyring = without_forgotten(self.keyring, now)
        self.rows.append(self.keyring.current.id)
        self.stale = [before]

    def back_up(self, now: int) -> None:
        """One more backup; those that nobody can open are dead for good."""
        held = self.held()
        self.backups = [each for each in self.backups if each.keys & held]
        self.backups.append(Backup(now, frozenset(self.rows + self.stale), frozenset(self.rows)))

    def held(self) -> set[str]:
        """The keys in the file."""
        return {kek.id for kek in self.keyring.keks if kek.key}

    def look(self, now: int) -> None:
        """What is true at every moment."""
        held = self.held()
        assert {*self.rows, *self.stale} <= held
        assert len(held) <= MOST_HELD
        for backup in self.backups:
            if now - backup.at > BOUND:
                assert not backup.keys & held, (now - backup.at) / DAY
            if now - backup.at < DAY:
                assert backup.punctual <= held
        assert past_the_bound(self.keyring, now) == []
        assert from_json(to_json(self.keyring)) == self.keyring


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32), missed=st.floats(0, 1), dated=st.booleans())
def test_the_bound_holds(seed: int, missed: float, dated: bool) -> None:
    """200 days of calls, doubled, up to an hour late, missed but never two in a row: no backup over
    14 days opens, every one under a day and every row does, and two keys are held at most.
    """
    chance, was_missed = Random(seed), True
    town = Town(new_keyring(now=START if dated else 0))
    for day in range(DAYS):
        now = START + day * DAY + chance.randrange(HOUR)
        town.look(now)
        town.back_up(now)
        was_missed = not was_missed and chance.random() < missed
        if not was_missed:
            town.call(now)
            if chance.random() < 0.2:
                after = town.keyring
                town.call(now)
                assert town.keyring == after
        town.look(now)
        town.back_up(now)


def days_of_destroying(missed: set[int], minutes: dict[int, int], days: int = 30) -> list[int]:
    """The days on which a key was destroyed, of calls on all days but those missed."""
    town, found = Town(new_keyring(now=START)), []
    for day in range(1, days):
        if day in missed:
            continue
        before = town.held()
        town.call(START + day * DAY + minutes.get(day, 30) * 60_000)
        if before - town.held():
            found.append(day)
    return found


def test_the_arithmetic() -> None:
    """With daily calls a key lives 8 days; at worst, with three missed, 13."""
    assert days_of_destroying(set(), {})[:2] == [8, 15]  # the second became current on day 7
    worst = {7: 59, 8: 0, 10: 59, 11: 0}
    assert days_of_destroying({6, 9, 12}, {**worst, 13: 59})[0] == 13


def test_one_state_after_another() -> None:
    """A next key waits a day, an old one another; what comes next is said with its time."""
    keyring = new_keyring(now=START)
    assert comes_next(keyring).act == "hand out"
    out = comes_next(keyring).at
    assert advanced(keyring, out - 1) == keyring
    keyring = advanced(keyring, out)
    ripe = comes_next(keyring)
    assert (ripe.act, ripe.at) == ("promote", out + HANDED_OUT_FOR)
    assert advanced(keyring, ripe.at - 1) == keyring
    keyring = advanced(keyring, ripe.at)
    assert (keyring.current.id, keyring.current.used) == (ripe.key, ripe.at)
    gone = comes_next(keyring)
    assert (gone.act, gone.at) == ("destroy", ripe.at + KEPT_FOR)
    assert to_destroy(keyring, gone.at - 1) == []
    assert to_destroy(keyring, gone.at) == [gone.key]


@pytest.mark.parametrize(
    "since", [0, START + 1], ids=["a file of before", "a clock that was wrong"]
)
def test_times_that_are_unknown(since: int) -> None:
    """Times that nobody wrote down, or that are still to come, count from the first call."""
    keyring = new_keyring(now=since)
    keks = (*keyring.keks, Kek("n1", b"n" * 32, "next", since), Kek("o1", b"o" * 32, "old", since))
    found = counted(replace(keyring, keks=keks), START)
    assert [(kek.since, kek.used) for kek in found.keks] == [
        (START, START),
        (START, 0),
        (START,) * 2,
    ]
    assert counted(found, START + DAY) == found


def test_long_destroyed_keys_leave_the_list() -> None:
    """After 400 days a destroyed key's id is forgotten, never earlier, and no other key is."""
    gone = Kek("gone1", b"", "destroyed", since=START)
    keyring = new_keyring(now=START)
    keyring = replace(keyring, keks=(gone, *keyring.keks))
    assert without_forgotten(keyring, START + FORGOTTEN_AFTER - 1) == keyring
    left = without_forgotten(keyring, START + FORGOTTEN_AFTER)
    assert left.keks == keyring.keks[1:]
    assert past_the_bound(left, START + FORGOTTEN_AFTER) == [left.current]


def test_a_file_of_before() -> None:
    """A key file without times is read, and one of which no time is known is written as before."""
    keyring = new_keyring()
    data = to_json(keyring)
    assert b"since" not in data
    assert b"used" not in data
    assert from_json(data) == keyring
