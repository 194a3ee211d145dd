"""A bundle made ready to run: the machine and everything that can be looked up instead of computed.

Imports bot.flow and the engine. Built once for each revision, kept by the caller, never changed.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from bot.engine.events import FlowEntered, StateEntered
from bot.engine.machine import FlowMachine, compile_machine
from bot.flow.definition import (
    TRIGGER_ANYTHING,
    AnswerSpec,
    Bundle,
    Flow,
    Matcher,
    Silence,
    State,
    Word,
)
from bot.flow.normalisation import normalise


class Step(msgspec.Struct, frozen=True):
    """One state with what the engine asks of it in every turn.

    `lines` is all it says on entry, `question` what it says when it asks again, `triggers` what its
    rules answer to, `hears` its matchers without `anything`; `entered` the event of entering it.
    """

    flow: str
    name: str
    state: State
    waits: bool
    lines: tuple[str, ...]
    question: tuple[str, ...]
    triggers: frozenset[str]
    hears: tuple[Matcher, ...]
    catches_all: bool
    answer: AnswerSpec | None
    silence: Silence | None
    entered: StateEntered


class Program(msgspec.Struct, frozen=True):
    """One revision, ready to run.

    `steps` are keyed by (flow, state); `words` by normalised text, the labels of rails included;
    `labels[language][key]` are normalised; `choice_labels` by (flow, answer, choice id);
    `slots` are the placeholders of those messages that have any; `crisis` ranks the crisis flows by
    tier; `forgets` tells whether any answer is kept for a time of its own.
    """

    bundle: Bundle
    machine: FlowMachine
    steps: Mapping[tuple[str, str], Step]
    entries: Mapping[str, FlowEntered]
    words: Mapping[str, Word]
    labels: Mapping[str, Mapping[str, str]]
    choice_labels: Mapping[tuple[str, str, str], str]
    slots: Mapping[str, tuple[str, ...]]
    crisis: Mapping[str, int]
    forgets: bool

    def entry(self, flow: str) -> Step:
        """The first step of a flow."""
        return self.steps[flow, self.bundle.flows[flow].entry]

    def occasion(self, name: str) -> str:
        """The flow for an occasion of everywhere.yaml; `start_again` falls back on `start`."""
        flows = self.bundle.everywhere.flows
        return flows.get(name) or flows["start"]


def compile_program(bundle: Bundle) -> Program:
    """Everything a turn needs of a bundle; it comes from the loader, which checked every name."""
    flows = bundle.flows.values()
    everywhere = bundle.everywhere
    return Program(
        bundle=bundle,
        machine=compile_machine(bundle),
        steps={(f.name, s.name): _step(bundle, f, s) for f in flows for s in f.states.values()},
        entries={flow.name: FlowEntered(flow.name) for flow in flows},
        words=_words(bundle),
        labels=_labels(bundle),
        choice_labels=_choice_labels(bundle),
        slots={key: tuple(sorted(n)) for key, n in bundle.messages.placeholders.items() if n},
        crisis=_crisis(everywhere.flows),
        forgets=any(spec.keep is not None for flow in flows for spec in flow.answers.values()),
    )


def _crisis(flows: Mapping[str, str]) -> dict[str, int]:
    """Each crisis flow by the tier it answers; that of the doorstep answers both."""
    return {flows["crisis_door"]: 3} | {flows[f"crisis_{tier}"]: tier for tier in (2, 3)}


def _step(bundle: Bundle, flow: Flow, state: State) -> Step:
    asks = (state.ask,) if state.ask else ()
    lines = (*state.say, *asks)
    return Step(
        flow=flow.name,
        name=state.name,
        state=state,
        waits=state.waits,
        lines=lines,
        question=lines[-1:],
        triggers=frozenset(rule.trigger for rule in state.rules),
        hears=tuple(bundle.matchers[name] for name in state.hear if name != TRIGGER_ANYTHING),
        catches_all=TRIGGER_ANYTHING in state.hear,
        answer=flow.answers.get(state.answer) if state.answer else None,
        silence=state.silence,
        entered=StateEntered(flow.name, state.name),
    )


def _words(bundle: Bundle) -> dict[str, Word]:
    found: dict[str, Word] = {}
    words = bundle.everywhere.words
    for word in words.values():
        for variant in word.variants:
            found.setdefault(variant, word)
    for word_id, label in bundle.everywhere.rails:
        for texts in bundle.messages.texts.values():
            found.setdefault(normalise(texts[label]), words[word_id])
    return found


def _labels(bundle: Bundle) -> dict[str, dict[str, str]]:
    keys = {
        choice.label
        for flow in bundle.flows.values()
        for state in flow.states.values()
        for choice in state.choices
    }
    return {
        language: {key: normalise(texts[key]) for key in keys}
        for language, texts in bundle.messages.texts.items()
    }


def _choice_labels(bundle: Bundle) -> dict[tuple[str, str, str], str]:
    return {
        (flow.name, state.answer, choice.id): choice.label
        for flow in bundle.flows.values()
        for state in flow.states.values()
        if state.answer
        for choice in state.choices
    }
