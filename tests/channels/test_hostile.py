"""What nobody should send: wrong signatures, broken bodies, all that hypothesis can think of."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import BadBodyError, BadSignatureError
from tests.channels.bodies import line_body, line_text
from tests.channels.doors import DOORS, channel, heard, signed
from tests.channels.test_reading import READING


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"hello", id="no-json"),
        pytest.param(b"[]", id="a-list"),
        pytest.param(b"null", id="null"),
        pytest.param(b"{}", id="nothing-inside"),
        pytest.param(b'{"events": 5, "update_id": "x"}', id="wrong-types"),
        pytest.param(b'{"events": [{]}', id="broken"),
        pytest.param(b"[" * 100_000, id="deep"),
        pytest.param(b'{"events":[' + b"[" * 100_000, id="deep-inside"),
        pytest.param(b"\xff\xfe", id="no-utf8"),
    ],
)
def test_bad_bodies(door: str, body: bytes) -> None:
    """What is not the platform's shape is refused as a whole, without a traceback of a library."""
    with pytest.raises(BadBodyError):
        heard(door, body)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("wrong", ["", "AAAA", "あ\ud83d", None])
def test_bad_signatures(door: str, wrong: str | None) -> None:
    """Without the right signature nothing is parsed, not even to see that it is no JSON."""
    header = next(iter(signed(door, b"")))
    headers = {} if wrong is None else {header: wrong}
    with pytest.raises(BadSignatureError):
        channel(door).read(headers, b"this is no JSON")


def test_one_bit_changes_the_line_signature() -> None:
    """A body changed by one bit, or encoded anew, is refused: the raw bytes are signed."""
    body = line_body(line_text())
    headers = signed("line", body)
    for position in range(0, len(body), 7):
        changed = body[:position] + bytes([body[position] ^ 1]) + body[position + 1 :]
        with pytest.raises(BadSignatureError):
            channel("line").read(headers, changed)
    with pytest.raises(BadSignatureError):
        channel("line").read(headers, json.dumps(json.loads(body), ensure_ascii=False).encode())


def test_the_known_signature() -> None:
    """The signature is HMAC-SHA256 in base64, by a vector made with another program (openssl)."""
    headers = {"X-LINE-SIGNATURE": "LN11AokR25V7PhW3JcFW+uanpf99afNGwk+js1VKsck="}
    assert channel("line").read(headers, b'{"destination":"U","events":[]}') == []


KEYS = st.sampled_from(
    [
        *("events", "type", "mode", "source", "userId", "groupId", "timestamp", "webhookEventId"),
        *("message", "id", "text", "postback", "data", "unsend", "messageId", "replyToken"),
        *("update_id", "chat", "from", "message_id", "date", "edit_date", "callback_query"),
        *("my_chat_member", "new_chat_member", "status", "edited_message", "channel_post"),
        *("language_code", "caption", "photo"),
    ]
)
WORDS = st.sampled_from(
    ["message", "text", "user", "group", "private", "follow", "kicked", "active"]
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), WORDS, st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=8)),
    max_leaves=30,
)
GOOD = [json.loads(str(row.values[1], "utf-8")) for row in READING]  # type: ignore[call-overload]


def _set(document: Any, path: list[int], value: Any) -> Any:
    """The document with something deep inside replaced, found by following `path`."""
    if not path or not isinstance(document, dict | list) or not document:
        return value
    keys = list(document) if isinstance(document, dict) else list(range(len(document)))
    key = keys[path[0] % len(keys)]
    copy = dict(document) if isinstance(document, dict) else list(document)
    copy[key] = _set(copy[key], path[1:], value)
    return copy


MUTATED = st.builds(
    _set,
    st.sampled_from(GOOD),
    st.lists(st.integers(min_value=0, max_value=50), min_size=1, max_size=5),
    VALUES,
)
BODIES = st.one_of(
    st.binary(max_size=80),
    st.one_of(VALUES, MUTATED).map(lambda value: json.dumps(value).encode()),
)


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(DOORS), BODIES)
def test_no_body_breaks_the_reading(door: str, body: bytes) -> None:
    """Any signed body is heard or refused as a bad body; nothing else comes out."""
    try:
        found = heard(door, body)
    except BadBodyError:
        return
    assert all(one.event_id and one.user_id for one in found)


@settings(deadline=None)
@given(st.sampled_from(DOORS), st.binary(max_size=60), st.text(max_size=50))
def test_no_guess_is_a_signature(door: str, body: bytes, guess: str) -> None:
    """No guessed header opens the door."""
    with pytest.raises(BadSignatureError):
        channel(door).read({next(iter(signed(door, body))): guess}, body)
