"""`engawa doors`: cards and leaflets for the pack's entry codes, and the button for a page."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console
from rich.table import Table


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its options."""
    command = commands.add_parser(
        "doors",
        help="draw cards and leaflets with the city's entry codes",
        description="Draws a card and a leaflet (SVG) for each entry code of the city pack, in "
        "every language. `doors button` prints HTML for the city's own page instead.",
    )
    command.add_argument("what", nargs="?", choices=("paper", "button"), default="paper")
    command.add_argument(
        "--out", type=Path, default=Path("var/doors"), metavar="DIR", help="default: var/doors"
    )
    command.add_argument(
        "--language", default="ja", metavar="LANGUAGE", help="of the button (default: ja)"
    )
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Write the pages, or print the button."""
    from bot.app.printing import button_here, write_doors

    if arguments.what == "button":
        print(button_here(arguments.language), end="")
        return 0
    say = Console(highlight=False, soft_wrap=True).print
    table = Table("code", "hangs at", "pages")
    for code, place, pages in write_doors(arguments.out):
        table.add_row(code, place, str(pages))
    say(table)
    say(f"In {arguments.out}. A mark across a page: nobody has signed its texts yet.", markup=False)
    return 0
