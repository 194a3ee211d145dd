"""One inbound becomes one write: opens the lane, asks the engine, says it, seals it. Saves nothing.

Imports engine, flow, the vault and this room's own modules.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping

import msgspec
from msgspec.structs import replace

from bot.engine.cover import on_cover
from bot.engine.events import (
    ChoiceMade,
    EraseConfirmed,
    Event,
    FaultFound,
    LimitAsked,
    RiskNoticed,
    Said,
    Timer,
)
from bot.engine.inbound import Inbound
from bot.engine.program import Program
from bot.engine.session import Session
from bot.engine.shape import shape
from bot.engine.turn import take_turn
from bot.engine.world import Limits, Turn, World
from bot.errors import SealError
from bot.flow.messages import text
from bot.rendering.bubbles import Bubble
from bot.safety.risk import Risk, Tier
from bot.services import statistics
from bot.services.bodies import InboundBody, MessageBody
from bot.services.journal import Journal
from bot.services.lanes import OpenLane, Vault
from bot.services.ports import Chance, Channel, Clock
from bot.services.records import Claim, Conversation, Count, StoredInbound, TurnWrite
from bot.services.revisions import Programs, Published
from bot.services.speech import Spoken, Wording
from bot.services.surroundings import Surroundings
from bot.services.writing import Writing

CARD = "safety.card"
ERASED = "erase.done"
KEPT = "messages_kept"
"""The one standing value that differs between people; counted only where it is told."""
_OURS = ("silence", "expired", "unsent")
"""Kinds that nobody waits for an answer to."""
_UNCOPIED = (*_OURS, "begin", "edited")

TakeTurn = Callable[[Program, Session, Inbound, World, Limits], Turn]
CountKept = Callable[[str], Awaitable[int]]
"""How many messages of a conversation still hold words."""


class Erasing(msgspec.Struct, frozen=True):
    """Instead of a write: the person confirmed, everything goes. `farewell` is said from memory;
    `confirmed` is the inbound's event.
    """

    confirmed: bytes
    farewell: tuple[Bubble, ...]
    reply_token: str
    token_at: int
    counts: tuple[Count, ...]


class Turns:
    """Takes turns on lanes that somebody else claimed and saves."""

    def __init__(
        self,
        programs: Programs,
        vault: Vault,
        surroundings: Surroundings,
        channels: Mapping[str, Channel],
        chance: Chance,
        clock: Clock,
        journal: Journal,
        limits: Limits,
        kept: CountKept,
        engine: TakeTurn = take_turn,
    ) -> None:
        self._programs = programs
        self._vault = vault
        self._surroundings = surroundings
        self._channels = channels
        self._chance = chance
        self._clock = clock
        self._journal = journal
        self._limits = limits
        self._kept = kept
        self._engine = engine

    async def take(self, claim: Claim, stored: StoredInbound) -> TurnWrite | Erasing:
        """What this inbound leads to. Raises whatever is wrong with the lane, content or engine."""
        now = self._clock()
        lane = self._vault.open(claim.lane)
        body = lane.inbound(stored)
        kept = lane.session()
        active = await self._programs.active()
        session = kept or Session(revision=active.revision)
        # Whoever begins anew begins with what is published now.
        begun = session.status == "active"
        published = await self._programs.pinned(session.revision) if begun else active
        channel = self._channels[claim.lane.address.channel]
        language = _language(session.language or body.inbound.language, active)
        world = self._surroundings.world(active, channel, now, language, body.inbound.language)
        inbound = body.inbound
        if stored.message_ref:
            inbound = replace(inbound, ref=stored.message_ref.hex())
        before = claim.lane.conversation
        world = replace(world, tier=before.tier, limited_until=before.limited_until)
        turn = self._engine(published.program, session, inbound, world, self._limits)
        self._note(turn.events)
        wording = self._worded(published, active, turn, world, language)
        # Nothing that is typed on the cover is kept, whoever typed it.
        copied = body.inbound.kind not in _UNCOPIED and not on_cover(session)
        if _tells(turn.events, published, active, KEPT):
            count = await self._kept(claim.lane.conversation.id)
            count += copied  # what was just said is kept with this turn
            wording = replace(wording, standing={**wording.standing, KEPT: str(count)})
        if any(isinstance(event, EraseConfirmed) for event in turn.events):
            return _erasing(turn.events, wording, body, stored, channel.name, now)
        writing = Writing(claim, lane, stored, body, channel, self._chance, now)
        if copied:
            writing.note_person(_copy(body.inbound, turn.events, published, wording.language))
        writing.say(self._sayable(wording, turn, claim, body))
        return writing.finish(
            self._changed(lane, turn, body.inbound, now),
            turn.timers,
            self._counts(claim.lane.conversation, kept, turn, body.inbound, channel.name, now),
        )

    async def apologise(self, claim: Claim, stored: StoredInbound) -> TurnWrite:
        """The write for an inbound that no turn can be taken on, made without the engine: the
        safety card where it was risky, else the kind fault message.

        A session that doesn't open is let go, so that the person isn't stuck for good.
        Raises SealError or UnknownKeyError if the lane itself doesn't open.
        """
        now = self._clock()
        lane = self._vault.open(claim.lane)
        active = await self._programs.active()
        body = _readable(lane, stored)
        session = _session_or_none(lane)
        hint = session.language if session else body.inbound.language
        channel = self._channels[claim.lane.address.channel]
        language = _language(hint, active)
        standing = self._surroundings.standing(active, language, now)
        messages = active.bundle.messages
        wording = Wording(messages, messages, language, standing)
        writing = Writing(claim, lane, stored, body, channel, self._chance, now)
        if body.inbound.kind not in _UNCOPIED:
            writing.note_person(MessageBody(text=body.inbound.text, kind=body.inbound.kind))
        if body.inbound.kind not in _OURS:
            writing.say([_apology(wording, body.inbound.risk, active)])
        conversation = _raised(claim.lane.conversation, [body.inbound.risk], now)
        if session is None:
            conversation = replace(conversation, session=b"", shape="", revision="")
        counts = (statistics.one(channel.name, now, "unanswered"),)
        timers = self._life(session, body.inbound, now)
        return writing.finish(replace(conversation, last_seen=now), timers, counts)

    def _life(self, session: Session | None, inbound: Inbound, now: int) -> tuple[Timer, ...]:
        """The end of a session that no turn was taken on; its silence is over with the apology."""
        if session is None or session.status != "active" or inbound.kind == "expired":
            return ()
        seen = session.seen_at if inbound.kind in _OURS else now
        return (Timer("expired", seen + self._limits.session_life),)

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
        self, wording: Wording, turn: Turn, claim: Claim, body: InboundBody
    ) -> tuple[Spoken, ...]:
        """What is said now: nothing of our own accord to somebody who blocked us."""
        if claim.lane.address.status == "blocked" and body.inbound.kind in _OURS:
            return ()
        return wording.speak(event for event in turn.events if isinstance(event, Said))

    def _changed(self, lane: OpenLane, turn: Turn, inbound: Inbound, now: int) -> Conversation:
        before = lane.lane.conversation
        noticed = [
            Risk(Tier(event.tier), event.topic, event.rule)
            for event in turn.events
            if isinstance(event, RiskNoticed)
        ]
        return replace(
            _raised(before, [inbound.risk, *noticed], now),
            session=lane.seal_session(turn.session),
            revision=turn.session.revision,
            shape=self._vault.shape_code(shape(turn.session)),
            last_seen=before.last_seen if inbound.kind in _OURS else now,
            limit_asked=now if _limit_asked(turn.events) else before.limit_asked,
        )

    def _counts(
        self,
        before: Conversation,
        kept: Session | None,
        turn: Turn,
        inbound: Inbound,
        channel: str,
        now: int,
    ) -> tuple[Count, ...]:
        counts = statistics.counts(turn.events, channel, now)
        returned = kept is not None and inbound.kind not in _OURS
        if returned and statistics.came_back(before.last_seen, now):
            counts += (statistics.one(channel, now, "came_back"),)
        return counts

    def _note(self, events: Iterable[Event]) -> None:
        for event in events:
            if isinstance(event, FaultFound):
                self._journal.note("walk_ended", event.fault)
            elif isinstance(event, RiskNoticed):
                self._journal.note("risk_noticed", tier=int(event.tier))


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


def _raised(before: Conversation, risks: Iterable[Risk], now: int) -> Conversation:
    """The conversation with its tier raised; nothing here ever lowers it."""
    risk = max(risks, key=lambda one: one.tier)
    if risk.tier == Tier.NONE or risk.tier < before.tier:
        return before
    return replace(before, tier=int(risk.tier), tier_at=now, tier_rule=risk.rule)


def _limit_asked(events: Iterable[Event]) -> bool:
    return any(isinstance(event, LimitAsked) for event in events)


def _language(wanted: str, published: Published) -> str:
    messages = published.bundle.messages
    return wanted if wanted in messages.texts else messages.source_language


def _readable(lane: OpenLane, stored: StoredInbound) -> InboundBody:
    try:
        return lane.inbound(stored)
    except (SealError, msgspec.DecodeError):
        # An empty body is a timer's, or of a lane that can't be answered: nothing is to be said.
        return InboundBody(Inbound("text" if stored.sealed else "expired"))


def _session_or_none(lane: OpenLane) -> Session | None:
    try:
        return lane.session()
    except (SealError, msgspec.DecodeError):
        return None


def _apology(wording: Wording, risk: Risk, active: Published) -> Spoken:
    if risk.tier >= Tier.ACTIVE:
        return Spoken(Bubble(wording.line(CARD)), "crisis")
    return Spoken(Bubble(wording.line(active.bundle.everywhere.says["fault"])), "turn")


def _erasing(
    events: Iterable[Event],
    wording: Wording,
    body: InboundBody,
    stored: StoredInbound,
    channel: str,
    now: int,
) -> Erasing:
    bubbles = tuple(spoken.bubble for spoken in wording.speak([Said(ERASED)]))
    counts = statistics.counts(events, channel, now)
    return Erasing(stored.event, bubbles, body.reply_token, stored.at, counts)


def _copy(
    inbound: Inbound, events: Iterable[Event], published: Published, language: str
) -> MessageBody:
    """Our copy of a person's inbound; a tap is kept as the label they saw, not as its data."""
    if inbound.kind == "text":
        return MessageBody(text=inbound.text)
    if inbound.kind != "tap":
        return MessageBody(text=inbound.text, kind=inbound.kind)
    key = _tapped(events, published)
    words = text(published.bundle.messages, language, key, {}) if key else ""
    return MessageBody(text=words, kind="tap")


def _tapped(events: Iterable[Event], published: Published) -> str:
    bundle = published.bundle
    rails = dict(bundle.everywhere.rails)
    for event in events:
        if isinstance(event, ChoiceMade):
            state = bundle.flows[event.flow].states[event.state]
            return next((one.label for one in state.choices if one.id == event.choice), "")
        word = getattr(event, "word", "")
        if word:
            return rails.get(word, "")
    return ""
