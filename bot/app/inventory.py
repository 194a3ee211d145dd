"""What `engawa inventory` shows: rows by kind, keys, files beside the database; no content."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from bot.app.administration import key_file_here, with_store
from bot.app.here import LEDGER_SUFFIX, settings_here
from bot.app.lifetimes import retention_of
from bot.app.nature import system_clock
from bot.app.staffing import HEADS_SUFFIX, staff_rows
from bot.app.storage import SQLITE
from bot.errors import ConfigurationError
from bot.services import rotation
from bot.services.ports import Store
from bot.services.records import Holding
from bot.store.keyfile import read_keyring

OF_NOBODY = ("tries", "seen", "unsent", "serious", "count", "revision", "revision_file")
"""Kinds whose rows belong to no contact: none of them can be traced to one."""
OF_STAFF = ("staff_", "audit")


class Kind(msgspec.Struct, frozen=True):
    """One kind of row: `whose` is contact, staff or nobody; times are UTC ms, 0 for none."""

    kind: str
    whose: str
    rows: int
    oldest: int
    next_gone: int


class Key(msgspec.Struct, frozen=True):
    """A key-encryption key: how many contacts and whether staff's secrets need it."""

    id: str
    state: str
    contacts: int
    staff: bool


class File(msgspec.Struct, frozen=True):
    """A file outside the tables: its lines where it has lines, else its bytes."""

    what: str
    path: str
    bytes: int
    lines: int | None = None


class Inventory(msgspec.Struct, frozen=True):
    """Everything that is held at `at` (UTC ms); `keys` and `files` only of everybody."""

    at: int
    kinds: Sequence[Kind]
    keys: Sequence[Key] = ()
    files: Sequence[File] = ()


def take(contact: str = "") -> Inventory:
    """The inventory of everybody, or of one contact; raises ConfigurationError for nobody's id."""
    rules, now = retention_of(settings_here()), system_clock()

    async def work(store: Store) -> tuple[Sequence[Holding], Mapping[str, int], Sequence[str]]:
        if contact and await store.lane_of(contact) is None:
            raise ConfigurationError(
                f"Nothing is kept under the id {contact!r}: it was erased, is past its time, or "
                "was mistyped."
            )
        held = await store.holdings(now, rules, contact)
        if contact:
            return held, {}, ()
        return held, await rotation.in_use(store), await staff_rows(store).keks()

    held, used, staff = with_store(work, makes=False)
    kinds = [_kind(line) for line in held]
    if contact:
        return Inventory(now, kinds)
    return Inventory(now, kinds, _keys(used, staff), _files())


def _kind(line: Holding) -> Kind:
    whose = "contact"
    if line.kind.startswith(OF_STAFF):
        whose = "staff"
    elif line.kind in OF_NOBODY:
        whose = "nobody"
    return Kind(line.kind, whose, line.rows, line.oldest, line.next_gone)


def _keys(used: Mapping[str, int], staff: Sequence[str]) -> list[Key]:
    keks = read_keyring(key_file_here()).keks
    states = {kek.id: kek.state for kek in keks}
    missing = [each for each in (*used, *staff) if each not in states]
    return [
        Key(each, states.get(each, "missing"), used.get(each, 0), each in staff)
        for each in dict.fromkeys([*states, *missing])
    ]


def _files() -> list[File]:
    database = Path(settings_here().database.url.removeprefix(SQLITE))
    key_file = key_file_here()
    found = [
        _file("database", database),
        _file("its log", Path(f"{database}-wal")),
        _file("its index of the log", Path(f"{database}-shm")),
        _file("keyring", key_file),
        _file("erase ledger", Path(f"{key_file}{LEDGER_SUFFIX}"), lines=True),
        _file("heads of the record", Path(f"{key_file}{HEADS_SUFFIX}"), lines=True),
    ]
    return [file for file in found if file is not None]


def _file(what: str, path: Path, lines: bool = False) -> File | None:
    try:
        data = path.read_bytes() if lines else b""
        return File(what, str(path), path.stat().st_size, data.count(b"\n") if lines else None)
    except FileNotFoundError:
        return None
