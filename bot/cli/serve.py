"""`engawa serve`: the service as a city runs it."""

from __future__ import annotations

import argparse


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its options."""
    command = commands.add_parser(
        "serve",
        help="serve webhooks and the chat room (HOST, PORT)",
        description="Serves the web room, and LINE and Telegram where their secrets are given. "
        "Refuses to start with a missing secret, a demo key or debug on.",
    )
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Serve until stopped."""
    from bot.app.serving import serve

    return serve()
