"""`engawa counts`: the weekly sums, without content."""

from __future__ import annotations

import argparse
from datetime import date

from rich.console import Console
from rich.table import Table


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its options."""
    command = commands.add_parser(
        "counts",
        help="weekly sums of what happened, without content",
        description="Prints the weekly sums: doors opened, flows, people asked for, and so on.",
    )
    command.add_argument("--since", type=_day, metavar="YYYY-MM-DD", help="first week (its Monday)")
    command.set_defaults(run=run)


def _day(given: str) -> str:
    try:
        return date.fromisoformat(given).isoformat()
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{given!r} is no day; write it like 2027-01-11."
        ) from None


def run(arguments: argparse.Namespace) -> int:
    """Print the table."""
    from bot.app.administration import weekly_counts

    table = Table("week", "channel", "event", "label", "n")
    for count in weekly_counts(arguments.since or ""):
        table.add_row(count.week, count.channel, count.event, count.label, str(count.n))
    Console().print(table)
    return 0
