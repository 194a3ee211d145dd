"""Every setting: default, unit, what it is for. The README's table is made from here.

An unknown key in any section is refused.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

Port = Annotated[int, Meta(ge=0, le=65_535)]
Positive = Annotated[int, Meta(ge=1)]


class Server(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the service listens."""

    host: Annotated[str, Meta(description="address to listen on")] = "127.0.0.1"
    port: Annotated[Port, Meta(description="port to listen on; 0 takes a free one")] = 8000
    body_cap: Annotated[
        Positive, Meta(description="largest webhook or form body, in bytes; beyond it: 413")
    ] = 1_048_576
    debug: Annotated[bool, Meta(description="refused outside the demo")] = False


class Database(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where conversations are kept."""

    url: Annotated[str, Meta(description="`sqlite:///file`; relative to the working directory")] = (
        "sqlite:///var/engawa.db"
    )


class Content(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where flows and messages are read from."""

    directory: Annotated[str, Meta(description="the folder that holds flows/ and messages/")] = "."
    city: Annotated[
        str, Meta(description="the city pack: a folder laid over the common content; empty: none")
    ] = "city"
    watch: Annotated[
        bool, Meta(description="check and publish a file as soon as it is saved (one machine)")
    ] = False


class City(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is local; normally set in the city pack (city/city.toml)."""

    name: Annotated[str, Meta(description="the city's name, in Japanese; empty: none is shown")] = (
        ""
    )
    name_easy: Annotated[str, Meta(description="the same in やさしい日本語")] = ""
    name_en: Annotated[str, Meta(description="the same in English")] = ""
    centre: Annotated[str, Meta(description="the centre's name, in Japanese")] = (
        "こころの健康センター"
    )
    centre_easy: Annotated[str, Meta(description="the same in やさしい日本語")] = ""
    centre_en: Annotated[str, Meta(description="the same in English")] = ""


class SessionLimits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long a session lives and where a loop ends."""

    return_after_hours: Annotated[
        Positive, Meta(description="a pause after which the person is asked 続きから／最初から")
    ] = 6
    life_days: Annotated[Positive, Meta(description="a session ends after this silence")] = 7
    states: Annotated[Positive, Meta(description="states in one turn at most")] = 25
    depth: Annotated[Positive, Meta(description="flows inside one another at most")] = 8
    session_bytes: Annotated[Positive, Meta(description="size of a session at most")] = 16_384
    history: Annotated[Positive, Meta(description="steps もどる can go back")] = 12


class RetentionDays(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When rows are deleted, in days from the last use. The bounds are hard; longer than the
    default needs a `reason`.
    """

    messages: Annotated[int, Meta(ge=1, le=90, description="what was said")] = 7
    shell: Annotated[
        int, Meta(ge=1, le=90, description="the unreadable mark and keys of a person")
    ] = 30
    dedupe: Annotated[int, Meta(ge=2, le=30, description="marks of events already taken")] = 7
    outbox: Annotated[int, Meta(ge=1, le=7, description="requests that were sent")] = 1
    dead_letters: Annotated[int, Meta(ge=1, le=30, description="requests given up")] = 7
    serious: Annotated[
        int, Meta(ge=1, le=1095, description="serious events: time, rule and act, without words")
    ] = 365
    audit: Annotated[int, Meta(ge=30, le=1095, description="what staff did, without content")] = 365
    reason: Annotated[
        str, Meta(description="why something is kept longer than the default; then required")
    ] = ""


class DeliverySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How messages leave."""

    turn_budget_ms: Annotated[
        Positive, Meta(description="a webhook waits this long for its turn before answering 200")
    ] = 1_000
    lease_ms: Annotated[
        Positive, Meta(description="a worker holds a conversation or a row this long")
    ] = 30_000
    timeout_ms: Annotated[Positive, Meta(description="one request to a platform")] = 8_000
    quota_reserve: Annotated[
        float, Meta(ge=0, le=0.9, description="share of LINE's monthly pushes kept for crisis")
    ] = 0.2


Mode = Literal["", "door_only", "buttons_only", "full"]
MODE = (
    "what goes over it: `door_only`, `buttons_only` or `full`; "
    "empty: `door_only`, in the demo `full`"
)
DECISION = (
    "the city's decision that allows another mode: who, when (a date) and reference, as one "
    "text (`Head of the centre, 2026-11-01, No. 12`) or as a table with these three keys"
)


class Decision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who decided, when, and where that is written down."""

    who: str = ""
    when: str = ""
    reference: str = ""


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """LINE: what goes over it, and its addresses."""

    mode: Annotated[Mode, Meta(description=MODE)] = ""
    decision: Annotated[str | Decision, Meta(description=DECISION)] = ""
    api_base: Annotated[str, Meta(description="messaging API")] = "https://api.line.me"
    data_api_base: Annotated[str, Meta(description="content API")] = "https://api-data.line.me"


class Telegram(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Telegram: what goes over it, and its address."""

    mode: Annotated[Mode, Meta(description=MODE)] = ""
    decision: Annotated[str | Decision, Meta(description=DECISION)] = ""
    api_base: Annotated[str, Meta(description="Bot API")] = "https://api.telegram.org"


class Room(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The web chat room."""

    title: Annotated[str, Meta(description="the page's neutral title")] = "縁側"
    neutral: Annotated[
        bool, Meta(description="show the neutral name everywhere, also where nobody asked for it")
    ] = False
    neutral_name: Annotated[str, Meta(description="the name in the neutral mode")] = "メモ"
    url: Annotated[
        str, Meta(description="where people reach the room (https://…); door links lead there")
    ] = ""
    exit_url: Annotated[
        str, Meta(description="the harmless page that the quick exit leaves behind")
    ] = "https://www.jma.go.jp/bosai/forecast/"
    onion: Annotated[str, Meta(description="the room's .onion address, told to Tor browsers")] = ""
    quiet: Annotated[
        str, Meta(description="hours in which nothing speaks up by itself; empty: none")
    ] = "22:00-07:00"


class Staff(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The listener for staff pages; the public one never serves them."""

    host: Annotated[str, Meta(description="address to listen on")] = "127.0.0.1"
    port: Annotated[Port, Meta(description="port to listen on; 0 takes a free one")] = 8001
    url: Annotated[
        str, Meta(description="where staff reach it (https://…); passkeys are bound to this name")
    ] = ""
    idle_minutes: Annotated[
        int, Meta(ge=5, le=60, description="a session ends after this long without a sign")
    ] = 20
    absolute_hours: Annotated[
        int, Meta(ge=1, le=12, description="a session ends after this long in any case")
    ] = 10
    step_up_minutes: Annotated[
        int, Meta(ge=1, le=30, description="how long a second proof counts for weighty acts")
    ] = 5


class Floods(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much one person may send before they are asked to slow down; risk is always read."""

    burst: Annotated[Positive, Meta(description="messages at once")] = 20
    per_minute: Annotated[Positive, Meta(description="messages a minute after that")] = 20
    rest_minutes: Annotated[
        Positive, Meta(description="the pause after the second time the tone crossed a line")
    ] = 15


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All settings; `hours` holds one weekly pattern per queue (see config.toml)."""

    server: Server = Server()
    database: Database = Database()
    content: Content = Content()
    city: City = City()
    session: SessionLimits = SessionLimits()
    retention: RetentionDays = RetentionDays()
    delivery: DeliverySettings = DeliverySettings()
    line: Line = Line()
    telegram: Telegram = Telegram()
    room: Room = Room()
    staff: Staff = Staff()
    floods: Floods = Floods()
    hours: dict[str, dict[str, Any]] = {}
