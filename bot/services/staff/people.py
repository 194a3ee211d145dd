"""Accounts, for who manages them: invite, reset, roles, disable, enable. Imports staff records.

An administrator starts a reset but never learns a password; the last one can't lock themselves
out. From the command line everything is possible, because whoever has the machine has all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from msgspec.structs import replace

from bot.flow.pack import ApproverKind
from bot.services.staff.answers import By, Invitation, Person, Reason, Refused, System
from bot.services.staff.logins import named, normalised
from bot.services.staff.office import Office, raised
from bot.services.staff.permissions import ROLES, Role
from bot.services.staff.persons import person
from bot.services.staff.records import Account, StaffWrite, manages

STALE = Refused("has_another_state")
UNKNOWN = Refused("unknown_account")
LAST = Refused("last_administrator")


class Accounts:
    """bot.services.staff.desk.People."""

    def __init__(self, office: Office) -> None:
        self._office = office

    async def list(self, by: By) -> Sequence[Person]:
        """See the desk."""
        office = self._office
        office.require(by, "staff.manage")
        sessions = Counter(each.account for each in await office.store.sessions())
        return tuple(
            [
                person(each, len(await office.store.passkeys(each.id)), sessions[each.id])
                for each in await office.store.accounts()
            ]
        )

    async def invite(
        self,
        by: By,
        login: str,
        name: str,
        roles: frozenset[Role],
        kinds: frozenset[ApproverKind] = frozenset(),
    ) -> Invitation | Refused:
        """See the desk."""
        office = self._fresh(by)
        kept_login, kept_name = normalised(login), named(name)
        if kept_login is None:
            return Refused("bad_login")
        if kept_name is None:
            return Refused("bad_name")
        if odd := _odd_roles(roles, kinds):
            return Refused(odd)
        if await office.store.account_by_login(kept_login) is not None:
            return Refused("login_taken")
        now = office.clock()
        account = Account(office.chance.id(), kept_login, kept_name, roles, kinds, created=now)
        act = office.act(by, "account.invited", account.id, _words(roles, kinds))
        invitation = await self._invitation(account, StaffWrite(account=account, acts=(act,)))
        return invitation or Refused("login_taken")

    async def reset(self, by: By, account: str) -> Invitation | Refused:
        """See the desk."""
        office = self._fresh(by)
        found = await office.store.account(account)
        if found is None:
            return UNKNOWN
        if found.status == "disabled" or found.demo:
            return STALE
        if await self._is_last(by, found):
            return LAST
        changed = replace(
            raised(found), status="invited", password="", totp=b"", totp_kek="", password_at=0
        )
        passkeys = await office.store.passkeys(found.id)
        write = StaffWrite(
            account=changed,
            without_passkeys=tuple(each.id for each in passkeys),
            recovery=(),
            drop_tickets=True,
            end_all=True,
            keeps_manager=_must_keep(by, found),
            acts=(office.act(by, "account.reset", found.id),),
        )
        return await self._invitation(changed, write) or STALE

    async def set_roles(
        self,
        by: By,
        account: str,
        roles: frozenset[Role],
        kinds: frozenset[ApproverKind] = frozenset(),
    ) -> Refused | None:
        """See the desk."""
        office = self._fresh(by)
        found = await office.store.account(account)
        if found is None:
            return UNKNOWN
        if odd := _odd_roles(roles, kinds):
            return Refused(odd)
        if "administrator" not in roles and await self._is_last(by, found):
            return LAST
        changed = replace(raised(found), roles=roles, kinds=kinds)
        act = office.act(by, "account.roles", found.id, _words(roles, kinds))
        keeps = _must_keep(by, found)
        write = StaffWrite(account=changed, keeps_manager=keeps, acts=(act,))
        return None if await office.save(write) else STALE

    async def disable(self, by: By, account: str) -> Refused | None:
        """See the desk."""
        office = self._fresh(by)
        found = await office.store.account(account)
        if found is None:
            return UNKNOWN
        if found.status == "disabled":
            return STALE
        if await self._is_last(by, found):
            return LAST
        write = StaffWrite(
            account=replace(raised(found), status="disabled"),
            drop_tickets=True,
            end_all=True,
            keeps_manager=_must_keep(by, found),
            acts=(office.act(by, "account.disabled", found.id),),
        )
        return None if await office.save(write) else STALE

    async def enable(self, by: By, account: str) -> Refused | None:
        """See the desk."""
        office = self._fresh(by)
        found = await office.store.account(account)
        if found is None:
            return UNKNOWN
        if found.status != "disabled":
            return STALE
        changed = replace(raised(found), status="active" if found.password else "invited")
        act = office.act(by, "account.enabled", found.id)
        return None if await office.save(StaffWrite(account=changed, acts=(act,))) else STALE

    async def _invitation(self, account: Account, write: StaffWrite) -> Invitation | None:
        token, ticket = self._office.ticket("invitation", account.id)
        if not await self._office.save(replace(write, tickets=(ticket,))):
            return None
        return Invitation(account, token, ticket.expires)

    async def _is_last(self, by: By, account: Account) -> bool:
        """Whether nobody but this one manages accounts; the command line need not care."""
        if isinstance(by, System) or not manages(account):
            return False
        others = await self._office.store.accounts()
        return not any(manages(each) for each in others if each.id != account.id)

    def _fresh(self, by: By) -> Office:
        self._office.require(by, "staff.manage", fresh=True)
        return self._office


def _must_keep(by: By, account: Account) -> bool:
    """Two administrators may shut each other out at one moment: the store looks once more."""
    return not isinstance(by, System) and manages(account)


def _odd_roles(roles: frozenset[Role], kinds: frozenset[ApproverKind]) -> Reason | None:
    if not roles or not roles <= set(ROLES):
        return "no_role"
    return "no_kind" if ("approver" in roles) != bool(kinds) else None


def _words(roles: frozenset[Role], kinds: frozenset[ApproverKind]) -> str:
    return "+".join([*sorted(roles), *sorted(kinds)])
