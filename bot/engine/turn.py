"""One turn: session and inbound in, session, events and timers out. Pure. Imports engine, flow."""

from __future__ import annotations

from bot.engine.closing import finish
from bot.engine.conduct import kept_apart, resting
from bot.engine.cover import cover
from bot.engine.doorstep import at_the_door, knock, turned_away
from bot.engine.events import ChoiceMade, FaultFound, FellSilent
from bot.engine.inbound import Inbound
from bot.engine.occasions import (
    arrive,
    ask_again,
    came_back,
    code_failed,
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
from bot.engine.walk import Walk, front, keep_answer, say, top
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
        mend_answers(walk, inbound.ref, inbound.text or None)
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
    asked = walk.world.speaks_unprompted or step.silence.push
    walk.mute = walk.world.quiet or resting(walk) or not asked
    follow(walk, step, rule)


def _hear(walk: Walk, inbound: Inbound) -> None:
    """The person did something: risk first, then the words that work everywhere, then the flow."""
    if inbound.kind == "edited":
        mend_answers(walk, inbound.ref, inbound.text or None)
    fresh = walk.status != "active"
    gone = not fresh and _step_aside(walk)
    if fresh:
        open_session(walk, inbound)
    if inbound.risk.tier:
        notice(walk, inbound.risk)
        if inbound.risk.tier >= Tier.ACTIVE:
            return
    folded = normalise(inbound.text) if inbound.text else ""
    word = _word(walk, inbound, folded)
    if cover(walk, inbound, word) or kept_apart(walk, inbound, word, folded):
        return
    if turned_away(walk, word):
        return
    if word and not _names_a_choice(walk, word, inbound, folded):
        use_word(walk, word)
    elif inbound.kind in ("code", "moved"):
        _come_in(walk, inbound, fresh)
    else:
        if gone:
            say(walk, walk.program.bundle.everywhere.says["state_gone"])
        _go_on(walk, inbound, folded)


def _step_aside(walk: Walk) -> bool:
    """Whether the state that stood here is gone from this revision; then the front flow stands."""
    gone = missing_frame(walk)
    if gone is None:
        return False
    walk.events.append(FaultFound("state_gone", gone.flow, gone.state))
    walk.stack = [Frame(front(walk), "")]
    walk.earlier = ()
    walk.unsaid = False
    return True


def _go_on(walk: Walk, inbound: Inbound, folded: str) -> None:
    """Whatever is no word and no code: to the state that stands, or back to it after a pause."""
    step = top(walk)
    if step is None:
        enter_top(walk)
    elif walk.world.doorstep:
        meant = at_the_door(walk, inbound, folded)
        if meant:
            _take(walk, *meant, "text", inbound.ref)
    elif came_back(walk):
        welcome_back(walk)
    else:
        _answer(walk, step, inbound, folded)


def _come_in(walk: Walk, inbound: Inbound, fresh: bool) -> None:
    """Four words of a return code: they opened, didn't open, or belong here already."""
    if inbound.kind == "moved":
        arrive(walk, inbound.data, fresh)
    elif inbound.data == "renewed":
        use_word(walk, walk.program.bundle.everywhere.words["code"])
    elif inbound.data == "door":
        knock(walk)
    else:
        code_failed(walk, inbound.data)


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
