"""What the staff services need from the outside: rows, tries, and the head of the record.

Implementations live in bot.store and are handed in. Imports records only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec

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


class StaffStore(Protocol):
    """Where staff and the record of their acts are kept. Verbs are whole units.

    Raises StoreUnavailableError when nothing could be kept.
    """

    async def save(self, write: StaffWrite, now: int) -> Sequence[AuditRow] | None:
        """One act, whole and durable, with its audit rows, which it returns; None if a precondition
        no longer held (another was first, a ticket, code or session is used up, a login is taken):
        nothing is changed then. Tickets past their time count as used up.
        """

    async def accounts(self) -> Sequence[Account]:
        """All accounts, by login."""

    async def account(self, account: str) -> Account | None:
        """An account by its id."""

    async def account_by_login(self, login: str) -> Account | None:
        """An account by its normalised login."""

    async def passkeys(self, account: str) -> Sequence[Passkey]:
        """An account's passkeys, oldest first."""

    async def passkey(self, credential: bytes) -> Passkey | None:
        """The passkey with this credential id."""

    async def recovery_codes(self, account: str) -> Sequence[RecoveryCode]:
        """An account's recovery codes, used ones too."""

    async def ticket(self, mark: bytes, now: int) -> Ticket | None:
        """A ticket that is still good; it isn't used up by looking."""

    async def session(self, mark: bytes) -> StaffSession | None:
        """The session with this mark, however old."""

    async def sessions(self, account: str = "") -> Sequence[StaffSession]:
        """An account's sessions, or everybody's, the newest first."""

    async def touch(self, mark: bytes, seen: int) -> bool:
        """Note that a session was used; False if it has ended: it stays ended."""

    async def audit(self, before: int, limit: int) -> Sequence[AuditRow]:
        """Rows with a number below `before` (0: the newest), the newest first."""

    async def audit_from(self, after: int, limit: int) -> Sequence[AuditRow]:
        """Rows with a number above `after`, oldest first, as they stand in the store."""

    async def tidy(self, now: int, sessions_before: int, audit_before: int) -> Tidied:
        """Delete tickets past their time, sessions made before `sessions_before`, and audit rows
        before `audit_before`. The last audit row that goes leaves a checkpoint (its number and
        hash), and a new row `audit.tidied` names that number; the newest row always stays.
        """

    async def keks(self) -> Sequence[str]:
        """The ids of the key-encryption keys under which TOTP secrets are sealed, each once."""


class Tries(Protocol):
    """Counts attempts; a part of bot.services.ports.Store."""

    async def count_tries(self, keys: Sequence[bytes], now: int, window_ms: int) -> Sequence[int]:
        """One more try under each key; how many each has in this window of time."""

    async def forget_tries(self, keys: Sequence[bytes]) -> None:
        """A success: the tries under these keys count no more."""


class Heads(Protocol):
    """The record's newest links, in a file outside the database, so that a cut tail shows."""

    def record(self, seq: int, hash: bytes) -> None:
        """Append and fsync; raises StoreUnavailableError."""

    def all(self) -> Sequence[tuple[int, bytes]]:
        """All links ever recorded, in the order of recording."""


class StaffRules(msgspec.Struct, frozen=True):
    """The limits of sessions, in ms, from settings.staff; `demo` lets demo accounts in."""

    idle: int = 20 * 60_000
    absolute: int = 10 * 3_600_000
    step_up: int = 5 * 60_000
    demo: bool = False


class RelyingParty(msgspec.Struct, frozen=True):
    """To which place passkeys are bound: `id` is its host name, `origins` how browsers write it."""

    id: str
    origins: tuple[str, ...]
    name: str = "Engawa"
