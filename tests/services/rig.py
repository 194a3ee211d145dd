"""A whole service in one process: frozen clock, counted chance, scripted channels, memory store."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Any

import msgspec
from msgspec.structs import replace

from bot.app.content import read_content
from bot.engine.inbound import Inbound
from bot.engine.turn import take_turn
from bot.engine.world import Limits, Mode
from bot.flow.messages import text
from bot.privacy.keyring import new_keyring
from bot.rendering import line, telegram
from bot.rendering.bubbles import Bubble
from bot.services.alarm import Alarm
from bot.services.apologies import Apologies
from bot.services.bell import InProcessBell
from bot.services.bodies import MessageBody
from bot.services.card import SafetyCard
from bot.services.conversations import Accepted, Conversations
from bot.services.delivery import Delivery
from bot.services.drawing import Draws
from bot.services.entrances import Entrances
from bot.services.erasure import Erasure
from bot.services.errands import Errands
from bot.services.journal import Journal
from bot.services.lanes import Vault
from bot.services.moving import Moving
from bot.services.pace import Pace
from bot.services.ports import Allowance, Channel, Heard, Outcome, Retention
from bot.services.quota import Quota
from bot.services.records import Lane, OutboxRow, OutboxStatus, Via
from bot.services.revisions import Programs, Published, compile_files
from bot.services.surroundings import Surroundings
from bot.services.timers import Timers
from bot.services.turns import TakeTurn, Turns
from bot.services.visits import Visits
from bot.store.memory import MemoryStore
from tests.repository import ROOT

START = 1_800_000_000_000
SECOND = 1_000
MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
RISKY = "いますぐ死にたい"
ROOM = "https://room.example"

SENT = Outcome("sent")
EVERY: tuple[OutboxStatus, ...] = (
    "new",
    "sending",
    "sent",
    "inferred",
    "unknown",
    "waiting",
    "withdrawn",
    "undeliverable",
    "dead",
)


@cache
def content() -> Mapping[str, bytes]:
    """The repository's flows and messages."""
    return read_content(ROOT)


@cache
def published() -> Published:
    """Them, compiled once for the whole run."""
    return compile_files(content())


def says(key: str, **values: str) -> str:
    """A sentence in Japanese."""
    standing = PlainStanding().values(published(), "ja", START)
    return text(published().bundle.messages, "ja", key, {**standing, **values})


class FrozenClock:
    """Stands still until it is told to move."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> int:
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Sleeping moves the clock instead of waiting."""
        self.now += round(seconds * 1_000)


class CountedChance:
    """Ids in order; jitter in the middle."""

    def __init__(self) -> None:
        self._count = 0

    def _next(self, name: str) -> str:
        self._count += 1
        return f"{name}{self._count}"

    def id(self) -> str:
        return self._next("id")

    def nonce(self) -> str:
        return self._next("n")

    def uuid(self) -> str:
        return self._next("uuid")

    def receipt(self) -> str:
        return self._next("R")

    def fraction(self) -> float:
        return 0.5

    def words(self) -> tuple[int, ...]:
        self._count += 4
        return tuple(number % 1_024 for number in range(self._count - 4, self._count))

    def token(self) -> str:
        return self._next("token")


class Sending(msgspec.Struct, frozen=True):
    """One attempt a channel saw."""

    via: Via
    person: str
    texts: tuple[str, ...]
    token: str
    key: str


class ScriptedChannel:
    """Answers as its script says, then with 200; remembers every attempt."""

    def __init__(self, name: str, replies: bool = False, pushes: bool = True) -> None:
        self.name = name
        self.replies = replies
        self.pushes = pushes
        self.speaks_unprompted = name != "line"
        self.script: deque[Outcome] = deque()
        self.attempts: list[Sending] = []
        self.shown: list[Sending] = []
        self.seen = asyncio.Event()
        self.loading: list[str] = []
        self.acknowledged: list[Heard] = []
        self.left: int | None = 200 if name == "line" else None
        self.asked = 0

    def read(self, headers: Mapping[str, str], body: bytes) -> Sequence[Heard]:
        raise AssertionError("these tests hand in what was heard")

    def requests(self, bubbles: Sequence[Bubble]) -> Sequence[bytes]:
        return line.requests(bubbles) if self.replies else telegram.requests(bubbles)

    async def send(
        self, via: Via, platform_id: str, payload: bytes, reply_token: str, retry_key: str
    ) -> Outcome:
        sending = Sending(via, platform_id, _texts(payload), reply_token, retry_key)
        self.attempts.append(sending)
        await asyncio.sleep(0)
        outcome = self.script.popleft() if self.script else SENT
        if outcome.kind == "sent":
            self.shown.append(sending)
            self.seen.set()
        return outcome

    async def acknowledge(self, heard: Heard) -> None:
        self.acknowledged.append(heard)

    async def show_loading(self, platform_id: str) -> None:
        self.loading.append(platform_id)

    async def quota(self) -> Allowance | None:
        self.asked += 1
        return None if self.left is None else Allowance(200, self.left)

    async def close(self) -> None:
        pass

    @property
    def texts(self) -> list[str]:
        """Everything people saw, bubble by bubble."""
        return [one for sending in self.shown for one in sending.texts]


def _texts(payload: bytes) -> tuple[str, ...]:
    body: dict[str, Any] = msgspec.json.decode(payload)
    messages = body.get("messages", [body])
    return tuple(message["text"] for message in messages)


class ListLedger:
    """The ledger as a list; `watch` is called at each record."""

    def __init__(self) -> None:
        self.recorded: list[str] = []

    def record(self, key_id: str) -> None:
        self.recorded.append(key_id)

    def key_ids(self) -> Sequence[str]:
        return tuple(self.recorded)


class AlwaysOpen:
    """Every queue is open."""

    def open(self, now: int) -> Mapping[str, bool]:
        return {"counselors": True}


class PlainStanding:
    """Standing values that can be told apart by language."""

    def values(self, published: Published, language: str, now: int) -> Mapping[str, str]:
        return {
            "days_left": "7",
            "shell_days_left": "30",
            "places_now": f"places:{language}",
            "places_crisis": f"crisis:{language}",
            "hours_now": "hours",
            "centre": "centre",
            "languages": "languages",
        }


class Rig:
    """The service, wired as bot.app wires it, with what a test may turn."""

    def __init__(
        self,
        store: MemoryStore | None = None,
        engine: TakeTurn = take_turn,
        turn_budget_ms: int = 1_000,
        modes: Mapping[str, Mode] = MappingProxyType({}),
    ) -> None:
        self.modes = modes
        self.clock = FrozenClock()
        self.chance = CountedChance()
        self.store = store or MemoryStore()
        self.line = ScriptedChannel("line", replies=True)
        self.telegram = ScriptedChannel("telegram")
        self.web = ScriptedChannel("web", pushes=False)
        self.channels: dict[str, Channel] = {
            "line": self.line,
            "telegram": self.telegram,
            "web": self.web,
        }
        self.keyring = new_keyring(demo=True)
        self.journal = Journal(logging.getLogger("engawa.tests"))
        self.vault = Vault(lambda: self.keyring, self.chance, self.clock)
        self.programs = Programs(self.store, self.clock, self.journal, lambda files: published())
        self.surroundings = Surroundings(AlwaysOpen(), PlainStanding(), self.chance)
        self.errands = Errands(self.journal)
        self.bell = InProcessBell()
        self.ledger = ListLedger()
        self.deliver = Alarm(self.clock)
        self.work = Alarm(self.clock)
        self.card = SafetyCard(
            self.programs,
            self.surroundings,
            self.vault,
            self.channels,
            self.errands,
            self.chance,
            self.clock,
            self.journal,
        )
        self.erasure = Erasure(
            self.store,
            self.ledger,
            self.vault,
            self.channels,
            self.bell,
            self.chance,
            self.clock,
            self.journal,
        )
        self.visits = Visits(
            self.programs, self.surroundings, self.channels, modes, Limits(), Retention()
        )
        self.turns = Turns(
            self.programs,
            self.vault,
            self.surroundings,
            self.visits,
            self.chance,
            self.clock,
            self.journal,
            Limits(),
            self.store.messages_kept,
            Draws(self.vault, self.chance, lambda: ROOM),
            engine,
        )
        self.apologies = Apologies(
            self.programs,
            self.vault,
            self.surroundings,
            self.visits,
            self.chance,
            self.clock,
            Limits(),
        )
        self.moving = Moving(
            self.store,
            self.ledger,
            self.vault,
            self.programs,
            self.channels,
            modes,
            self.chance,
            self.clock,
            self.journal,
            30_000,
        )
        self.conversations = Conversations(
            self.store,
            self.programs,
            self.vault,
            self.turns,
            self.apologies,
            self.moving,
            self.erasure,
            self.card,
            self.channels,
            modes,
            self.bell,
            self.errands,
            self.deliver,
            self.work,
            self.clock,
            self.journal,
            turn_budget_ms=turn_budget_ms,
        )
        self.entrances = Entrances(self.moving, self.conversations, self.vault, self.chance)
        self.quota = Quota(self.line, self.clock)
        self.delivery = Delivery(
            self.store,
            self.vault,
            self.channels,
            {"line": self.quota},
            {"telegram": Pace()},
            self.card,
            self.deliver,
            self.chance,
            self.clock,
            self.journal,
            sleep=self.clock.sleep,
        )
        self.timers = Timers(
            self.store, self.conversations, self.vault, self.work, self.clock, self.journal
        )
        self._events = 0

    async def start(self) -> Rig:
        """Open the store and publish the repository's content."""
        await self.store.open()
        await self.programs.publish(content())
        return self

    def heard(self, channel: str, inbound: Inbound | None, **fields: Any) -> Heard:
        """One event, with a new id and (on LINE) a new token."""
        self._events += 1
        base = Heard(
            what="inbound",
            channel=channel,
            event_id=f"e{self._events}",
            user_id="U1",
            at=self.clock.now,
            inbound=inbound,
            message_id=f"m{self._events}",
            reply_token=f"t{self._events}" if channel == "line" else "",
        )
        return replace(base, **fields)

    async def hear(self, channel: str, *inbounds: Inbound, **fields: Any) -> Accepted:
        """One delivery of these inbounds."""
        batch = [self.heard(channel, inbound, **fields) for inbound in inbounds]
        return await self.conversations.accept(batch)

    async def write(self, channel: str, words: str, **fields: Any) -> Accepted:
        """A person writes."""
        return await self.hear(channel, Inbound("text", text=words), **fields)

    async def begin(self, channel: str, **fields: Any) -> Accepted:
        """A person opens the door; their first answer has been sent when this returns."""
        accepted = await self.hear(channel, Inbound("begin"), **fields)
        await self.delivery.run_once()
        return accepted

    async def lane(self, channel: str, user_id: str = "U1") -> Lane | None:
        """A person's lane."""
        return await self.store.locate(self.vault.lookup(channel, user_id))

    async def there(self, channel: str, user_id: str = "U1") -> Lane:
        """A person's lane, which must be there."""
        lane = await self.lane(channel, user_id)
        assert lane is not None
        return lane

    async def copies(self, channel: str, user_id: str = "U1") -> list[MessageBody]:
        """Our copy of what was said."""
        lane = await self.there(channel, user_id)
        opened = self.vault.open(lane)
        rows = await self.store.transcript(lane.conversation.id, 0, 1_000)
        return [opened.message(row) for row in rows]

    async def rows(self, *statuses: OutboxStatus) -> list[OutboxRow]:
        """Outbox rows in these states, all of them without."""
        return list(await self.store.outbox_rows(statuses or EVERY, 1_000))

    async def counted(self) -> dict[tuple[str, str, str], int]:
        """The sums by (channel, event, label)."""
        return {
            (one.channel, one.event, one.label): one.n
            for one in await self.store.counts("2000-01-03")
        }
