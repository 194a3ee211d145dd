"""A running process follows its key file, and never loses keys by it."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.app.keys import LOOK_EVERY, FollowedKeyring
from bot.privacy.keyring import Kek, Keyring, new_keyring, to_json
from bot.services.journal import Journal


class Hand:
    """A clock that a test moves."""

    now = 1_800_000_000_000

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def keyring() -> Keyring:
    """What the process began with."""
    return new_keyring()


@pytest.fixture
def clock() -> Hand:
    """The time."""
    return Hand()


@pytest.fixture
def followed(tmp_path: Path, keyring: Keyring, clock: Hand) -> FollowedKeyring:
    """The keyring of a running process, and its file."""
    put(tmp_path, keyring)
    return FollowedKeyring(tmp_path / "keys.json", keyring, clock, Journal(logging.getLogger("t")))


def put(folder: Path, content: Keyring | bytes) -> None:
    """Replace the key file as a careful administrator does: beside it, then in its place."""
    beside = folder / "keys.new"
    beside.write_bytes(content if isinstance(content, bytes) else to_json(content))
    beside.chmod(0o600)
    beside.replace(folder / "keys.json")


def with_next(keyring: Keyring) -> Keyring:
    """The same keyring with one more key, handed out before it is used."""
    return replace(keyring, keks=(*keyring.keks, Kek("later", bytes(range(32)), "next")))


def test_a_new_key_is_taken_up_while_serving(
    tmp_path: Path, followed: FollowedKeyring, keyring: Keyring, clock: Hand
) -> None:
    """A rotation can hand out the next key without a restart."""
    put(tmp_path, with_next(keyring))
    assert followed() == keyring, "not looked at again so soon"
    clock.now += LOOK_EVERY
    assert followed() == with_next(keyring)


def test_an_hour_back_does_not_stop_the_looking(
    tmp_path: Path, followed: FollowedKeyring, keyring: Keyring, clock: Hand
) -> None:
    """A clock that jumps back does not keep an old keyring for an hour."""
    put(tmp_path, with_next(keyring))
    clock.now -= 3_600_000
    assert followed() == with_next(keyring)


@pytest.mark.parametrize("case", ["broken", "gone", "open to all", "other look-up key", "demo"])
def test_a_file_that_does_not_fit_changes_nothing(
    tmp_path: Path,
    followed: FollowedKeyring,
    keyring: Keyring,
    clock: Hand,
    caplog: pytest.LogCaptureFixture,
    case: str,
) -> None:
    """Whatever happens to the file, the process goes on with the keys it has, and says so."""
    if case == "broken":
        put(tmp_path, b"{")
    elif case == "gone":
        (tmp_path / "keys.json").unlink()
    elif case == "open to all":
        put(tmp_path, with_next(keyring))
        (tmp_path / "keys.json").chmod(0o644)
    elif case == "other look-up key":
        put(tmp_path, new_keyring())
    else:
        put(tmp_path, replace(keyring, demo=True))
    clock.now += LOOK_EVERY
    with caplog.at_level(logging.INFO):
        assert followed() == keyring
    assert "keyring_refused" in caplog.text


def test_a_mended_file_is_taken_up(
    tmp_path: Path, followed: FollowedKeyring, keyring: Keyring, clock: Hand
) -> None:
    """After a broken file the next good one counts."""
    put(tmp_path, b"{")
    clock.now += LOOK_EVERY
    assert followed() == keyring
    put(tmp_path, with_next(keyring))
    clock.now += LOOK_EVERY
    assert followed() == with_next(keyring)
