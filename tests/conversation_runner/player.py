"""The person and the clock of one conversation: does what a script says, keeps what came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from bot.engine.events import Event, Said, Timer
from bot.engine.inbound import Inbound, InboundKind
from bot.engine.program import Program
from bot.engine.session import Session, decode, encode
from bot.engine.turn import take_turn
from bot.engine.world import Limits, World
from bot.safety.risk import NO_RISK, Risk, Tier
from bot.safety.tone import TONE_FILE, Conduct, Tone, load_tone, read_conduct
from tests.conversation_runner.script import MEDIA, Part, Script, milliseconds
from tests.repository import ROOT

RECEIPT = "K7M2-9QXT"
STANDING = {
    "days_left": "7",
    "shell_days_left": "30",
    "messages_kept": "4",
    "receipt": RECEIPT,
    "places_now": "places now",
    "places_crisis": "places crisis",
    "hours_now": "hours now",
    "centre": "centre",
    "languages": "languages",
    "door_link": "https://room.example/d/token",
    "return_code": "four words",
    "rest_until": "rest until",
}
_PAUSE = 10_000


@cache
def shipped_tone() -> Tone:
    """The phrases of tone that are shipped."""
    return load_tone({TONE_FILE: (ROOT / TONE_FILE).read_bytes()})


class NotOnOffer(AssertionError):
    """A script presses a button that nobody sees."""


@dataclass
class Outcome:
    """What one turn of a script led to. `muted`: silence moved the state where nothing is sent."""

    events: list[Event] = field(default_factory=list)
    muted: bool = False
    silences: int = 0

    @property
    def said(self) -> list[Said]:
        """What was said, in order."""
        return [event for event in self.events if isinstance(event, Said)]


class Player:
    """Plays one script on one channel in one language."""

    def __init__(
        self,
        program: Program,
        script: Script,
        channel: str,
        language: str,
        read_risk: Callable[[str], Risk],
    ) -> None:
        self.program = program
        self.channel = channel
        self.language = language
        self.now = script.at
        self.session = Session(revision=program.bundle.revision)
        self._open = script.open
        self._mode: Any = script.mode
        self._doorstep = script.doorstep or script.mode == "door_only"
        self._read_risk = read_risk
        self._limits = Limits()
        self._timers: tuple[Timer, ...] = ()
        self._offers: list[dict[str, str]] = []
        self._turns = 0
        self._tier = Tier.NONE

    def play(self, part: Part) -> Outcome:
        """Does one turn of the script."""
        outcome = Outcome()
        if part.verb in ("silence", "wait"):
            self._pass_time(milliseconds(part.value), outcome)
        else:
            self.now += _PAUSE
            self._fire_due(self.now, outcome)
            outcome = Outcome()
            self._turn(self._inbound(part), outcome)
        return outcome

    def _inbound(self, part: Part) -> Inbound:
        verb, value = part.verb, part.value
        if verb in ("follow", "start"):
            return Inbound("begin", code=value, language=self.language)
        if verb in ("write", "edit"):
            text = value[self.language] if isinstance(value, dict) else value
            kind: InboundKind = "text" if verb == "write" else "edited"
            risk = self._risk(text, part)
            self._tier = max(self._tier, risk.tier)
            crossing = kind == "text" and risk == NO_RISK
            conduct: Conduct = read_conduct(shipped_tone(), text) if crossing else ""
            return Inbound(kind, text=text, language=self.language, risk=risk, conduct=conduct)
        if verb in ("press", "press_stale"):
            return Inbound("tap", data=self._button(value, stale=verb == "press_stale"))
        if verb in ("moved", "code"):
            return Inbound("moved" if verb == "moved" else "code", data=value)
        kinds: dict[str, Any] = {kind: kind for kind in MEDIA}
        return Inbound(kinds[verb], language=self.language)

    def _risk(self, text: str, part: Part) -> Risk:
        if "risk" not in part.expected:
            return self._read_risk(text)
        tier = Tier(int(part.expected["risk"]))
        return Risk(tier, "script", "script") if tier else NO_RISK

    def _button(self, button: str, stale: bool) -> str:
        offers = self._offers[-2::-1] if stale else self._offers[-1:]
        for offer in offers:
            if button in offer:
                return offer[button]
        on_offer = sorted({name for offer in offers for name in offer})
        raise NotOnOffer(f"{button!r} is not on offer; these are: {', '.join(on_offer)}")

    def _pass_time(self, length: int, outcome: Outcome) -> None:
        end = self.now + length
        self._fire_due(end, outcome)
        self.now = end

    def _fire_due(self, end: int, outcome: Outcome) -> None:
        while due := [timer for timer in self._timers if timer.due <= end]:
            timer = min(due, key=lambda each: each.due)
            self.now = max(self.now, timer.due)
            if timer.kind == "silence":
                outcome.silences += 1
                outcome.muted |= self.channel == "line" and not self._pushes()
            self._turn(Inbound(timer.kind, data=timer.data), outcome)

    def _pushes(self) -> bool:
        frame = self.session.stack[-1]
        silence = self.program.steps[frame.flow, frame.state].silence
        return silence is not None and silence.push

    def _turn(self, inbound: Inbound, outcome: Outcome) -> None:
        self._turns += 1
        world = World(
            now=self.now,
            channel=self.channel,
            nonce=f"n{self._turns}",
            open=self._open,
            values=STANDING,
            receipt=RECEIPT,
            language=self.language,
            mode=self._mode,
            doorstep=self._doorstep,
            speaks_unprompted=self.channel != "line",
            tier=self._tier,
        )
        turn = take_turn(self.program, self.session, inbound, world, self._limits)
        self.session = decode(encode(turn.session))
        assert self.session == turn.session, "the session does not survive JSON"
        self._timers = turn.timers
        outcome.events += turn.events
        for said in turn.events:
            if isinstance(said, Said) and said.choices:
                self._offers.append(self._named(said))

    def _named(self, said: Said) -> dict[str, str]:
        """The buttons of a bubble by the names that scripts use; a choice wins over a rail."""
        rails = {each.data.rpartition(".")[2]: each.data for each in said.choices if each.rail}
        choices = [each.data for each in said.choices if not each.rail]
        return rails | dict(zip(self.session.shown, choices, strict=True))
