"""Named crash points around every verb of the store, every send and the ledger, and every SQL.

A point is `save_turn:before`, `send:after`, `record:before` …; `sql` is every statement run.
At its planned pass the process kills itself with SIGKILL: nothing is flushed, nothing caught.
"""

from __future__ import annotations

import inspect
import os
import signal
import sqlite3
from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

SQL = "sql"


class Plan(NamedTuple):
    """Die at the `hit`-th pass of `point`; an empty point never comes."""

    point: str = ""
    hit: int = 1


class Crash:
    """Counts passes and ends the process at the planned one."""

    def __init__(self, plan: Plan) -> None:
        self.passes: Counter[str] = Counter()
        self._plan = plan

    def at(self, point: str) -> None:
        """One pass."""
        self.passes[point] += 1
        if point == self._plan.point and self.passes[point] == self._plan.hit:
            os.kill(os.getpid(), signal.SIGKILL)


class Crashing:
    """Any object, with a crash point before and after each call of its named methods."""

    def __init__(self, inner: Any, crash: Crash, names: frozenset[str] | None = None) -> None:
        self._inner = inner
        self._crash = crash
        self._names = names

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        """Passes for what it stands around: the staff's part is found by the store's class."""
        return type(self._inner)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if not callable(found) or (self._names is not None and name not in self._names):
            return found
        if inspect.iscoroutinefunction(found):
            return self._awaited(name, found)
        return self._called(name, found)

    def _awaited(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        async def through(*given: Any, **named: Any) -> Any:
            self._crash.at(f"{name}:before")
            answer = await method(*given, **named)
            self._crash.at(f"{name}:after")
            return answer

        return through

    def _called(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        def through(*given: Any, **named: Any) -> Any:
            self._crash.at(f"{name}:before")
            answer = method(*given, **named)
            self._crash.at(f"{name}:after")
            return answer

        return through


def crash_in_sql(crash: Crash) -> None:
    """From now on every statement of every new connection is a crash point."""
    connect = sqlite3.connect

    def traced(*given: Any, **named: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*given, **named)
        connection.set_trace_callback(lambda _: crash.at(SQL))
        return connection

    sqlite3.connect = traced  # type: ignore[assignment]
