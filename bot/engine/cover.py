"""The cover word: harmless pages over whatever was going on, until the word comes again. Engine
only.

While a page of the flow `cover` is on top, nothing that is done turns anything but its pages;
words, another cover word and risk apart.
"""

from __future__ import annotations

from bot.engine.events import WordUsed
from bot.engine.inbound import Inbound
from bot.engine.occasions import ask_again, use_word
from bot.engine.session import Session
from bot.engine.steps import choose, follow, give_back
from bot.engine.walk import Walk, top
from bot.flow.definition import TRIGGER_ANYTHING, Word

COVER = "cover"
"""The word, and the name of its flow."""


def covered(session: Session) -> bool:
    """Whether the cover is drawn, be it that a crisis or another word's flow stands on it now.

    Then nothing of before may be shown: only what was said since the person last said something.
    """
    return any(frame.flow == COVER for frame in session.stack)


def on_cover(session: Session) -> bool:
    """Whether what is typed now is typed on the cover itself: nothing of it is ever kept."""
    return bool(session.stack) and session.stack[-1].flow == COVER


def cover(walk: Walk, inbound: Inbound, word: Word | None) -> bool:
    """Takes the inbound if it draws the cover or falls on it: there the word lifts it, as もどる
    does; any other word works as everywhere (False); anything else turns the page.
    """
    drawn = bool(walk.stack) and walk.stack[-1].flow == COVER
    wanted = word is not None and word.id == COVER
    if not (drawn or wanted) or inbound.kind in ("code", "moved"):
        return False
    if word is None:
        _turn_page(walk)
    elif not drawn:
        use_word(walk, word)
    elif wanted or word.id == "back":
        _lift(walk, word)
    else:
        return False
    # もどる leads to what was before the cover, never back under it.
    walk.rewound = True
    return True


def _turn_page(walk: Walk) -> None:
    step = top(walk)
    rule = choose(walk, step, TRIGGER_ANYTHING) if step else None
    if step is None or rule is None:
        ask_again(walk)
    else:
        follow(walk, step, rule)


def _lift(walk: Walk, word: Word) -> None:
    walk.events.append(WordUsed(word.id))
    walk.misunderstood = 0
    give_back(walk)
