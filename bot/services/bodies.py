"""What is inside the envelopes: the JSON bodies that rows carry sealed. Imports engine and
rendering data only.
"""

from __future__ import annotations

import msgspec

from bot.engine.inbound import Inbound
from bot.rendering.bubbles import Bubble


class InboundBody(msgspec.Struct, frozen=True, omit_defaults=True):
    """An inbound with what its answer may use: the reply token, if the platform gave one."""

    inbound: Inbound
    reply_token: str = ""


class MessageBody(msgspec.Struct, frozen=True, omit_defaults=True):
    """Our copy of one thing said: by a person (`text`, or `kind` of media) or by us (`bubbles`)."""

    text: str = ""
    kind: str = ""
    bubbles: tuple[Bubble, ...] = ()
    crisis: bool = False


class RequestBody(msgspec.Struct, frozen=True, omit_defaults=True):
    """One API request, rendered: `payload` is the channel's final JSON less the recipient;
    `reply_token` if it had one.
    """

    payload: msgspec.Raw
    reply_token: str = ""
