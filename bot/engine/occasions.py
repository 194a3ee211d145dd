"""What may happen in any state: words, risk, beginning, coming back, repairs. Engine only."""

from __future__ import annotations

from bot.engine.events import (
    CameBack,
    Moved,
    NotUnderstood,
    RiskNoticed,
    SessionStarted,
    StaleTapped,
    WordUsed,
)
from bot.engine.inbound import Inbound
from bot.engine.program import Step
from bot.engine.session import Answer, Frame
from bot.engine.steps import begin_flow, choose, enter_top, follow
from bot.engine.walk import SOURCE, Walk, front, keepable, say, stand, top
from bot.flow.definition import TRIGGER_NOT_UNDERSTOOD, Word
from bot.safety.risk import Risk, Tier

_LONGEST_CODE = 64


def open_session(walk: Walk, inbound: Inbound) -> None:
    """A new session: the start flow stands ready, not entered yet."""
    again = walk.status == "ended"
    anew = again and inbound.kind != "begin" and not walk.world.doorstep
    flow = walk.program.occasion("start_again") if anew else front(walk)
    languages = walk.program.bundle.messages.texts
    hints = (walk.language, inbound.language, walk.world.language)
    walk.language = next((hint for hint in hints if hint in languages), _source(walk))
    walk.stack = [Frame(flow, "")]
    walk.earlier = walk.history = ()
    walk.status = "active"
    walk.misunderstood = 0
    walk.receipt = ""
    walk.events.append(SessionStarted("again" if again else "begin"))


def _source(walk: Walk) -> str:
    return walk.program.bundle.messages.source_language


def entry_code(inbound: Inbound, former: str) -> str:
    """The opaque code that the session carries from now on: a new one replaces the former."""
    code = inbound.code[:_LONGEST_CODE].encode("utf-8", "replace").decode("utf-8")
    return code or former


def notice(walk: Walk, risk: Risk) -> None:
    """Records a risk reading; tiers 2 and 3 put their crisis flow over whatever was going on."""
    walk.events.append(RiskNoticed(int(risk.tier), risk.topic, risk.rule))
    if risk.tier < Tier.ACTIVE:
        return
    walk.speech = "crisis"
    walk.misunderstood = 0
    door = walk.world.doorstep
    flow = walk.program.occasion("crisis_door" if door else f"crisis_{int(risk.tier)}")
    ranks = walk.program.crisis
    for index in range(len(walk.stack) - 1, -1, -1):
        rank = ranks.get(walk.stack[index].flow, 0)
        if rank:
            flow = walk.stack[index].flow if rank >= risk.tier else flow
            del walk.stack[index:]
            break
    interrupt(walk, flow)


def interrupt(walk: Walk, flow: str) -> None:
    """Puts a flow over the question that stands; when it returns, that question is asked again.

    A flow that is in the stack already is entered anew where it stands, so that going to and fro
    between words never piles up; a crisis below stays where it is.
    """
    stack = walk.stack
    for index in range(len(stack) - 1, -1, -1):
        if stack[index].flow == flow:
            del stack[index:]
            break
        if stack[index].flow in walk.program.crisis:
            break
    if len(stack) >= walk.limits.depth:
        _flatten(walk)
    begin_flow(walk, flow)


def _flatten(walk: Walk) -> None:
    """Drops what lies between the first question interrupted and now, but for a crisis."""
    steps = walk.program.steps
    stack = walk.stack
    for index, frame in enumerate(stack):
        step = steps.get((frame.flow, frame.state))
        if step is None or not step.state.call:
            crisis = [each for each in stack[index + 1 :] if each.flow in walk.program.crisis]
            stack[index + 1 :] = crisis[-1:]
            return


def use_word(walk: Walk, word: Word) -> None:
    """One of the words that work everywhere: its flow is called, or `back` is done here."""
    walk.events.append(WordUsed(word.id))
    walk.misunderstood = 0
    if word.flow:
        interrupt(walk, word.flow)
    else:
        _go_back(walk)


def _go_back(walk: Walk) -> None:
    now = walk.stack
    while walk.history:
        *earlier, stack = walk.history
        walk.history = tuple(earlier)
        walk.rewound = True
        walk.stack = list(stack)
        step = top(walk) if stack else None
        if step and missing_frame(walk) is None:
            walk.events.append(step.entered)
            stand(walk, step, step.lines)
            return
    walk.stack = now
    say(walk, walk.program.bundle.everywhere.says["nothing_back"])
    ask_again(walk)


def ask_again(walk: Walk) -> None:
    """The question that stands, once more; a flow that wasn't entered yet is entered."""
    step = top(walk)
    if step is None:
        enter_top(walk)
    else:
        stand(walk, step, step.lines if walk.unsaid else step.question)


def came_back(walk: Walk) -> bool:
    """Whether the person returns after the pause, in the middle of a flow."""
    if walk.world.now - walk.before.seen_at < walk.limits.return_after:
        return False
    flow = walk.stack[-1].flow
    if flow == walk.program.occasion("coming_back"):
        return False
    starts = (walk.program.occasion("start"), walk.program.occasion("start_again"))
    at_the_start = len(walk.stack) == 1 and not walk.history and flow in starts
    return not at_the_start


def welcome_back(walk: Walk) -> None:
    """Asks whether to go on or to begin again; says nothing of before."""
    walk.events.append(CameBack())
    walk.misunderstood = 0
    interrupt(walk, walk.program.occasion("coming_back"))


def arrive(walk: Walk, by: str, fresh: bool) -> None:
    """The conversation has come here `by` a code or a door: where we were, and a new return code.

    Where nothing had begun yet, a door simply opens on the beginning.
    """
    walk.events.append(Moved(by))
    walk.misunderstood = 0
    _put_aside(walk)
    if fresh and by == "door":
        enter_top(walk)
    else:
        interrupt(walk, walk.program.occasion("moved"))


def _put_aside(walk: Walk) -> None:
    """What was there for the other place only doesn't come along: the code shown, the cover."""
    words = walk.program.bundle.everywhere.words
    left = {words[each].flow for each in ("code", "cover") if each in words}
    walk.stack[1:] = [frame for frame in walk.stack[1:] if frame.flow not in left]


def code_failed(walk: Walk, how: str) -> None:
    """A return code that did not open: said kindly, and the question again."""
    walk.misunderstood = 0
    say(walk, walk.program.bundle.everywhere.says["code_slow" if how == "slow" else "code_missed"])
    ask_again(walk)


def stale_tap(walk: Walk) -> None:
    """A button of an earlier turn: said kindly, and the question again."""
    walk.events.append(StaleTapped())
    say(walk, walk.program.bundle.everywhere.says["stale_tap"])
    ask_again(walk)


def not_understood(walk: Walk, step: Step, kind: str) -> None:
    """The repair: one polite line, the question again; the second in a row offers a person."""
    if walk.unsaid:
        # Silence moved the state and nobody told the person: they can't have answered it.
        stand(walk, step, step.lines)
        return
    walk.misunderstood += 1
    walk.events.append(NotUnderstood(step.flow, step.name, walk.misunderstood))
    says = walk.program.bundle.everywhere.says
    if walk.misunderstood >= 2:
        say(walk, says["offer_person"])
        stand(walk, step, step.question, rails=True)
        return
    rule = choose(walk, step, TRIGGER_NOT_UNDERSTOOD) if kind == "text" else None
    if rule:
        follow(walk, step, rule)
        return
    say(walk, says["not_understood" if kind == "text" else kind])
    stand(walk, step, step.question)


def missing_frame(walk: Walk) -> Frame | None:
    """The first frame unknown to this revision, or the top one if nobody can wait there."""
    program = walk.program
    for frame in walk.stack:
        if frame.state:
            if (frame.flow, frame.state) not in program.steps:
                return frame
        elif frame.flow not in program.entries:
            return frame
    step = top(walk)
    return walk.stack[-1] if step and not step.waits else None


def forget(walk: Walk) -> None:
    """Drops every answer whose time is over, in the history too."""
    now = walk.world.now
    walk.stack = [_fresh(frame, now) for frame in walk.stack]
    if walk.history:
        walk.history = tuple(tuple(_fresh(frame, now) for frame in each) for each in walk.history)


def mend_answers(walk: Walk, ref: str, text: str | None) -> None:
    """An edited message gives its answers the new text; one taken back (None) takes them along."""
    source = ref[:SOURCE]
    if source:
        walk.stack = [_mended(frame, source, text) for frame in walk.stack]
        walk.history = tuple(
            tuple(_mended(frame, source, text) for frame in each) for each in walk.history
        )
        walk.earlier = tuple(walk.stack)


def _mended(frame: Frame, source: str, text: str | None) -> Frame:
    if all(answer.source != source for answer in frame.answers.values()):
        return frame
    answers: dict[str, Answer] = {}
    for name, answer in frame.answers.items():
        if answer.source != source:
            answers[name] = answer
        elif text is not None:
            answers[name] = Answer(keepable(text), answer.until, source)
    return Frame(frame.flow, frame.state, answers)


def _fresh(frame: Frame, now: int) -> Frame:
    for answer in frame.answers.values():
        if answer.until is not None and answer.until <= now:
            break
    else:
        return frame
    kept = {
        name: answer
        for name, answer in frame.answers.items()
        if answer.until is None or answer.until > now
    }
    return Frame(frame.flow, frame.state, kept)
