"""How a turn ends: history, size, timers, the new session. Imports the engine's own."""

from __future__ import annotations

from bot.engine.events import Said, Timer
from bot.engine.inbound import Inbound
from bot.engine.occasions import entry_code, forget
from bot.engine.program import Program
from bot.engine.session import Frame, Session, encode
from bot.engine.steps import fault
from bot.engine.walk import Walk, front
from bot.engine.world import Limits, Turn
from bot.safety.risk import Tier


def finish(walk: Walk, inbound: Inbound) -> Turn:
    """The turn as it will be kept: within the limit of size, with every timer that now holds."""
    if walk.answered_now:
        # What is kept for the turn only ends here, before anything is written down.
        forget(walk)
    person = _by_person(inbound)
    if person and not walk.rewound and walk.earlier:
        _remember(walk)
    session = _session(walk, inbound, person)
    if len(encode(session)) > walk.limits.session_bytes:
        session = _shrink(walk, inbound, person)
    return Turn(session, tuple(walk.events), timers(walk.program, session, walk.limits))


def _by_person(inbound: Inbound) -> bool:
    """Whether this counts as the person being here; a harmless edit and our own timers don't."""
    if inbound.kind == "edited":
        return inbound.risk.tier >= Tier.ACTIVE
    return inbound.kind not in ("silence", "expired", "unsent")


def _remember(walk: Walk) -> None:
    """Keeps the stack of before for もどる, if the person has moved away from a question."""
    was, stack = walk.earlier, walk.stack
    there, here = was[-1], stack[-1]
    moved = len(was) != len(stack) or (there.flow, there.state) != (here.flow, here.state)
    if moved and there.state:
        walk.history = (*walk.history, was)[-walk.limits.history :]


def _session(walk: Walk, inbound: Inbound, person: bool) -> Session:
    before = walk.before
    return Session(
        revision=walk.program.bundle.revision,
        stack=tuple(walk.stack),
        history=walk.history,
        nonce=walk.nonce,
        shown=walk.shown,
        language=walk.language,
        misunderstood=walk.misunderstood,
        entered_at=walk.entered_at,
        seen_at=walk.world.now if person else before.seen_at,
        unsaid=walk.unsaid,
        code=entry_code(inbound, before.code) if inbound.code else before.code,
        receipt=walk.receipt,
        conduct=walk.conduct,
        rest_until=walk.rest_until,
        limit_said=walk.limit_said,
        status=walk.status,
    )


def _shrink(walk: Walk, inbound: Inbound, person: bool) -> Session:
    """A session of too many bytes: history goes first, then the walk ends kindly; crises stay."""
    while walk.history:
        walk.history = walk.history[1:]
        session = _session(walk, inbound, person)
        if len(encode(session)) <= walk.limits.session_bytes:
            return session
    here = walk.stack[-1]
    if here.flow in walk.program.crisis:
        walk.stack = [Frame(front(walk), ""), Frame(here.flow, here.state)]
    else:
        walk.events = [e for e in walk.events if not isinstance(e, Said) or e.speech == "crisis"]
        fault(walk, "session_too_big", here.flow, here.state)
    return _session(walk, inbound, person)


def timers(program: Program, session: Session, limits: Limits) -> tuple[Timer, ...]:
    """Every timer that holds: the end of the session's life, and the silence of its state."""
    if session.status != "active" or not session.stack:
        return ()
    life = Timer("expired", session.seen_at + limits.session_life)
    here = session.stack[-1]
    step = program.steps.get((here.flow, here.state))
    if step is None or step.silence is None:
        return (life,)
    due = session.entered_at + step.silence.seconds * 1000
    return (Timer("silence", due, session.nonce), life)
