"""`engawa audit …`: the record of what staff did, without content."""

from __future__ import annotations

import argparse
from datetime import UTC, date, datetime

from rich.console import Console
from rich.table import Table

say = Console(highlight=False, soft_wrap=True, markup=False).print
EXIT_BROKEN = 1
EXIT_UNWITNESSED = 2


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its verbs."""
    command = commands.add_parser(
        "audit",
        help="the record of what staff did: list it, verify that nobody changed it",
        description="The record of what staff did: who, what, to which random number, when.",
    )
    verbs = command.add_subparsers(dest="verb", required=True, metavar="VERB")
    verify = verbs.add_parser(
        "verify",
        help="is the record whole? exit code 1 names the first row that is wrong",
        description="Follows the chain of the record from its first row to its last, and compares "
        "it with the heads kept beside the key file. Exit code 1: a row was changed, deleted, "
        "moved, or the end was cut off; the first such row is named. Exit code 2: the chain holds, "
        "but rows are not among the heads, so nobody can say that the program wrote them.",
    )
    verify.set_defaults(run=_verify)
    listing = verbs.add_parser("list", help="print the record", description="Prints the record.")
    listing.add_argument("--since", type=_day, metavar="YYYY-MM-DD", default=0, help="first day")
    listing.set_defaults(run=_list)


def _day(given: str) -> int:
    try:
        day = date.fromisoformat(given)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{given!r} is no day; write it like 2027-01-11."
        ) from None
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)


def _verify(arguments: argparse.Namespace) -> int:
    from bot.app.rostering import verify

    verdict = verify()
    if not verdict.whole:
        say(f"The record is broken at row {verdict.broken_at}: {verdict.why}.")
        return EXIT_BROKEN
    rows = "1 row" if verdict.rows == 1 else f"{verdict.rows} rows"
    say(f"The record is whole: {rows}, {verdict.first} to {verdict.last}.")
    if verdict.unwitnessed:
        say(
            f"But {verdict.unwitnessed} of them, the first of them row {verdict.unwitnessed_at}, "
            "are not among the heads beside the key file: the process ended at that moment, the "
            "file could not be written or was shortened, or somebody wrote rows past the program."
        )
        return EXIT_UNWITNESSED
    return 0


def _list(arguments: argparse.Namespace) -> int:
    from bot.app.rostering import audit_lines

    table = Table()
    for heading in ("row", "time", "who", "act", "about", "detail"):
        table.add_column(heading, overflow="fold")
    for line in audit_lines(arguments.since):
        table.add_row(*line)
    Console(markup=False).print(table)
    return 0
