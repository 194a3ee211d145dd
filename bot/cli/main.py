"""Chooses the command and turns every refusal into one sentence and an exit code."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from rich.console import Console

from bot import __version__
from bot.errors import ContentError, EngawaError

# Imported only when parsed for, so that `engawa check` doesn't wait for a web server's imports.
COMMANDS = (
    "serve",
    "demo",
    "chat",
    "check",
    "flows",
    "keys",
    "outbox",
    "counts",
    "doors",
    "new-city",
    "page",
    "connect",
    "disconnect",
    "doctor",
    "staff",
    "audit",
    "inventory",
    "erase",
)

EXIT_REFUSED = 2


def parser() -> argparse.ArgumentParser:
    """The whole command line; the README's help text is made from it."""
    root = argparse.ArgumentParser(
        prog="engawa",
        description="Engawa (縁側): an anonymous first contact on LINE, Telegram and the web.",
    )
    root.add_argument("--version", action="version", version=f"engawa {__version__}")
    commands = root.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in COMMANDS:
        import_module(f"bot.cli.{name.replace('-', '_')}").add(commands)
    return root


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 done, 2 refused with a sentence on standard error, 130 interrupted."""
    chosen = parser().parse_args(arguments)
    complaints = Console(stderr=True, highlight=False, soft_wrap=True)
    try:
        return int(chosen.run(chosen))
    except ContentError as error:
        for issue in error.issues:
            complaints.print(f"[red]error[/] {issue.place}", style="bold", markup=True)
            complaints.print(f"  {issue.what} {issue.mend} [{issue.code}]", markup=False)
        return EXIT_REFUSED
    except EngawaError as error:
        complaints.print(f"engawa: {error}", style="red", markup=False)
        return EXIT_REFUSED
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        _discard_output()
        if not isinstance(error, BrokenPipeError):  # else `engawa counts | head` has read enough
            complaints.print(f"engawa: {error.strerror or error}.", style="red", markup=False)
        return EXIT_REFUSED


def _discard_output() -> None:
    """What is still buffered would be written at the end, and fail there again."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


if __name__ == "__main__":
    sys.exit(main())
