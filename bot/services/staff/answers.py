"""What the staff services answer: plain data, and `Refused` with a reason.

A token is a secret of 43 characters for a cookie, a hidden field or a link; it is never kept here,
only its hash. Imports staff records and permissions only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from bot.flow.pack import ApproverKind
from bot.services.staff.permissions import Permission, Role
from bot.services.staff.records import Account, AccountStatus, Passkey, StaffSession

Way = Literal["totp", "passkey", "recovery"]
Reason = Literal[
    "no_entry",  # wrong, unknown, disabled, or too many tries: always the same words
    "expired",  # the ticket (half sign-in, invitation, ceremony) is used up, past its time, unknown
    "too_short",  # a password of under 12 characters
    "too_long",  # a password of over 256 characters
    "too_common",  # among the most common ones, one character repeated, a run of the keyboard
    "tells_too_much",  # made of the login, the name of this service, or such words
    "same_as_before",  # the new password is the old one
    "bad_login",  # not 2 to 64 of a–z, 0–9, dot, hyphen, underscore
    "login_taken",
    "bad_name",  # empty, over 40 characters, or with control characters
    "no_role",
    "no_kind",  # an approver without a kind, or a kind without the role
    "last_administrator",  # nobody would be left who manages accounts
    "last_factor",  # nothing would be left to prove oneself with
    "unknown_account",
    "has_another_state",  # e.g. disabling what is disabled, or somebody else was quicker
    "in_danger",  # a conversation at tier 2 or above is never limited
]


class Refused(msgspec.Struct, frozen=True):
    """It was not done, and why. `reason` is a code; the words are the pages'."""

    reason: Reason


class Half(msgspec.Struct, frozen=True):
    """The password was right: what remains, and the token that says so (5 minutes, 5 tries)."""

    token: str
    ways: tuple[Way, ...]


class Opened(msgspec.Struct, frozen=True):
    """A session was opened or renewed: `token` goes into the cookie, in the place of any other."""

    token: str
    session: StaffSession
    account: Account


class Ceremony(msgspec.Struct, frozen=True):
    """A passkey ceremony that begins: `options` is the JSON for navigator.credentials (binary in
    base64url), `token` must come back with the browser's answer within 5 minutes.
    """

    token: str
    options: str


class Who(msgspec.Struct, frozen=True):
    """Who asks: a live session with its account as it is now."""

    account: Account
    session: StaffSession
    may: frozenset[Permission]
    stepped_up: bool


class System(msgspec.Struct, frozen=True):
    """The command line: whoever has the machine may do all, and the record says `system`."""


By = Who | System


class SessionView(msgspec.Struct, frozen=True):
    """A session for a list: no secret of it."""

    id: str
    account: str
    created: int
    seen: int
    device: str
    this_one: bool


class Enrolment(msgspec.Struct, frozen=True):
    """A TOTP secret to put into a device: as `otpauth://` address (for a QR) and as text."""

    token: str
    address: str
    secret: str


class Invitee(msgspec.Struct, frozen=True):
    """Who an invitation is for. `password_chosen` says which step comes next; then `enrolment` has
    the TOTP secret (its `token` is the invitation's).
    """

    login: str
    name: str
    roles: frozenset[Role]
    expires: int
    password_chosen: bool
    enrolment: Enrolment | None = None


class Joined(msgspec.Struct, frozen=True):
    """The account is ready: the recovery codes, shown this once, and a first session."""

    codes: tuple[str, ...]
    opened: Opened


class Ways(msgspec.Struct, frozen=True):
    """What somebody can prove themselves with."""

    totp: bool
    passkeys: tuple[Passkey, ...]
    codes_left: int


class Invitation(msgspec.Struct, frozen=True):
    """A one-time sign-up to be handed over in person: link ends with /join/`token`; 24 hours."""

    account: Account
    token: str
    expires: int


class Person(msgspec.Struct, frozen=True):
    """An account for the list of people, with nothing secret in it."""

    id: str
    login: str
    name: str
    roles: frozenset[Role]
    kinds: frozenset[ApproverKind]
    status: AccountStatus
    demo: bool
    totp: bool
    passkeys: int
    sessions: int
    signed_in_at: int


class Verdict(msgspec.Struct, frozen=True):
    """Whether the record is whole. If not: which row is the first that is wrong, and a sentence.

    `rows` were looked at, number `first` to `last` (0: none). `unwitnessed` is how many rows the
    file of heads doesn't know, from number `unwitnessed_at` on (a crash just then, a file that
    could not be written or was shortened, or somebody wrote past the program).
    """

    whole: bool
    rows: int
    first: int = 0
    last: int = 0
    broken_at: int = 0
    why: str = ""
    unwitnessed: int = 0
    unwitnessed_at: int = 0


class LimitAsked(msgspec.Struct, frozen=True):
    """A conversation for which a limit was asked: its random id, since when, its tier."""

    conversation: str
    asked: int
    tier: int


def views(sessions: Sequence[StaffSession], own: bytes = b"") -> tuple[SessionView, ...]:
    """Sessions for a list; the one with the mark `own` is this one."""
    return tuple(
        SessionView(each.id, each.account, each.created, each.seen, each.device, each.mark == own)
        for each in sessions
    )
