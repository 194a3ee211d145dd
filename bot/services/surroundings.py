"""Gathers the frozen snapshot a turn may look at: now, hours, standing values, random draws.

Imports engine data, ports and revisions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from bot.engine.world import World
from bot.flow.quiet import NEVER_QUIET, Quiet, is_quiet
from bot.services.ports import Chance, Channel
from bot.services.revisions import Published


class Hours(Protocol):
    """Which queues are open."""

    def open(self, now: int) -> Mapping[str, bool]:
        """Of each queue, whether it is open at `now` (UTC ms)."""


class Standing(Protocol):
    """The values that hold for everybody: `days_left`, `places_now`, `centre` …"""

    def values(self, published: Published, language: str, now: int) -> Mapping[str, str]:
        """Them in a language, from the active revision; quick and pure."""


class Surroundings:
    """Makes worlds."""

    def __init__(
        self, hours: Hours, standing: Standing, chance: Chance, quiet: Quiet = NEVER_QUIET
    ) -> None:
        self._hours = hours
        self._standing = standing
        self._chance = chance
        self._quiet = quiet

    def world(
        self, published: Published, channel: Channel, now: int, language: str, hint: str
    ) -> World:
        """The world of one turn. `language` is the session's (or the one it will likely have),
        `hint` the channel's.
        """
        receipt = self._chance.receipt()
        quiet = is_quiet(self._quiet, now)
        return World(
            now=now,
            channel=channel.name,
            nonce=self._chance.nonce(),
            open=self._hours.open(now),
            values={**self.standing(published, language, now), "receipt": receipt},
            receipt=receipt,
            language=hint,
            speaks_unprompted=channel.speaks_unprompted and not quiet,
            quiet=quiet,
        )

    def standing(self, published: Published, language: str, now: int) -> Mapping[str, str]:
        """The standing values alone, without a receipt."""
        return self._standing.values(published, language, now)
