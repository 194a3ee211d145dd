"""The machine decides: nothing moves past it, and nothing of a conversation stays in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from transitions import Machine
from transitions.core import Condition, Event

from bot.engine.events import FaultFound, FellSilent, NotUnderstood, StateEntered
from bot.engine.inbound import Inbound
from bot.engine.machine import compile_machine, fire
from bot.flow.definition import Bundle
from tests.engine.bundles import narrowed, program, program_of
from tests.engine.talking import Person, happened, said


class Anywhere:
    """A scene in which nothing was said yet."""

    language = "ja"
    channel = "web"
    mode = "full"
    at = "home"
    open: dict[str, bool] = {}  # noqa: RUF012

    def answer(self, name: str) -> str | None:
        return {"role": "other"}.get(name)


def bundle() -> Bundle:
    return program().bundle


def test_every_rule_is_a_transition() -> None:
    """The machine has exactly the states and the rules of the flows, and nothing of its own."""
    machine = compile_machine(bundle()).machine
    states = {f"{flow.name}.{name}" for flow in bundle().flows.values() for name in flow.states}
    rules = [
        (f"{flow.name}.{state.name}", f"{flow.name}.{rule.target}")
        for flow in bundle().flows.values()
        for state in flow.states.values()
        for rule in state.rules
    ]
    assert set(machine.states) == states
    built = [(each.source, each.dest) for each in machine.get_transitions()]
    assert sorted(built) == sorted(rules)


def test_fire_names_the_rule() -> None:
    """`fire` gives back the very rule whose guards held."""
    machine = compile_machine(bundle())
    rule = fire(machine, Anywhere(), "front", "when", "anything")
    state = bundle().flows["front"].states["when"]
    assert rule in state.rules
    assert rule is not None
    assert rule.target == "other_reflect"


def refuse(_self: Any, *_args: Any, **_kwargs: Any) -> bool:
    return False


@pytest.mark.parametrize(
    ("where", "name"),
    [
        pytest.param(Condition, "check", id="its guards"),
        pytest.param(Event, "_trigger", id="its triggers"),
    ],
)
@pytest.mark.parametrize(
    "act",
    [
        pytest.param(lambda person: person.presses("other"), id="tap"),
        pytest.param(lambda person: person.writes("2"), id="digit"),
        pytest.param(lambda person: person.writes("ja button_other"), id="label"),
    ],
)
def test_no_choice_gets_past_the_machine(
    monkeypatch: pytest.MonkeyPatch, where: type, name: str, act: Callable[[Person], Any]
) -> None:
    """If the machine refuses, the person stays where they are."""
    person = Person()
    person.begins()
    monkeypatch.setattr(where, name, refuse)
    turn = act(person)
    assert person.at == "front.hello"
    assert happened(turn, StateEntered) == []
    assert len(happened(turn, NotUnderstood)) == 1


def test_no_silence_and_no_passing_gets_past_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Silence, passing on and returning are the machine's decisions as well."""
    person = Person()
    person.walks("own", "later")
    quiet = Person()
    turn = quiet.walks("own")
    timer = turn.timers[0]
    monkeypatch.setattr(Event, "_trigger", refuse)
    quiet.now = timer.due
    turn = quiet.does(Inbound("silence", data=timer.data))
    assert happened(turn, FellSilent) == []
    assert quiet.at == "front.when"
    assert turn.timers[0].due > quiet.now
    person.presses("nobody")
    assert person.at == "front.sub > people.who"


def test_no_return_gets_past_the_machine() -> None:
    """A return whose rules all refuse is a fault, not a step."""
    front = """
entry: hello
answers: {role: {kind: choice, purpose: choose_words, sensitivity: low, keep: session}}
states:
  hello: {ask: front.who, choices: {own: front.button_own}, next: {own: sub}}
  sub: {call: people, next: {returned: [{to: hello, if: {channel: line}}, {to: hello}]}}
"""
    person = Person(narrowed(program_of(front=front), "front", "sub"))
    person.walks("own")
    turn = person.presses("nobody")
    assert happened(turn, FaultFound)[0]["fault"] == "no_way_on"


def test_no_conversation_is_ever_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Conversations leave nothing in the machine."""

    def never(*_args: Any, **_kwargs: Any) -> None:
        raise AssertionError("a model was registered")

    monkeypatch.setattr(Machine, "add_model", never)
    person = Person()
    person.walks("own", "later", "someone")
    assert person.program.machine.machine.models == []


def test_a_choice_may_be_called_like_anything_of_the_library() -> None:
    """Names such as `state`, `trigger` or `to_x` mean nothing to the machine."""
    names = ("state", "trigger", "model", "initial", "to_hello", "is_hello")
    choices = ", ".join(f"{name}: front.button_{name}" for name in names)
    targets = ", ".join(f"{name}: state" for name in names)
    front = f"""
entry: initial
answers: {{role: {{kind: choice, purpose: choose_words, sensitivity: low, keep: session}}}}
states:
  initial: {{ask: front.who, choices: {{{choices}}}, next: {{{targets}}}}}
  state: {{ask: front.there, choices: {{again: front.again}}, next: {{again: initial}}}}
"""
    made = program_of(front=front)
    for name in names:
        person = Person(made)
        assert said(person.walks(name)) == ["front.there"]


def test_guards_are_never_strings() -> None:
    """No guard reaches the machine as a name that it would import and call."""
    machine = compile_machine(program().bundle).machine
    guards = [guard for each in machine.get_transitions() for guard in each.conditions]
    assert guards
    assert all(callable(guard.func) for guard in guards)
