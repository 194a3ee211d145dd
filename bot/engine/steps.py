"""Going from state to state until one waits: entering, calling, returning, ending. Engine only."""

from __future__ import annotations

from bot.engine.events import (
    BookingAsked,
    EraseConfirmed,
    FaultFound,
    HumanAsked,
    LanguageChosen,
    SessionEnded,
    SessionStarted,
)
from bot.engine.machine import fire
from bot.engine.program import Step
from bot.engine.session import Frame
from bot.engine.walk import Walk, front, rail_buttons, say, stand, top
from bot.flow.definition import TRIGGER_ALWAYS, TRIGGER_RETURNED, Rule


def choose(walk: Walk, step: Step, trigger: str) -> Rule | None:
    """The rule that the machine fires on `trigger` here; None if there is none or it is refused."""
    if trigger not in step.triggers:
        return None
    return fire(walk.program.machine, walk, step.flow, step.name, trigger)


def follow(walk: Walk, step: Step, rule: Rule) -> None:
    """Takes the arrow that the machine chose, until a state waits or the session is over."""
    go_on(walk, walk.program.steps[step.flow, rule.target])


def go_on(walk: Walk, step: Step | None) -> None:
    """Enters `step` and whatever follows it in this turn."""
    while step is not None:
        step = _enter(walk, step)


def begin_flow(walk: Walk, flow: str) -> None:
    """Puts a flow on top of the stack and enters it."""
    walk.stack.append(Frame(flow, ""))
    go_on(walk, _first(walk, flow))


def enter_top(walk: Walk) -> None:
    """Enters the flow on top, which stood there without having been entered."""
    go_on(walk, _first(walk, walk.stack[-1].flow))


def _first(walk: Walk, flow: str) -> Step:
    walk.events.append(walk.program.entries[flow])
    return walk.program.entry(flow)


def _enter(walk: Walk, step: Step) -> Step | None:
    walk.taken += 1
    if walk.taken > walk.limits.states:
        fault(walk, "too_many_states", step.flow, step.name)
        return None
    frame = walk.stack[-1]
    walk.stack[-1] = Frame(step.flow, step.name, frame.answers)
    walk.events.append(step.entered)
    state = step.state
    turning = _act(walk, step) if state.actions else ""
    if step.waits and not turning:
        stand(walk, step, step.lines)
        return None
    for key in step.lines:
        say(walk, key, (), state.urgent)
    if turning:
        return _give_back(walk) if turning == "resume" else _restart(walk)
    return _onward(walk, step)


def _onward(walk: Walk, step: Step) -> Step | None:
    state = step.state
    if state.call:
        return _call(walk, step, state.call)
    if state.go:
        walk.stack[-1] = Frame(state.go, "")
        return _first(walk, state.go)
    if state.returns:
        return _give_back(walk)
    if state.ends:
        end(walk, "left")
        return None
    return _arrow(walk, step, TRIGGER_ALWAYS)


def _arrow(walk: Walk, step: Step, trigger: str) -> Step | None:
    rule = choose(walk, step, trigger)
    if rule is None:
        fault(walk, "no_way_on", step.flow, step.name)
        return None
    return walk.program.steps[step.flow, rule.target]


def _call(walk: Walk, step: Step, flow: str) -> Step | None:
    if _depth(walk) >= walk.limits.depth:
        fault(walk, "too_deep", step.flow, step.name)
        return None
    walk.stack.append(Frame(flow, ""))
    return _first(walk, flow)


def _depth(walk: Walk) -> int:
    """How many flows have called each other up to here; an interrupted one is no caller."""
    steps = walk.program.steps
    deep = 1
    for frame in reversed(walk.stack[:-1]):
        below = steps.get((frame.flow, frame.state))
        if below is None or not below.state.call:
            break
        deep += 1
    return deep


def give_back(walk: Walk) -> None:
    """Ends the flow on top as if it returned; whatever stood below goes on."""
    go_on(walk, _give_back(walk))


def _give_back(walk: Walk) -> Step | None:
    walk.stack.pop()
    if not walk.stack:
        end(walk, "left")
        return None
    step = top(walk)
    if step is None:
        return _first(walk, walk.stack[-1].flow)
    if step.state.call:
        return _arrow(walk, step, TRIGGER_RETURNED)
    if step.waits:
        stand(walk, step, step.question)
        return None
    return step


def end(walk: Walk, how: str) -> None:
    """The session is over; nothing of its answers is left."""
    walk.events.append(SessionEnded(how))
    walk.stack.clear()
    walk.history = ()
    walk.rewound = True
    walk.shown = ()
    walk.nonce = walk.world.nonce
    walk.unsaid = False
    walk.status = "ended"


def _restart(walk: Walk) -> Step:
    walk.events += (SessionEnded("restarted"), SessionStarted("again"))
    start = front(walk)
    walk.stack[:] = [Frame(start, "")]
    walk.history = ()
    walk.rewound = True
    return _first(walk, start)


def _act(walk: Walk, step: Step) -> str:
    """Does the effects of a state; says whether they turn the way: "resume", "restart" or ""."""
    turning = ""
    for action in step.state.actions:
        if action.name in ("resume", "restart"):
            turning = action.name
        elif action.name == "language":
            walk.language = action.argument or walk.language
            walk.events.append(LanguageChosen(walk.language))
        elif action.name == "human_asked":
            walk.events.append(HumanAsked())
        elif action.name == "booking_asked":
            walk.events.append(BookingAsked())
        elif action.name == "erase":
            walk.events.append(EraseConfirmed(walk.receipt or walk.world.receipt))
    return turning


def fault(walk: Walk, code: str, flow: str, state: str) -> None:
    """Ends a walk kindly: one message with a way to a person; then the start flow stands ready."""
    walk.events.append(FaultFound(code, flow, state))
    walk.stack[:] = [Frame(front(walk), "")]
    walk.history = ()
    walk.rewound = True
    walk.shown = ()
    walk.nonce = walk.world.nonce
    walk.unsaid = False
    walk.status = "active"
    say(walk, walk.program.bundle.everywhere.says["fault"], tuple(rail_buttons(walk)))
