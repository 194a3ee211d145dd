"""The log: event names from a closed list, numbers and short codes; never text, ids or tokens.

Imports errors' names only through the exceptions handed in.
"""

from __future__ import annotations

import logging
import re
from typing import Literal

Note = Literal[
    "turn_failed",  # a turn raised; it is tried again
    "turn_set_aside",  # a turn raised for the last time; the person was told kindly
    "turn_late",  # over its budget; it goes on behind the answered webhook
    "turn_saved_late",  # nothing could be saved; the lane's lease runs out and it is tried again
    "fence_lost",  # another worker took the conversation
    "walk_ended",  # the engine ended a walk at a limit or a missing state
    "risk_noticed",  # a tier was read
    "slowed",  # somebody sends too much at once; what was dropped since the last such note
    "store_unavailable",  # nothing could be kept
    "card_given",  # the static safety card went out while the store was down
    "card_failed",
    "sent",
    "send_retried",
    "send_waiting",
    "send_inferred",
    "send_unknown",
    "send_withdrawn",
    "send_undeliverable",
    "send_dead",
    "crisis_dead",  # pages a person
    "crisis_without_quota",  # pages a person
    "fallback_sent",
    "seal_broken",  # a row doesn't open
    "key_unknown",
    "keyring_read",  # the key file changed and is in use
    "keyring_refused",  # the key file changed and can't be used; the earlier keys go on
    "loop_stumbled",  # something unforeseen in a loop; it goes on after a pause
    "loop_ended",  # a loop is over though nobody stopped it
    "errand_failed",  # something best effort raised
    "erased",
    "moved",
    "moved_too_late",
    "codes_exhausted",  # one channel's tries of return codes are used up until their hour is over
    "erased_again",  # the ledger was replayed
    "timers_fired",
    "lanes_recovered",
    "retention_done",
    "revision_active",
    "revision_refused",
    "revision_missing",
    "pinned_revision_missing",
    "audit_unwitnessed",  # a row of the record could not be noted in the file of heads
]

_PAGES = {
    "audit_unwitnessed",
    "crisis_dead",
    "crisis_without_quota",
    "seal_broken",
    "key_unknown",
    "keyring_refused",
    "turn_set_aside",
    "loop_stumbled",
    "loop_ended",
}
_QUIET = {"sent", "timers_fired"}
_CODE = re.compile(r"[A-Za-z0-9_ ]{0,48}")


class Journal:
    """Writes notes to one logger of the standard library."""

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger

    def note(self, event: Note, code: str = "", **numbers: int) -> None:
        """One line: the event's name, a code if there is one, and numbers."""
        level = logging.ERROR if event in _PAGES else logging.INFO
        if event in _QUIET:
            level = logging.DEBUG
        parts: list[str] = [event]
        if code:
            parts.append(f"code={_safe(code)}")
        parts += [f"{name}={value}" for name, value in numbers.items()]
        self._logger.log(level, "%s", " ".join(parts))

    def fault(self, event: Note, error: BaseException, **numbers: int) -> None:
        """A note with the class of an error; its text stays out, since it may quote content."""
        self.note(event, type(error).__name__, **numbers)


def _safe(code: str) -> str:
    return code.replace(" ", "+") if _CODE.fullmatch(code) else "unspeakable"
