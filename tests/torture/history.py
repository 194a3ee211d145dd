"""Judges a trial: what people saw against an undisturbed run, and what the database holds after."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from bot.app.content import read_content
from bot.services.revisions import compile_files
from tests.torture.child import ROOT
from tests.torture.people import ERASED, IN_DANGER, STORIES, on_telegram

Seen = Mapping[str, Sequence[str]]
_TEXTS = compile_files(read_content(ROOT)).bundle.messages.texts["ja"]
FAREWELL = _TEXTS["erase.done"].split("{receipt}")[0]
RECEIPT = re.compile(r"[A-Z0-9]{4}-[A-Z0-9]{4}")
CRISIS = _TEXTS["crisis.received"]


def judge_screens(undisturbed: Seen, seen: Seen, unsure: int) -> list[str]:
    """What is wrong with what people saw: lost, out of order, or doubled where it must not be.

    LINE may never double: pushes carry retry keys, and reply tokens stay fresh in a trial.
    Telegram may, once for each of the `unsure` attempts: answers that were lost, and requests in
    flight when the process died. What had not been sent when a crisis or an erase came is
    withdrawn, so it may be missing, but only that.
    """
    wrong = []
    doubled = 0
    for person, texts in undisturbed.items():
        owed = [_stable(text) for text in texts if not text.startswith(FAREWELL)]
        got = [_stable(text) for text in seen[person] if not text.startswith(FAREWELL)]
        once = _without_repeats(got) if on_telegram(person) else got
        doubled += len(got) - len(once)
        if not _allowed(person, once, owed):
            wrong.append(f"{person} saw {_short(got)} instead of {_short(owed)}")
    if doubled > unsure:
        wrong.append(f"{doubled} doubled on Telegram, but only {unsure} were unsure")
    return wrong


def left_over(database: Path) -> tuple[int, int]:
    """Inbounds without a turn, and requests that are neither sent nor given up."""
    with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as opened:
        waiting = opened.execute("SELECT count(*) FROM inbound").fetchone()[0]
        unsent = opened.execute(
            "SELECT count(*) FROM outbox WHERE status IN ('new', 'sending', 'waiting', 'dead')"
        ).fetchone()[0]
    return waiting, unsent


def in_flight_on_telegram(database: Path) -> int:
    """Requests to Telegram whose outcome a dead process took with it."""
    with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as opened:
        if not opened.execute("SELECT 1 FROM sqlite_master WHERE name = 'outbox'").fetchone():
            return 0  # it died before the database had its tables
        found = opened.execute(
            "SELECT count(*) FROM outbox WHERE status = 'sending' AND channel = 'telegram'"
        )
        return int(found.fetchone()[0])


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


def _allowed(person: str, got: Sequence[str], owed: Sequence[str]) -> bool:
    """Whether this is all that is owed, less what a crisis or an erase rightly withdrew."""
    if person in ERASED:
        return list(got) == list(owed[: len(got)])
    if person not in IN_DANGER:
        return list(got) == list(owed)
    start = next(n for n, text in enumerate(owed) if text.startswith(CRISIS))
    late = owed[start:]
    early = got[: len(got) - len(late)]
    return list(got[len(early) :]) == list(late) and _in_order(early, owed[:start])


def _in_order(some: Sequence[str], all_: Sequence[str]) -> bool:
    """Whether `some` is `all_` with bubbles left out."""
    rest = iter(all_)
    return all(text in rest for text in some)


def _without_repeats(got: Sequence[str]) -> list[str]:
    """The bubbles without those that directly repeat the one before."""
    return [text for n, text in enumerate(got) if n == 0 or text != got[n - 1]]


def _short(texts: Sequence[str]) -> str:
    """The bubbles by their first characters, short enough to compare by eye."""
    return " | ".join(text[:8].replace("\n", " ") for text in texts)


def _stable(text: str) -> str:
    """The text without the receipt, which is drawn at random."""
    return RECEIPT.sub("", text)
