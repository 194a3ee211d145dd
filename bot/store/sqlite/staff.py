"""SqliteStaff: the verbs of bot.services.staff.ports.StaffStore, on the store's own two threads.

Imports staff ports, records and errors only.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from bot.services.staff.records import (
    Account,
    AuditRow,
    Passkey,
    RecoveryCode,
    StaffSession,
    StaffWrite,
    Ticket,
    Tidied,
)
from bot.store.sqlite import staff_units as units
from bot.store.sqlite.staff_rows import ACCOUNTS, AUDIT, CODES, PASSKEYS, SESSIONS, TICKETS

Ask = Callable[[Callable[[sqlite3.Connection], Any]], Awaitable[Any]]


class SqliteStaff:
    """Staff in the store's file; `write` and `read` run a unit in the store's threads."""

    def __init__(self, write: Ask, read: Ask) -> None:
        self._write = write
        self._read = read

    async def save(self, write: StaffWrite, now: int) -> Sequence[AuditRow] | None:
        """See the port."""
        try:
            rows: Sequence[AuditRow] = await self._write(lambda c: units.save(c, write, now))
        except units.StaleError:
            return None
        return rows

    async def accounts(self) -> Sequence[Account]:
        """See the port."""
        found: Sequence[Account] = await self._read(lambda c: ACCOUNTS.read(c, "ORDER BY login"))
        return found

    async def account(self, account: str) -> Account | None:
        """See the port."""
        found: Account | None = await self._read(
            lambda c: ACCOUNTS.first(c, "WHERE id = ?", account)
        )
        return found

    async def account_by_login(self, login: str) -> Account | None:
        """See the port."""
        found: Account | None = await self._read(
            lambda c: ACCOUNTS.first(c, "WHERE login = ?", login)
        )
        return found

    async def passkeys(self, account: str) -> Sequence[Passkey]:
        """See the port."""
        found: Sequence[Passkey] = await self._read(
            lambda c: PASSKEYS.read(c, "WHERE account = ? ORDER BY created, id", account)
        )
        return found

    async def passkey(self, credential: bytes) -> Passkey | None:
        """See the port."""
        found: Passkey | None = await self._read(
            lambda c: PASSKEYS.first(c, "WHERE credential = ?", credential)
        )
        return found

    async def recovery_codes(self, account: str) -> Sequence[RecoveryCode]:
        """See the port."""
        found: Sequence[RecoveryCode] = await self._read(
            lambda c: CODES.read(c, "WHERE account = ? ORDER BY hash", account)
        )
        return found

    async def ticket(self, mark: bytes, now: int) -> Ticket | None:
        """See the port."""
        found: Ticket | None = await self._read(
            lambda c: TICKETS.first(c, "WHERE mark = ? AND expires > ?", mark, now)
        )
        return found

    async def session(self, mark: bytes) -> StaffSession | None:
        """See the port."""
        found: StaffSession | None = await self._read(
            lambda c: SESSIONS.first(c, "WHERE mark = ?", mark)
        )
        return found

    async def sessions(self, account: str = "") -> Sequence[StaffSession]:
        """See the port."""
        where = "WHERE ? IN (account, '') ORDER BY created DESC, id"
        found: Sequence[StaffSession] = await self._read(lambda c: SESSIONS.read(c, where, account))
        return found

    async def touch(self, mark: bytes, seen: int) -> bool:
        """See the port."""
        kept: bool = await self._write(lambda c: units.touch(c, mark, seen))
        return kept

    async def audit(self, before: int, limit: int) -> Sequence[AuditRow]:
        """See the port."""
        where = "WHERE seq < ? OR ? = 0 ORDER BY seq DESC LIMIT ?"
        found: Sequence[AuditRow] = await self._read(
            lambda c: AUDIT.read(c, where, before, before, limit)
        )
        return found

    async def audit_from(self, after: int, limit: int) -> Sequence[AuditRow]:
        """See the port."""
        found: Sequence[AuditRow] = await self._read(
            lambda c: AUDIT.read(c, "WHERE seq > ? ORDER BY seq LIMIT ?", after, limit)
        )
        return found

    async def tidy(self, now: int, sessions_before: int, audit_before: int) -> Tidied:
        """See the port."""
        done: Tidied = await self._write(
            lambda c: units.tidy(c, now, sessions_before, audit_before)
        )
        return done

    async def keks(self) -> Sequence[str]:
        """See the port."""
        query = "SELECT DISTINCT totp_kek FROM staff_account WHERE totp != x'' ORDER BY totp_kek"
        found: Sequence[str] = await self._read(
            lambda c: tuple(name for (name,) in c.execute(query).fetchall())
        )
        return found
