"""Builds what takes turns: visits, turns, what stands in for them, moves, floods, conversations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.app.lifetimes import retention_of
from bot.app.parts import Parts
from bot.config import Settings
from bot.engine.world import Limits
from bot.services.alarm import Alarm
from bot.services.apologies import Apologies
from bot.services.card import SafetyCard
from bot.services.conversations import Conversations
from bot.services.drawing import Draws
from bot.services.entrances import Entrances
from bot.services.erasure import Erasure
from bot.services.errands import Errands
from bot.services.floods import Floods, Pacing
from bot.services.journal import Journal
from bot.services.lanes import Vault
from bot.services.moving import Moving
from bot.services.ports import Bell
from bot.services.revisions import Programs
from bot.services.surroundings import Surroundings
from bot.services.turns import Turns
from bot.services.visits import Visits

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR


@dataclass(frozen=True, slots=True)
class Ground:
    """What everything here stands on; `room_url` tells where people reach the room."""

    parts: Parts
    programs: Programs
    vault: Vault
    surroundings: Surroundings
    card: SafetyCard
    erasure: Erasure
    bell: Bell
    errands: Errands
    deliver: Alarm
    work: Alarm
    journal: Journal
    room_url: Callable[[], str]


class Talking:
    """`conversations` is every channel's way in, `entrances` the web's for those who are known."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self.moving = self._moving()
        self.conversations = self._conversations()
        self.entrances = Entrances(
            self.moving, self.conversations, ground.vault, ground.parts.chance
        )

    def _visits(self) -> Visits:
        parts = self._ground.parts
        return Visits(
            self._ground.programs,
            self._ground.surroundings,
            parts.channels,
            parts.modes,
            limits_of(parts.settings),
            retention_of(parts.settings),
        )

    def _turns(self) -> Turns:
        parts = self._ground.parts
        return Turns(
            self._ground.programs,
            self._ground.vault,
            self._ground.surroundings,
            self._visits(),
            parts.chance,
            parts.clock,
            self._ground.journal,
            limits_of(parts.settings),
            parts.store.messages_kept,
            Draws(self._ground.vault, parts.chance, self._ground.room_url),
        )

    def _apologies(self) -> Apologies:
        parts = self._ground.parts
        return Apologies(
            self._ground.programs,
            self._ground.vault,
            self._ground.surroundings,
            self._visits(),
            parts.chance,
            parts.clock,
            limits_of(parts.settings),
        )

    def _moving(self) -> Moving:
        parts = self._ground.parts
        return Moving(
            parts.store,
            parts.ledger,
            self._ground.vault,
            self._ground.programs,
            parts.channels,
            parts.modes,
            parts.chance,
            parts.clock,
            self._ground.journal,
            parts.settings.delivery.lease_ms,
        )

    def _conversations(self) -> Conversations:
        parts = self._ground.parts
        return Conversations(
            parts.store,
            self._ground.programs,
            self._ground.vault,
            self._turns(),
            self._apologies(),
            self.moving,
            self._ground.erasure,
            self._ground.card,
            parts.channels,
            parts.modes,
            self._ground.bell,
            self._ground.errands,
            self._ground.deliver,
            self._ground.work,
            parts.clock,
            self._ground.journal,
            parts.settings.delivery.lease_ms,
            parts.settings.delivery.turn_budget_ms,
            self._floods(),
        )

    def _floods(self) -> Floods:
        parts = self._ground.parts
        floods = parts.settings.floods
        return Floods(
            self._ground.programs,
            parts.store,
            parts.channels,
            self._ground.errands,
            parts.chance,
            parts.clock,
            self._ground.journal,
            Pacing(floods.burst, floods.per_minute),
        )


def limits_of(settings: Settings) -> Limits:
    """The engine's limits from the settings."""
    session = settings.session
    return Limits(
        states=session.states,
        depth=session.depth,
        session_bytes=session.session_bytes,
        history=session.history,
        return_after=session.return_after_hours * HOUR,
        session_life=session.life_days * DAY,
        rest=settings.floods.rest_minutes * MINUTE,
    )
