"""What becomes of an inbound without the engine: an apology or the safety card where a turn failed,
and nothing at all where it was dealt with already. Saves nothing.

Imports engine data, the vault and this room's own modules.
"""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from bot.engine.cover import on_cover
from bot.engine.events import Timer
from bot.engine.inbound import Inbound
from bot.engine.session import Session
from bot.engine.world import Limits
from bot.errors import SealError
from bot.rendering.bubbles import Bubble
from bot.safety.risk import Risk, Tier
from bot.services import statistics
from bot.services.bodies import InboundBody, MessageBody
from bot.services.doorstep import OURS, UNCOPIED, at_home, came_by
from bot.services.lanes import OpenLane, Vault
from bot.services.ports import Chance, Clock
from bot.services.raising import language_of, raised
from bot.services.records import Claim, Serious, StoredInbound, TurnWrite
from bot.services.revisions import Programs, Published
from bot.services.speech import Spoken, Wording
from bot.services.surroundings import Surroundings
from bot.services.visits import Visits, session_or_none
from bot.services.writing import Writing

CARD = "safety.card"


class Apologies:
    """Makes writes for inbounds that no turn is taken on."""

    def __init__(
        self,
        programs: Programs,
        vault: Vault,
        surroundings: Surroundings,
        visits: Visits,
        chance: Chance,
        clock: Clock,
        limits: Limits,
    ) -> None:
        self._programs = programs
        self._vault = vault
        self._surroundings = surroundings
        self._visits = visits
        self._chance = chance
        self._clock = clock
        self._limits = limits

    async def apologise(self, claim: Claim, stored: StoredInbound) -> TurnWrite:
        """The write for an inbound that no turn can be taken on, made without the engine: the
        safety card where it was risky, else the kind fault message.

        A session that doesn't open is let go, so that the person isn't stuck for good.
        Raises SealError or UnknownKeyError if the lane itself doesn't open.
        """
        now = self._clock()
        lane = self._vault.open(came_by(claim, stored))
        active = await self._programs.active()
        body = _readable(lane, stored)
        visit = self._visits.at(lane, body.inbound)
        session = session_or_none(lane)
        hint = session.language if session else body.inbound.language
        channel = visit.channel
        language = language_of(hint, active)
        standing = self._surroundings.standing(active, language, now)
        messages = active.bundle.messages
        wording = Wording(messages, messages, language, standing)
        writing = Writing(claim, lane, stored, body, channel, self._chance, now)
        hidden = session is not None and on_cover(session)  # nothing typed there is ever kept
        if visit.copied and not hidden and body.inbound.kind not in UNCOPIED:
            writing.note_person(MessageBody(text=body.inbound.text, kind=body.inbound.kind))
        if body.inbound.kind not in OURS:
            writing.say([_apology(wording, body.inbound.risk, active)], visit.copied)
        conversation = raised(claim.lane.conversation, [body.inbound.risk], now)
        if session is None:
            conversation = replace(conversation, session=b"", shape="", revision="")
        counts = (statistics.one(channel.name, now, "unanswered"),)
        if body.inbound.kind not in OURS and at_home(lane.lane):
            conversation = replace(conversation, last_seen=now)
        return writing.finish(
            conversation,
            self._life(session, body.inbound, now),
            counts,
            # What stood at a doorstep may be what went wrong: it begins anew.
            addresses=visit.address(None),
            serious=_card_given(body.inbound.risk, self._chance, now),
        )

    def _life(self, session: Session | None, inbound: Inbound, now: int) -> tuple[Timer, ...]:
        """The end of a session that no turn was taken on; its silence is over with the apology."""
        if session is None or session.status != "active" or inbound.kind == "expired":
            return ()
        seen = session.seen_at if inbound.kind in OURS else now
        return (Timer("expired", seen + self._limits.session_life),)


def _readable(lane: OpenLane, stored: StoredInbound) -> InboundBody:
    try:
        return lane.inbound(stored)
    except (SealError, msgspec.DecodeError):
        # An empty body is a timer's, or of a lane that can't be answered: nothing is to be said.
        return InboundBody(Inbound("text" if stored.sealed else "expired"))


def _apology(wording: Wording, risk: Risk, active: Published) -> Spoken:
    if risk.tier >= Tier.ACTIVE:
        return Spoken(Bubble(wording.line(CARD)), "crisis")
    return Spoken(Bubble(wording.line(active.bundle.everywhere.says["fault"])), "turn")


def _card_given(risk: Risk, chance: Chance, now: int) -> tuple[Serious, ...]:
    if risk.tier < Tier.IMMINENT:
        return ()
    return (Serious(chance.id(), now, int(risk.tier), risk.rule, "card"),)
