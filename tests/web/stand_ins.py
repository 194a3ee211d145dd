"""Stand-ins for what bot.app hands to the web: a tiny service in memory, scripted channels.

May import bot's contracts, PyYAML and Starlette's types.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

import yaml

from bot.errors import StoreUnavailableError
from bot.flow.definition import Messages
from bot.flow.findings import Findings
from bot.flow.readings import READINGS_FILE, Readings, load_readings
from bot.rendering.bubbles import Bubble, Button
from bot.services.bodies import MessageBody
from bot.services.ports import Allowance, Heard, Outcome
from bot.services.records import Via
from bot.web.ports import Entry, Refused, View, WebPorts, WebSettings

MESSAGES = Path(__file__).parents[2] / "messages"
NOW = 1_800_000_000_000
RAILS = (
    Button("human", "人と話す", rail=True),
    Button("leave", "おわる", rail=True),
    Button("help", "たすけて", rail=True),
)
WELCOME = Bubble(
    "薬のことを、名前を言わずに話せる場所です。\n返事をするのはプログラムです。",
    (
        Button("n.1", "話してみる", picture="talk"),
        Button("n.2", "家族や友人のこと", picture="people"),
        *RAILS,
    ),
)
RECEIPT = "K7MA-93XD"
CODE = "さくら こねこ ゆのみ あおぞら"
COVER_WORD = "献立"
COVERED = Bubble("今夜の献立：豆腐の味噌汁、焼き魚。")


@functools.cache
def read_messages() -> Messages:
    """The sentences of the working copy, as they are."""
    texts: dict[str, dict[str, str]] = {}
    for folder in sorted(MESSAGES.iterdir()):
        texts[folder.name] = {
            f"{path.stem}.{name}": text
            for path in sorted(folder.glob("*.yaml"))
            for name, text in yaml.safe_load(path.read_text("utf-8")).items()
        }
    return Messages("ja", texts, {})


@functools.cache
def read_readings() -> Readings:
    """The readings of the working copy."""
    findings = Findings()
    content = (MESSAGES.parent / READINGS_FILE).read_bytes()
    return load_readings(findings, findings.read_versioned(READINGS_FILE, content))


class CountingChance:
    """Ids that count up, in the shape of real ones."""

    def __init__(self) -> None:
        self._count = 0

    def id(self) -> str:
        """22 characters."""
        self._count += 1
        return f"id{self._count:020d}"

    def nonce(self) -> str:
        """Six characters."""
        return "nonce0"

    def uuid(self) -> str:
        """Always the same."""
        return "00000000-0000-4000-8000-000000000000"

    def receipt(self) -> str:
        """Always the same."""
        return "K7MA-93XD"

    def fraction(self) -> float:
        """The middle."""
        return 0.5

    def words(self) -> tuple[int, ...]:
        """Always the same."""
        return (1, 2, 3, 4)

    def token(self) -> str:
        """43 characters."""
        return self.id() + "t" * 21


class LoudBell:
    """A bell that remembers rings per listener."""

    def __init__(self) -> None:
        self._ears: dict[str, list[asyncio.Event]] = {}

    def ring(self, conversation: str) -> None:
        """Wake all listeners."""
        for ear in self._ears.get(conversation, []):
            ear.set()

    def listen(self, conversation: str) -> AsyncIterator[None]:
        """Yields whenever it rang since this call."""
        ear = asyncio.Event()
        self._ears.setdefault(conversation, []).append(ear)
        return self._hear(ear)

    async def _hear(self, ear: asyncio.Event) -> AsyncIterator[None]:
        while True:
            await ear.wait()
            ear.clear()
            yield


class TinyService:
    """Accepts, dedupes, answers and forgets, like the service would; `down` makes its store fail.

    With `busy` inbounds are accepted, but their turn does not come.
    """

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.rooms: dict[str, list[Entry]] = {}
        self.events: set[tuple[str, str]] = set()
        self.bell = LoudBell()
        self.down: Exception | None = None
        self.busy = False
        self.language = "ja"
        self.covered: set[str] = set()
        self.veiled: dict[str, int] = {}
        self.links: set[str] = set()
        self.moved: set[str] = set()
        self.misses = 0
        self.given_up: list[str] = []

    async def accept(self, heard: Sequence[Heard]) -> object:
        """Take what is new."""
        self._check()
        for one in heard:
            if (one.channel, one.event_id) in self.events:
                continue
            self.events.add((one.channel, one.event_id))
            self.heard.append(one)
            room = self.rooms.setdefault(one.user_id, [])
            if one.inbound and one.inbound.data == "erase":
                del self.rooms[one.user_id]
                self.bell.ring(one.user_id)
            elif one.inbound and not self.busy:
                self._turn(one, room)
        return None

    def _turn(self, one: Heard, room: list[Entry]) -> None:
        assert one.inbound is not None
        said = one.inbound.text or one.inbound.data
        if said == COVER_WORD:
            self.covered ^= {one.user_id}
        if one.user_id in self.covered:
            self.say(one.user_id, "bot", COVERED)
            return
        if said:
            self.say(one.user_id, "person", said)
        if one.inbound.kind == "begin":
            self.say(one.user_id, "bot", WELCOME)
        else:
            again = (Button("n.1", "話してみる"), Button("erase", "消す"), *RAILS)
            self.say(one.user_id, "bot", Bubble("聞かせてくれて、ありがとうございます。", again))

    def say(self, token: str, author: str, what: str | Bubble, crisis: bool = False) -> None:
        """Add a row and ring."""
        room = self.rooms.setdefault(token, [])
        if isinstance(what, Bubble):
            body = MessageBody(bubbles=(what,), crisis=crisis)
        else:
            body = MessageBody(text=what)
        assert author in ("person", "bot", "staff")
        room.append(Entry(len(room) + 1, author, body))  # type: ignore[arg-type]
        self.bell.ring(token)

    async def newest(self, token: str, limit: int) -> View | None:
        """The newest rows."""
        self._check()
        room = self.rooms.get(token)
        return None if room is None else self._view(token, room[-limit:])

    async def after(self, token: str, seq: int, limit: int) -> View | None:
        """Rows after a cursor."""
        self._check()
        room = self.rooms.get(token)
        return None if room is None else self._view(token, room[seq : seq + limit])

    def _view(self, token: str, rows: Sequence[Entry]) -> View:
        since = self.veiled.get(token, 0)
        shown = tuple(row for row in rows if row.seq > since)
        return View(
            token,
            self.language,
            shown,
            RECEIPT,
            token in self.covered,
            since > 0,
            token in self.moved,
        )

    async def open_door(self, token: str, language: str, fresh: str, here: str) -> str | None:
        """Each link works once."""
        self._check()
        self.given_up.append(here)
        if token not in self.links:
            return None
        self.links.remove(token)
        return self._moved()

    async def use_code(
        self, words: str, language: str, fresh: str, here: str
    ) -> tuple[str, Refused | None]:
        """The one code there is; after five misses it rests."""
        self._check()
        self.given_up.append(here)
        if self.misses >= 5:
            return "", "slow"
        if words == CODE:
            return self._moved(), None
        self.misses += 1
        return "", "missed"

    def _moved(self) -> str:
        token = "moved" + "x" * 40
        self.say(token, "bot", Bubble("おかえりなさい。", RAILS))
        return token

    async def veil(self, token: str) -> None:
        """Hide what was said so far."""
        self._check()
        self.veiled[token] = len(self.rooms.get(token, []))

    def _check(self) -> None:
        if self.down:
            raise self.down


class ScriptedChannel:
    """A channel whose `read` gives, or raises, what the test says."""

    speaks_unprompted = True
    replies = False
    pushes = True

    def __init__(self, name: str, heard: Sequence[Heard] = (), error: Exception | None = None):
        self.name = name
        self.heard = heard
        self.error = error
        self.bodies: list[tuple[Mapping[str, str], bytes]] = []
        self.acknowledged: list[Heard] = []

    def read(self, headers: Mapping[str, str], body: bytes) -> Sequence[Heard]:
        """What was scripted."""
        self.bodies.append((headers, body))
        if self.error:
            raise self.error
        return self.heard

    async def acknowledge(self, heard: Heard) -> None:
        """Remember."""
        self.acknowledged.append(heard)

    def requests(self, bubbles: Sequence[Bubble]) -> Sequence[bytes]:
        """Nothing."""
        return ()

    async def send(
        self, via: Via, platform_id: str, payload: bytes, reply_token: str, retry_key: str
    ) -> Outcome:
        """Nothing is sent here."""
        return Outcome("sent")

    async def show_loading(self, platform_id: str) -> None:
        """Nothing."""

    async def quota(self) -> Allowance | None:
        """No quota."""
        return None

    async def close(self) -> None:
        """Nothing."""


class Readiness:
    """Problems as the test sets them."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    async def __call__(self) -> Sequence[str]:
        """The problems."""
        return self.problems


STORE_DOWN = StoreUnavailableError("database is locked")


def ports(
    service: TinyService,
    *channels: ScriptedChannel,
    settings: WebSettings | None = None,
    readiness: Readiness | None = None,
) -> WebPorts:
    """Everything the web needs, around a tiny service."""
    messages = read_messages()
    return WebPorts(
        accept=service.accept,
        transcripts=service,
        bell=service.bell,
        messages=lambda: messages,
        card=lambda language: messages.texts["ja"]["safety.card"],
        risky=lambda written: "死にたい" in written,
        readiness=readiness or Readiness(),
        clock=lambda: NOW,
        chance=CountingChance(),
        veil=service.veil,
        open_door=service.open_door,
        use_code=service.use_code,
        readings=read_readings,
        channels={channel.name: channel for channel in channels},
        settings=settings or WebSettings(),
    )
