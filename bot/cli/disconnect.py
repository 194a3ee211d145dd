"""`engawa disconnect line|telegram`: undoes what `engawa connect` did."""

from __future__ import annotations

import argparse

from bot.cli.connect import EXIT_REFUSED, PLATFORMS, say


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its options."""
    command = commands.add_parser(
        "disconnect",
        help="undo what `engawa connect` did",
        description="Takes our menus away from LINE (its webhook can only be switched off by "
        "hand), or webhook, commands and descriptions from Telegram. What others made stays.",
    )
    command.add_argument("platform", choices=PLATFORMS)
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """0 if everything is undone, 2 if something was refused."""
    from bot.app.connecting import disconnect

    return 0 if disconnect(arguments.platform, say) else EXIT_REFUSED
