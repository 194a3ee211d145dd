"""`engawa staff …`: accounts of people who work with the console and the studio."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from rich.console import Console
from rich.table import Table

from bot.services.staff.permissions import APPROVER_KINDS, ROLES

Run = Callable[[argparse.Namespace], int]
say = Console(highlight=False, soft_wrap=True, markup=False).print


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its verbs."""
    command = commands.add_parser(
        "staff",
        help="accounts of staff: invite, reset, change roles, disable, list",
        description="Accounts of staff. Nobody is ever given a password: the command prints a "
        "one-time link with which the person chooses a password and a second factor.",
    )
    verbs = command.add_subparsers(dest="verb", required=True, metavar="VERB")
    new = _verb(verbs, "add", "invite somebody: prints a link that works once, for 24 hours", _add)
    new.add_argument("--name", default="", help="what colleagues see; the login, if left out")
    _roles(new)
    _roles(_verb(verbs, "roles", "give an account other roles, at once", _set_roles))
    _verb(verbs, "reset", "a new link; password, second factors and sessions end now", _reset)
    _verb(verbs, "disable", "out at once: all sessions end", _disable)
    _verb(verbs, "enable", "in again, with the password and second factors of before", _enable)
    listing = verbs.add_parser("list", help="all accounts", description="Prints all accounts.")
    listing.set_defaults(run=_list)


def _verb(
    verbs: argparse._SubParsersAction[argparse.ArgumentParser], name: str, about: str, run: Run
) -> argparse.ArgumentParser:
    verb = verbs.add_parser(name, help=about, description=f"{about[:1].upper()}{about[1:]}.")
    verb.add_argument("login", metavar="LOGIN")
    verb.set_defaults(run=run)
    return verb


def _roles(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "--role", action="append", required=True, choices=ROLES, help="may be given more than once"
    )
    verb.add_argument(
        "--kind", action="append", default=[], choices=APPROVER_KINDS, help="of an approver"
    )


def _add(arguments: argparse.Namespace) -> int:
    from bot.app.rostering import add as invite
    from bot.app.rostering import kinds_of, moment, roles_of

    roles, kinds = roles_of(arguments.role), kinds_of(arguments.kind)
    invitation, link = invite(arguments.login, arguments.name, roles, kinds)
    say(f"{invitation.account.login} is invited. Hand this link over in person; it works once,")
    say(f"until {moment(invitation.expires)}:\n{link}")
    return 0


def _reset(arguments: argparse.Namespace) -> int:
    from bot.app.rostering import moment, reset

    invitation, link = reset(arguments.login)
    say(f"{invitation.account.login} is out until this link is used. Hand it over in person; it")
    say(f"works once, until {moment(invitation.expires)}:\n{link}")
    return 0


def _set_roles(arguments: argparse.Namespace) -> int:
    from bot.app.rostering import kinds_of, roles_of, set_roles

    roles, kinds = roles_of(arguments.role), kinds_of(arguments.kind)
    set_roles(arguments.login, roles, kinds)
    say(f"{arguments.login} has now: {', '.join(sorted({*roles, *kinds}))}.")
    return 0


def _disable(arguments: argparse.Namespace) -> int:
    from bot.app.rostering import disable

    disable(arguments.login)
    say(f"{arguments.login} is out; all sessions ended.")
    return 0


def _enable(arguments: argparse.Namespace) -> int:
    from bot.app.rostering import enable

    enable(arguments.login)
    say(f"{arguments.login} may sign in again.")
    return 0


def _list(arguments: argparse.Namespace) -> int:
    from bot.app.rostering import list_people, moment

    table = Table()
    for heading in ("login", "name", "roles", "status", "second factors", "sessions", "last seen"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "roles")
    for person in list_people():
        factors = ["TOTP"] if person.totp else []
        factors += [f"{person.passkeys} passkeys"] if person.passkeys else []
        table.add_row(
            person.login,
            person.name,
            # One below the other, so that none is broken in two at 80 columns.
            "\n".join(sorted({*person.roles, *person.kinds})),
            f"{person.status}{' (demo)' if person.demo else ''}",
            ", ".join(factors) or "–",
            str(person.sessions),
            moment(person.signed_in_at),
        )
    Console(markup=False).print(table)
    return 0
