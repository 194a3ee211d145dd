"""Proving a second factor: by code, by passkey, by recovery code; for sign-in and step-up alike.

A proof is not a session: each gives the rows that its use changes, and whoever asked saves them
together with what it allows. Imports staff records and ceremonies.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from msgspec.structs import replace

from bot.services.staff.answers import Ceremony
from bot.services.staff.ceremonies import (
    UnprovedError,
    credential_in,
    proved,
    registered,
    registration_options,
    sign_in_options,
)
from bot.services.staff.office import MINUTE, Office, raised
from bot.services.staff.records import Account, Passkey, Purpose, StaffWrite, Ticket
from bot.services.staff.tokens import challenge_from, code_hash, mark_of
from bot.services.staff.totp import used_step

WINDOW = 15 * MINUTE
TRIES = 10
"""Of one kind in a window, for one account; further ones are refused like wrong ones."""


class Proof(NamedTuple):
    """A factor was proved: the account as it is afterwards, and the write that uses it up."""

    account: Account
    write: StaffWrite


class Proofs:
    """Checks second factors."""

    def __init__(self, office: Office) -> None:
        self._office = office

    async def by_code(self, account: Account, code: str) -> Proof | None:
        """A TOTP code; None if it is wrong, used, or one of too many tries."""
        office = self._office
        (tries,) = await office.count(WINDOW, staff_second=account.id)
        secret = office.totp_secret(account)
        if not secret:
            return None
        step = used_step(secret, code, office.clock(), account.totp_step)
        if step is None or tries > TRIES:
            return None
        changed = replace(raised(account), totp_step=step)
        if account.totp_kek != office.keyring().current.id:
            changed = office.with_totp(changed, secret)  # keys were rotated since
        return Proof(changed, StaffWrite(account=changed))

    async def by_recovery(self, account: Account, code: str) -> Proof | None:
        """A recovery code; None if it is wrong, used, or one of too many tries."""
        office = self._office
        (tries,) = await office.count(WINDOW, staff_second=account.id)
        hash_ = code_hash(office.keyring().lookup_key, account.id, code)
        known = await office.store.recovery_codes(account.id)
        if tries > TRIES or not any(each.hash == hash_ and not each.used_at for each in known):
            return None
        changed = raised(account)
        return Proof(changed, StaffWrite(account=changed, used_code=hash_))

    async def ceremony(
        self, account: str, purpose: Purpose, session: str, known: Sequence[Passkey]
    ) -> Ceremony:
        """Begin a ceremony that proves a passkey."""
        relying, challenge = self._office.relying(), self._challenge()
        options = sign_in_options(relying, known, challenge)
        return await self._begin(account, purpose, session, challenge, options)

    async def enrolment(
        self, account: Account, purpose: Purpose, session: str, known: Sequence[Passkey]
    ) -> Ceremony:
        """Begin a ceremony that registers one."""
        relying, challenge = self._office.relying(), self._challenge()
        options = registration_options(relying, account, known, challenge)
        return await self._begin(account.id, purpose, session, challenge, options)

    async def taken(self, token: str, purpose: Purpose, session: str) -> Ticket | None:
        """The ceremony of a token, used up by this; None if it isn't good for this purpose."""
        office = self._office
        ticket = await office.find(token, "passkey")
        if ticket is None or (ticket.purpose, ticket.session) != (purpose, session):
            return None
        used = await office.save(StaffWrite(take=(mark_of(token),)))
        return ticket if used else None

    async def by_passkey(self, ticket: Ticket, answer: str) -> Proof | None:
        """What the browser answered to a ceremony that was `taken`."""
        office = self._office
        passkey = await office.store.passkey(credential_in(answer))
        if passkey is None or ticket.account not in ("", passkey.account):
            return None
        account = await office.store.account(passkey.account)
        alone = ticket.purpose == "sign_in"
        try:
            count = proved(office.relying(), ticket.data, answer, passkey, alone)
        except UnprovedError:
            return None
        if account is None:
            return None
        changed = raised(account)
        used = replace(passkey, sign_count=count, used_at=office.clock())
        return Proof(changed, StaffWrite(account=changed, passkeys=(used,)))

    def registered(self, ticket: Ticket, answer: str, label: str) -> Passkey | None:
        """The passkey that a `taken` enrolment made; the caller saves it."""
        office = self._office
        try:
            key = registered(office.relying(), ticket.data, answer)
        except UnprovedError:
            return None
        return Passkey(
            id=office.chance.id(),
            account=ticket.account,
            credential=key.credential,
            public_key=key.public_key,
            sign_count=key.sign_count,
            label=label,
            created=office.clock(),
        )

    def _challenge(self) -> bytes:
        return challenge_from(self._office.chance.token())

    async def _begin(
        self, account: str, purpose: Purpose, session: str, challenge: bytes, options: str
    ) -> Ceremony:
        token, ticket = self._office.ticket("passkey", account, purpose, session, challenge)
        await self._office.save(StaffWrite(tickets=(ticket,)))
        return Ceremony(token, options)
