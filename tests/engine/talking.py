"""A person who talks with the engine in tests, one verb a line."""

from __future__ import annotations

from typing import Any

import msgspec

from bot.engine.events import Event, Offered, Said
from bot.engine.inbound import Inbound
from bot.engine.program import Program
from bot.engine.session import Session, decode, encode
from bot.engine.turn import take_turn
from bot.engine.world import Limits, Turn, World
from bot.safety.risk import NO_RISK, Risk, Tier
from tests.engine.bundles import program

START = 1_800_000_000_000
SECOND = 1_000
MINUTE = 60_000
HOUR = 3_600_000
DAY = 86_400_000


class Person:
    """Holds the session and a clock that stands still until it is told to move."""

    def __init__(self, program_: Program | None = None, **world: Any) -> None:
        self.program = program_ or program()
        self.session = Session(revision=self.program.bundle.revision)
        self.limits = Limits()
        self.now = START
        self.world: dict[str, Any] = {"channel": "web", "values": {"days_left": "7"}} | world
        self.turn: Turn | None = None
        self._count = 0

    def does(self, inbound: Inbound) -> Turn:
        """One turn; the session goes through JSON after it."""
        self._count += 1
        fields = {"receipt": f"R{self._count}"} | self.world
        world = World(now=self.now, nonce=f"n{self._count}", **fields)
        turn = take_turn(self.program, self.session, inbound, world, self.limits)
        self.session = decode(encode(turn.session))
        assert self.session == turn.session
        self.turn = turn
        return turn

    def begins(self, code: str = "") -> Turn:
        return self.does(Inbound("begin", code=code))

    def writes(self, text: str, tier: int = 0) -> Turn:
        risk = Risk(Tier(tier), "topic", "rule") if tier else NO_RISK
        return self.does(Inbound("text", text=text, risk=risk))

    def edits(self, text: str, tier: int = 0) -> Turn:
        risk = Risk(Tier(tier), "topic", "rule") if tier else NO_RISK
        return self.does(Inbound("edited", text=text, risk=risk))

    def presses(self, choice: str) -> Turn:
        """Presses the choice as it stands on the newest question."""
        number = self.session.shown.index(choice) + 1
        return self.does(Inbound("tap", data=f"{self.session.nonce}.{number}"))

    def taps(self, data: str) -> Turn:
        return self.does(Inbound("tap", data=data))

    def falls_silent(self) -> Turn:
        """The silence timer of the newest turn fires when it is due."""
        assert self.turn is not None
        timer = next(timer for timer in self.turn.timers if timer.kind == "silence")
        self.now = timer.due
        return self.does(Inbound("silence", data=timer.data))

    def walks(self, *choices: str) -> Turn:
        """Begins and presses those."""
        turn = self.begins()
        for choice in choices:
            turn = self.presses(choice)
        return turn

    @property
    def at(self) -> str:
        """The stack, lowest first."""
        return " > ".join(f"{frame.flow}.{frame.state}" for frame in self.session.stack)


def said(turn: Turn) -> list[str]:
    """The keys said, in order."""
    return [event.key for event in turn.events if isinstance(event, Said)]


def values(turn: Turn, key: str) -> dict[str, str]:
    """The values with which a key was said."""
    return next(
        dict(each.values) for each in turn.events if isinstance(each, Said) and each.key == key
    )


def buttons(turn: Turn) -> tuple[Offered, ...]:
    """The buttons under the last bubble."""
    return [event for event in turn.events if isinstance(event, Said)][-1].choices


def happened(turn: Turn, kind: type[Event]) -> list[dict[str, Any]]:
    """The fields of each event of a kind."""
    return [msgspec.structs.asdict(event) for event in turn.events if isinstance(event, kind)]
