"""What bot.app hands to the staff pages. Imports services' and flow's data only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from bot.flow.definition import Messages
from bot.services.ports import Chance, Clock
from bot.services.staff.desk import StaffDesk


@dataclass(frozen=True, slots=True)
class StaffSettings:
    """What differs between deployments. Times in seconds."""

    title: str = ""  # the service's name in the head of the page; else the message room.title
    zone: str = "Asia/Tokyo"
    demo: bool = False
    demo_password: str = ""  # shown on every page of the demo
    url: str = ""  # where staff reach these pages; links of invitations begin with it
    streams: int = 200  # live streams at once; beyond that pages ask by themselves
    streams_each: int = 4  # … and for one account
    recheck: float = 10.0  # a stream looks for news after this long


@dataclass(frozen=True, slots=True)
class StaffPorts:
    """Everything the staff pages reach. `alias` gives the two words for a conversation's id."""

    desk: StaffDesk
    messages: Callable[[], Messages]  # of the active revision, from memory
    clock: Clock
    chance: Chance
    alias: Callable[[str], str] = str
    settings: StaffSettings = field(default_factory=StaffSettings)
