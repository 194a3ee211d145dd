"""Each one's own affairs: password, TOTP, passkeys, recovery codes. Imports staff records, proofs.

Every change needs a second proof given just now: a screen left open is not enough.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from bot.services.staff import totp
from bot.services.staff.answers import Ceremony, Enrolment, Opened, Refused, Ways, Who
from bot.services.staff.joining import new_codes, offered
from bot.services.staff.office import Office, cleaned, raised
from bot.services.staff.passwords import fault
from bot.services.staff.proofs import TRIES, WINDOW, Proofs
from bot.services.staff.records import Passkey, StaffWrite
from bot.services.staff.tokens import base32_from, mark_of

EXPIRED = Refused("expired")
NO_ENTRY = Refused("no_entry")
STALE = Refused("has_another_state")


class Self:
    """bot.services.staff.desk.OwnAccount."""

    def __init__(self, office: Office, proofs: Proofs) -> None:
        self._office = office
        self._proofs = proofs

    async def ways(self, who: Who) -> Ways:
        """See the desk."""
        store, account = self._office.store, who.account
        codes = await store.recovery_codes(account.id)
        passkeys = tuple(await store.passkeys(account.id))
        return Ways(bool(account.totp), passkeys, sum(not each.used_at for each in codes))

    async def change_password(self, who: Who, old: str, new: str) -> Opened | Refused:
        """See the desk."""
        office, account = self._fresh(who), who.account
        (tries,) = await office.count(WINDOW, staff_second=account.id)
        fits = await office.passwords.fits(account.password, old)
        if tries > TRIES or not fits:
            return NO_ENTRY
        wrong = fault(new, (account.login, account.name, office.centre))
        if wrong is not None:
            return Refused(wrong)
        if await office.passwords.fits(account.password, new):
            return Refused("same_as_before")
        kept = await office.passwords.hash(new)
        changed = replace(raised(account), password=kept, password_at=office.clock())
        opened = office.renewal(who, changed, proved=False)
        write = StaffWrite(
            account=changed,
            drop_tickets=True,
            renews=who.session.mark,
            end_all=True,
            session=opened.session,
            acts=(office.act(who, "password.changed", account.id),),
        )
        return opened if await office.save(write) else STALE

    async def begin_totp(self, who: Who) -> Enrolment:
        """See the desk."""
        office, account = self._fresh(who), who.account
        secret = base32_from(office.chance.token())
        token, ticket = office.ticket("totp", account.id, session=who.session.id)
        sealed, kek = office.seal(secret.encode(), "staff_ticket", "totp", ticket.mark.hex())
        row = replace(ticket, data=kek.encode() + b" " + sealed)
        await office.save(StaffWrite(tickets=(row,)))
        return offered(office, token, secret, account)

    async def confirm_totp(self, who: Who, token: str, code: str) -> Refused | None:
        """See the desk."""
        office, account = self._fresh(who), who.account
        ticket = await office.find(token, "totp")
        if ticket is None or (ticket.account, ticket.session) != (account.id, who.session.id):
            return EXPIRED
        kek, _, sealed = ticket.data.partition(b" ")
        at = ("staff_ticket", "totp", ticket.mark.hex())
        secret = office.open(sealed, kek.decode(), *at).decode()
        step = totp.used_step(secret, code, office.clock(), 0)
        if step is None:
            return NO_ENTRY
        # The newest used step stays where it is higher: no code counts twice, old secret or new.
        newest = max(step, account.totp_step)
        changed = office.with_totp(replace(raised(account), totp_step=newest), secret)
        act = office.act(who, "totp.changed", account.id)
        write = StaffWrite(account=changed, take=(mark_of(token),), acts=(act,))
        return None if await office.save(write) else STALE

    async def drop_totp(self, who: Who) -> Refused | None:
        """See the desk."""
        office, account = self._fresh(who), who.account
        if not await office.store.passkeys(account.id):
            return Refused("last_factor")
        changed = replace(raised(account), totp=b"", totp_kek="")
        act = office.act(who, "totp.dropped", account.id)
        return None if await office.save(StaffWrite(account=changed, acts=(act,))) else STALE

    async def passkey_options(self, who: Who) -> Ceremony:
        """See the desk."""
        known = await self._fresh(who).store.passkeys(who.account.id)
        return await self._proofs.enrolment(who.account, "enrol", who.session.id, known)

    async def add_passkey(
        self, who: Who, ceremony: str, answer: str, label: str
    ) -> Passkey | Refused:
        """See the desk."""
        office, account = self._fresh(who), who.account
        ticket = await self._proofs.taken(ceremony, "enrol", who.session.id)
        if ticket is None or ticket.account != account.id:
            return EXPIRED
        passkey = self._proofs.registered(ticket, answer, cleaned(label))
        if passkey is None:
            return NO_ENTRY
        act = office.act(who, "passkey.added", account.id)
        write = StaffWrite(account=raised(account), passkeys=(passkey,), acts=(act,))
        return passkey if await office.save(write) else STALE

    async def drop_passkey(self, who: Who, passkey: str) -> Refused | None:
        """See the desk."""
        office, account = self._fresh(who), who.account
        mine = [each.id for each in await office.store.passkeys(account.id)]
        if passkey not in mine:
            return STALE
        if len(mine) == 1 and not account.totp:
            return Refused("last_factor")
        act = office.act(who, "passkey.dropped", account.id)
        write = StaffWrite(account=raised(account), without_passkeys=(passkey,), acts=(act,))
        return None if await office.save(write) else STALE

    async def new_codes(self, who: Who) -> Sequence[str]:
        """See the desk."""
        office = self._fresh(who)
        codes, rows = new_codes(office, who.account)
        act = office.act(who, "codes.renewed", who.account.id)
        write = StaffWrite(account=raised(who.account), recovery=rows, acts=(act,))
        return codes if await office.save(write) else ()

    def _fresh(self, who: Who) -> Office:
        self._office.require(who, "own.account", fresh=True)
        return self._office
