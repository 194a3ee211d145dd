"""What the staff pages ask of the services: one desk with a counter for each matter.

Nothing here depends on HTTP; cookies, forms and headers are the pages' affair. Refusals that
anybody could meet come back as `Refused` (bot.services.staff.answers); what the pages should not
have let through raises NotAllowedError or StepUpNeededError. Imports staff records, answers only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from bot.flow.pack import ApproverKind
from bot.services.staff.answers import (
    By,
    Ceremony,
    Enrolment,
    Half,
    Invitation,
    Invitee,
    Joined,
    LimitAsked,
    Opened,
    Person,
    Refused,
    SessionView,
    Verdict,
    Ways,
    Who,
)
from bot.services.staff.permissions import Role
from bot.services.staff.records import Account, AuditRow, Passkey


class SignIn(Protocol):
    """The door. Whatever is wrong, the answer is the same, after the same work.

    `device` is words about the browser for the list of sessions; they are cut and cleaned here.
    `browser` is what it holds from `known`: tries in it are not slowed by those of strangers.
    """

    async def password(
        self, login: str, password: str, device: str, browser: str = ""
    ) -> Half | Opened | Refused:
        """The first step. `Opened` comes only for a demo account in the demo."""

    def known(self, browser: str, account: Account) -> str:
        """What a browser holds once this account has signed in there; it opens nothing."""

    async def totp(self, half: str, code: str, device: str) -> Opened | Refused:
        """The second step, by a code of six digits (spaces don't matter). A wrong code leaves the
        half sign-in as it was ("no_entry"); after 5 it is gone ("expired").
        """

    async def recovery(self, half: str, code: str, device: str) -> Opened | Refused:
        """The second step, by a recovery code, which is used up."""

    async def passkey_options(self, half: str = "", browser: str = "") -> Ceremony | Refused:
        """Begin a ceremony: as second step, or alone (then the device must verify its user)."""

    async def passkey(self, ceremony: str, answer: str, device: str) -> Opened | Refused:
        """Finish it; `answer` is the browser's JSON. Alone it is both factors."""

    async def demo_logins(self) -> Sequence[Person]:
        """In the demo: the accounts that sign in with one tap. Else none."""

    async def demo(self, login: str, device: str) -> Opened | Refused:
        """Sign in with one tap; refused outside the demo and for any other account."""


class Sessions(Protocol):
    """Signed-in browsers."""

    async def who(self, token: str, counts: bool = True) -> Who | None:
        """Whose session it is, and it counts as used now; None if it is unknown, ended, idle or
        too old, or its account isn't active. Ask at each request.

        With `counts=False` it doesn't count as used: a page that looks by itself for what is new
        must not keep a session alive that nobody uses.
        """

    async def mine(self, who: Who) -> Sequence[SessionView]:
        """The own sessions, the newest first."""

    async def of(self, who: Who, account: str) -> Sequence[SessionView]:
        """Somebody else's (staff.manage)."""

    async def end(self, who: Who, session: str) -> bool:
        """End a session by its id: an own one, or (staff.manage) any; False: there is no such one
        that you may end.
        """

    async def end_others(self, who: Who) -> int:
        """End all own sessions but this one; how many."""

    async def sign_out(self, who: Who) -> None:
        """End this one."""

    async def step_up_totp(self, who: Who, code: str) -> Opened | Refused:
        """Prove the second factor again; the token is renewed."""

    async def step_up_password(self, who: Who, password: str) -> Opened | Refused:
        """The same for a demo account, which has no second factor; refused for all others."""

    async def step_up_options(self, who: Who) -> Ceremony | Refused:
        """Begin a passkey ceremony for it ("last_factor": there is no passkey)."""

    async def step_up_passkey(self, who: Who, ceremony: str, answer: str) -> Opened | Refused:
        """Finish it."""


class Joining(Protocol):
    """From an invitation to an account. Nothing is decided before the last step."""

    async def look(self, invitation: str) -> Invitee | None:
        """Who it is for and how far they are; None if it isn't good any more. Looking costs
        nothing.
        """

    async def choose_password(self, invitation: str, password: str) -> Invitee | Refused:
        """The first step; may be done again until the last. The result has the enrolment."""

    async def confirm_totp(self, invitation: str, code: str, device: str) -> Joined | Refused:
        """The last step, by a code from the device that has the secret now."""

    async def passkey_options(self, invitation: str) -> Ceremony | Refused:
        """The last step, by a passkey instead."""

    async def passkey(
        self, invitation: str, ceremony: str, answer: str, label: str, device: str
    ) -> Joined | Refused:
        """Finish it."""


class OwnAccount(Protocol):
    """Each one's own affairs. All but `ways` need a second proof just now (StepUpNeededError)."""

    async def ways(self, who: Who) -> Ways:
        """What one can prove oneself with."""

    async def change_password(self, who: Who, old: str, new: str) -> Opened | Refused:
        """All other sessions end, the token of this one is renewed."""

    async def begin_totp(self, who: Who) -> Enrolment:
        """A new secret (10 minutes); the old one works until it is confirmed."""

    async def confirm_totp(self, who: Who, token: str, code: str) -> Refused | None:
        """Take the new secret into use."""

    async def drop_totp(self, who: Who) -> Refused | None:
        """Do without TOTP; needs a passkey ("last_factor")."""

    async def passkey_options(self, who: Who) -> Ceremony:
        """Begin to add a passkey."""

    async def add_passkey(
        self, who: Who, ceremony: str, answer: str, label: str
    ) -> Passkey | Refused:
        """Finish it; `label` is cut and cleaned."""

    async def drop_passkey(self, who: Who, passkey: str) -> Refused | None:
        """Forget a passkey by its id ("last_factor": neither TOTP nor another is left)."""

    async def new_codes(self, who: Who) -> Sequence[str]:
        """Ten new recovery codes, shown this once; the earlier ones are void."""


class People(Protocol):
    """Accounts (staff.manage; each change needs a second proof just now). Nobody learns another's
    password.
    """

    async def list(self, by: By) -> Sequence[Person]:
        """All accounts, by login."""

    async def invite(
        self,
        by: By,
        login: str,
        name: str,
        roles: frozenset[Role],
        kinds: frozenset[ApproverKind] = frozenset(),
    ) -> Invitation | Refused:
        """A new account that waits for its owner."""

    async def reset(self, by: By, account: str) -> Invitation | Refused:
        """Password, second factors and codes are void, all sessions end; a new invitation."""

    async def set_roles(
        self,
        by: By,
        account: str,
        roles: frozenset[Role],
        kinds: frozenset[ApproverKind] = frozenset(),
    ) -> Refused | None:
        """Other roles, at once."""

    async def disable(self, by: By, account: str) -> Refused | None:
        """Out at once: all sessions and invitations end."""

    async def enable(self, by: By, account: str) -> Refused | None:
        """In again, with the password and factors of before; without any: invited again by
        `reset`.
        """


class Trail(Protocol):
    """The record of what staff did: who, what, to which random number, when; never content."""

    async def page(self, by: By, before: int = 0, limit: int = 50) -> Sequence[AuditRow]:
        """Rows, the newest first (audit.read); looking is recorded too, once an hour."""

    async def names(self, by: By) -> Mapping[str, str]:
        """Which login has which account id, so that rows can be read (audit.read)."""

    async def newest(self, by: By) -> int:
        """The number of the newest row (audit.read), for live pages; not recorded."""

    async def verify(self, by: By) -> Verdict:
        """Whether the record is whole (audit.read); recorded."""

    async def note(self, who: Who, act: str, object: str = "", detail: str = "") -> None:
        """Record an act that changes no staff rows. `act` is a dotted code, `object` a random id,
        `detail` a code; raises ValueError for anything longer or freer than that.
        """


class ToneLimits(Protocol):
    """Conversations whose tone crossed the line three times (limits.set)."""

    async def asked(self, who: Who) -> Sequence[LimitAsked]:
        """Those that wait for an answer, the oldest first."""

    async def answer(self, who: Who, conversation: str, hours: int) -> Refused | None:
        """Limit it for so many hours (0: don't); "in_danger", or "has_another_state" if nobody
        asks any more.
        """


class StaffDesk(msgspec.Struct, frozen=True):
    """All counters together: what bot.web.staff is built on."""

    sign_in: SignIn
    sessions: Sessions
    joining: Joining
    own: OwnAccount
    people: People
    trail: Trail
    limits: ToneLimits
