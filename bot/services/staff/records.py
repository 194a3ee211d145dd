"""The rows kept about staff, as plain data: one shape for every store.

Times are UTC ms (0: never). Ids are random, made by the app. No secret stands in clear: passwords
are Argon2id hashes, TOTP secrets are sealed, tokens and recovery codes are hashes.
Imports the table of permissions only.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from bot.flow.pack import ApproverKind
from bot.services.staff.permissions import Role

AccountStatus = Literal["invited", "active", "disabled"]
TicketKind = Literal[
    "invitation",  # a one-time sign-up: 24 hours
    "half",  # the password was right, the second factor is still to come: 5 minutes
    "passkey",  # the challenge of a passkey ceremony: 5 minutes
    "totp",  # a TOTP secret somebody signed in is about to confirm: 10 minutes
]
Purpose = Literal["", "sign_in", "second", "step_up", "enrol", "join"]
SYSTEM = "system"
"""Who acted, where it was the command line or the program itself."""


class Account(msgspec.Struct, frozen=True):
    """Somebody of the staff. `login` is normalised; `name` is what colleagues see.

    `totp` is the secret, sealed under key-encryption key `totp_kek` (b"": no TOTP); `totp_step` the
    newest 30-second step whose code was used: it and earlier ones never count again. `version`
    grows with each save and fences racing ones. `demo` accounts need no second factor and keep a
    real service from starting.
    """

    id: str
    login: str
    name: str
    roles: frozenset[Role]
    kinds: frozenset[ApproverKind] = frozenset()
    status: AccountStatus = "invited"
    password: str = ""
    totp: bytes = b""
    totp_kek: str = ""
    totp_step: int = 0
    demo: bool = False
    version: int = 0
    created: int = 0
    password_at: int = 0
    signed_in_at: int = 0


class Passkey(msgspec.Struct, frozen=True):
    """A public key on somebody's device. `label` is the name they gave it."""

    id: str
    account: str
    credential: bytes
    public_key: bytes
    sign_count: int
    label: str
    created: int
    used_at: int = 0


def manages(account: Account) -> bool:
    """Whether this account can look after others now."""
    return account.status == "active" and "administrator" in account.roles


class RecoveryCode(msgspec.Struct, frozen=True):
    """The keyed hash of a code that replaces the second factor once."""

    hash: bytes
    account: str
    used_at: int = 0


class StaffSession(msgspec.Struct, frozen=True):
    """One signed-in browser. `mark` is the SHA-256 of its token, which stands only in the cookie.

    `id` names it on pages. `stepped_up_at` is when a second factor was last proved. `device` is
    words about the browser. `csrf` is the secret that its forms must carry.
    """

    mark: bytes
    id: str
    account: str
    created: int
    seen: int
    stepped_up_at: int
    device: str
    csrf: str


class Ticket(msgspec.Struct, frozen=True):
    """Something short-lived that works once. `mark` is the SHA-256 of its token.

    `data` depends on the kind: a challenge, or what was chosen so far, sealed where it is secret.
    `session` is the id of the session it belongs to, if any.
    """

    mark: bytes
    kind: TicketKind
    account: str
    expires: int
    purpose: Purpose = ""
    session: str = ""
    data: bytes = b""


class Act(msgspec.Struct, frozen=True):
    """What somebody did, to be written into the record. Codes and random ids only, never content.

    `actor` is an account's id or `SYSTEM`; `object` a random case number or an account's id or "";
    `detail` a short code.
    """

    at: int
    actor: str
    act: str
    object: str = ""
    detail: str = ""


class AuditRow(msgspec.Struct, frozen=True):
    """One link of the chain: `hash` covers all of it and the `prev`ious link's hash.

    After old rows were deleted, the oldest one kept is of act `audit.checkpoint` and carries the
    number and hash of the last row that went.
    """

    seq: int
    at: int
    actor: str
    act: str
    object: str
    detail: str
    prev: bytes
    hash: bytes


class StaffWrite(msgspec.Struct, frozen=True):
    """Everything one act of or about staff changes: saved as one unit, or not at all.

    `account` replaces the row whose version is one less (version 0: a new one; its login must be
    free). `passkeys` are added or replaced, `without_passkeys` (ids) deleted. `recovery` replaces
    all codes of the account; `used_code` must be unused, and is used up. `take` (marks of tickets)
    must be there and are deleted; `drop_tickets` deletes all others of the account; then `tickets`
    are added. `end` are marks of sessions that end; `end_all` ends all of the account's; `session`
    is new and comes after that. `renews` is the mark of a session that must still be there, and is
    ended. `keeps_manager`: afterwards some active account must still be an administrator's. `acts`
    are chained to the record.
    """

    account: Account | None = None
    passkeys: tuple[Passkey, ...] = ()
    without_passkeys: tuple[str, ...] = ()
    recovery: tuple[RecoveryCode, ...] | None = None
    used_code: bytes = b""
    take: tuple[bytes, ...] = ()
    tickets: tuple[Ticket, ...] = ()
    drop_tickets: bool = False
    end: tuple[bytes, ...] = ()
    end_all: bool = False
    renews: bytes = b""
    session: StaffSession | None = None
    keeps_manager: bool = False
    acts: tuple[Act, ...] = ()


class Tidied(msgspec.Struct, frozen=True):
    """What `tidy` did: how many rows went, and the audit row that says so, if any of the record."""

    gone: int
    row: AuditRow | None = None
