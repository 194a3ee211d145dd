"""`engawa counts`: the weekly sums, without content."""

from __future__ import annotations

import argparse

from rich.console import Console
from rich.table import Table


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its options."""
    command = commands.add_parser(
        "counts",
        help="weekly sums of what happened, without content",
        description="Prints the weekly sums: doors opened, flows, people asked for, and so on.",
    )
    command.add_argument(
        "--since", default="", metavar="YYYY-MM-DD", help="first week (its Monday)"
    )
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the table."""
    from bot.app.administration import weekly_counts

    table = Table("week", "channel", "event", "label", "n")
    for count in weekly_counts(arguments.since):
        table.add_row(count.week, count.channel, count.event, count.label, str(count.n))
    Console().print(table)
    return 0
