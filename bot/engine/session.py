"""The run of flows inside a conversation, kept between turns; plain data that survives JSON.
Imports nothing of ours.
"""

from __future__ import annotations

from typing import Literal

import msgspec


class Answer(msgspec.Struct, frozen=True, array_like=True):
    """A value a person gave, and when it is forgotten (UTC ms; None: with the session).

    `source` begins the reference of the message it was taken from ("": a tap, or none is known).
    """

    value: str
    until: int | None = None
    source: str = ""


class Frame(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where one flow stands. Lower frames wait for the one above to return.

    `state` is "" where the flow hasn't been entered yet: it begins at its entry in its turn.
    """

    flow: str
    state: str
    answers: dict[str, Answer] = {}


class Session(msgspec.Struct, frozen=True, omit_defaults=True):
    """The whole run. `shown` are the choice ids on the person's screen under `nonce`, in their
    numbered order.

    `history` holds earlier stacks for もどる, newest last, bounded. Times are UTC ms: `entered_at`
    is when the wait named by `nonce` began, `seen_at` when the person last did something. `unsaid`
    is set where silence moved the state without a word being sent. `receipt` is the erase receipt
    that a message showed last. `conduct` counts how often the tone crossed a line; until
    `rest_until` only words, taps and risk are answered for that; `limit_said` is when the person
    was told last that a supervisor limited this conversation.
    """

    revision: str
    stack: tuple[Frame, ...] = ()
    history: tuple[tuple[Frame, ...], ...] = ()
    nonce: str = ""
    shown: tuple[str, ...] = ()
    language: str = ""
    misunderstood: int = 0
    entered_at: int = 0
    seen_at: int = 0
    unsaid: bool = False
    code: str = ""
    receipt: str = ""
    conduct: int = 0
    rest_until: int = 0
    limit_said: int = 0
    status: Literal["new", "active", "ended"] = "new"


def encode(session: Session) -> bytes:
    """The session as JSON bytes."""
    return _ENCODER.encode(session)


def decode(data: bytes) -> Session:
    """The session that `encode` wrote; raises msgspec.DecodeError on anything else."""
    return _DECODER.decode(data)


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Session)
