"""`engawa check`: reads flows and messages as publishing would and says what is wrong, where."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its options."""
    command = commands.add_parser(
        "check",
        help="check flows and messages without publishing them",
        description="Checks flows/ and messages/ and prints every error with file and line.",
    )
    command.add_argument(
        "directory",
        nargs="?",
        type=Path,
        help="the folder that holds flows/ and messages/ (default: as in config.toml)",
    )
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """0 if the content could be published; errors leave through main."""
    from bot.app.checking import check

    summary = check(arguments.directory)
    Console(highlight=False).print(f"[green]ok[/] {summary}")
    return 0
