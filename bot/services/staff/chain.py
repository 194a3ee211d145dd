"""The chain of the record: each row's hash covers the row and the hash before it. Pure.

Whoever changes, deletes or reorders a row would have to make all later rows anew, and the newest
hashes stand in a file elsewhere. Imports staff records and answers only.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence

from bot.services.staff.answers import Verdict
from bot.services.staff.records import Act, AuditRow

CHECKPOINT = "audit.checkpoint"
TIDIED = "audit.tidied"
START = bytes(32)
"""What stands before the first row."""


def link(prev: bytes, seq: int, act: Act) -> AuditRow:
    """The row that follows a row with the hash `prev` (or `START`)."""
    row = AuditRow(seq, act.at, act.actor, act.act, act.object, act.detail, prev, b"")
    return AuditRow(seq, act.at, act.actor, act.act, act.object, act.detail, prev, hash_of(row))


def hash_of(row: AuditRow) -> bytes:
    """SHA-256 over all of a row but its own hash; lengths stand before the parts."""
    hasher = hashlib.sha256(b"engawa.audit.1")
    numbers = (str(row.seq), str(row.at))
    for part in (*numbers, row.actor, row.act, row.object, row.detail):
        data = part.encode("utf-8", "surrogatepass")
        hasher.update(len(data).to_bytes(4, "big") + data)
    hasher.update(row.prev)
    return hasher.digest()


def checkpoint(gone: AuditRow, now: int) -> AuditRow:
    """What stays in the place of the last row that retention deleted: its number and hash."""
    return AuditRow(gone.seq, now, "system", CHECKPOINT, "", "", b"", gone.hash)


def verdict(
    rows: Sequence[AuditRow],
    heads: Iterable[tuple[int, bytes]],
    later_heads: Iterable[tuple[int, bytes]] = (),
) -> Verdict:
    """Whether these rows (all of the store, oldest first) are one chain that fits the heads.

    `later_heads` were read after the rows: they witness what was written while the rows were read.
    A row without a head is counted wherever it stands: whoever writes one past the program can
    make its hash, and the acts that follow would hide it.
    """
    witnessed = list(heads)
    fault = _broken_link(rows) or _unlike_heads(rows, witnessed)
    first, last = (rows[0].seq, rows[-1].seq) if rows else (0, 0)
    if fault is not None:
        return Verdict(False, len(rows), first, last, *fault)
    known = {seq for seq, _ in (*witnessed, *later_heads)}
    unknown = [row.seq for row in rows if row.seq not in known]
    return Verdict(
        True,
        len(rows),
        first,
        last,
        unwitnessed=len(unknown),
        unwitnessed_at=unknown[0] if unknown else 0,
    )


def _broken_link(rows: Sequence[AuditRow]) -> tuple[int, str] | None:
    before: AuditRow | None = None
    for row in rows:
        why = _fault_of_first(row, rows) if before is None else _fault_after(before, row)
        if why:
            return row.seq, why
        before = row
    return None


def _fault_of_first(row: AuditRow, rows: Sequence[AuditRow]) -> str:
    if row.act != CHECKPOINT:
        if row.seq != 1 or row.prev != START:
            return "the rows before it are missing, and no checkpoint stands in their place"
        return _altered(row)
    tidied = [each.detail for each in rows if each.act == TIDIED]
    if not tidied or tidied[-1] != str(row.seq):
        return "it is a checkpoint that retention did not set"
    return ""


def _fault_after(before: AuditRow, row: AuditRow) -> str:
    if row.seq != before.seq + 1:
        return f"after row {before.seq} comes row {row.seq}: rows are missing or out of order"
    if row.prev != before.hash:
        return "it does not follow the row before it: one of the two was changed or moved"
    return _altered(row)


def _altered(row: AuditRow) -> str:
    return "" if hash_of(row) == row.hash else "it was changed after it was written"


def _unlike_heads(
    rows: Sequence[AuditRow], heads: Sequence[tuple[int, bytes]]
) -> tuple[int, str] | None:
    kept: Mapping[int, bytes] = {row.seq: row.hash for row in rows}
    first = rows[0].seq if rows else 1
    for seq, head in sorted(heads):
        if seq < first:
            continue
        if seq not in kept:
            return seq, "the file of heads knows it, the database doesn't: the end was cut off"
        if kept[seq] != head:
            return seq, (
                "the file of heads has another hash for it: the rows were made anew, or an older "
                "database was put back"
            )
    return None
