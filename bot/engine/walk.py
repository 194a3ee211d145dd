"""The working state of one turn, and what can be said and kept in it. Imports engine and flow.

A Walk lives for one turn; everything that outlasts it is copied into the new Session at the end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from bot.engine.events import Event, Offered, Said, SpeechClass
from bot.engine.program import Program, Step
from bot.engine.session import Answer, Frame, Session
from bot.engine.world import Limits, World
from bot.flow.guards import holds

LONGEST_ANSWER = 2_000
"""Characters of a text answer that are kept."""

SOURCE = 16
"""Characters of a message's reference that an answer keeps: enough to tell it in one session."""

DOORSTEP_WORDS = frozenset({"erase", "kept", "language", "help", "leave", "code", "cover"})
"""The words that work at a doorstep as they do everywhere; the others lead to the doorstep."""

MISSING = "…"
"""Stands where a placeholder's answer was not given or is forgotten already."""


class Walk:
    """One turn in progress. It is also the scene that guards look at.

    `earlier` is the stack that もどる would come back to, () if there is none; `rewound` tells that
    the history was changed already. `taken` counts states. `mute`: nothing may be said now.
    """

    __slots__ = (
        "answered_now", "at", "before", "channel", "conduct", "earlier", "entered_at", "events",
        "history", "language", "limit_said", "limits", "misunderstood", "mode", "mute", "nonce",
        "open", "program", "receipt", "rest_until", "rewound", "shown", "speech", "stack",
        "status", "taken", "unsaid", "world",
    )  # fmt: skip

    def __init__(self, program: Program, session: Session, world: World, limits: Limits) -> None:
        self.program = program
        self.world = world
        self.limits = limits
        self.channel = world.channel
        self.mode: str = world.mode
        self.at = "doorstep" if world.doorstep else "home"
        self.open: Mapping[str, bool] = world.open
        self.before = session
        self.stack = list(session.stack)
        self.earlier = session.stack
        self.rewound = False
        self.history = session.history
        self.nonce = session.nonce
        self.shown = session.shown
        self.language = _language(program, session)
        self.misunderstood = session.misunderstood
        self.entered_at = session.entered_at
        self.unsaid = session.unsaid
        self.receipt = session.receipt
        self.conduct = session.conduct
        self.rest_until = session.rest_until
        self.limit_said = session.limit_said
        lost = session.status == "active" and not session.stack
        self.status = "new" if lost else session.status
        self.events: list[Event] = []
        self.taken = 0
        self.speech: SpeechClass = "turn"
        self.mute = False
        self.answered_now = False

    def answer(self, name: str) -> str | None:
        """The value given, looked up in this flow first, then in its callers."""
        for frame in reversed(self.stack):
            found = frame.answers.get(name)
            if found is not None:
                return found.value
        return None


def _language(program: Program, session: Session) -> str:
    """The session's language; the source language if a newer revision has lost it."""
    messages = program.bundle.messages
    if session.language in messages.texts:
        return session.language
    return messages.source_language if session.status == "active" else ""


def front(walk: Walk) -> str:
    """The flow that stands ready where nothing else does."""
    return walk.program.occasion("doorstep" if walk.world.doorstep else "start")


def top(walk: Walk) -> Step | None:
    """The step that the person stands in; None where its flow hasn't been entered yet."""
    frame = walk.stack[-1]
    return walk.program.steps.get((frame.flow, frame.state))


def keep_answer(walk: Walk, step: Step, value: str, source: str = "") -> None:
    """Keeps a value under the answer that the step names, for as long as the flow declares.

    `source` is the reference of the message it stands in.
    """
    spec = step.answer
    if spec is None:
        return
    until = None if spec.keep is None else walk.world.now + spec.keep * 1000
    walk.answered_now |= spec.keep == 0
    frame = walk.stack[-1]
    answer = Answer(keepable(value), until, source[:SOURCE])
    walk.stack[-1] = Frame(frame.flow, frame.state, {**frame.answers, spec.name: answer})


def keepable(text: str) -> str:
    """A text as an answer keeps it: not too long, and fit to be encoded."""
    text = text[:LONGEST_ANSWER]
    # Lone surrogates can't be encoded; they come from half an emoji cut by a client.
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def say(walk: Walk, key: str, choices: tuple[Offered, ...] = (), urgent: bool = False) -> None:
    """Says one message, with the values its placeholders need."""
    if walk.mute:
        return
    slots = walk.program.slots.get(key)
    values = _values(walk, slots) if slots else {}
    walk.events.append(Said(key, values, choices, "crisis" if urgent else walk.speech))


def _values(walk: Walk, slots: Sequence[str]) -> dict[str, str]:
    if "receipt" in slots:
        walk.receipt = walk.world.receipt
    return {name: _value(walk, name) for name in slots}


def _value(walk: Walk, name: str) -> str:
    for frame in reversed(walk.stack):
        found = frame.answers.get(name)
        if found is not None:
            label = walk.program.choice_labels.get((frame.flow, name, found.value))
            texts = walk.program.bundle.messages.texts[walk.language]
            return texts[label] if label else found.value
    if name == "receipt":
        return walk.world.receipt
    return walk.world.values.get(name, MISSING)


def stand(walk: Walk, step: Step, lines: Sequence[str], rails: bool = False) -> None:
    """Says `lines` and waits in the step: its choices and the rails stand under the last of them.

    The buttons carry this turn's nonce, so every earlier one becomes stale. `rails` asks for the
    standing buttons even where the state hides them.
    """
    walk.nonce = walk.world.nonce
    walk.entered_at = walk.world.now
    walk.unsaid = walk.mute
    if walk.mute:
        walk.shown = ()
        return
    offered = _offer(walk, step)
    if rails or step.state.rails:
        offered += rail_buttons(walk)
    urgent = step.state.urgent
    for key in lines[:-1]:
        say(walk, key, (), urgent)
    if lines:
        say(walk, lines[-1], tuple(offered), urgent)
    else:
        _put_under_last(walk, tuple(offered))


def _offer(walk: Walk, step: Step) -> list[Offered]:
    nonce = walk.nonce
    shown = []
    offered = []
    for choice in step.state.choices:
        if not choice.guards or all(holds(guard, walk) for guard in choice.guards):
            shown.append(choice.id)
            offered.append(Offered(f"{nonce}.{len(shown)}", choice.label))
    walk.shown = tuple(shown)
    return offered


def rail_buttons(walk: Walk) -> list[Offered]:
    """The standing buttons, with this turn's nonce.

    One gives way to a choice that reads like it and leads to the same flow, or that its own flow
    shows: two buttons that read alike would be a riddle.
    """
    nonce = walk.world.nonce
    return [
        Offered(f"{nonce}.{word}", label, True)
        for word, label in walk.program.bundle.everywhere.rails
        if _works_here(walk, word) and not _stands_already(walk, word, label)
    ]


def _works_here(walk: Walk, word: str) -> bool:
    return not walk.world.doorstep or word in DOORSTEP_WORDS


def _stands_already(walk: Walk, word: str, label: str) -> bool:
    step = top(walk) if walk.shown else None
    flow = walk.program.bundle.everywhere.words[word].flow
    if step is None or flow is None:
        return False
    texts = walk.program.bundle.messages.texts[walk.language]
    return any(
        texts[choice.label] == texts[label]
        and (step.flow == flow or _leads_to(walk, step, choice.id, flow))
        for choice in step.state.choices
        if choice.id in walk.shown
    )


def _leads_to(walk: Walk, step: Step, trigger: str, flow: str) -> bool:
    targets = [rule.target for rule in step.state.rules if rule.trigger == trigger]
    states = [walk.program.steps[step.flow, target].state for target in targets]
    return all(flow in (state.call, state.go) for state in states)


def _put_under_last(walk: Walk, offered: tuple[Offered, ...]) -> None:
    """A wait that says nothing has its buttons under whatever was said before it in this turn."""
    for index in range(len(walk.events) - 1, -1, -1):
        event = walk.events[index]
        if isinstance(event, Said):
            walk.events[index] = msgspec.structs.replace(event, choices=offered)
            return
