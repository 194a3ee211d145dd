"""`engawa chat`: the same conversation in the terminal, kept in memory only."""

from __future__ import annotations

import argparse


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its options."""
    command = commands.add_parser(
        "chat",
        help="hold the conversation in the terminal; nothing is kept",
        description="Talks with the working copy in the terminal. Nothing is written to disk. "
        "Type what a person would, or the number of a choice; Ctrl-D ends.",
    )
    command.add_argument("--language", default="", help="ja, ja-easy or en (default: ja)")
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Talk until the person leaves."""
    from bot.app.terminal import talk

    return talk(arguments.language)
