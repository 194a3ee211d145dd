"""From an invitation to an account: a password, then a second factor, then it is there at once.

What was chosen so far stands sealed in the invitation's ticket; nothing of it counts before the
last step. Imports staff records and proofs.
"""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from bot.services.staff import totp
from bot.services.staff.answers import Ceremony, Enrolment, Invitee, Joined, Refused
from bot.services.staff.office import Office, cleaned, raised
from bot.services.staff.passwords import fault
from bot.services.staff.proofs import Proofs
from bot.services.staff.records import Account, Passkey, RecoveryCode, StaffWrite, Ticket
from bot.services.staff.tokens import CODES, base32_from, code_from, code_hash

EXPIRED = Refused("expired")
NO_ENTRY = Refused("no_entry")


class Chosen(msgspec.Struct, frozen=True):
    """What an invitee has chosen: the password's hash and the TOTP secret on offer."""

    password: str
    secret: str


class _Sealed(msgspec.Struct, frozen=True):
    kek: str
    body: bytes


class Invitations:
    """bot.services.staff.desk.Joining."""

    def __init__(self, office: Office, proofs: Proofs) -> None:
        self._office = office
        self._proofs = proofs

    async def look(self, invitation: str) -> Invitee | None:
        """See the desk."""
        found = await self._found(invitation)
        if found is None:
            return None
        ticket, account = found
        return self._invitee(invitation, ticket, account)

    async def choose_password(self, invitation: str, password: str) -> Invitee | Refused:
        """See the desk."""
        office, found = self._office, await self._found(invitation)
        if found is None:
            return EXPIRED
        ticket, account = found
        wrong = fault(password, (account.login, account.name, office.centre))
        if wrong is not None:
            return Refused(wrong)
        secret = base32_from(office.chance.token())
        chosen = Chosen(await office.passwords.hash(password), secret)
        changed = replace(ticket, data=self._seal(ticket, chosen))
        if not await office.save(StaffWrite(take=(ticket.mark,), tickets=(changed,))):
            return EXPIRED
        return self._invitee(invitation, changed, account)

    async def confirm_totp(self, invitation: str, code: str, device: str) -> Joined | Refused:
        """See the desk."""
        office, found = self._office, await self._found(invitation)
        chosen = self._chosen(found[0]) if found else None
        if found is None or chosen is None:
            return EXPIRED
        ticket, account = found
        step = totp.used_step(chosen.secret, code, office.clock(), 0)
        if step is None:
            return NO_ENTRY
        with_secret = office.with_totp(replace(account, totp_step=step), chosen.secret)
        return await self._join(ticket, with_secret, chosen, (), device)

    async def passkey_options(self, invitation: str) -> Ceremony | Refused:
        """See the desk."""
        found = await self._found(invitation)
        if found is None or self._chosen(found[0]) is None:
            return EXPIRED
        ticket, account = found
        return await self._proofs.enrolment(account, "join", ticket.mark.hex(), ())

    async def passkey(
        self, invitation: str, ceremony: str, answer: str, label: str, device: str
    ) -> Joined | Refused:
        """See the desk."""
        found = await self._found(invitation)
        chosen = self._chosen(found[0]) if found else None
        if found is None or chosen is None:
            return EXPIRED
        ticket, account = found
        begun = await self._proofs.taken(ceremony, "join", ticket.mark.hex())
        if begun is None:
            return EXPIRED
        passkey = self._proofs.registered(begun, answer, cleaned(label))
        if passkey is None:
            return NO_ENTRY
        return await self._join(ticket, account, chosen, (passkey,), device)

    async def _join(
        self,
        ticket: Ticket,
        account: Account,
        chosen: Chosen,
        passkeys: tuple[Passkey, ...],
        device: str,
    ) -> Joined | Refused:
        office, now = self._office, self._office.clock()
        ready = replace(
            raised(account),
            status="active",
            password=chosen.password,
            password_at=now,
            signed_in_at=now,
        )
        codes, rows = new_codes(office, ready)
        opened = office.opening(ready, device)
        write = StaffWrite(
            account=ready,
            passkeys=passkeys,
            recovery=rows,
            take=(ticket.mark,),
            drop_tickets=True,
            session=opened.session,
            acts=(office.act(ready, "joined", ready.id, "passkey" if passkeys else "totp"),),
        )
        return Joined(codes, opened) if await office.save(write) else EXPIRED

    async def _found(self, invitation: str) -> tuple[Ticket, Account] | None:
        office = self._office
        ticket = await office.find(invitation, "invitation")
        account = await office.store.account(ticket.account) if ticket else None
        if ticket is None or account is None or account.status != "invited":
            return None
        return ticket, account

    def _invitee(self, invitation: str, ticket: Ticket, account: Account) -> Invitee:
        chosen, enrolment = self._chosen(ticket), None
        if chosen is not None:
            enrolment = offered(self._office, invitation, chosen.secret, account)
        return Invitee(
            account.login,
            account.name,
            account.roles,
            ticket.expires,
            chosen is not None,
            enrolment,
        )

    def _seal(self, ticket: Ticket, chosen: Chosen) -> bytes:
        body, kek = self._office.seal(msgspec.json.encode(chosen), *_place(ticket))
        return msgspec.msgpack.encode(_Sealed(kek, body))

    def _chosen(self, ticket: Ticket) -> Chosen | None:
        if not ticket.data:
            return None
        sealed = msgspec.msgpack.decode(ticket.data, type=_Sealed)
        plain = self._office.open(sealed.body, sealed.kek, *_place(ticket))
        return msgspec.json.decode(plain, type=Chosen)


def offered(office: Office, token: str, secret: str, account: Account) -> Enrolment:
    """A secret as a device wants it."""
    address = totp.address(secret, account.login, office.relying().name)
    return Enrolment(token, address, totp.in_groups(secret))


def new_codes(office: Office, account: Account) -> tuple[tuple[str, ...], tuple[RecoveryCode, ...]]:
    """Ten fresh recovery codes, and the rows that are kept of them."""
    key = office.keyring().lookup_key
    codes = tuple(code_from(office.chance.token()) for _ in range(CODES))
    return codes, tuple(
        RecoveryCode(code_hash(key, account.id, each), account.id) for each in codes
    )


def _place(ticket: Ticket) -> tuple[str, ...]:
    return ("staff_ticket", "data", ticket.mark.hex())
