"""An office over the memory store: frozen clock, counted chance, cheap hashes, known heads."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass, field

import pyotp
from argon2 import PasswordHasher
from msgspec.structs import replace

from bot.flow.pack import ApproverKind
from bot.privacy.keyring import Keyring, new_keyring
from bot.services.journal import Journal
from bot.services.staff.answers import Half, Invitation, Joined, Opened, System, Who
from bot.services.staff.desk import StaffDesk
from bot.services.staff.office import Office
from bot.services.staff.opening import open_desk
from bot.services.staff.passwords import Passwords
from bot.services.staff.permissions import Role
from bot.services.staff.ports import RelyingParty, StaffRules, StaffStore
from bot.store.heads import MemoryHeads
from bot.store.memory import MemoryStore

START = 1_800_000_000_000
SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
PASSWORD = "rain on the wooden roof"
OTHER = "seven cranes over snow"
SYSTEM = System()
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class CountedChance:
    """Draws that are all different and the same in every run."""

    def __init__(self) -> None:
        self._n = 0

    def _next(self) -> bytes:
        self._n += 1
        return hashlib.sha256(b"%d" % self._n).digest()

    def id(self) -> str:
        return self._next().hex()[:22]

    def nonce(self) -> str:
        return self._next().hex()[:6]

    def uuid(self) -> str:
        return self._next().hex()[:32]

    def receipt(self) -> str:
        return self._next().hex()[:8]

    def fraction(self) -> float:
        return self._next()[0] / 256

    def words(self) -> tuple[int, ...]:
        return tuple(self._next()[:4])

    def token(self) -> str:
        return self._next().hex()[:43]


@dataclass
class Rig:
    """Everything of one test."""

    demo: bool = False
    store: MemoryStore = field(default_factory=MemoryStore)
    heads: MemoryHeads = field(default_factory=MemoryHeads)
    keyring: Keyring = field(default_factory=new_keyring)
    now: int = START

    def __post_init__(self) -> None:
        self.office = Office(
            store=self.store.staff,
            tries=self.store,
            heads=self.heads,
            keyring=lambda: self.keyring,
            clock=lambda: self.now,
            chance=CountedChance(),
            journal=Journal(logging.getLogger("engawa.test")),
            relying=lambda: RelyingParty("localhost", ("http://localhost:8001",), "縁側"),
            rules=StaffRules(demo=self.demo),
            passwords=Passwords(CHEAP),
            centre="こころの健康センター",
        )
        self.desk: StaffDesk = open_desk(self.office, self.store)

    @property
    def rows(self) -> StaffStore:
        """The rows themselves."""
        return self.store.staff

    async def invite(
        self, login: str, *roles: Role, kinds: frozenset[ApproverKind] = frozenset()
    ) -> Invitation:
        """Somebody new, invited from the command line."""
        got = await self.desk.people.invite(SYSTEM, login, login, frozenset(roles), kinds)
        assert isinstance(got, Invitation)
        return got

    async def join(self, login: str, *roles: Role) -> Member:
        """Somebody who joined with a password and TOTP, and is signed in since."""
        invitation = await self.invite(login, *roles)
        chosen = await self.desk.joining.choose_password(invitation.token, PASSWORD)
        assert not isinstance(chosen, str)
        invitee = await self.desk.joining.look(invitation.token)
        assert invitee is not None
        assert invitee.enrolment is not None
        secret = invitee.enrolment.secret.replace(" ", "")
        joined = await self.desk.joining.confirm_totp(invitation.token, self.code(secret), "PC")
        assert isinstance(joined, Joined)
        return Member(self, login, joined.opened.account.id, secret, joined.codes, joined.opened)

    def code(self, secret: str, steps: int = 0) -> str:
        """The TOTP code now, or so many steps away."""
        return pyotp.TOTP(secret).generate_otp(self.now // 30_000 + steps)

    def later(self, ms: int) -> None:
        """The clock goes forward."""
        self.now += ms


@dataclass
class Member:
    """An account with what its owner knows and holds."""

    rig: Rig
    login: str
    id: str
    secret: str
    codes: tuple[str, ...]
    opened: Opened

    def code(self) -> str:
        """A code that was surely not used yet: half a minute passes first."""
        self.rig.later(31 * SECOND)
        return self.rig.code(self.secret)

    async def half(self, password: str = PASSWORD) -> str:
        """The token after the right password."""
        got = await self.rig.desk.sign_in.password(self.login, password, "PC")
        assert isinstance(got, Half)
        return got.token

    async def sign_in(self) -> Who:
        """A fresh session with both factors."""
        opened = await self.rig.desk.sign_in.totp(await self.half(), self.code(), "PC")
        assert isinstance(opened, Opened)
        self.opened = opened
        return await self.who()

    async def who(self) -> Who:
        """The session as it is now."""
        who = await self.rig.desk.sessions.who(self.opened.token)
        assert who is not None
        return who

    async def step_up(self) -> Who:
        """The second factor again."""
        opened = await self.rig.desk.sessions.step_up_totp(await self.who(), self.code())
        assert isinstance(opened, Opened)
        self.opened = opened
        return await self.who()


def aged(who: Who, ms: int) -> Who:
    """The same asker, whose second factor was proved earlier."""
    session = replace(who.session, stepped_up_at=who.session.stepped_up_at - ms)
    return replace(who, session=session, stepped_up=False)
