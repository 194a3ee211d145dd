"""`engawa keys new FILE`: makes a keyring."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its options."""
    command = commands.add_parser("keys", help="write a new keyring", description="Makes keyrings.")
    verbs = command.add_subparsers(dest="verb", required=True, metavar="VERB")
    new = verbs.add_parser(
        "new",
        help="make a new keyring in FILE",
        description="Makes a keyring of random keys in FILE, readable by you alone. "
        "An existing file is never overwritten: losing a key is losing every text under it.",
    )
    new.add_argument("file", type=Path, metavar="FILE")
    new.set_defaults(run=run_new)


def run_new(arguments: argparse.Namespace) -> int:
    """Make the file and say what to do with it."""
    from bot.privacy.keyring import new_keyring
    from bot.store.keyfile import write_keyring

    write_keyring(arguments.file, new_keyring())
    Console(highlight=False, soft_wrap=True).print(
        f"A new keyring is in {arguments.file}. Set ENGAWA_KEY_FILE to it, keep a copy in a safe "
        "place that is not the database's backup, and never lose it."
    )
    return 0
