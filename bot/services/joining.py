"""Rows that found no road ride along on the next reply token: their messages come first, then what
the new turn says, five messages a request. Pure; imports records and the JSON of requests.

A waiting row's payload is final JSON, so nothing is rendered again. Only requests of the shape
{"messages": [...]} can be joined, which is LINE's; no other channel has rows that wait.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from bot.services.records import OutboxRow
from bot.services.verdicts import DOUBT, SENT_AGAIN, TOKEN_LIFE, marks

MOST = 5
"""Messages in one LINE request at most."""


class _Request(msgspec.Struct, frozen=True):
    messages: tuple[msgspec.Raw, ...]


_DECODER = msgspec.json.Decoder(_Request)


def may_ride(token_at: int, now: int) -> bool:
    """Whether an inbound's token is still young enough to carry what waited."""
    return token_at > 0 and now - token_at <= TOKEN_LIFE


def riders(waiting: Sequence[OutboxRow]) -> tuple[OutboxRow, ...]:
    """Which waiting rows are said again, in order: not those that may have arrived and must not
    come twice.
    """
    return tuple(
        row
        for row in sorted(waiting, key=lambda row: row.seq)
        if row.speech in SENT_AGAIN or DOUBT not in marks(row)
    )


def join(payloads: Sequence[bytes]) -> tuple[bytes, ...]:
    """The same messages in the same order in as few requests as they fit in.

    Raises msgspec.DecodeError for a payload of another shape.
    """
    messages = [message for payload in payloads for message in _DECODER.decode(payload).messages]
    return tuple(
        msgspec.json.encode(_Request(tuple(messages[start : start + MOST])))
        for start in range(0, len(messages), MOST)
    )
