"""`engawa flows`: publish the working copy, or see what is published."""

from __future__ import annotations

import argparse

from rich.console import Console


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its verbs."""
    command = commands.add_parser(
        "flows",
        help="publish flows and messages, or see what is published",
        description="Publishes the working copy to the database, or shows what is active.",
    )
    verbs = command.add_subparsers(dest="verb", required=True, metavar="VERB")
    publish = verbs.add_parser("publish", help="check flows/ and messages/ and make them live")
    publish.set_defaults(run=run_publish)
    status = verbs.add_parser("status", help="the active revision, and whether the files differ")
    status.set_defaults(run=run_status)


def run_publish(arguments: argparse.Namespace) -> int:
    """Publish; a running service takes the new revision at its next look."""
    from bot.app.administration import publish

    revision = publish()
    Console(highlight=False).print(f"[green]published[/] revision {revision[:12]}")
    return 0


def run_status(arguments: argparse.Namespace) -> int:
    """Print one line on what is live."""
    from bot.app.administration import publishing_status

    Console(highlight=False, soft_wrap=True).print(publishing_status())
    return 0
