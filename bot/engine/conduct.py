"""The gentle ladder for a tone that crosses a line: a quiet line once, then a rest, then a person
decides. Engine only.

Nobody at tier 2 or above, nobody in a crisis flow and no risky text ever meets it, and the words
that work everywhere work through all of it.
"""

from __future__ import annotations

from bot.engine.events import LimitAsked, LineCrossed, Offered
from bot.engine.inbound import Inbound
from bot.engine.occasions import ask_again
from bot.engine.reading import read_text
from bot.engine.walk import Walk, rail_buttons, say, stand, top
from bot.flow.definition import Word
from bot.safety.risk import Tier

SAYS = ("rude_once", "rude_rest", "limited")
"""What the ladder says; a revision that lacks one of them has no ladder."""

LIMIT_WORDS = frozenset({"help", "erase", "kept", "leave", "language", "code", "cover"})
"""The words that work as ever where a supervisor limits a conversation."""

LIMIT_SAID_EVERY = 3_600_000
"""Ms after which somebody who is limited is told so again."""

_ALWAYS = ("code", "moved", "edited")


def resting(walk: Walk) -> bool:
    """Whether the rest after the second crossing still goes on."""
    return walk.world.now < walk.rest_until


def kept_apart(walk: Walk, inbound: Inbound, word: Word | None, folded: str) -> bool:
    """Takes the inbound if it is the ladder's: then nothing of it reaches the flow."""
    if inbound.kind in _ALWAYS or _exempt(walk, inbound):
        return False
    if walk.world.now < walk.world.limited_until:
        return _limited(walk, inbound, word, folded)
    if word is not None or inbound.kind in ("begin", "tap"):
        return False
    if inbound.conduct and not _chooses(walk, inbound, folded):
        if not resting(walk):
            _cross(walk, inbound.conduct)
        return True
    return resting(walk) and not _chooses(walk, inbound, folded)


def _exempt(walk: Walk, inbound: Inbound) -> bool:
    says = walk.program.bundle.everywhere.says
    return (
        walk.world.tier >= Tier.ACTIVE
        or inbound.risk.tier > Tier.NONE
        or any(frame.flow in walk.program.crisis for frame in walk.stack)
        or any(key not in says for key in SAYS)
    )


def _chooses(walk: Walk, inbound: Inbound, folded: str) -> bool:
    """Whether a text is the number or the label of a choice: as good as a tap."""
    step = top(walk)
    if step is None or inbound.kind != "text":
        return False
    reading = read_text(walk, step, inbound.text, folded)
    return reading is not None and reading.choice


def _cross(walk: Walk, conduct: str) -> None:
    world, says = walk.world, walk.program.bundle.everywhere.says
    # Whoever comes back after the pause begins at the first step again.
    again = world.now - walk.before.seen_at < walk.limits.return_after
    walk.conduct = walk.conduct + 1 if again else 1
    walk.misunderstood = 0
    walk.events.append(LineCrossed(conduct, walk.conduct))
    if walk.conduct == 1:
        say(walk, says["rude_once"])
        ask_again(walk)
        return
    walk.rest_until = world.now + walk.limits.rest
    if walk.conduct > 2:
        walk.events.append(LimitAsked())
    say(walk, says["rude_rest"])
    step = top(walk)
    if step is not None:
        # The question is not asked again, yet its choices stand: whoever wants to go on can.
        stand(walk, step, (), rails=True)


def _limited(walk: Walk, inbound: Inbound, word: Word | None, folded: str) -> bool:
    if word is not None and word.id in LIMIT_WORDS:
        return False
    if word is None and (inbound.kind == "tap" or _chooses(walk, inbound, folded)):
        words = walk.program.bundle.everywhere.words
        open_to_all = {words[name].flow for name in LIMIT_WORDS if name in words}
        if walk.stack[-1].flow in open_to_all:
            return False
    walk.misunderstood = 0
    if walk.world.now - walk.limit_said >= LIMIT_SAID_EVERY:
        walk.limit_said = walk.world.now
        say(walk, walk.program.bundle.everywhere.says["limited"], _ways(walk))
    return True


def _ways(walk: Walk) -> tuple[Offered, ...]:
    buttons = rail_buttons(walk)
    return tuple(one for one in buttons if one.data.rpartition(".")[2] in LIMIT_WORDS)
