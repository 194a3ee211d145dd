"""The frozen snapshot of everything outside the session that a turn may look at. Imports the
engine's own data.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from bot.engine.events import Event, Timer
from bot.engine.session import Session

Mode = Literal["door_only", "buttons_only", "full"]


class World(msgspec.Struct, frozen=True):
    """Gathered by services before the turn, so that the engine needs no clock, no chance and no
    I/O.

    `now` is UTC ms. `open` says of each queue whether it is open. `nonce` is this turn's random
    draw (short, URL safe),
    `receipt` the erase receipt code that a confirmation would show. `values` fill message
    placeholders.
    `speaks_unprompted`: whether a bubble may be sent although the person did nothing (never on LINE
    unless the flow
    says push). `language` is the channel's hint, "" if it has none. `mode` is what this channel may
    take (bot.config). `doorstep`: the conversation is not at home at this address (a door, or a
    former address), so only what holds at a doorstep is said there. `quiet`: nobody is to be
    disturbed now, whatever a flow says. `tier` is the conversation's risk tier so far,
    `limited_until` (UTC ms) until when a supervisor limits it for its tone.
    """

    now: int
    channel: str
    nonce: str
    open: Mapping[str, bool] = {}
    values: Mapping[str, str] = {}
    receipt: str = ""
    language: str = ""
    speaks_unprompted: bool = True
    mode: Mode = "full"
    doorstep: bool = False
    quiet: bool = False
    tier: int = 0
    limited_until: int = 0


class Limits(msgspec.Struct, frozen=True):
    """Where a loop ends with a kind message instead of a hung process; from config.toml.

    `states` per turn; `depth` of subflows; `session_bytes` of the encoded session; `history` steps
    for もどる;
    `return_after` and `session_life` in ms, as `rest`: the pause after the tone crossed a line for
    the second time.
    """

    states: int = 25
    depth: int = 8
    session_bytes: int = 16_384
    history: int = 12
    return_after: int = 6 * 3_600_000
    session_life: int = 7 * 86_400_000
    rest: int = 15 * 60_000


class Turn(msgspec.Struct, frozen=True):
    """What one inbound led to: the new session, the events in order, and the timers that now hold
    (all of them).
    """

    session: Session
    events: tuple[Event, ...]
    timers: tuple[Timer, ...]
