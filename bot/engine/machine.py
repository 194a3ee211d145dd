"""One `transitions` machine for each revision: it alone decides which rule fires.

Imports bot.flow and, alone in the house, `transitions`. Names are checked by the loader before they
come here; guards are given as callables, never as strings (a string would be imported and called);
nothing is ever registered as a model.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from transitions import Machine

from bot.flow.definition import Bundle, Flow, Guard, Rule, State
from bot.flow.guards import GUARDS, Scene

# Our prefix keeps a choice called `state` or `trigger` from meeting a name of the library's own.
_PREFIX = "on:"


class _Walker:
    """What stands in a state while one trigger is tried: thrown away afterwards."""

    __slots__ = ("rule", "scene", "state")

    def __init__(self, state: str, scene: Scene) -> None:
        self.state = state
        self.scene = scene
        self.rule: Rule | None = None


class FlowMachine:
    """The compiled machine of one bundle; it holds nothing of any conversation."""

    __slots__ = ("machine", "triggers")

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.triggers: Mapping[str, Callable[[_Walker], bool]] = {
            name.removeprefix(_PREFIX): event.trigger for name, event in machine.events.items()
        }


def state_name(flow: str, state: str) -> str:
    """How a state is called in the machine and in reports: `flow.state`."""
    return f"{flow}.{state}"


def compile_machine(bundle: Bundle) -> FlowMachine:
    """Builds the machine: each rule of each flow is a transition, tried in the file's order."""
    fired: dict[object, Rule] = {}

    def note(event: Any) -> None:
        event.model.rule = fired[event.transition]

    machine = Machine(
        model=None,
        states=[state_name(f.name, s) for f in bundle.flows.values() for s in f.states],
        initial=None,
        auto_transitions=False,
        send_event=True,
        after_state_change=note,
    )
    for flow in bundle.flows.values():
        for state in flow.states.values():
            _add_rules(machine, flow, state, fired)
    return FlowMachine(machine)


def _add_rules(machine: Machine, flow: Flow, state: State, fired: dict[object, Rule]) -> None:
    source = state_name(flow.name, state.name)
    for rule in state.rules:
        trigger = _PREFIX + rule.trigger
        conditions: list[Any] = [_condition(guard) for guard in rule.guards]
        target = state_name(flow.name, rule.target)
        machine.add_transition(trigger, source, target, conditions=conditions)
        fired[machine.events[trigger].transitions[source][-1]] = rule


def _condition(guard: Guard) -> Callable[[Any], bool]:
    test, arguments = GUARDS[guard.name].test, guard.arguments

    def condition(event: Any) -> bool:
        return test(arguments, event.model.scene)

    return condition


def fire(machine: FlowMachine, scene: Scene, flow: str, state: str, trigger: str) -> Rule | None:
    """The rule that fires on `trigger` in `flow.state`, or None where every guard refuses.

    Ask only for triggers that the state has a rule for: the library raises MachineError for others.
    """
    walker = _Walker(f"{flow}.{state}", scene)
    machine.triggers[trigger](walker)
    return walker.rule
