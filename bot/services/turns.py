"""One inbound becomes one write: opens the lane, asks the engine, says it, seals it. Saves nothing.
Imports engine, flow, the vault and this room's own modules.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

import msgspec
from msgspec.structs import replace

from bot.engine.cover import on_cover
from bot.engine.events import (
    EraseConfirmed,
    Event,
    FaultFound,
    LimitAsked,
    RiskNoticed,
    Said,
)
from bot.engine.inbound import Inbound
from bot.engine.program import Program
from bot.engine.session import Session
from bot.engine.shape import shape
from bot.engine.turn import take_turn
from bot.engine.world import Limits, Turn, World
from bot.errors import SealError
from bot.safety.risk import Risk, Tier
from bot.services import statistics
from bot.services.bodies import InboundBody
from bot.services.copies import copy_of
from bot.services.doorstep import OURS, UNCOPIED, at_home, came_by
from bot.services.drawing import Draws
from bot.services.instead import CodeTyped, Erasing, Outcome
from bot.services.journal import Journal
from bot.services.lanes import OpenLane, Vault
from bot.services.ports import Chance, Clock
from bot.services.raising import language_of, raised
from bot.services.records import (
    Claim,
    Conversation,
    Count,
    Lane,
    Serious,
    StoredInbound,
    TurnWrite,
)
from bot.services.revisions import Programs, Published
from bot.services.speech import Spoken, Wording
from bot.services.surroundings import Surroundings
from bot.services.visits import Visit, Visits
from bot.services.writing import Writing

ERASED = "erase.done"
KEPT = "messages_kept"
"""The one standing value that differs between people; counted only where it is told."""

TakeTurn = Callable[[Program, Session, Inbound, World, Limits], Turn]
CountKept = Callable[[str], Awaitable[int]]
"""How many messages of a conversation still hold words."""


class Turns:
    """Takes turns on lanes that somebody else claimed and saves."""

    def __init__(
        self,
        programs: Programs,
        vault: Vault,
        surroundings: Surroundings,
        visits: Visits,
        chance: Chance,
        clock: Clock,
        journal: Journal,
        limits: Limits,
        kept: CountKept,
        draws: Draws,
        engine: TakeTurn = take_turn,
    ) -> None:
        self._programs = programs
        self._vault = vault
        self._surroundings = surroundings
        self._visits = visits
        self._chance = chance
        self._clock = clock
        self._journal = journal
        self._limits = limits
        self._kept = kept
        self._draws = draws
        self._engine = engine

    async def take(self, claim: Claim, stored: StoredInbound) -> TurnWrite | Erasing | CodeTyped:
        """What this inbound leads to. Raises whatever is wrong with the lane, content or engine."""
        lane = self._vault.open(came_by(claim, stored))
        body = lane.inbound(stored)
        if body.inbound.kind == "code":
            return CodeTyped(lane.lane, body, bytes.fromhex(body.inbound.data))
        return await self._take(claim, stored, lane, body)

    async def answer_code(
        self, claim: Claim, stored: StoredInbound, code: CodeTyped, outcome: Outcome
    ) -> TurnWrite | Erasing:
        """What a code leads to that has moved nobody. Raises as `take`."""
        return await self._take(claim, stored, self._vault.open(code.lane), code.body, outcome)

    async def _take(
        self,
        claim: Claim,
        stored: StoredInbound,
        lane: OpenLane,
        body: InboundBody,
        outcome: Outcome | None = None,
    ) -> TurnWrite | Erasing:
        # Long because it is the one place where a turn is put together, in its order.
        now = self._clock()
        active = await self._programs.active()
        inbound = _heard(body.inbound, stored, outcome)
        visit = self._visits.visit(lane, inbound, now)
        session = visit.kept or Session(revision=active.revision)
        # Whoever begins anew begins with what is published now; nothing is pinned at a doorstep.
        begun = session.status == "active" and not visit.doorstep
        published = await self._programs.pinned(session.revision) if begun else active
        language = language_of(session.language or inbound.language, active)
        world = self._visits.world(visit, active, now, language, inbound.language)
        turn = self._engine(published.program, session, inbound, world, self._limits)
        self._note(turn.events)
        wording = self._worded(published, active, turn, world, language)
        conversation = self._changed(visit, turn, inbound, now)
        drawn = self._draws.draw(
            lambda name: _tells(turn.events, published, active, name),
            (outcome.door_of if outcome else "") or conversation.contact,
            wording.language,
            now,
        )
        wording = wording.with_values({**drawn.values, **self._visits.days(conversation, now)})
        # Nothing that is typed on the cover is kept, whoever typed it.
        copied = visit.copied and inbound.kind not in UNCOPIED and not on_cover(session)
        if _tells(turn.events, published, active, KEPT):
            count = await self._kept(conversation.id)
            count += copied  # what was just said is kept with this turn
            wording = wording.with_values({KEPT: str(count)})
        if any(isinstance(event, EraseConfirmed) for event in turn.events):
            return _erasing(turn.events, wording, body, stored, lane.lane, now)
        writing = Writing(claim, lane, stored, body, visit.channel, self._chance, now)
        if copied:
            writing.note_person(copy_of(inbound, turn.events, published, wording.language))
        writing.say(self._sayable(wording, turn, visit, inbound), visit.copied, drawn.hidden)
        return writing.finish(
            conversation,
            turn.timers if not visit.doorstep else await self._visits.timers(visit),
            self._counts(claim.lane.conversation, visit, active, turn, inbound, now),
            addresses=visit.address(turn.session),
            codes=drawn.codes,
            serious=self._serious(turn.events, visit.doorstep, now),
        )

    def _serious(self, events: Iterable[Event], doorstep: bool, now: int) -> tuple[Serious, ...]:
        """What stays of a T3, without words and without a person (decisions.md, section 8)."""
        act = "crisis_door" if doorstep else "crisis_flow"
        return tuple(
            Serious(self._chance.id(), now, event.tier, event.rule, act)
            for event in events
            if isinstance(event, RiskNoticed) and event.tier >= Tier.IMMINENT
        )

    def edit(self, claim: Claim, stored: StoredInbound) -> tuple[bytes, str] | None:
        """What an edit replaces, by its reference, and with which text; None for anything else."""
        if stored.message_ref:
            return None  # a message of its own
        inbound = self._vault.open(claim.lane).inbound(stored).inbound
        return (bytes.fromhex(inbound.ref), inbound.text) if inbound.kind == "edited" else None

    def risky(self, claim: Claim, stored: StoredInbound) -> bool:
        """Whether this inbound can't wait for a second try; False if it doesn't open."""
        try:
            risk = self._vault.open(claim.lane).inbound(stored).inbound.risk
        except (SealError, msgspec.DecodeError):
            return False
        return risk.tier >= Tier.ACTIVE

    def _worded(
        self, pinned: Published, active: Published, turn: Turn, world: World, before: str
    ) -> Wording:
        """How this turn speaks; the world's values again in another language if that changed."""
        language = turn.session.language or before
        values = dict(world.values)
        if language != before:
            values.update(self._surroundings.standing(active, language, world.now))
        values["receipt"] = _receipt(turn.events, world)
        pictures = {**pinned.bundle.pictures, **active.bundle.pictures}
        return Wording(pinned.bundle.messages, active.bundle.messages, language, values, pictures)

    def _sayable(
        self, wording: Wording, turn: Turn, visit: Visit, inbound: Inbound
    ) -> tuple[Spoken, ...]:
        """What is said now: nothing of our own accord to somebody who blocked us, or at a door; and
        to what came from elsewhere, but concerns the conversation, nothing there.
        """
        lane = visit.lane.lane
        door = visit.mode == "door_only"
        silent = door or lane.address.status == "blocked"
        if inbound.kind in OURS and silent:
            return ()
        if not visit.doorstep and (door or not at_home(lane)):
            return ()
        return wording.speak(event for event in turn.events if isinstance(event, Said))

    def _changed(self, visit: Visit, turn: Turn, inbound: Inbound, now: int) -> Conversation:
        lane = visit.lane
        before = lane.lane.conversation
        noticed = [
            Risk(Tier(event.tier), event.topic, event.rule)
            for event in turn.events
            if isinstance(event, RiskNoticed)
        ]
        changed = raised(before, [inbound.risk, *noticed], now)
        if _limit_asked(turn.events):
            changed = replace(changed, limit_asked=now)
        if visit.doorstep:
            # What is said at a door that was left doesn't prolong what was said elsewhere.
            return replace(changed, last_seen=now) if at_home(lane.lane) else changed
        return replace(
            changed,
            session=lane.seal_session(turn.session),
            revision=turn.session.revision,
            shape=self._vault.shape_code(shape(turn.session)),
            last_seen=before.last_seen if inbound.kind in OURS else now,
        )

    def _counts(
        self,
        before: Conversation,
        visit: Visit,
        active: Published,
        turn: Turn,
        inbound: Inbound,
        now: int,
    ) -> tuple[Count, ...]:
        channel = visit.channel.name
        hung = {each.code for each in active.bundle.city.codes}
        counts = statistics.counts(turn.events, channel, now)
        counts += statistics.entered(turn.events, inbound.code, hung, channel, now)
        returned = visit.kept is not None and inbound.kind not in OURS
        if returned and statistics.came_back(before.last_seen, now):
            counts += (statistics.one(channel, now, "came_back"),)
        return counts

    def _note(self, events: Iterable[Event]) -> None:
        for event in events:
            if isinstance(event, FaultFound):
                self._journal.note("walk_ended", event.fault)
            elif isinstance(event, RiskNoticed):
                self._journal.note("risk_noticed", tier=int(event.tier))


def _heard(inbound: Inbound, stored: StoredInbound, outcome: Outcome | None) -> Inbound:
    """The inbound as the engine hears it."""
    if outcome is not None:
        return replace(inbound, data=outcome.tried)
    return replace(inbound, ref=stored.message_ref.hex()) if stored.message_ref else inbound


def _tells(events: Iterable[Event], pinned: Published, active: Published, placeholder: str) -> bool:
    """Whether a message that is said in this turn has the placeholder, in either revision."""
    return any(
        placeholder in published.bundle.messages.placeholders.get(event.key, ())
        for event in events
        if isinstance(event, Said)
        for published in (pinned, active)
    )


def _receipt(events: Iterable[Event], world: World) -> str:
    """The code the person was shown when they confirmed, else the one that would be shown now."""
    confirmed = (event.receipt for event in events if isinstance(event, EraseConfirmed))
    return next(confirmed, world.receipt)


def _limit_asked(events: Iterable[Event]) -> bool:
    return any(isinstance(event, LimitAsked) for event in events)


def _erasing(
    events: Iterable[Event],
    wording: Wording,
    body: InboundBody,
    stored: StoredInbound,
    lane: Lane,
    now: int,
) -> Erasing:
    bubbles = tuple(spoken.bubble for spoken in wording.speak([Said(ERASED)]))
    counts = statistics.counts(events, lane.address.channel, now)
    return Erasing(lane, stored.event, bubbles, body.reply_token, stored.at, counts)
