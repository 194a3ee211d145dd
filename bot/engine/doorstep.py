"""A doorstep: an address where the conversation is not at home. What is heard and said there.

Runs on a small session of its own; the conversation's session is never seen here. Engine only.
"""

from __future__ import annotations

from bot.engine.inbound import Inbound
from bot.engine.program import Step
from bot.engine.reading import Reading, read_tap, read_text
from bot.engine.session import Frame
from bot.engine.steps import enter_top
from bot.engine.walk import DOORSTEP_WORDS, Walk, front, top
from bot.flow.definition import Word


def knock(walk: Walk) -> None:
    """Shows the doorstep, from its beginning."""
    walk.stack = [Frame(front(walk), "")]
    walk.history = ()
    walk.rewound = True
    walk.misunderstood = 0
    walk.unsaid = False
    enter_top(walk)


def turned_away(walk: Walk, word: Word | None) -> bool:
    """Whether a word has no business here; then the doorstep was shown instead."""
    if not walk.world.doorstep or word is None or word.id in DOORSTEP_WORDS:
        return False
    knock(walk)
    return True


def at_the_door(walk: Walk, inbound: Inbound, folded: str) -> tuple[Step, Reading] | None:
    """What was meant in the state that stands here, if anything; else the doorstep was shown."""
    step = top(walk)
    reading = _read(walk, step, inbound, folded) if step else None
    if step is None or reading is None:
        knock(walk)
        return None
    return step, reading


def _read(walk: Walk, step: Step, inbound: Inbound, folded: str) -> Reading | None:
    if inbound.kind == "tap":
        return read_tap(walk.before, inbound.data)
    return read_text(walk, step, inbound.text, folded) if inbound.kind == "text" else None
