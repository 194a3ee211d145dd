"""What a person did, as the engine reads it. Imports safety's Risk only.

An inbound never carries a name, a picture, a phone number, a place or a platform id.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from bot.safety.risk import NO_RISK, Risk

InboundKind = Literal[
    "begin",  # follow, /start, the web door; `code` is the opaque entry code
    "text",
    "tap",  # a button; `data` is what we gave out with it
    "sticker",
    "picture",
    "voice",
    "video",
    "file",
    "place",
    "contact_card",
    "edited",  # replaces an earlier text: read for risk, never re-runs a turn
    "unsent",  # takes an earlier message back: what was kept of it is forgotten
    "silence",  # a timer of ours; `data` is the nonce of the wait it belongs to
    "expired",  # a timer of ours: the session's life is over
    "free_text",  # words that this channel's mode doesn't take: read for risk, then dropped
    "code",  # four words of a return code; `data` is "missed" or "slow" where it did not open
    "moved",  # the conversation has come to another address, by a code or a door link
]
Conduct = Literal["", "sexual", "abuse", "scribble"]


class Inbound(msgspec.Struct, frozen=True, omit_defaults=True):
    """One inbound. `text` holds what was written (also a caption), `data` what a tap or timer
    carried, `ref` an opaque reference to the message it is (or edits, or takes back), if any.
    `conduct` says in which way the tone of a text crosses a line ("": it does not).
    """

    kind: InboundKind
    text: str = ""
    data: str = ""
    code: str = ""
    language: str = ""
    ref: str = ""
    risk: Risk = NO_RISK
    conduct: Conduct = ""
