"""Where an inbound came by, and whether the conversation is at home there. Pure.

Imports engine data and records.
"""

from __future__ import annotations

from msgspec.structs import replace

from bot.engine.inbound import Inbound
from bot.engine.session import Session
from bot.engine.world import Mode
from bot.safety.risk import Tier
from bot.services.records import Address, Claim, Lane, StoredInbound

OURS = ("silence", "expired", "unsent")
"""Kinds of inbounds that nobody waits for an answer to."""
UNCOPIED = (*OURS, "begin", "edited", "moved")
"""Kinds that leave no row in our copy of what was said."""


def came_by(claim: Claim, stored: StoredInbound) -> Lane:
    """The lane with the address that an inbound came by; the current one if that is gone."""
    for address in claim.elsewhere:
        if address.id == stored.address:
            return replace(claim.lane, address=address)
    return claim.lane


def at_home(lane: Lane) -> bool:
    """Whether the lane's address is the conversation's current one."""
    return lane.conversation.address == lane.address.id


def at_doorstep(lane: Lane, mode: Mode, inbound: Inbound) -> bool:
    """Whether an inbound is answered at a doorstep: a door, or an address that was left.

    Our own timers and what is taken back concern the conversation itself, wherever it is; so does
    an edit, unless it is a cry for help.
    """
    if inbound.kind in OURS:
        return False
    if inbound.kind == "edited" and inbound.risk.tier < Tier.ACTIVE:
        return False
    return mode == "door_only" or not at_home(lane)


def alive(session: Session | None, now: int, life_ms: int) -> Session | None:
    """A doorstep's session, unless its life is over: no timer of its own ends it."""
    return session if session is not None and now < session.seen_at + life_ms else None


def with_addresses(claim: Claim, changed: tuple[Address, ...]) -> Claim:
    """The claim with the rows of addresses that a turn has changed."""
    rows = {address.id: address for address in changed}
    home = claim.lane.address
    elsewhere = tuple(rows.get(address.id, address) for address in claim.elsewhere)
    lane = replace(claim.lane, address=rows.get(home.id, home))
    return replace(claim, lane=lane, elsewhere=elsewhere)
