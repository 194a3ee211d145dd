"""`engawa keys …`: makes a keyring, shows its keys, and changes the key that is in use."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from bot.cli import turning

DEAD_BACKUPS = (
    "Whatever was wrapped by key {id} alone is gone for good with it: from then on no backup of "
    "the database from before the last `engawa keys rewrap` opens, whoever holds it, if every "
    "copy of the key file is replaced too. That is what a rotation is for; it can't be undone."
)


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its verbs."""
    command = commands.add_parser(
        "keys",
        help="write a new keyring, change its keys",
        description="Makes keyrings and rotates key-encryption keys: `turn`, once a day by a "
        "timer, does all of it; by hand next, promote, rewrap, destroy, in this order "
        "(docs/operations.md).",
    )
    verbs = command.add_subparsers(dest="verb", required=True, metavar="VERB")
    new = verbs.add_parser(
        "new",
        help="make a new keyring in FILE",
        description="Makes a keyring of random keys in FILE, readable by you alone. "
        "An existing file is never overwritten: losing a key is losing every text under it.",
    )
    new.add_argument("file", type=Path, metavar="FILE")
    new.set_defaults(run=run_new)
    turn = _verb(verbs, "turn", turning.WHAT, turning.run)
    turn.description = turning.DESCRIPTION
    _verb(verbs, "list", "every key, its state, and how many contacts need it", run_list)
    _verb(
        verbs, "next", "add the key that will be current, so that every process holds it", run_next
    )
    promote = _verb(verbs, "promote", "make the next key the current one", run_promote)
    promote.add_argument("id", metavar="ID", help="the next key's id")
    _verb(verbs, "rewrap", "bring every contact under the current key; may be stopped", run_rewrap)
    destroy = _verb(verbs, "destroy", "destroy an old key that nothing needs any more", run_destroy)
    destroy.add_argument("id", metavar="ID", help="the old key's id")
    destroy.add_argument("--yes", action="store_true", help="do it, having read what follows")


def _verb(
    verbs: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    what: str,
    run: object,
) -> argparse.ArgumentParser:
    verb = verbs.add_parser(
        name, help=what, description=f"{what[0].upper()}{what[1:]}. The file is ENGAWA_KEY_FILE."
    )
    verb.set_defaults(run=run)
    return verb


def run_new(arguments: argparse.Namespace) -> int:
    """Make the file and say what to do with it."""
    from bot.app.nature import system_clock
    from bot.privacy.keyring import new_keyring
    from bot.store.keyfile import write_keyring

    write_keyring(arguments.file, new_keyring(now=system_clock()))
    _say(
        f"A new keyring is in {arguments.file}. Set ENGAWA_KEY_FILE to it, keep a copy in a safe "
        "place that is not the database's backup, and never lose it."
    )
    return 0


def run_list(arguments: argparse.Namespace) -> int:
    """Print a table of keys."""
    from bot.app.administration import key_file_here
    from bot.app.rotating import key_lines

    table = Table("key", "state", "contacts under it")
    lines = key_lines(key_file_here())
    for line in lines:
        table.add_row(line.id, line.state, str(line.contacts))
    Console().print(table)
    if any(line.state == "missing" for line in lines):
        _say(
            "Rows need a key that the file does not hold: nobody can be answered there. Restore "
            "the key file from its copy."
        )
    return 0


def run_next(arguments: argparse.Namespace) -> int:
    """Add a next key and say what comes then."""
    from bot.app.administration import key_file_here
    from bot.app.rotating import make_next

    made = make_next(key_file_here())
    _say(
        f"Key {made} is handed out as the next one. Running processes take it up within seconds; "
        f"when /readyz of each names it, run `engawa keys promote {made}`. Renew the copy of the "
        "key file."
    )
    return 0


def run_promote(arguments: argparse.Namespace) -> int:
    """Make it the current one."""
    from bot.app.administration import key_file_here
    from bot.app.rotating import promote

    promote(key_file_here(), arguments.id)
    _say(f"Key {arguments.id} is the current one. Now run `engawa keys rewrap`.")
    return 0


def run_rewrap(arguments: argparse.Namespace) -> int:
    """Move contacts, with a bar; 2 if some could not be moved."""
    from bot.app.administration import key_file_here
    from bot.app.rotating import rewrap, to_move

    file = key_file_here()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True)) as progress:
        task = progress.add_task("contacts", total=to_move(file))
        done = rewrap(file, lambda n: progress.advance(task, n))
    _say(f"{done.moved} contacts were brought under the current key.")
    for contact in done.broken:
        _say(
            f"The key of contact {contact} does not open: its row was changed. Nothing of theirs "
            f"can be read any more; `engawa erase {contact}` clears it away."
        )
    for key_id in done.unknown:
        _say(
            f"Rows are under key {key_id}, which the file does not hold. Restore the key file "
            "from its copy and run this again."
        )
    return 2 if done.broken or done.unknown else 0


def run_destroy(arguments: argparse.Namespace) -> int:
    """Explain, and do it only with --yes."""
    from bot.app.administration import key_file_here
    from bot.app.rotating import destroy

    if not arguments.yes:
        _say(DEAD_BACKUPS.format(id=arguments.id))
        _say("Nothing was done. Add --yes to destroy it.")
        return 2
    destroy(key_file_here(), arguments.id)
    _say(
        f"Key {arguments.id} is destroyed in this file. Replace every copy of the file: a copy "
        "that still holds it still opens old backups."
    )
    return 0


def _say(sentence: str) -> None:
    Console(highlight=False, soft_wrap=True).print(sentence, markup=False)
