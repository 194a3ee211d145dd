"""Keyrings: what they hold, what is refused, and that no key is ever shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from bot.errors import KeyringError, UnknownKeyError
from bot.privacy.keyring import (
    Kek,
    Keyring,
    destroyed,
    from_json,
    new_keyring,
    promoted,
    to_json,
    with_next,
)

OLD = Kek(id="old1", key=bytes([1]) * 32, state="old")
NOW = Kek(id="now1", key=bytes([2]) * 32, state="current")
NEXT = Kek(id="next1", key=bytes([3]) * 32, state="next")
GONE = Kek(id="gone1", key=b"", state="destroyed")
RING = Keyring(keks=(OLD, NOW, NEXT, GONE), lookup_key=bytes([4]) * 32, ledger_key=bytes([5]) * 32)


def test_new_keyring() -> None:
    """A new keyring has one current key, and every key in it is random and of 256 bits."""
    ring = new_keyring()
    keys = [ring.current.key, ring.lookup_key, ring.ledger_key]
    assert [len(key) for key in keys] == [32, 32, 32]
    assert len({*keys, *(new_keyring().current.key for _ in range(3))}) == 6
    assert not ring.demo
    assert new_keyring(demo=True).demo


@pytest.mark.parametrize(
    "ring", [pytest.param(RING, id="all states"), pytest.param(new_keyring(demo=True), id="demo")]
)
def test_round_trip(ring: Keyring) -> None:
    """What was written to a key file is read back the same."""
    assert from_json(to_json(ring)) == ring


def test_finding_a_key() -> None:
    """A row's key is found by its id, in whatever state it is."""
    assert RING.current is NOW
    assert [RING.kek(key_id) for key_id in ("old1", "now1", "next1")] == [OLD, NOW, NEXT]


@pytest.mark.parametrize("key_id", ["gone1", "never"], ids=["destroyed", "unknown"])
def test_key_not_held(key_id: str) -> None:
    """A key that isn't held is named, so that it can be put back."""
    with pytest.raises(UnknownKeyError, match=key_id) as caught:
        RING.kek(key_id)
    assert caught.value.key_id == key_id


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        pytest.param(b"", "is not a keyring", id="empty"),
        pytest.param(b"\x00\xff", "is not a keyring", id="not text"),
        pytest.param(b"[]", "Expected `object`, got `array`", id="not an object"),
        pytest.param(b"{}", "missing required field `keks`", id="nothing in it"),
    ],
)
def test_not_a_keyring(data: bytes, sentence: str) -> None:
    """A file that is no keyring is refused with one sentence and what to do."""
    with pytest.raises(KeyringError, match=sentence) as caught:
        from_json(data)
    assert "engawa keys new" in str(caught.value)


def _with(**fields: Any) -> Callable[[], Keyring]:
    return lambda: msgspec.structs.replace(RING, **fields)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        pytest.param(_with(keks=(OLD,)), "0 current", id="none current"),
        pytest.param(
            _with(keks=(NOW, msgspec.structs.replace(NOW, id="b"))), "2 current", id="two current"
        ),
        pytest.param(
            _with(keks=(NOW, NEXT, msgspec.structs.replace(NEXT, id="b"))), "2 next", id="two next"
        ),
        pytest.param(
            _with(keks=(NOW, msgspec.structs.replace(OLD, id="now1"))), "same id", id="same id"
        ),
        pytest.param(
            _with(keks=(msgspec.structs.replace(NOW, id="a b"),)), "letters and digits", id="odd id"
        ),
        pytest.param(
            _with(keks=(msgspec.structs.replace(NOW, key=b"short"),)), "5 bytes", id="short key"
        ),
        pytest.param(
            _with(keks=(NOW, msgspec.structs.replace(GONE, key=bytes(32)))),
            "'gone1' \\(destroyed\\) has 32 bytes",
            id="destroyed but there",
        ),
        pytest.param(_with(lookup_key=b"x"), "look-up key", id="short look-up key"),
        pytest.param(_with(ledger_key=RING.lookup_key), "two places", id="look-up is ledger"),
        pytest.param(_with(lookup_key=NOW.key), "two places", id="look-up is kek"),
    ],
)
def test_unusable_keyring(make: Callable[[], Keyring], sentence: str) -> None:
    """Keys that contradict one another are refused, and the sentence says how."""
    with pytest.raises(KeyringError, match=sentence):
        from_json(to_json(make()))


def test_unknown_field_or_version() -> None:
    """A key file of a later format is refused and not half read."""
    for before, after in ((b'"version": 1', b'"version": 2'), (b'"demo"', b'"flags": 1, "demo"')):
        data = to_json(RING)
        assert before in data
        with pytest.raises(KeyringError):
            from_json(data.replace(before, after))


def test_keys_are_never_shown() -> None:
    """Neither a keyring's text nor a refusal holds a key."""
    ring = new_keyring()
    data = to_json(ring)
    shown = [repr(ring), str(ring.current), f"{ring!s}"]
    with pytest.raises(KeyringError) as caught:
        from_json(data[:-30])
    shown.append(str(caught.value))
    encoded = msgspec.json.decode(data)["lookup_key"]
    for text in shown:
        assert encoded not in text
        assert repr(ring.lookup_key) not in text
        assert repr(ring.current.key) not in text


def states(keyring: Keyring) -> dict[str, str]:
    """Each key's state, by its id."""
    return {kek.id: kek.state for kek in keyring.keks}


def test_a_key_through_its_life() -> None:
    """next, current, old, destroyed: the other keys stay as they are, and none is lost."""
    first = new_keyring()
    handed_out = with_next(first)
    fresh = handed_out.keks[-1]
    assert states(handed_out) == {first.current.id: "current", fresh.id: "next"}
    in_use = promoted(handed_out, fresh.id)
    assert states(in_use) == {first.current.id: "old", fresh.id: "current"}
    assert [kek.key for kek in in_use.keks] == [first.current.key, fresh.key]
    over = destroyed(in_use, first.current.id)
    assert states(over) == {first.current.id: "destroyed", fresh.id: "current"}
    assert over.keks[0].key == b""
    for keyring in (handed_out, in_use, over):
        assert from_json(to_json(keyring)) == keyring
        assert (keyring.lookup_key, keyring.ledger_key) == (first.lookup_key, first.ledger_key)


def test_one_next_key_at_a_time() -> None:
    """A second next key is refused, and the first one named."""
    with pytest.raises(KeyringError, match=r"Key next1 is handed out .*promote next1"):
        with_next(RING)


@pytest.mark.parametrize(
    ("change", "key_id", "sentence"),
    [
        pytest.param(promoted, "now1", "now1 is current, and only a next", id="promote current"),
        pytest.param(promoted, "old1", "old1 is old, and only a next", id="promote old"),
        pytest.param(promoted, "gone1", "gone1 is destroyed", id="promote destroyed"),
        pytest.param(promoted, "never", "no key 'never'", id="promote nothing"),
        pytest.param(destroyed, "now1", "now1 is current, and only an old", id="destroy current"),
        pytest.param(destroyed, "next1", "next1 is next, and only an old", id="destroy next"),
        pytest.param(destroyed, "gone1", "gone1 is destroyed", id="destroy twice"),
        pytest.param(destroyed, "never", "no key 'never'", id="destroy nothing"),
    ],
)
def test_states_that_do_not_follow(
    change: Callable[[Keyring, str], Keyring], key_id: str, sentence: str
) -> None:
    """A key takes no state out of its order, and the refusal says what to do."""
    with pytest.raises(KeyringError, match=sentence):
        change(RING, key_id)
