"""The door: password, then a second factor; or a passkey that verifies its user.

Whoever is wrong in whatever way gets the same answer after the same work: an unknown login is
hashed against, counted and recorded like a known one. Imports staff records and proofs.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from bot.services.staff.answers import Ceremony, Half, Opened, Person, Refused, Way
from bot.services.staff.browsers import known_browser, knows, remembering
from bot.services.staff.logins import normalised
from bot.services.staff.office import MINUTE, Office, raised
from bot.services.staff.persons import person
from bot.services.staff.proofs import TRIES, WINDOW, Proof, Proofs
from bot.services.staff.records import SYSTEM, Account, Act, StaffWrite, Ticket
from bot.services.staff.tokens import mark_of

NO_ENTRY = Refused("no_entry")
EXPIRED = Refused("expired")
ALL_TRIES = 300
"""Passwords tried in a window, of everybody together but the browsers that are known."""
HALF_TRIES = 5
CEREMONIES = 120
"""Passkey ceremonies begun in a minute by strangers together, or by one known browser."""


class Door:
    """bot.services.staff.desk.SignIn."""

    def __init__(self, office: Office, proofs: Proofs) -> None:
        self._office = office
        self._proofs = proofs

    async def password(
        self, login: str, password: str, device: str, browser: str = ""
    ) -> Half | Opened | Refused:
        """See the desk."""
        office = self._office
        name = normalised(login) or ""
        account = await office.store.account_by_login(name)
        known = knows(office.keyring().lookup_key, browser, account)
        mine, everybody = await self._tries(name, browser if known else "")
        if everybody > ALL_TRIES or (not known and office.passwords.crowded):
            # Whoever it is for: no work is done for a flood.
            return NO_ENTRY
        enters = office.may_enter(account)
        kept = account.password if account is not None and enters else ""
        fits = await office.passwords.fits(kept, password, known)
        if mine > TRIES:
            # The same words as for a wrong password. Not recorded: a flood would fill the record.
            return NO_ENTRY
        if account is None or not fits:
            await self._note_failure("sign_in.refused", account)
            return NO_ENTRY
        if office.passwords.is_outdated(account.password):
            account = await self._rehashed(account, password)
        if account.demo:
            return await self._open(Proof(raised(account), StaffWrite()), (), device, "demo")
        return await self._half(account)

    async def totp(self, half: str, code: str, device: str) -> Opened | Refused:
        """See the desk."""
        found = await self._found(half)
        if isinstance(found, Refused):
            return found
        proof = await self._proofs.by_code(found, code)
        return await self._finish(proof, found, half, device, "totp")

    async def recovery(self, half: str, code: str, device: str) -> Opened | Refused:
        """See the desk."""
        found = await self._found(half)
        if isinstance(found, Refused):
            return found
        proof = await self._proofs.by_recovery(found, code)
        return await self._finish(proof, found, half, device, "recovery")

    def known(self, browser: str, account: Account) -> str:
        """See the desk."""
        office = self._office
        return remembering(office.keyring().lookup_key, browser, account, office.chance.token())

    async def passkey_options(self, half: str = "", browser: str = "") -> Ceremony | Refused:
        """See the desk."""
        office = self._office
        known = known_browser(office.keyring().lookup_key, browser)
        # Who has proved a password, or signed in here before, does not stand in the strangers' row.
        row = mark_of(half) if half and await office.find(half, "half") else known
        (begun,) = await office.count(MINUTE, staff_ceremonies=row)
        if begun > CEREMONIES:
            return NO_ENTRY
        if not half:
            return await self._proofs.ceremony("", "sign_in", "", ())
        ticket = await office.find(half, "half")
        if ticket is None:
            return EXPIRED
        passkeys = await office.store.passkeys(ticket.account)
        if not passkeys:
            return NO_ENTRY
        return await self._proofs.ceremony(ticket.account, "second", mark_of(half).hex(), passkeys)

    async def passkey(self, ceremony: str, answer: str, device: str) -> Opened | Refused:
        """See the desk."""
        ticket = await self._taken(ceremony)
        if ticket is None:
            return EXPIRED
        proof = await self._proofs.by_passkey(ticket, answer)
        if proof is None or not self._office.may_enter(proof.account):
            await self._note_failure("sign_in.passkey_refused", None)
            return NO_ENTRY
        if ticket.purpose == "second":
            return await self._open(proof, (bytes.fromhex(ticket.session),), device, "passkey")
        return await self._open(proof, (), device, "passkey_alone")

    async def demo_logins(self) -> Sequence[Person]:
        """See the desk."""
        office = self._office
        if not office.rules.demo:
            return ()
        accounts = await office.store.accounts()
        return tuple(person(each) for each in accounts if each.demo and office.may_enter(each))

    async def demo(self, login: str, device: str) -> Opened | Refused:
        """See the desk."""
        office = self._office
        account = await office.store.account_by_login(normalised(login) or "")
        if account is None or not (
            office.rules.demo and account.demo and office.may_enter(account)
        ):
            return NO_ENTRY
        return await self._open(Proof(raised(account), StaffWrite()), (), device, "demo")

    async def _tries(self, name: str, browser: str) -> tuple[int, int]:
        """One more try: how many there were at this login, and of everybody together.

        A browser that knows the account has tries of its own; when they are used up, it is treated
        as a stranger's.
        """
        office = self._office
        if browser:
            own = f"{name} {browser.partition('.')[0]}"
            (mine,) = await office.count(WINDOW, staff_browser=own)
            if mine <= TRIES:
                return mine, 0
        mine, everybody = await office.count(WINDOW, staff_login=name, staff_all="")
        return mine, everybody

    async def _half(self, account: Account) -> Half | Refused:
        """The password was right: a ticket for the second step."""
        office = self._office
        ways: list[Way] = ["totp"] if account.totp else []
        if await office.store.passkeys(account.id):
            ways.append("passkey")
        codes = await office.store.recovery_codes(account.id)
        if any(not each.used_at for each in codes):
            ways.append("recovery")
        token, ticket = office.ticket("half", account.id)
        await office.save(StaffWrite(tickets=(ticket,)))
        return Half(token, tuple(ways))

    async def _found(self, half: str) -> Account | Refused:
        """Whose half sign-in it is; one more try of it."""
        office = self._office
        ticket = await office.find(half, "half")
        if ticket is None:
            return EXPIRED
        (tries,) = await office.count(WINDOW, staff_half=ticket.mark)
        account = await office.store.account(ticket.account)
        if account is None or not office.may_enter(account) or tries > HALF_TRIES:
            await office.save(StaffWrite(take=(ticket.mark,)))
            return EXPIRED
        return account

    async def _finish(
        self, proof: Proof | None, account: Account, half: str, device: str, how: str
    ) -> Opened | Refused:
        if proof is None:
            await self._note_failure("sign_in.second_refused", account)
            return NO_ENTRY
        return await self._open(proof, (mark_of(half),), device, how)

    async def _open(
        self, proof: Proof, take: tuple[bytes, ...], device: str, how: str
    ) -> Opened | Refused:
        """Save the proof, the used tickets, the session and the record as one."""
        office = self._office
        account = replace(proof.account, signed_in_at=office.clock())
        opened = office.opening(account, device)
        act = office.act(account, "sign_in", account.id, how)
        write = replace(
            proof.write, account=account, take=take, session=opened.session, acts=(act,)
        )
        if not await office.save(write):
            return EXPIRED  # somebody else was quicker with the same half, code or account
        await office.forget(staff_login=account.login, staff_second=account.id)
        return opened

    async def _taken(self, ceremony: str) -> Ticket | None:
        """A ceremony begun for signing in, alone or as second step; it is used up."""
        ticket = await self._office.find(ceremony, "passkey")
        if ticket is None or ticket.purpose not in ("sign_in", "second"):
            return None
        return await self._proofs.taken(ceremony, ticket.purpose, ticket.session)

    async def _rehashed(self, account: Account, password: str) -> Account:
        """The figures of Argon2 were raised since: hash again while the password is at hand."""
        office = self._office
        changed = replace(raised(account), password=await office.passwords.hash(password))
        return changed if await office.save(StaffWrite(account=changed)) else account

    async def _note_failure(self, act: str, account: Account | None) -> None:
        office = self._office
        whose = account.id if account is not None else ""
        await office.save(StaffWrite(acts=(Act(office.clock(), SYSTEM, act, whose),)))
