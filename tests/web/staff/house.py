"""The staff pages for tests: real services, rows in memory, a clock that is moved by hand.

May import bot's contracts, the staff services and the memory store.
"""

from __future__ import annotations

import base64
import hashlib
import logging
import re
from collections import Counter
from collections.abc import Collection, Sequence

import httpx
import pyotp
from argon2 import PasswordHasher
from msgspec.structs import replace
from starlette.applications import Starlette

from bot.privacy.keyring import new_keyring
from bot.services.journal import Journal
from bot.services.records import Conversation
from bot.services.staff.answers import Half, Invitation, Joined, Opened, System
from bot.services.staff.desk import StaffDesk
from bot.services.staff.office import Office
from bot.services.staff.opening import DEMO_PASSWORD, open_desk, seed_demo
from bot.services.staff.passwords import Passwords
from bot.services.staff.permissions import APPROVER_KINDS, Role
from bot.services.staff.ports import RelyingParty, StaffRules
from bot.services.staff.records import StaffWrite
from bot.store.heads import MemoryHeads
from bot.store.memory.staff import MemoryStaff
from bot.web.staff.application import build_staff_application
from bot.web.staff.ports import StaffPorts, StaffSettings
from tests.web.stand_ins import NOW, CountingChance, read_messages

PASSWORD = "a heron stands in shallow water"
MINUTE, HOUR = 60_000, 3_600_000
COUNSELOR: tuple[Role, ...] = ("counselor",)
SUPERVISOR: tuple[Role, ...] = ("supervisor",)
WATCHFUL: tuple[Role, ...] = ("administrator", "supervisor")
PAGES = (
    "/staff",
    "/staff/me",
    "/staff/me/password",
    "/staff/me/passkeys",
    "/staff/again",
    "/staff/people",
    "/staff/people/invite",
    "/staff/audit",
    "/staff/limits",
    "/staff/nowhere",
    "/staff/sign-in",
)
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'-alert(1)-'",
    "{{7*7}}",
    "</title><svg onload=alert(1)>",
    "javascript:alert(1)",
    "\u202e\u2066evil",
)
FIELD = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')
TEXTS = read_messages().texts["ja"]


class SteadyChance(CountingChance):
    """Ids and tokens that count up, in the shape of real ones."""

    def id(self) -> str:
        """22 characters that no two draws share."""
        return self.token()[:22]

    def token(self) -> str:
        """43 characters that no two draws share."""
        self._count += 1
        drawn = hashlib.sha256(str(self._count).encode()).digest()
        return base64.urlsafe_b64encode(drawn).rstrip(b"=").decode()

    def words(self) -> tuple[int, ...]:
        """Always the same."""
        return (1, 2, 3, 4)


class CountedTries:
    """Counts tries; time does not run here, so windows don't end."""

    def __init__(self) -> None:
        self.kept: Counter[bytes] = Counter()

    async def count_tries(self, keys: Sequence[bytes], now: int, window_ms: int) -> Sequence[int]:
        """One more under each key."""
        self.kept.update(keys)
        return [self.kept[key] for key in keys]

    async def forget_tries(self, keys: Sequence[bytes]) -> None:
        """Back to none."""
        for key in keys:
            del self.kept[key]


class AskedLimits:
    """Conversations for which a limit was asked, and what was answered."""

    def __init__(self) -> None:
        self.asked: list[Conversation] = []
        self.answered: dict[str, int] = {}

    async def limits_asked(self, limit: int) -> Sequence[Conversation]:
        """Those that wait."""
        return self.asked[:limit]

    async def set_limit(self, conversation: str, until: int) -> None:
        """An answer."""
        self.answered[conversation] = until
        self.asked = [each for each in self.asked if each.id != conversation]

    def ask(self, name: str, tier: int = 0) -> str:
        """One more; its id."""
        name = name.ljust(22, "0")
        self.asked.append(Conversation(name, name, name, b"", tier=tier, limit_asked=NOW))
        return name


class StaffHouse:
    """The application and everything under it; `clock.now` moves time."""

    def __init__(self, demo: bool = False, settings: StaffSettings | None = None) -> None:
        self.now = NOW
        self.store = MemoryStaff()
        self.tries = CountedTries()
        self.limits = AskedLimits()
        self.chance = SteadyChance()
        self.relying = RelyingParty("localhost", ("http://localhost",))
        keyring = new_keyring(demo=True)
        self.office = Office(
            store=self.store,
            tries=self.tries,
            heads=MemoryHeads(),
            keyring=lambda: keyring,
            clock=lambda: self.now,
            chance=self.chance,
            journal=Journal(logging.getLogger("engawa.test")),
            relying=lambda: self.relying,
            rules=StaffRules(demo=demo),
            passwords=Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)),
        )
        self.desk: StaffDesk = open_desk(self.office, self.limits)
        self.settings = settings or StaffSettings(demo=demo, recheck=0.01)
        self.secrets: dict[str, str] = {}
        self.demo_password = DEMO_PASSWORD

    def application(self) -> Starlette:
        """The staff listener's application."""
        return build_staff_application(
            StaffPorts(
                desk=self.desk,
                messages=read_messages,
                clock=lambda: self.now,
                chance=self.chance,
                alias=lambda conversation: f"やなぎ {conversation[:4]}",
                settings=self.settings,
            )
        )

    async def seed_demo(self) -> None:
        """The demo's accounts."""
        await seed_demo(self.office)

    async def invite(
        self, login: str, roles: Collection[Role] = COUNSELOR, name: str = ""
    ) -> Invitation:
        """An invitation by the command line."""
        chosen = frozenset(roles)
        kinds = frozenset(APPROVER_KINDS if "approver" in chosen else ())
        made = await self.desk.people.invite(System(), login, name or login, chosen, kinds)
        assert isinstance(made, Invitation)
        return made

    async def join(self, login: str, roles: Collection[Role] = COUNSELOR, name: str = "") -> Joined:
        """An account with PASSWORD and TOTP, ready to sign in; its first session is open."""
        invitation = await self.invite(login, roles, name)
        invitee = await self.desk.joining.choose_password(invitation.token, PASSWORD)
        enrolment = getattr(invitee, "enrolment", None)
        assert enrolment is not None
        self.secrets[login] = enrolment.secret.replace(" ", "")
        joined = await self.desk.joining.confirm_totp(
            invitation.token, self.code(login), "Firefox, Linux"
        )
        assert isinstance(joined, Joined)
        return joined

    def code(self, login: str) -> str:
        """The six digits that the person's device shows now."""
        return pyotp.TOTP(self.secrets[login]).at(self.now // 1_000)

    async def sign_in(self, login: str) -> Opened:
        """A session, by password and the next code; time moves on by a step."""
        self.now += 30_000
        half = await self.desk.sign_in.password(login, PASSWORD, "")
        assert isinstance(half, Half)
        opened = await self.desk.sign_in.totp(half.token, self.code(login), "Firefox, Linux")
        assert isinstance(opened, Opened)
        return opened

    async def disable(self, login: str) -> None:
        """Out, by the command line."""
        account = await self.store.account_by_login(login)
        assert account is not None
        assert await self.desk.people.disable(System(), account.id) is None

    async def set_roles(self, login: str, roles: Collection[Role]) -> None:
        """Other roles, by the command line."""
        account = await self.store.account_by_login(login)
        assert account is not None
        assert await self.desk.people.set_roles(System(), account.id, frozenset(roles)) is None

    def tamper(self, seq: int) -> None:
        """Change one row of the record behind everybody's back."""
        rows = self.store._tables.audit
        rows[seq] = replace(rows[seq], detail="nothing to see")

    async def put_back(self, login: str) -> None:
        """In again."""
        account = await self.store.account_by_login(login)
        assert account is not None
        if account.status != "active":
            assert await self.desk.people.enable(System(), account.id) is None

    async def spoil(self, login: str, name: str) -> None:
        """A name as no form would take it, written into the row itself."""
        account = await self.store.account_by_login(login)
        assert account is not None
        changed = replace(account, name=name, version=account.version + 1)
        assert await self.store.save(StaffWrite(account=changed), self.now) is not None


class Browser:
    """A browser that holds cookies, follows nothing by itself, and reads forms."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.page = ""

    async def get(self, path: str, **headers: str) -> httpx.Response:
        """Open a page."""
        answer = await self.client.get(path, headers=headers)
        self.page = answer.text
        return answer

    async def send(self, action: str, **fields: str) -> httpx.Response:
        """Send the form of the page with this action, its hidden fields included."""
        answer = await self.client.post(action, data={**self.hidden(action), **fields})
        if answer.status_code != 303:
            self.page = answer.text
        return answer

    def hidden(self, action: str) -> dict[str, str]:
        """The hidden fields of the first form with this action on the page."""
        _, found, rest = self.page.partition(f'method="post" action="{action}"')
        assert found, f"no form for {action} on this page"
        return dict(FIELD.findall(rest.split("</form>", 1)[0]))

    def carry(self, token: str) -> None:
        """Hold this session's cookie."""
        self.client.cookies.set("staff", token, domain="127.0.0.1", path="/")


async def signed_in(house: StaffHouse, browser: Browser) -> Opened:
    """A browser in which an administrator and supervisor is signed in."""
    opened = (await house.join("tanaka", WATCHFUL)).opened
    browser.carry(opened.token)
    return opened
