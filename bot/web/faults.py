"""What went wrong, as a status and a place; never as words of anybody's. Imports errors only."""

from __future__ import annotations

from pathlib import PurePath

from bot.errors import BadBodyError, BodyTooLargeError, KeyringError, StoreError


def status_of(error: Exception) -> int:
    """The status that says what went wrong."""
    match error:
        case BodyTooLargeError():
            return 413
        case BadBodyError():
            return 400
        case StoreError() | KeyringError():
            return 503
        case _:
            return 500


def spot(error: BaseException) -> str:
    """Where it went wrong, as file:line: enough to find it, and never a word of anybody's."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "?"
    return f"{PurePath(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
