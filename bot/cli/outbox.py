"""`engawa outbox`: requests that wait, failed or were given up; never their content."""

from __future__ import annotations

import argparse
from typing import get_args

from rich.console import Console
from rich.table import Table

from bot.services.records import OutboxStatus

STATUSES: tuple[OutboxStatus, ...] = get_args(OutboxStatus)
MOST = 100_000
SHOWN: tuple[OutboxStatus, ...] = ("new", "sending", "waiting", "unknown", "undeliverable", "dead")


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its options."""
    command = commands.add_parser(
        "outbox",
        help="messages that wait, failed or were given up",
        description="Lists requests to LINE and Telegram by status, oldest first, without content.",
    )
    command.add_argument(
        "--status", action="append", choices=STATUSES, help="only these (may be repeated)"
    )
    command.add_argument("--limit", type=_many, default=100, help="rows at most (default: 100)")
    command.set_defaults(run=run)


def _many(given: str) -> int:
    if not given.isdecimal() or not 0 < int(given) <= MOST:
        raise argparse.ArgumentTypeError(f"{given!r} is no number from 1 to {MOST}.")
    return int(given)


def run(arguments: argparse.Namespace) -> int:
    """Print the table and what each status asks for."""
    from bot.app.administration import outbox_lines

    table = Table("age", "channel", "class", "status", "tries", "next try", "reason")
    for line in outbox_lines(arguments.status or SHOWN, arguments.limit):
        table.add_row(*line)
    console = Console()
    console.print(table)
    if not table.row_count:
        console.print("Nothing waits and nothing failed.")
    return 0
