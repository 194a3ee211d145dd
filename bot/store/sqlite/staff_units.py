"""Units over staff: one act with its audit rows, and tidying. Imports staff records and chain."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from bot.services.staff.chain import CHECKPOINT, START, TIDIED, checkpoint, link
from bot.services.staff.records import (
    SYSTEM,
    Account,
    Act,
    AuditRow,
    RecoveryCode,
    StaffWrite,
    Tidied,
    manages,
)
from bot.store.sqlite.staff_rows import ACCOUNTS, AUDIT, CODES, PASSKEYS, SESSIONS, TICKETS


class StaleError(Exception):
    """A precondition no longer holds; the unit is rolled back."""


def save(connection: sqlite3.Connection, write: StaffWrite, now: int) -> tuple[AuditRow, ...]:
    """See the port; raises StaleError."""
    account = _account_of(write)
    _take(connection, write, now)
    if write.account is not None:
        _put_account(connection, write.account)
    if write.keeps_manager and not any(map(manages, ACCOUNTS.read(connection, ""))):
        raise StaleError
    _put_factors(connection, write, account, now)
    if write.drop_tickets:
        TICKETS.delete(connection, "account = ?", account)
    TICKETS.put(connection, write.tickets)
    _put_sessions(connection, write, account)
    return append(connection, write.acts)


def append(connection: sqlite3.Connection, acts: Sequence[Act]) -> tuple[AuditRow, ...]:
    """Chain acts to the record; any unit of this store may call it for its own acts."""
    newest = AUDIT.first(connection, "ORDER BY seq DESC")
    seq, prev = (newest.seq, newest.hash) if newest else (0, START)
    rows = []
    for act in acts:
        seq += 1
        row = link(prev, seq, act)
        prev = row.hash
        rows.append(row)
    AUDIT.add(connection, rows)
    return tuple(rows)


def touch(connection: sqlite3.Connection, mark: bytes, seen: int) -> bool:
    """Only a session that is there: an ended one stays ended."""
    update = "UPDATE staff_session SET seen = ? WHERE mark = ?"
    return connection.execute(update, (seen, mark)).rowcount == 1


def tidy(
    connection: sqlite3.Connection, now: int, sessions_before: int, audit_before: int
) -> Tidied:
    """See the port."""
    gone = TICKETS.delete(connection, "expires <= ?", now)
    gone += SESSIONS.delete(connection, "created < ?", sessions_before)
    where = "WHERE at < ? AND act != ? AND seq < (SELECT max(seq) FROM audit) ORDER BY seq DESC"
    last = AUDIT.first(connection, where, audit_before, CHECKPOINT)
    if last is None:
        return Tidied(gone)
    gone += AUDIT.delete(connection, "seq <= ?", last.seq)
    AUDIT.add(connection, [checkpoint(last, now)])
    (row,) = append(connection, [Act(now, SYSTEM, TIDIED, detail=str(last.seq))])
    return Tidied(gone, row)


def _account_of(write: StaffWrite) -> str:
    """Whose tickets, codes and sessions are meant."""
    if write.account is not None:
        return write.account.id
    owners = (*write.tickets, *((write.session,) if write.session else ()))
    return owners[0].account if owners else ""


def _take(connection: sqlite3.Connection, write: StaffWrite, now: int) -> None:
    for mark in write.take:
        if not TICKETS.delete(connection, "mark = ? AND expires > ?", mark, now):
            raise StaleError
    if write.renews and not SESSIONS.delete(connection, "mark = ?", write.renews):
        raise StaleError


def _put_account(connection: sqlite3.Connection, account: Account) -> None:
    if account.version == 0:
        if ACCOUNTS.first(connection, "WHERE login = ?", account.login):
            raise StaleError
        ACCOUNTS.add(connection, [account])
        return
    before = ACCOUNTS.first(connection, "WHERE id = ?", account.id)
    if before is None or before.version != account.version - 1:
        raise StaleError
    # Not "INSERT OR REPLACE", which deletes first: other rows refer to this one.
    fields = [name for name in account.__struct_fields__ if name != "id"]
    ACCOUNTS.update(connection, account, fields)


def _put_factors(connection: sqlite3.Connection, write: StaffWrite, account: str, now: int) -> None:
    for passkey in write.without_passkeys:
        if not PASSKEYS.delete(connection, "id = ?", passkey):
            raise StaleError
    for new in write.passkeys:
        other = PASSKEYS.first(
            connection, "WHERE credential = ? AND id != ?", new.credential, new.id
        )
        if other is not None:
            raise StaleError
    PASSKEYS.put(connection, write.passkeys)
    if write.recovery is not None:
        CODES.delete(connection, "account = ?", account)
        CODES.put(connection, write.recovery)
    if write.used_code:
        unused = CODES.first(connection, "WHERE hash = ? AND used_at = 0", write.used_code)
        if unused is None:
            raise StaleError
        CODES.put(connection, [RecoveryCode(unused.hash, unused.account, now)])


def _put_sessions(connection: sqlite3.Connection, write: StaffWrite, account: str) -> None:
    for mark in write.end:
        SESSIONS.delete(connection, "mark = ?", mark)
    if write.end_all:
        SESSIONS.delete(connection, "account = ?", account)
    if write.session is not None:
        SESSIONS.put(connection, [write.session])
