"""In whatever order the steps of signing in are tried, a session needs both factors, used once.

A machine plays somebody who has found out some things and tries everything with everything; a
plain model beside it says what must have been proved.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bot.services.staff.answers import Ceremony, Half, Invitation, Opened, Refused
from bot.services.staff.records import Passkey
from tests.services.staff.authenticator import Device
from tests.services.staff.rig import MINUTE, OTHER, PASSWORD, SECOND, SYSTEM, Member, Rig

T = TypeVar("T")
JUNK = "junk-token"


class AnyOrder(RuleBasedStateMachine):
    """One account with a password, TOTP, recovery codes and a passkey."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.rig = Rig()
        self.device = Device()
        self.runner.run(self._prepare())
        self.halves: dict[str, int] = {}  # tokens for which the password was right, and when
        self.spent: set[str] = set()  # halves and codes that have opened a session
        self.ceremonies: list[tuple[Ceremony, str]] = []
        self.answers: list[tuple[str, str]] = []
        self.sessions: list[Opened] = []
        self.newest_step = 0
        self.active = True

    async def _prepare(self) -> None:
        await self.rig.store.open()
        self.member: Member = await self.rig.join("hana", "counselor")
        who = await self.member.who()
        begun = await self.rig.desk.own.passkey_options(who)
        answer = self.device.create(begun.options)
        added = await self.rig.desk.own.add_passkey(who, begun.token, answer, "key")
        assert isinstance(added, Passkey)
        await self.rig.desk.sessions.sign_out(who)
        self.rig.later(5 * MINUTE)

    def teardown(self) -> None:
        """Close the loop."""
        self.runner.close()

    def ask(self, question: Coroutine[Any, Any, T]) -> T:
        """Ask the desk."""
        return self.runner.run(question)

    def draw_half(self, data: st.DataObject) -> str:
        """Mostly a half sign-in of before, used or not; else something that is none."""
        others = [JUNK, *(begun.token for begun, _ in self.ceremonies[-2:])]
        others += [each.token for each in self.sessions[-2:]]
        newest = list(self.halves)[-3:]
        return data.draw(st.sampled_from([*newest, *newest, *newest, *others]))

    def opened(self, got: object, half: str, proved: bool) -> None:
        """Check a way in against the model."""
        if not isinstance(got, Opened):
            assert isinstance(got, Refused)
            return
        assert self.active
        assert proved
        assert half in self.halves
        assert half not in self.spent
        assert self.rig.now - self.halves[half] < 5 * MINUTE
        self.spent.add(half)
        self.sessions.append(got)

    @rule(ms=st.sampled_from([31 * SECOND, 31 * SECOND, 3 * MINUTE, 16 * MINUTE]))
    def time_passes(self, ms: int) -> None:
        """The clock goes forward."""
        self.rig.later(ms)

    @rule(right=st.sampled_from([True, True, True, False]))
    def password(self, right: bool) -> None:
        """The right password, or another."""
        given = PASSWORD if right else OTHER
        got = self.ask(self.rig.desk.sign_in.password("hana", given, "PC"))
        assert not isinstance(got, Opened)
        if isinstance(got, Half):
            assert right
            assert self.active
            self.halves[got.token] = self.rig.now

    @rule(data=st.data(), steps=st.sampled_from([0, 0, 0, -1, 1, 9]), padded=st.booleans())
    def totp(self, data: st.DataObject, steps: int, padded: bool) -> None:
        """A code of now, of another time, or one that was used."""
        half, step = self.draw_half(data), self.rig.now // 30_000 + steps
        code = self.rig.code(self.member.secret, steps)
        typed = f" {code[:3]} {code[3:]} " if padded else code
        got = self.ask(self.rig.desk.sign_in.totp(half, typed, "PC"))
        self.opened(got, half, abs(steps) <= 1 and step > self.newest_step)
        if isinstance(got, Opened):
            self.newest_step = step

    @rule(data=st.data())
    def recovery(self, data: st.DataObject) -> None:
        """A recovery code, used or not, or somebody else's."""
        half = self.draw_half(data)
        code = data.draw(st.sampled_from([*self.member.codes[:3], "ACDE-FHJK-MNPR-TWXY", ""]))
        got = self.ask(self.rig.desk.sign_in.recovery(half, code, "PC"))
        self.opened(got, half, code in self.member.codes and code not in self.spent)
        if isinstance(got, Opened):
            self.spent.add(code)

    @rule(data=st.data(), alone=st.booleans())
    def begin_ceremony(self, data: st.DataObject, alone: bool) -> None:
        """A passkey ceremony, alone or for a half sign-in."""
        half = "" if alone else self.draw_half(data)
        got = self.ask(self.rig.desk.sign_in.passkey_options(half))
        if isinstance(got, Ceremony):
            self.ceremonies.append((got, half))

    @precondition(lambda self: self.ceremonies)
    @rule(data=st.data(), verifies=st.booleans(), ours=st.booleans())
    def passkey(self, data: st.DataObject, verifies: bool, ours: bool) -> None:
        """An answer to any ceremony, by the right device or another, with or without its PIN."""
        begun, half = data.draw(st.sampled_from(self.ceremonies))
        device = self.device if ours else Device(credential=self.device.credential)
        device.verifies = verifies
        answer = device.get(begun.options)
        got = self.ask(self.rig.desk.sign_in.passkey(begun.token, answer, "PC"))
        self.answers.append((begun.token, answer))
        fresh = begun.token not in self.spent
        self.spent.add(begun.token)
        if half:
            self.opened(got, half, ours and fresh)
        elif isinstance(got, Opened):
            assert self.active
            assert ours
            assert verifies
            assert fresh
            self.sessions.append(got)

    @precondition(lambda self: self.answers)
    @rule(data=st.data())
    def replay(self, data: st.DataObject) -> None:
        """An answer that was sent before, to its own ceremony or another."""
        _, answer = data.draw(st.sampled_from(self.answers))
        begun, _ = data.draw(st.sampled_from(self.ceremonies))
        got = self.ask(self.rig.desk.sign_in.passkey(begun.token, answer, "PC"))
        self.spent.add(begun.token)
        assert isinstance(got, Refused)

    @precondition(lambda self: self.sessions)
    @rule(data=st.data())
    def sign_out(self, data: st.DataObject) -> None:
        """One session ends."""
        opened = data.draw(st.sampled_from(self.sessions))
        who = self.ask(self.rig.desk.sessions.who(opened.token))
        if who is not None:  # else it was idle for too long, and its row waits to be tidied
            self.ask(self.rig.desk.sessions.sign_out(who))
            self.sessions.remove(opened)

    @rule(out=st.sampled_from([True, False, False, False]))
    def disable(self, out: bool) -> None:
        """Disabled, or enabled again; what was half done is void then."""
        people = self.rig.desk.people
        verb = people.disable if out else people.enable
        if self.ask(verb(SYSTEM, self.member.id)) is None:
            self.active = not out
            if out:
                self.sessions.clear()
                self.halves.clear()

    @rule()
    def an_invitation_for_somebody_else(self) -> None:
        """Other people come; their tokens open nothing here."""
        if len(self.ask(self.rig.rows.accounts())) < 3:
            login = f"new{len(self.ask(self.rig.rows.accounts()))}"
            got = self.ask(self.rig.desk.people.invite(SYSTEM, login, login, frozenset({"editor"})))
            assert isinstance(got, Invitation)
            self.ceremonies.append((Ceremony(got.token, '{"challenge": "AAAA"}'), JUNK))

    @invariant()
    def only_sessions_are_sessions(self) -> None:
        """No other token counts as a session, and no session is in the rows but those opened."""
        for token in (*self.halves, *(begun.token for begun, _ in self.ceremonies), JUNK):
            assert self.ask(self.rig.desk.sessions.who(token, counts=False)) is None
        kept = {each.id for each in self.ask(self.rig.rows.sessions())}
        assert kept == {each.session.id for each in self.sessions}


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(
    max_examples=60,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
