"""One turn: session and inbound in, session, events and timers out. Pure. Imports engine, flow."""

from __future__ import annotations

from bot.engine.closing import finish
from bot.engine.events import ChoiceMade, FaultFound, FellSilent
from bot.engine.inbound import Inbound
from bot.engine.occasions import (
    ask_again,
    came_back,
    forget,
    mend_answers,
    missing_frame,
    not_understood,
    notice,
    open_session,
    stale_tap,
    use_word,
    welcome_back,
)
from bot.engine.program import Program, Step
from bot.engine.reading import Reading, labelled, read_tap, read_text, tapped_word
from bot.engine.session import Frame, Session
from bot.engine.steps import choose, end, enter_top, follow
from bot.engine.walk import Walk, keep_answer, say, top
from bot.engine.world import Limits, Turn, World
from bot.flow.definition import TRIGGER_SILENCE, Word
from bot.flow.normalisation import normalise
from bot.safety.risk import Tier


def take_turn(
    program: Program, session: Session, inbound: Inbound, world: World, limits: Limits
) -> Turn:
    """What `inbound` leads to. Takes any session and any inbound, and never raises for either.

    `inbound.risk` is set before. `program` is the revision of the session, or a newer one.
    """
    walk = Walk(program, session, world, limits)
    if session.stack and (program.forgets or session.revision != program.bundle.revision):
        forget(walk)
        walk.earlier = tuple(walk.stack)
    kind = inbound.kind
    if kind == "expired":
        _expire(walk)
    elif kind == "silence":
        _fall_silent(walk, inbound)
    elif kind == "unsent":
        mend_answers(walk, inbound.ref, None)
    elif kind == "edited" and inbound.risk.tier < Tier.ACTIVE:
        mend_answers(walk, inbound.ref, inbound.text)
        if inbound.risk.tier:
            notice(walk, inbound.risk)
    else:
        _hear(walk, inbound)
    return finish(walk, inbound)


def _expire(walk: Walk) -> None:
    life_is_over = walk.world.now >= walk.before.seen_at + walk.limits.session_life
    if walk.status == "active" and life_is_over:
        end(walk, "expired")


def _fall_silent(walk: Walk, inbound: Inbound) -> None:
    if walk.status != "active" or inbound.data != walk.nonce:
        return
    step = top(walk)
    if step is None or step.silence is None or missing_frame(walk):
        return
    rule = choose(walk, step, TRIGGER_SILENCE)
    # Refused or not, this wait has had its silence; the timer is set anew.
    walk.entered_at = walk.world.now
    if rule is None:
        return
    walk.events.append(FellSilent(step.flow, step.name))
    walk.misunderstood = 0
    walk.mute = not (walk.world.speaks_unprompted or step.silence.push)
    follow(walk, step, rule)


def _hear(walk: Walk, inbound: Inbound) -> None:
    """The person did something: risk first, then the words that work everywhere, then the flow."""
    if inbound.kind == "edited":
        mend_answers(walk, inbound.ref, inbound.text)
    fresh = walk.status != "active"
    gone = None if fresh else missing_frame(walk)
    if fresh:
        open_session(walk, inbound)
    elif gone:
        walk.events.append(FaultFound("state_gone", gone.flow, gone.state))
        walk.stack = [Frame(walk.program.occasion("start"), "")]
        walk.earlier = ()
        walk.unsaid = False
    if inbound.risk.tier:
        notice(walk, inbound.risk)
        if inbound.risk.tier >= Tier.ACTIVE:
            return
    folded = normalise(inbound.text) if inbound.text else ""
    word = _word(walk, inbound, folded)
    if word and not _names_a_choice(walk, word, inbound, folded):
        use_word(walk, word)
        return
    if gone:
        say(walk, walk.program.bundle.everywhere.says["state_gone"])
    step = top(walk)
    if step is None:
        enter_top(walk)
    elif came_back(walk):
        welcome_back(walk)
    else:
        _answer(walk, step, inbound, folded)


def _word(walk: Walk, inbound: Inbound, folded: str) -> Word | None:
    if inbound.kind == "tap":
        return tapped_word(walk.program, inbound.data)
    return walk.program.words.get(folded) if folded else None


def _names_a_choice(walk: Walk, word: Word, inbound: Inbound, folded: str) -> bool:
    """Whether a written word is a label shown by the word's own flow: only there a label wins.

    Elsewhere the word wins, so that no state can swallow it.
    """
    step = top(walk)
    if inbound.kind != "text" or step is None or step.flow != word.flow:
        return False
    return labelled(walk, step, folded) is not None


def _answer(walk: Walk, step: Step, inbound: Inbound, folded: str) -> None:
    """An ordinary thing, done in an ordinary state."""
    kind = inbound.kind
    if kind == "begin":
        walk.misunderstood = 0
        ask_again(walk)
    elif kind == "tap":
        reading = read_tap(walk.before, inbound.data)
        if reading is None:
            stale_tap(walk)
        else:
            _take(walk, step, reading, "text")
    elif kind == "text":
        _take(walk, step, read_text(walk, step, inbound.text, folded), "text", inbound.ref)
    else:
        _take(walk, step, Reading(kind, None), kind)


def _take(walk: Walk, step: Step, reading: Reading | None, kind: str, source: str = "") -> None:
    """Keeps the answer and lets the machine choose the way; guards see the new answer already."""
    if reading is None:
        not_understood(walk, step, kind)
        return
    frame = walk.stack[-1]
    if reading.value is not None:
        keep_answer(walk, step, reading.value, source)
    rule = choose(walk, step, reading.trigger)
    if rule is None:
        walk.stack[-1] = frame
        not_understood(walk, step, kind)
        return
    walk.misunderstood = 0
    if reading.choice:
        walk.events.append(ChoiceMade(step.flow, step.name, reading.trigger))
    follow(walk, step, rule)
