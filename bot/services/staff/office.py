"""What all counters share: rows with their record, tickets, tries, seals, and who may do what.

Imports staff records, privacy and errors.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field

from msgspec.structs import replace

from bot.errors import EngawaError, NotAllowedError, StepUpNeededError
from bot.privacy.envelope import open_sealed, place, seal
from bot.privacy.keyring import Keyring
from bot.services.journal import Journal
from bot.services.ports import Chance, Clock
from bot.services.staff.answers import By, Opened, System, Who
from bot.services.staff.passwords import Passwords
from bot.services.staff.permissions import Permission
from bot.services.staff.ports import Heads, RelyingParty, StaffRules, StaffStore, Tries
from bot.services.staff.records import (
    SYSTEM,
    Account,
    Act,
    AuditRow,
    Purpose,
    StaffSession,
    StaffWrite,
    Ticket,
    TicketKind,
)
from bot.services.staff.tokens import mark_of, tries_key

MINUTE = 60_000
LIFE: dict[TicketKind, int] = {
    "invitation": 24 * 60 * MINUTE,
    "half": 5 * MINUTE,
    "passkey": 5 * MINUTE,
    "totp": 10 * MINUTE,
}
_LABEL = 40  # characters of a device's or passkey's name


@dataclass(frozen=True, slots=True)
class Office:
    """Handed to every counter."""

    store: StaffStore
    tries: Tries
    heads: Heads
    keyring: Callable[[], Keyring]
    clock: Clock
    chance: Chance
    journal: Journal
    relying: Callable[[], RelyingParty]
    rules: StaffRules = field(default_factory=StaffRules)
    passwords: Passwords = field(default_factory=Passwords)
    centre: str = ""

    async def save(self, write: StaffWrite) -> bool:
        """Save with its audit rows, then witness them; False if a precondition no longer held."""
        rows = await self.store.save(write, self.clock())
        for row in rows or ():
            self.witness(row)
        return rows is not None

    def witness(self, row: AuditRow) -> None:
        """Note a new row of the record outside the database."""
        try:
            self.heads.record(row.seq, row.hash)
        except EngawaError as error:
            # The act and its row stand; `audit verify` counts the row as unwitnessed.
            self.journal.fault("audit_unwitnessed", error)

    def act(self, by: By | Account, act: str, object: str = "", detail: str = "") -> Act:
        """An act for the record, now."""
        return Act(self.clock(), actor_of(by), act, object, detail)

    def ticket(
        self,
        kind: TicketKind,
        account: str,
        purpose: Purpose = "",
        session: str = "",
        data: bytes = b"",
    ) -> tuple[str, Ticket]:
        """A new ticket: its token, which nobody keeps, and its row."""
        token = self.chance.token()
        expires = self.clock() + LIFE[kind]
        return token, Ticket(mark_of(token), kind, account, expires, purpose, session, data)

    async def find(self, token: str, kind: TicketKind) -> Ticket | None:
        """The ticket of a token, if it is still good and of this kind."""
        ticket = await self.store.ticket(mark_of(token), self.clock())
        return ticket if ticket is not None and ticket.kind == kind else None

    async def count(self, window: int, **names: str | bytes) -> tuple[int, ...]:
        """One more try of each kind under its name; how many there were in the window of time."""
        keys = [self.tries_key(kind, name) for kind, name in names.items()]
        return tuple(await self.tries.count_tries(keys, self.clock(), window))

    async def forget(self, **names: str | bytes) -> None:
        """A success: these tries count no more."""
        await self.tries.forget_tries([self.tries_key(k, name) for k, name in names.items()])

    def tries_key(self, kind: str, name: str | bytes) -> bytes:
        """Under what tries of a kind are counted."""
        return tries_key(self.keyring().lookup_key, kind, name)

    def seal(self, secret: bytes, *at: str) -> tuple[bytes, str]:
        """A secret sealed under the current key-encryption key, and that key's id."""
        kek = self.keyring().current
        return seal(kek.key, secret, place(*at, kek.id)), kek.id

    def open(self, sealed: bytes, kek: str, *at: str) -> bytes:
        """What was sealed there; raises UnknownKeyError or SealError."""
        return open_sealed(self.keyring().kek(kek).key, sealed, place(*at, kek))

    def totp_secret(self, account: Account) -> str:
        """An account's TOTP secret; "" if it has none."""
        if not account.totp:
            return ""
        return self.open(
            account.totp, account.totp_kek, "staff_account", "totp", account.id
        ).decode()

    def with_totp(self, account: Account, secret: str) -> Account:
        """The account with this secret, sealed (the caller raises the version)."""
        sealed, kek = self.seal(secret.encode(), "staff_account", "totp", account.id)
        return replace(account, totp=sealed, totp_kek=kek)

    def may_enter(self, account: Account | None) -> bool:
        """Whether this account may have a session at all."""
        if account is None or account.status != "active":
            return False
        return self.rules.demo or not account.demo

    def opening(self, account: Account, device: str) -> Opened:
        """A fresh session: save its row, give its token away."""
        now, token = self.clock(), self.chance.token()
        session = StaffSession(
            mark=mark_of(token),
            id=self.chance.id(),
            account=account.id,
            created=now,
            seen=now,
            stepped_up_at=now,  # both factors were proved this moment
            device=cleaned(device),
            csrf=self.chance.token(),
        )
        return Opened(token, session, account)

    def renewal(self, who: Who, account: Account, proved: bool = True) -> Opened:
        """The same session under a new token; `created` stays, for the absolute limit."""
        now, token = self.clock(), self.chance.token()
        session = replace(who.session, mark=mark_of(token), seen=now)
        if proved:
            session = replace(session, stepped_up_at=now)
        return Opened(token, session, account)

    def require(self, by: By, permission: Permission, fresh: bool = False) -> None:
        """Raises NotAllowedError or, if `fresh` and no second proof was given just now,
        StepUpNeededError. The command line may do all.
        """
        if isinstance(by, System):
            return
        if permission not in by.may:
            raise NotAllowedError(f"None of the roles gives the permission {permission}.")
        if fresh and not self.is_fresh(by.session):
            raise StepUpNeededError("Prove your second factor again first.")

    def is_fresh(self, session: StaffSession) -> bool:
        """Whether a second factor was proved just now."""
        return 0 <= self.clock() - session.stepped_up_at < self.rules.step_up


def actor_of(by: By | Account) -> str:
    """Who acts, for the record."""
    if isinstance(by, System):
        return SYSTEM
    return by.id if isinstance(by, Account) else by.account.id


def cleaned(words: str) -> str:
    """Words that a browser or a person gave, cut and without control or direction characters."""
    flat = re.sub(r"\s+", " ", unicodedata.normalize("NFC", words[: 8 * _LABEL]))
    kept = (char for char in flat if unicodedata.category(char)[0] != "C")
    return "".join(kept).strip()[:_LABEL]


def raised(account: Account) -> Account:
    """The account with its version one higher, as a save wants it."""
    return replace(account, version=account.version + 1)
