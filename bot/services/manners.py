"""Reads the tone of what was heard, by the active revision; a risky text is never a matter of tone.

Imports engine data, ports, revisions and this room's intake.
"""

from __future__ import annotations

from msgspec.structs import replace

from bot.safety.risk import NO_RISK
from bot.services.intake import Batch
from bot.services.ports import Heard
from bot.services.revisions import Published


def with_conduct(batch: Batch, published: Published) -> Batch:
    """The batch, each text with the line that its tone crosses, if any."""
    return replace(
        batch, heard={event: _read(heard, published) for event, heard in batch.heard.items()}
    )


def _read(heard: Heard, published: Published) -> Heard:
    inbound = heard.inbound
    if inbound is None or inbound.kind != "text" or inbound.risk != NO_RISK:
        return heard
    conduct = published.read_conduct(inbound.text)
    return replace(heard, inbound=replace(inbound, conduct=conduct)) if conduct else heard
