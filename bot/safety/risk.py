"""What a risk reading says: a tier, a topic and the rule that fired. Pure."""

from __future__ import annotations

from enum import IntEnum

import msgspec


class Tier(IntEnum):
    """How urgent: nothing noticed, soft, active, imminent (docs/safety.md)."""

    NONE = 0
    SOFT = 1
    ACTIVE = 2
    IMMINENT = 3


class Risk(msgspec.Struct, frozen=True):
    """One reading of one text. `rule` explains it to staff; never what the person wrote."""

    tier: Tier = Tier.NONE
    topic: str = ""
    rule: str = ""


NO_RISK = Risk()
