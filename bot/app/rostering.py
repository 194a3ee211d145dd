"""What `engawa staff` and `engawa audit` do beside a running service."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar, get_args

from bot.app.here import DEMO_KEY, settings_here
from bot.app.nature import SystemChance, system_clock
from bot.app.staffing import LOOPBACK, Staffing, StaffParts
from bot.app.storage import open_store
from bot.config import read_secrets
from bot.errors import ConfigurationError
from bot.flow.pack import ApproverKind
from bot.services.journal import Journal
from bot.services.staff.answers import Invitation, Person, Refused, System, Verdict
from bot.services.staff.desk import StaffDesk
from bot.services.staff.permissions import Role
from bot.services.staff.records import SYSTEM, AuditRow
from bot.store.keyfile import read_keyring

T = TypeVar("T")
SYSTEM_USER = System()
SENTENCES = {
    "bad_login": "A login has 2 to 64 characters of a–z, 0–9, dot, hyphen and underscore.",
    "bad_name": "A name has 1 to 40 visible characters.",
    "login_taken": "There is an account with this login already; `engawa staff reset` makes a new "
    "link for it.",
    "no_role": "An account needs at least one role.",
    "no_kind": "An approver needs a kind (--kind clinical|legal|head); nobody else has one.",
    "has_another_state": (
        "Its state does not allow that: a disabled account must be enabled before it is reset, an "
        "enabled one can't be enabled again, and a demo account is never reset."
    ),
}


def list_people() -> Sequence[Person]:
    """All accounts."""
    return _at_the_desk(lambda desk: desk.people.list(SYSTEM_USER), makes=False)


def add(
    login: str, name: str, roles: frozenset[Role], kinds: frozenset[ApproverKind]
) -> tuple[Invitation, str]:
    """A new account; its invitation and the link to hand over."""

    async def work(desk: StaffDesk) -> Invitation:
        return _done(await desk.people.invite(SYSTEM_USER, login, name or login, roles, kinds))

    return _with_link(_at_the_desk(work))


def reset(login: str) -> tuple[Invitation, str]:
    """A new invitation for an account whose owner lost the password or the device."""

    async def work(desk: StaffDesk) -> Invitation:
        return _done(await desk.people.reset(SYSTEM_USER, await _id_of(desk, login)))

    return _with_link(_at_the_desk(work, makes=False))


def set_roles(login: str, roles: frozenset[Role], kinds: frozenset[ApproverKind]) -> None:
    """Other roles, at once."""

    async def work(desk: StaffDesk) -> None:
        account = await _id_of(desk, login)
        _done(await desk.people.set_roles(SYSTEM_USER, account, roles, kinds))

    _at_the_desk(work, makes=False)


def disable(login: str) -> None:
    """Out at once."""

    async def work(desk: StaffDesk) -> None:
        _done(await desk.people.disable(SYSTEM_USER, await _id_of(desk, login)))

    _at_the_desk(work, makes=False)


def enable(login: str) -> None:
    """In again."""

    async def work(desk: StaffDesk) -> None:
        _done(await desk.people.enable(SYSTEM_USER, await _id_of(desk, login)))

    _at_the_desk(work, makes=False)


def verify() -> Verdict:
    """Whether the record is whole."""
    return _at_the_desk(lambda desk: desk.trail.verify(SYSTEM_USER), makes=False)


def audit_lines(since: int) -> list[tuple[str, ...]]:
    """The record from a time (UTC ms) on, oldest first: number, time, who, act, object, detail."""

    async def work(desk: StaffDesk) -> list[tuple[str, ...]]:
        names = {**await desk.trail.names(SYSTEM_USER), SYSTEM: SYSTEM}
        rows: list[AuditRow] = []
        before = 0
        while page := await desk.trail.page(SYSTEM_USER, before, 200):
            rows += [row for row in page if row.at >= since]
            before = page[-1].seq
            if page[-1].at < since or before <= 1:
                break
        return [_line(row, names) for row in reversed(rows)]

    return _at_the_desk(work, makes=False)


def moment(ms: int) -> str:
    """A time as people of the machine read it: UTC, to the second."""
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%SZ") if ms else "–"


def roles_of(words: Sequence[str]) -> frozenset[Role]:
    """Roles from the command line; argparse has checked them."""
    return frozenset(role for role in get_args(Role) if role in words)


def kinds_of(words: Sequence[str]) -> frozenset[ApproverKind]:
    """Kinds from the command line; argparse has checked them."""
    return frozenset(kind for kind in get_args(ApproverKind) if kind in words)


def _line(row: AuditRow, names: dict[str, str]) -> tuple[str, ...]:
    who, whom = names.get(row.actor, row.actor), names.get(row.object, row.object)
    return (str(row.seq), moment(row.at), who, row.act, whom, row.detail)


async def _id_of(desk: StaffDesk, login: str) -> str:
    people = await desk.people.list(SYSTEM_USER)
    found = next((each.id for each in people if each.login == login.casefold()), None)
    if found is None:
        raise ConfigurationError(
            f"There is no account with the login {login!r}. `engawa staff list` shows all."
        )
    return found


def _done(answer: T | Refused) -> T:
    """What was done; a refusal becomes one sentence."""
    if isinstance(answer, Refused):
        raise ConfigurationError(SENTENCES.get(answer.reason, f"Refused: {answer.reason}."))
    return answer


def _with_link(invitation: Invitation) -> tuple[Invitation, str]:
    staff = settings_here().staff
    # Passkeys are bound to a name, and browsers take no number for one.
    named = "localhost" if staff.host in LOOPBACK else staff.host
    host = f"[{named}]" if ":" in named else named
    address = staff.url.rstrip("/") or f"http://{host}:{staff.port}"
    return invitation, f"{address}/join/{invitation.token}"


def _at_the_desk(work: Callable[[StaffDesk], Awaitable[T]], makes: bool = True) -> T:
    settings, key_file = settings_here(), _key_file()
    keyring = read_keyring(key_file)

    async def run() -> T:
        store = open_store(settings, exclusive=False, makes=makes)
        await store.open()
        try:
            staffing = Staffing(
                StaffParts(
                    settings=settings,
                    store=store,
                    keyring=lambda: keyring,
                    key_file=key_file,
                    clock=system_clock,
                    chance=SystemChance(),
                    journal=Journal(logging.getLogger("engawa")),
                    demo=keyring.demo,
                )
            )
            return await work(staffing.desk)
        finally:
            await store.close()

    return asyncio.run(run())


def _key_file() -> Path:
    """The key file that the service runs with: the record's heads stand beside it."""
    given = read_secrets(os.environ).key_file
    if given:
        return Path(given)
    if DEMO_KEY.exists():
        return DEMO_KEY
    raise ConfigurationError(
        "ENGAWA_KEY_FILE is missing. Set it as for `engawa serve` (after `engawa demo`, run this "
        "in the same folder)."
    )
