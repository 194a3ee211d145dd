"""Which states and rules of the flows were visited: a machine that is watched while it decides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from bot.engine.events import Event, StateEntered
from bot.engine.machine import FlowMachine, state_name
from bot.engine.program import Program
from bot.flow.definition import Bundle, Rule


class Visited:
    """Everything that was visited so far."""

    def __init__(self) -> None:
        self.states: set[str] = set()
        self.rules: set[tuple[str, Rule]] = set()

    def note(self, events: list[Event]) -> None:
        """Notes the states that a turn entered."""
        for event in events:
            if isinstance(event, StateEntered):
                self.states.add(state_name(event.flow, event.state))

    def missing(self, bundle: Bundle) -> list[str]:
        """One line for each state and each rule that nobody has visited."""
        lines = []
        for flow in bundle.flows.values():
            for state in flow.states.values():
                name = state_name(flow.name, state.name)
                if name not in self.states:
                    lines.append(f"{state.place} {name}")
                lines += [
                    f"{rule.place} {name} --{rule.trigger}--> {rule.target}"
                    for rule in state.rules
                    if (name, rule) not in self.rules
                ]
        return lines


def watched(program: Program, visited: Visited) -> Program:
    """The same program with a machine that tells which rules fired."""
    return msgspec.structs.replace(program, machine=_Watched(program.machine, visited))


class _Watched(FlowMachine):
    __slots__ = ()

    def __init__(self, machine: FlowMachine, visited: Visited) -> None:
        super().__init__(machine.machine)
        self.triggers = {
            name: _watching(trigger, visited) for name, trigger in self.triggers.items()
        }


def _watching(trigger: Callable[[Any], bool], visited: Visited) -> Callable[[Any], bool]:
    def watching(walker: Any) -> bool:
        source = walker.state
        moved = trigger(walker)
        if walker.rule is not None:
            visited.rules.add((source, walker.rule))
        return moved

    return watching
