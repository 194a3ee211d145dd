"""What bot.app hands to the web, as protocols and plain data.

Imports services' and flow's data only.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

import msgspec

from bot.flow.definition import Messages
from bot.flow.readings import NO_READINGS, Readings
from bot.services.bodies import MessageBody
from bot.services.ports import Bell, Chance, Channel, Clock, Heard
from bot.services.statement import Statement


class Entry(msgspec.Struct, frozen=True):
    """One row of a transcript, opened. `body` is None where the words were taken back."""

    seq: int
    author: Literal["person", "bot", "staff"]
    body: MessageBody | None


class View(msgspec.Struct, frozen=True):
    """What a room shows: rows oldest first, and the language of the session ("" if unknown).

    `receipt` is the erase receipt that the confirmation question showed last. `covered`: the cover
    word was sent, so only harmless content is shown. `hidden`: something was said before, and none
    of it is to be seen here (quick exit, or a move). `moved`: the conversation is at home elsewhere
    now.
    """

    conversation: str
    language: str
    entries: tuple[Entry, ...]
    receipt: str = ""
    covered: bool = False
    hidden: bool = False
    moved: bool = False


class Transcripts(Protocol):
    """Reads a web conversation by its pass; None means there is none (never was, or erased).

    Raises StoreUnavailableError or KeyringError.
    """

    async def newest(self, token: str, limit: int) -> View | None:
        """The newest `limit` rows."""

    async def after(self, token: str, seq: int, limit: int) -> View | None:
        """Up to `limit` rows after the cursor `seq`."""


@dataclass(frozen=True, slots=True)
class WebSettings:
    """What differs between deployments. Sizes in bytes, times in seconds."""

    title: str = ""  # a neutral name of the city's choice; else the message room.title
    neutral: bool = False  # the neutral name for everybody, not only for who asks for it
    neutral_name: str = ""  # else the message pages.neutral_name
    exit_url: str = "https://www.jma.go.jp/bosai/forecast/"  # what quick exit leaves behind
    onion: str = ""  # the room's .onion address, told to Tor browsers
    demo: bool = False
    body_cap: int = 1_048_576
    pass_age: int = 30 * 86_400  # as long as the shell of a session lives after its last use
    streams: int = 2_000  # live streams at once; beyond that rooms poll
    streams_each: int = 4  # … and for one conversation
    recheck: float = 10.0  # a stream looks again after this long even if no bell rang


Refused = Literal["missed", "slow"]


async def no_door(token: str, language: str, fresh: str, here: str) -> str | None:
    """Where nobody is known, no link opens."""
    return None


async def no_code(words: str, language: str, fresh: str, here: str) -> tuple[str, Refused | None]:
    """Where nobody is known, no words open anything."""
    return "", "missed"


async def nothing_to_veil(_: str) -> None:
    """Where nothing is kept, quick exit has nothing to hide."""


@dataclass(frozen=True, slots=True)
class WebPorts:
    """Everything the web reaches. A channel that is absent answers 404 at its webhook.

    `open_door` (a link's token, the language) and `use_code` (the words, the language) give the new
    pass of somebody who comes in, or none (and why). It is the one that they are handed next, if
    that is nobody's; who came in by it already, but never got the answer, is let in again. Last
    comes the pass that the browser has so far ("" for none), which it gives up by coming in.
    `veil` hides at a pass all that was said so far; `readings` are those of the active revision;
    `statement` tells in a language where data goes, and is None where nobody states it.
    """

    accept: Callable[[Sequence[Heard]], Awaitable[object]]
    transcripts: Transcripts
    bell: Bell
    messages: Callable[[], Messages]  # of the active revision, from memory
    card: Callable[[str], str]  # language → the safety card's words, from memory
    risky: Callable[[str], bool]  # whether words that are not taken still call for the card
    readiness: Callable[[], Awaitable[Sequence[str]]]
    clock: Clock
    chance: Chance
    channels: Mapping[str, Channel] = field(default_factory=dict)
    open_door: Callable[[str, str, str, str], Awaitable[str | None]] = no_door
    use_code: Callable[[str, str, str, str], Awaitable[tuple[str, Refused | None]]] = no_code
    veil: Callable[[str], Awaitable[None]] = nothing_to_veil
    readings: Callable[[], Readings] = lambda: NO_READINGS
    statement: Callable[[str], Statement | None] = lambda language: None
    standing: Callable[[], Sequence[str]] = tuple  # what /readyz tells besides: one line each
    settings: WebSettings = field(default_factory=WebSettings)
