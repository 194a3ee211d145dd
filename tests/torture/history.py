"""Judges a trial: what people saw against an undisturbed run, and what the database holds after."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from tests.torture.people import ERASED, STORIES, on_telegram

Seen = Mapping[str, Sequence[str]]
FAREWELL = "消しました"


def judge_screens(undisturbed: Seen, seen: Seen, kills: int, lost_answers: int) -> list[str]:
    """What is wrong with what people saw: lost, out of order, or doubled where it must not be.

    LINE may never double: pushes carry retry keys, and reply tokens stay fresh in a trial.
    Telegram may, once for every answer that was lost and every death.
    """
    wrong = []
    doubled = 0
    for person, texts in undisturbed.items():
        owed = [_stable(text) for text in texts if not text.startswith(FAREWELL)]
        got = [_stable(text) for text in seen[person] if not text.startswith(FAREWELL)]
        extra = len(got) - len(owed)
        if on_telegram(person) and _without_repeats(got, owed):
            doubled += extra
        elif got != owed:
            wrong.append(f"{person} saw {_short(got)} instead of {_short(owed)}")
    if doubled > kills + lost_answers:
        wrong.append(f"{doubled} doubled on Telegram, but only {kills + lost_answers} were unsure")
    return wrong


def left_over(database: Path) -> tuple[int, int]:
    """Inbounds without a turn, and requests that are neither sent nor given up."""
    with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as opened:
        waiting = opened.execute("SELECT count(*) FROM inbound").fetchone()[0]
        unsent = opened.execute(
            "SELECT count(*) FROM outbox WHERE status IN ('new', 'sending', 'waiting', 'dead')"
        ).fetchone()[0]
    return waiting, unsent


def judge_database(database: Path) -> list[str]:
    """What is wrong with what is kept: turns lost or doubled, rows left over, an erased person."""
    with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as opened:
        turns = sorted(n for (n,) in opened.execute("SELECT version FROM conversation"))
        contacts = opened.execute("SELECT count(*) FROM contact").fetchone()[0]
    due = sorted(len(story) for person, story in STORIES.items() if person not in ERASED)
    wrong = []
    if turns != due:
        wrong.append(f"turns taken {turns}, inbounds sent {due}")
    waiting, unsent = left_over(database)
    if waiting or unsent:
        wrong.append(f"{waiting} inbounds and {unsent} requests left over")
    if contacts != len(STORIES) - len(ERASED):
        wrong.append(f"{contacts} contacts are left")
    return wrong


def _without_repeats(got: Sequence[str], owed: Sequence[str]) -> bool:
    """Whether `got` is `owed` with some bubbles shown twice or more in a row of turns."""
    rest = list(owed)
    seen: set[str] = set()
    for text in got:
        if rest and text == rest[0]:
            seen.add(rest.pop(0))
        elif text not in seen:
            return False
    return not rest


def _short(texts: Sequence[str]) -> str:
    """The bubbles by their first characters, short enough to compare by eye."""
    return " | ".join(text[:8].replace("\n", " ") for text in texts)


def _stable(text: str) -> str:
    """The text without the receipt, which is drawn at random."""
    return text.split("控えの番号は", maxsplit=1)[0]
