"""`engawa page emergency|data`: pages that any web host can serve."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its options."""
    command = commands.add_parser(
        "page",
        help="write the emergency page, or the page on where data goes",
        description="Writes pages that stand alone (HTML without scripts), in every language. "
        "`emergency`: numbers that work while this service is down; host it elsewhere. `data`: "
        "what passes through whom, where it stays and how long.",
    )
    command.add_argument("what", choices=("emergency", "data"))
    command.add_argument(
        "--out", type=Path, metavar="DIR", help="default: var/emergency or var/data"
    )
    command.add_argument(
        "--platforms",
        default="line,telegram",
        metavar="NAMES",
        help="of `data`: the platforms in use, with commas between (default: line,telegram)",
    )
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Write the pages and say where they are."""
    from bot.app.printing import write_data_pages, write_emergency_pages

    folder = arguments.out or Path("var") / arguments.what
    if arguments.what == "emergency":
        sizes = write_emergency_pages(folder)
    else:
        sizes = write_data_pages(folder, [name for name in arguments.platforms.split(",") if name])
    say = Console(highlight=False, soft_wrap=True).print
    for name, size in sizes.items():
        say(f"{folder / name}  {size} bytes", markup=False)
    return 0
