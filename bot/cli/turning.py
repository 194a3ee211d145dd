"""`engawa keys turn`: says in one line each what was done to the keys, and what comes next."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from bot.app.turning import Turned
    from bot.privacy.turning import Due

WHAT = "do what is due with the keys now; for a daily timer"
DESCRIPTION = (
    "Hands a next key out when the current one is six days old, promotes it a day later and brings "
    "everybody under it, and destroys the old one a day after that, so that no backup older than "
    "14 days can be opened. Does only what is due; twice is no error. The file is ENGAWA_KEY_FILE. "
    "Ends with 2 where somebody must look."
)


def run(arguments: argparse.Namespace) -> int:
    """Do what is due; 2 if something is in the way of it."""
    from bot.app.administration import key_file_here
    from bot.app.nature import system_clock
    from bot.app.turning import turn

    screen = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(
        *columns, TimeRemainingColumn(), console=screen, disable=not screen.is_terminal
    ) as progress:
        task = progress.add_task("contacts", total=None)

        def moving(brought: int, total: int) -> None:
            progress.update(task, total=total, advance=brought)

        done = turn(key_file_here(), system_clock(), moving)
    troubles = list(_troubles(done))
    for line in [*_done(done), *troubles, _next(done.next)]:
        Console(highlight=False, soft_wrap=True).print(line, markup=False)
    return 2 if troubles else 0


def _done(done: Turned) -> Iterator[str]:
    renew = "Replace every copy of the key file."
    if done.counted:
        yield "Since when the keys are in use was not written down: it counts from now."
    if done.handed_out:
        yield f"Key {done.handed_out} is handed out as the next one. {renew}"
    if done.promoted:
        yield f"Key {done.promoted} is the current one."
    if done.rewrapped.moved:
        yield f"{done.rewrapped.moved} contacts were brought under the current key."
    for key_id in done.destroyed:
        yield f"Key {key_id} is destroyed: what only it opened is gone, in backups too. {renew}"
    if not (done.handed_out or done.promoted or done.rewrapped.moved or done.destroyed):
        yield "Nothing is due."


def _troubles(done: Turned) -> Iterator[str]:
    for contact in done.rewrapped.broken:
        yield (
            f"The key of contact {contact} does not open: its row was changed. "
            f"`engawa erase {contact}` clears it away."
        )
    for key_id in done.rewrapped.unknown:
        yield (
            f"Rows are under key {key_id}, which was destroyed (an old backup was put back): "
            "nobody can read them. They go when their time is over."
        )
    for key_id in done.held_back:
        yield f"Key {key_id} should go, but rows need it: run this again, and see `keys list`."
    for key_id in done.late:
        yield (
            f"Key {key_id} opens backups that are older than 14 days, which people are told can't "
            "be. Let a timer call this every day."
        )


def _next(due: Due) -> str:
    acts = {
        "hand out": "a next key is handed out",
        "promote": f"key {due.key} is promoted",
        "destroy": f"key {due.key} is destroyed",
    }
    when = datetime.fromtimestamp(due.at / 1_000, UTC)
    return f"Next: {acts[due.act]} by the first call after {when:%Y-%m-%d %H:%M} UTC."
