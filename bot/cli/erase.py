"""`engawa erase CONTACT-ID`: erases one contact as the word 消して does, without a farewell."""

from __future__ import annotations

import argparse

from rich.console import Console


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its options."""
    command = commands.add_parser(
        "erase",
        help="erase one contact",
        description="Erases a contact whole: keys, addresses, texts, requests, codes. The erase "
        "ledger is written first, so that no restored backup brings them back. Nothing is sent "
        "to them.",
    )
    command.add_argument("contact", metavar="CONTACT-ID")
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Erase and say so."""
    from bot.app.administration import erase

    known = erase(arguments.contact)
    Console(highlight=False, soft_wrap=True).print(
        "Erased. Nothing of this contact is kept but a line of the ledger."
        if known
        else "Nothing was kept under this id. It stands in the ledger now, so that no backup "
        "brings it back.",
        markup=False,
    )
    return 0
