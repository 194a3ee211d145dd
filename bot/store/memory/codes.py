"""Codes and tries to guess one, in memory. Imports records and errors only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.errors import LostFenceError
from bot.services.records import Code
from bot.store.memory.tables import Tables, Window


def find(tables: Tables, mark: bytes, now: int) -> Code | None:
    """The code with this mark, if it is live."""
    code = tables.codes.get(mark)
    return code if code is not None and code.expires > now else None


def add(tables: Tables, codes: Iterable[Code], now: int) -> None:
    """Keep new codes; a return code takes the place of the earlier one."""
    for code in codes:
        if code.kind == "return":
            earlier = tables.codes.items()
            tables.codes = {k: v for k, v in earlier if (v.contact, v.kind) != _mine(code)}
        if find(tables, code.mark, now) is not None:
            raise LostFenceError("The code drawn is somebody's already; nothing was kept.")
        tables.codes[code.mark] = code


def count_tries(tables: Tables, keys: Sequence[bytes], now: int, window_ms: int) -> tuple[int, ...]:
    """One more try under each key; how many each has since its window began."""
    return tuple(_tried(tables, key, now, window_ms) for key in keys)


def forget_tries(tables: Tables, keys: Sequence[bytes]) -> None:
    """The tries under these keys count no more."""
    for key in keys:
        tables.tries.pop(key, None)


def _tried(tables: Tables, key: bytes, now: int, window_ms: int) -> int:
    old = tables.tries.get(key, Window(0, 0))
    # A window longer than it can be was begun before the clock went back.
    live = now < old.until <= now + window_ms
    tables.tries[key] = Window(old.n + 1, old.until) if live else Window(1, now + window_ms)
    return tables.tries[key].n


def _mine(code: Code) -> tuple[str, str]:
    return code.contact, code.kind
