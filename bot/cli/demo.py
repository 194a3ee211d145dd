"""`engawa demo`: everything on one machine without credentials, in ./var."""

from __future__ import annotations

import argparse


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its options."""
    command = commands.add_parser(
        "demo",
        help="serve a demo on http://127.0.0.1:8000, no credentials needed",
        description="Serves the chat room with a demo key and SQLite in ./var. Shows drafts with a "
        "mark. Saved flows and messages are checked and live at once.",
    )
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Serve the demo until stopped."""
    from bot.app.serving import serve_demo

    return serve_demo()
