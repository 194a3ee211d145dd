"""Puts the counters together, seeds the demo, keeps rows no longer than allowed.

Imports the staff services.
"""

from __future__ import annotations

from bot.services.staff.desk import StaffDesk
from bot.services.staff.joining import Invitations
from bot.services.staff.limits import LimitRows, Limits
from bot.services.staff.office import Office, raised
from bot.services.staff.own import Self
from bot.services.staff.people import Accounts
from bot.services.staff.permissions import APPROVER_KINDS, ROLES
from bot.services.staff.proofs import Proofs
from bot.services.staff.records import SYSTEM, Account, Act, StaffWrite
from bot.services.staff.sessions import Browsers
from bot.services.staff.signin import Door
from bot.services.staff.trail import Record

DAY = 86_400_000
DEMO_PASSWORD = "river under the veranda"
"""Of every demo account. No secret: demo accounts can't sign in anywhere but in the demo."""


def open_desk(office: Office, limits: LimitRows) -> StaffDesk:
    """All counters over one office."""
    proofs = Proofs(office)
    return StaffDesk(
        sign_in=Door(office, proofs),
        sessions=Browsers(office, proofs),
        joining=Invitations(office, proofs),
        own=Self(office, proofs),
        people=Accounts(office),
        trail=Record(office),
        limits=Limits(office, limits),
    )


async def warm(office: Office) -> None:
    """The first wrong sign-in takes as long as the next: the hash of nobody is made before it."""
    await office.passwords.fits("", "")


async def seed_demo(office: Office) -> None:
    """One account per role, by the role's name; those that are there stay as they are."""
    known = {each.login for each in await office.store.accounts()}
    missing = [role for role in ROLES if role not in known]
    if not missing:
        return
    password, now = await office.passwords.hash(DEMO_PASSWORD), office.clock()
    for role in missing:
        account = Account(
            id=office.chance.id(),
            login=role,
            name=role,
            roles=frozenset({role}),
            kinds=frozenset(APPROVER_KINDS if role == "approver" else ()),
            status="active",
            password=password,
            demo=True,
            created=now,
            password_at=now,
        )
        act = Act(now, SYSTEM, "account.demo", account.id)
        await office.save(StaffWrite(account=account, acts=(act,)))


async def demo_logins(office: Office) -> tuple[str, ...]:
    """The demo accounts that a database has: a real service refuses to start with any."""
    return tuple(each.login for each in await office.store.accounts() if each.demo)


async def reseal(office: Office) -> int:
    """Seal every TOTP secret under the current key-encryption key; how many were under another.

    After a rotation no old key is needed any more for staff, but for invitations of one day.
    """
    current, done = office.keyring().current.id, 0
    for account in await office.store.accounts():
        if account.totp and account.totp_kek != current:
            changed = office.with_totp(raised(account), office.totp_secret(account))
            done += await office.save(StaffWrite(account=changed))
    return done


async def tidy(office: Office, audit_life: int) -> int:
    """Delete what is past its time; `audit_life` in ms. How many rows went.

    The record is cut at midnight UTC, so that it says so once a day, not at every look.
    """
    now = office.clock()
    audit_before = (now - audit_life) // DAY * DAY
    done = await office.store.tidy(now, now - office.rules.absolute, audit_before)
    if done.row is not None:
        office.witness(done.row)
    return done.gone
