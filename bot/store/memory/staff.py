"""MemoryStaff: the contract of bot.services.staff.ports.StaffStore on plain dicts.

Imports staff records and chain only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields

import msgspec

from bot.services.staff.chain import CHECKPOINT, START, TIDIED, checkpoint, link
from bot.services.staff.records import (
    SYSTEM,
    Account,
    Act,
    AuditRow,
    Passkey,
    RecoveryCode,
    StaffSession,
    StaffWrite,
    Ticket,
    Tidied,
    manages,
)


class _StaleError(Exception):
    """A precondition no longer holds."""


@dataclass
class _Tables:
    accounts: dict[str, Account] = field(default_factory=dict)
    passkeys: dict[str, Passkey] = field(default_factory=dict)
    codes: dict[bytes, RecoveryCode] = field(default_factory=dict)
    tickets: dict[bytes, Ticket] = field(default_factory=dict)
    sessions: dict[bytes, StaffSession] = field(default_factory=dict)
    audit: dict[int, AuditRow] = field(default_factory=dict)


class MemoryStaff:
    """Staff in this process's memory."""

    def __init__(self) -> None:
        self._tables = _Tables()

    async def save(self, write: StaffWrite, now: int) -> Sequence[AuditRow] | None:
        """See the port."""
        try:
            with self._unit() as tables:
                return _save(tables, write, now)
        except _StaleError:
            return None

    async def accounts(self) -> Sequence[Account]:
        """See the port."""
        return tuple(sorted(self._tables.accounts.values(), key=lambda each: each.login))

    async def account(self, account: str) -> Account | None:
        """See the port."""
        return self._tables.accounts.get(account)

    async def account_by_login(self, login: str) -> Account | None:
        """See the port."""
        accounts = self._tables.accounts.values()
        return next((each for each in accounts if each.login == login), None)

    async def passkeys(self, account: str) -> Sequence[Passkey]:
        """See the port."""
        mine = [each for each in self._tables.passkeys.values() if each.account == account]
        return tuple(sorted(mine, key=lambda each: (each.created, each.id)))

    async def passkey(self, credential: bytes) -> Passkey | None:
        """See the port."""
        passkeys = self._tables.passkeys.values()
        return next((each for each in passkeys if each.credential == credential), None)

    async def recovery_codes(self, account: str) -> Sequence[RecoveryCode]:
        """See the port."""
        mine = [each for each in self._tables.codes.values() if each.account == account]
        return tuple(sorted(mine, key=lambda each: each.hash))

    async def ticket(self, mark: bytes, now: int) -> Ticket | None:
        """See the port."""
        ticket = self._tables.tickets.get(mark)
        return ticket if ticket is not None and ticket.expires > now else None

    async def session(self, mark: bytes) -> StaffSession | None:
        """See the port."""
        return self._tables.sessions.get(mark)

    async def sessions(self, account: str = "") -> Sequence[StaffSession]:
        """See the port."""
        sessions = self._tables.sessions.values()
        found = [each for each in sessions if account in (each.account, "")]
        return tuple(sorted(found, key=lambda each: (-each.created, each.id)))

    async def touch(self, mark: bytes, seen: int) -> bool:
        """See the port."""
        session = self._tables.sessions.get(mark)
        if session is None:
            return False
        self._tables.sessions[mark] = msgspec.structs.replace(session, seen=seen)
        return True

    async def audit(self, before: int, limit: int) -> Sequence[AuditRow]:
        """See the port."""
        rows = sorted(self._tables.audit.items(), reverse=True)
        return tuple(row for seq, row in rows if before == 0 or seq < before)[:limit]

    async def audit_from(self, after: int, limit: int) -> Sequence[AuditRow]:
        """See the port."""
        rows = sorted(self._tables.audit.items())
        return tuple(row for seq, row in rows if seq > after)[:limit]

    async def tidy(self, now: int, sessions_before: int, audit_before: int) -> Tidied:
        """See the port."""
        with self._unit() as tables:
            return _tidy(tables, now, sessions_before, audit_before)

    async def keks(self) -> Sequence[str]:
        """See the port."""
        accounts = self._tables.accounts.values()
        return tuple(sorted({each.totp_kek for each in accounts if each.totp}))

    @contextmanager
    def _unit(self) -> Iterator[_Tables]:
        """All that happens inside, or nothing of it."""
        tables = self._tables
        before = {each.name: dict(getattr(tables, each.name)) for each in fields(tables)}
        try:
            yield tables
        except BaseException:
            for name, rows in before.items():
                setattr(tables, name, rows)
            raise


def _save(tables: _Tables, write: StaffWrite, now: int) -> tuple[AuditRow, ...]:
    owners = [write.account.id] if write.account else []
    owners += [each.account for each in write.tickets]
    owners += [write.session.account] if write.session else []
    account = owners[0] if owners else ""
    _take(tables, write, now)
    if write.account is not None:
        _put_account(tables, write.account)
    if write.keeps_manager and not any(map(manages, tables.accounts.values())):
        raise _StaleError
    _put_factors(tables, write, account, now)
    if write.drop_tickets:
        tables.tickets = {k: v for k, v in tables.tickets.items() if v.account != account}
    tables.tickets |= {each.mark: each for each in write.tickets}
    for mark in write.end:
        tables.sessions.pop(mark, None)
    if write.end_all:
        tables.sessions = {k: v for k, v in tables.sessions.items() if v.account != account}
    if write.session is not None:
        tables.sessions[write.session.mark] = write.session
    return _append(tables, write.acts)


def _take(tables: _Tables, write: StaffWrite, now: int) -> None:
    for mark in write.take:
        ticket = tables.tickets.pop(mark, None)
        if ticket is None or ticket.expires <= now:
            raise _StaleError
    if write.renews and tables.sessions.pop(write.renews, None) is None:
        raise _StaleError


def _put_account(tables: _Tables, account: Account) -> None:
    before = tables.accounts.get(account.id)
    if account.version == 0:
        if before or any(each.login == account.login for each in tables.accounts.values()):
            raise _StaleError
    elif before is None or before.version != account.version - 1:
        raise _StaleError
    tables.accounts[account.id] = account


def _put_factors(tables: _Tables, write: StaffWrite, account: str, now: int) -> None:
    for passkey in write.without_passkeys:
        if tables.passkeys.pop(passkey, None) is None:
            raise _StaleError
    for new in write.passkeys:
        others = (each for each in tables.passkeys.values() if each.id != new.id)
        if any(each.credential == new.credential for each in others):
            raise _StaleError
        tables.passkeys[new.id] = new
    if write.recovery is not None:
        tables.codes = {k: v for k, v in tables.codes.items() if v.account != account}
        tables.codes |= {each.hash: each for each in write.recovery}
    if write.used_code:
        code = tables.codes.get(write.used_code)
        if code is None or code.used_at:
            raise _StaleError
        tables.codes[code.hash] = msgspec.structs.replace(code, used_at=now)


def _append(tables: _Tables, acts: Sequence[Act]) -> tuple[AuditRow, ...]:
    newest = max(tables.audit, default=0)
    prev = tables.audit[newest].hash if newest else START
    rows = []
    for seq, act in enumerate(acts, newest + 1):
        rows.append(link(prev, seq, act))
        prev = rows[-1].hash
    tables.audit |= {row.seq: row for row in rows}
    return tuple(rows)


def _tidy(tables: _Tables, now: int, sessions_before: int, audit_before: int) -> Tidied:
    tickets = {k: v for k, v in tables.tickets.items() if v.expires > now}
    sessions = {k: v for k, v in tables.sessions.items() if v.created >= sessions_before}
    gone = len(tables.tickets) - len(tickets) + len(tables.sessions) - len(sessions)
    tables.tickets, tables.sessions = tickets, sessions
    newest = max(tables.audit, default=0)
    old = [
        row
        for row in tables.audit.values()
        if row.at < audit_before and row.act != CHECKPOINT and row.seq < newest
    ]
    if not old:
        return Tidied(gone)
    last = max(old, key=lambda row: row.seq)
    kept = {seq: row for seq, row in tables.audit.items() if seq > last.seq}
    gone += len(tables.audit) - len(kept)
    tables.audit = {last.seq: checkpoint(last, now), **kept}
    (row,) = _append(tables, [Act(now, SYSTEM, TIDIED, detail=str(last.seq))])
    return Tidied(gone, row)
