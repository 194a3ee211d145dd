"""`engawa connect line|telegram`: sets the webhook and what people see of us there."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

if TYPE_CHECKING:
    from bot.channels.steps import Step

EXIT_REFUSED = 2
PLATFORMS = ("line", "telegram")
MARKS = {
    "done": "[green]done[/]   ",
    "same": "[green]same[/]   ",
    "note": "[yellow]note[/]   ",
    "refused": "[red]refused[/]",
}


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its options."""
    command = commands.add_parser(
        "connect",
        help="set webhook, menu and commands on LINE or Telegram",
        description="Tells LINE or Telegram where to send, and sets what stands one tap away even "
        "while we are down: LINE's menu with three numbers, Telegram's commands. Reads the same "
        "environment as `engawa serve`. Running it twice changes nothing.",
    )
    command.add_argument("platform", choices=PLATFORMS)
    command.add_argument(
        "--url",
        default="",
        help="the public address, https://your.host (default: room.url)",
    )
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """0 if everything is set, 2 if something was refused."""
    from bot.app.connecting import connect

    return 0 if connect(arguments.platform, arguments.url, say) else EXIT_REFUSED


def say(step: Step) -> None:
    """Print one step as soon as it is done."""
    out = Console(highlight=False, soft_wrap=True, stderr=step.state == "refused")
    out.print(f"{MARKS[step.state]} {escape(step.text)}")
