"""`engawa doctor`: looks at everything and changes nothing; `--launch`: what forbids opening."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    from bot.app.doctor import LaunchItem
    from bot.services.checkup import Check

EXIT_PROBLEM = 1
EXIT_NOT_YET = 3
MARKS = {
    "ok": "[green]ok[/]",
    "unknown": "[blue]unknown[/]",
    "warning": "[yellow]warning[/]",
    "problem": "[bold red]problem[/]",
}


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its options."""
    command = commands.add_parser(
        "doctor",
        help="look at platforms, keys, database, machine; what forbids opening",
        description="Compares what is on LINE and Telegram with what should be, and looks at keys, "
        "database, content and machine; changes nothing and works beside a running service. Ends "
        "with 1 where something is a problem, with --launch with 3 while something is left.",
    )
    command.add_argument("--launch", action="store_true", help="list what still forbids opening")
    command.add_argument("--format", choices=("table", "json"), default="table")
    command.add_argument(
        "--url",
        default="",
        help="the public address, https://your.host (default: room.url)",
    )
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """0 all is well, 1 there is a problem, 3 something still forbids opening."""
    from bot.app.connecting import here
    from bot.app.doctor import launch_items
    from bot.services.checkup import problems

    if arguments.launch:
        items = launch_items(here())
        _show_items(items, arguments.format)
        return EXIT_NOT_YET if items else 0
    checks = asyncio.run(_examined(arguments.url))
    _show_checks(checks, arguments.format)
    return EXIT_PROBLEM if problems(checks) else 0


async def _examined(url: str) -> list[Check]:
    from bot.app.connecting import here
    from bot.app.doctor import examine

    return [check async for check in examine(here(), url)]


def _show_checks(checks: Sequence[Check], form: str) -> None:
    if form == "json":
        _json({"checks": [_plain(check) for check in checks]})
        return
    table = _table("", "where", "how it stands", "what to do")
    for check in checks:
        table.add_row(MARKS[check.state], check.area, escape(check.what), escape(check.mend))
    console = Console()
    console.print(table)
    count = sum(check.state == "problem" for check in checks)
    console.print("No problem." if not count else f"Problems: {count}.")


def _show_items(items: Sequence[LaunchItem], form: str) -> None:
    if form == "json":
        _json({"items": [_plain(item) for item in items]})
        return
    console = Console()
    if not items:
        console.print("Nothing forbids opening.")
        return
    table = _table("where", "what is left", "what to do")
    for item in items:
        table.add_row(item.area, escape(item.what), escape(item.mend))
    console.print(table)
    console.print(f"{len(items)} things are left before anybody may be let in.")


def _table(*heads: str) -> Table:
    """Japanese has no spaces to break at: its lines are folded, never cut off."""
    table = Table(show_lines=True)
    for head in heads:
        table.add_column(head, overflow="fold")
    return table


def _plain(one: Check | LaunchItem) -> dict[str, str]:
    return {name: getattr(one, name) for name in one.__struct_fields__}


def _json(found: object) -> None:
    print(json.dumps(found, ensure_ascii=False, indent=2))
