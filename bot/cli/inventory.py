"""`engawa inventory`: exactly what is held, by kind, since when, and when the next of it goes."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from bot.app.inventory import Inventory


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its options."""
    command = commands.add_parser(
        "inventory",
        help="what is held, by kind, and when it goes",
        description="Counts what is held, table by table: rows, the oldest, when the next one "
        "goes, which keys are needed, and the files beside the database. Never content, and no "
        "ids. Works beside a running service.",
    )
    command.add_argument("--contact", default="", metavar="ID", help="of this contact only")
    command.add_argument(
        "--format", choices=("table", "json"), default="table", help="default: table"
    )
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print tables, or JSON with the times in ms."""
    from bot.app.inventory import take

    found = take(arguments.contact)
    if arguments.format == "json":
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(found)).decode() + "\n")
        return 0
    console = Console()
    console.print(_kinds(found))
    if not arguments.contact:
        console.print(_keys(found))
        console.print(_files(found))
    return 0


def _kinds(found: Inventory) -> Table:
    table = Table("kind", "whose", "rows", "oldest", "the next goes", title="Rows")
    for line in found.kinds:
        table.add_row(
            line.kind, line.whose, str(line.rows), _moment(line.oldest), _moment(line.next_gone)
        )
    return table


def _keys(found: Inventory) -> Table:
    table = Table("key", "state", "contacts under it", "staff", title="Keys")
    for key in found.keys:
        table.add_row(key.id, key.state, str(key.contacts), "yes" if key.staff else "")
    return table


def _files(found: Inventory) -> Table:
    table = Table("file", "lines", "bytes", "where", title="Files")
    for file in found.files:
        lines = "" if file.lines is None else str(file.lines)
        table.add_row(file.what, lines, str(file.bytes), file.path)
    return table


def _moment(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1_000, UTC).strftime("%Y-%m-%d %H:%M UTC") if ms else ""
