"""What a service is made of: what differs between serving, the demo, the terminal and tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.app.nature import SystemChance, system_clock
from bot.config import Settings
from bot.privacy.keyring import Keyring
from bot.services.modes import Modes
from bot.services.ports import Chance, Channel, Clock, Ledger, Store


@dataclass(frozen=True, slots=True)
class Parts:
    """What differs between serving, the demo, the terminal and tests."""

    settings: Settings
    keyring: Keyring
    store: Store
    ledger: Ledger
    channels: Mapping[str, Channel]
    key_file: Path | None = None  # read again when it changes
    demo: bool = False
    modes: Modes = field(default_factory=dict)  # a channel that is not in it takes everything
    clock: Clock = system_clock
    chance: Chance = field(default_factory=SystemChance)
