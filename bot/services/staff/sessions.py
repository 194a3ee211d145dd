"""Signed-in browsers: who asks, listing, ending, and proving oneself again for weighty acts.

An ended session is gone: noting that it was used, or renewing it, never makes it again.
Imports staff records and proofs.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from bot.services.staff.answers import Ceremony, Opened, Refused, SessionView, Who, views
from bot.services.staff.office import Office, raised
from bot.services.staff.permissions import permissions_of
from bot.services.staff.proofs import TRIES, WINDOW, Proof, Proofs
from bot.services.staff.records import StaffSession, StaffWrite
from bot.services.staff.tokens import mark_of

TOUCH = 30_000
"""Ms between two notes that a session is in use: not each request is worth a write."""


class Browsers:
    """bot.services.staff.desk.Sessions."""

    def __init__(self, office: Office, proofs: Proofs) -> None:
        self._office = office
        self._proofs = proofs

    async def who(self, token: str, counts: bool = True) -> Who | None:
        """See the desk."""
        office = self._office
        session = await office.store.session(mark_of(token))
        if session is None or not self._is_live(session):
            return None
        account = await office.store.account(session.account)
        if account is None or not office.may_enter(account):
            return None
        if counts and not await self._used(session):
            return None
        may = permissions_of(account.roles)
        return Who(account, session, may, office.is_fresh(session))

    async def mine(self, who: Who) -> Sequence[SessionView]:
        """See the desk."""
        return await self._views(who.account.id, who.session.mark)

    async def of(self, who: Who, account: str) -> Sequence[SessionView]:
        """See the desk."""
        self._office.require(who, "staff.manage")
        return await self._views(account, who.session.mark)

    async def end(self, who: Who, session: str) -> bool:
        """See the desk."""
        office = self._office
        everybody = "staff.manage" in who.may
        sessions = await office.store.sessions("" if everybody else who.account.id)
        found = next((each for each in sessions if each.id == session), None)
        if found is None:
            return False
        act = office.act(who, "session.ended", found.account)
        return await office.save(StaffWrite(end=(found.mark,), acts=(act,)))

    async def end_others(self, who: Who) -> int:
        """See the desk."""
        office = self._office
        mine = await office.store.sessions(who.account.id)
        marks = tuple(each.mark for each in mine if each.mark != who.session.mark)
        act = office.act(who, "session.others_ended", who.account.id, str(len(marks)))
        await office.save(StaffWrite(end=marks, acts=(act,)))
        return len(marks)

    async def sign_out(self, who: Who) -> None:
        """See the desk."""
        act = self._office.act(who, "sign_out", who.account.id)
        await self._office.save(StaffWrite(end=(who.session.mark,), acts=(act,)))

    async def step_up_totp(self, who: Who, code: str) -> Opened | Refused:
        """See the desk."""
        return await self._step_up(who, await self._proofs.by_code(who.account, code), "totp")

    async def step_up_password(self, who: Who, password: str) -> Opened | Refused:
        """See the desk."""
        office, account = self._office, who.account
        (tries,) = await office.count(WINDOW, staff_second=account.id)
        fits = await office.passwords.fits(account.password, password)
        if not (account.demo and office.rules.demo and fits) or tries > TRIES:
            return await self._step_up(who, None, "password")
        return await self._step_up(who, Proof(raised(account), StaffWrite()), "password")

    async def step_up_options(self, who: Who) -> Ceremony | Refused:
        """See the desk."""
        known = await self._office.store.passkeys(who.account.id)
        if not known:
            return Refused("last_factor")
        return await self._proofs.ceremony(who.account.id, "step_up", who.session.id, known)

    async def step_up_passkey(self, who: Who, ceremony: str, answer: str) -> Opened | Refused:
        """See the desk."""
        ticket = await self._proofs.taken(ceremony, "step_up", who.session.id)
        if ticket is None:
            return Refused("expired")
        return await self._step_up(who, await self._proofs.by_passkey(ticket, answer), "passkey")

    async def _step_up(self, who: Who, proof: Proof | None, how: str) -> Opened | Refused:
        office = self._office
        if proof is None:
            act = office.act(who, "step_up.refused", who.account.id, how)
            await office.save(StaffWrite(acts=(act,)))
            return Refused("no_entry")
        opened = office.renewal(who, proof.account)
        act = office.act(who, "step_up", who.account.id, how)
        write = replace(
            proof.write,
            account=proof.account,
            renews=who.session.mark,
            session=opened.session,
            acts=(act,),
        )
        if not await office.save(write):
            return Refused("no_entry")
        await office.forget(staff_second=who.account.id)
        return opened

    def _is_live(self, session: StaffSession) -> bool:
        rules, now = self._office.rules, self._office.clock()
        return now - session.seen < rules.idle and now - session.created < rules.absolute

    async def _used(self, session: StaffSession) -> bool:
        now = self._office.clock()
        if now - session.seen < TOUCH:
            return True
        return await self._office.store.touch(session.mark, now)

    async def _views(self, account: str, own: bytes) -> Sequence[SessionView]:
        live = [each for each in await self._office.store.sessions(account) if self._is_live(each)]
        return views(live, own)
