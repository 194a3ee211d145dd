"""Rows of staff as the tables hold them: one table per record, a column per field.

Imports staff records only.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any, Generic, TypeVar

import msgspec

from bot.services.staff.records import (
    Account,
    AuditRow,
    Passkey,
    RecoveryCode,
    StaffSession,
    Ticket,
)

R = TypeVar("R", bound=msgspec.Struct)


class Table(Generic[R]):
    """A table whose columns are a record's fields, in their order."""

    def __init__(self, name: str, record: type[R]) -> None:
        self.name = name
        self._record = record
        fields = record.__struct_fields__
        columns, marks = ", ".join(fields), ", ".join("?" * len(fields))
        self._select = f"SELECT {self._selected(fields)} FROM {name} "
        self._put = f"INSERT OR REPLACE INTO {name} ({columns}) VALUES ({marks})"
        self._add = f"INSERT INTO {name} ({columns}) VALUES ({marks})"

    def read(self, connection: sqlite3.Connection, rest: str, *values: Any) -> tuple[R, ...]:
        """The records that a `WHERE … ORDER BY …` finds."""
        found = connection.execute(self._select + rest, values).fetchall()
        return tuple(self._record_of(row) for row in found)

    def first(self, connection: sqlite3.Connection, rest: str, *values: Any) -> R | None:
        """The first of them."""
        return next(iter(self.read(connection, f"{rest} LIMIT 1", *values)), None)

    def put(self, connection: sqlite3.Connection, records: Iterable[R]) -> None:
        """Insert, or replace what has the same key."""
        connection.executemany(self._put, [self._row_of(record) for record in records])

    def add(self, connection: sqlite3.Connection, records: Iterable[R]) -> None:
        """Insert; sqlite3.IntegrityError for a key that is there."""
        connection.executemany(self._add, [self._row_of(record) for record in records])

    def update(self, connection: sqlite3.Connection, record: R, fields: Sequence[str]) -> None:
        """Write these fields of the row with the record's id."""
        values = [_stored(getattr(record, name)) for name in (*fields, "id")]
        changes = ", ".join(f"{name} = ?" for name in fields)
        connection.execute(f"UPDATE {self.name} SET {changes} WHERE id = ?", values)

    def delete(self, connection: sqlite3.Connection, where: str, *values: Any) -> int:
        """How many rows a condition deleted."""
        return connection.execute(f"DELETE FROM {self.name} WHERE {where}", values).rowcount

    def _selected(self, fields: tuple[str, ...]) -> str:
        return ", ".join(fields)

    def _row_of(self, record: R) -> tuple[Any, ...]:
        return tuple(_stored(value) for value in msgspec.structs.astuple(record))

    def _record_of(self, row: tuple[Any, ...]) -> R:
        fields = zip(self._record.__struct_fields__, row, strict=True)
        # The types that SQLite lacks are made again from the record's annotations.
        return msgspec.convert({name: _loaded(name, value) for name, value in fields}, self._record)


class AuditTable(Table[AuditRow]):
    """Reads whatever somebody wrote past the program, so that the chain can say which row it is:
    columns of another type, text that is no UTF-8.
    """

    _NUMBERS = frozenset({"seq", "at"})
    _BYTES = frozenset({"prev", "hash"})

    def _selected(self, fields: tuple[str, ...]) -> str:
        return ", ".join(
            f"CAST({name} AS {'INTEGER' if name in self._NUMBERS else 'BLOB'})" for name in fields
        )

    def _record_of(self, row: tuple[Any, ...]) -> AuditRow:
        exact = self._NUMBERS | self._BYTES
        fields = zip(AuditRow.__struct_fields__, row, strict=True)
        values = {
            name: value if name in exact else value.decode("utf-8", "surrogateescape")
            for name, value in fields
        }
        return AuditRow(**values)


def _stored(value: Any) -> Any:
    if isinstance(value, frozenset):
        return ",".join(sorted(value))
    return int(value) if isinstance(value, bool) else value


def _loaded(name: str, value: Any) -> Any:
    if name in {"roles", "kinds"}:
        return frozenset(filter(None, value.split(",")))
    return bool(value) if name == "demo" else value


ACCOUNTS = Table("staff_account", Account)
PASSKEYS = Table("staff_passkey", Passkey)
CODES = Table("staff_recovery", RecoveryCode)
SESSIONS = Table("staff_session", StaffSession)
TICKETS = Table("staff_ticket", Ticket)
AUDIT = AuditTable("audit", AuditRow)
