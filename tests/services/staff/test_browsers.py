"""Nobody keeps staff out by guessing: browsers that are known stand in a row of their own."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Literal

import pytest
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from hypothesis import given
from hypothesis import strategies as st

from bot.services.staff.answers import Ceremony, Half, Opened, Refused
from bot.services.staff.browsers import ACCOUNTS, known_browser, knows, remembering
from bot.services.staff.passwords import WAITING, Passwords
from bot.services.staff.records import Account
from tests.services.staff.rig import CHEAP, MINUTE, OTHER, PASSWORD, SYSTEM, Member, Rig

NO_ENTRY = Refused("no_entry")
KEY = bytes(32)
FRESH = "A" * 43
HANA = Account("id-hana", "hana", "Hana", frozenset({"counselor"}), password_at=7)
KEN = Account("id-ken", "ken", "Ken", frozenset({"counselor"}), password_at=7)


def known_to(member: Member) -> str:
    """What a browser holds in which this member signed in."""
    return member.rig.desk.sign_in.known("", member.opened.account)


@pytest.mark.parametrize(
    "login",
    [
        pytest.param(lambda n: "hana", id="at one login"),
        pytest.param(lambda n: f"login{n}", id="at all logins"),
    ],
)
async def test_guessing_keeps_nobody_out(rig: Rig, login: Callable[[int], str]) -> None:
    """While strangers guess all day, who signed in there before still comes in."""
    member = await rig.join("hana", "counselor")
    browser = known_to(member)
    for _ in range(4):
        for n in range(301):
            await rig.desk.sign_in.password(login(n), OTHER, "bot")
        assert await rig.desk.sign_in.password("hana", PASSWORD, "PC") == NO_ENTRY
        half = await rig.desk.sign_in.password("hana", PASSWORD, "PC", browser)
        assert isinstance(half, Half)
        assert isinstance(await rig.desk.sign_in.totp(half.token, member.code(), "PC"), Opened)
        rig.later(4 * MINUTE)


async def test_a_known_browser_guesses_no_more_than_a_stranger(rig: Rig) -> None:
    """Its own tries end too; then it stands in the strangers' row, and then nowhere."""
    member = await rig.join("hana", "counselor")
    browser = known_to(member)
    for _ in range(20):
        assert await rig.desk.sign_in.password("hana", OTHER, "PC", browser) == NO_ENTRY
    assert await rig.desk.sign_in.password("hana", PASSWORD, "PC", browser) == NO_ENTRY


async def test_a_known_browser_is_no_way_to_others(rig: Rig) -> None:
    """What a browser holds for one account gives no tries at another."""
    member = await rig.join("hana", "counselor")
    await rig.join("ken", "counselor")
    browser = known_to(member)
    for _ in range(10):
        await rig.desk.sign_in.password("ken", OTHER, "PC", browser)
    assert await rig.desk.sign_in.password("ken", PASSWORD, "PC", browser) == NO_ENTRY


async def test_ceremonies_of_strangers_are_not_in_the_way(rig: Rig) -> None:
    """When strangers begin passkey ceremonies without end, known browsers and who proved a password
    still can.
    """
    member = await rig.join("hana", "counselor")
    for _ in range(130):
        await rig.desk.sign_in.passkey_options()
    assert await rig.desk.sign_in.passkey_options() == NO_ENTRY
    assert isinstance(await rig.desk.sign_in.passkey_options("", known_to(member)), Ceremony)
    assert await rig.desk.sign_in.passkey_options("", "A" * 43 + "." + "A" * 22) == NO_ENTRY


async def test_after_a_reset_it_is_a_strangers_browser(rig: Rig) -> None:
    """Whoever takes somebody's computer has no tries of their own after a reset."""
    member = await rig.join("hana", "counselor")
    browser = known_to(member)
    await rig.desk.people.reset(SYSTEM, member.id)
    key = rig.keyring.lookup_key
    assert not knows(key, browser, await rig.rows.account(member.id))


def test_shifts_share_a_computer() -> None:
    """The browser knows the last six who signed in there, under one name, each once."""
    held = ""
    people = [Account(f"id{n}", f"p{n}", "P", frozenset({"counselor"})) for n in range(8)]
    for each in (*people, people[-1]):
        held = remembering(KEY, held, each, FRESH)
    assert [knows(KEY, held, each) for each in people] == [False] * 2 + [True] * ACCOUNTS
    assert known_browser(KEY, held) == FRESH.encode()


@given(st.text(max_size=300) | st.from_regex(r"[A-Za-z0-9_-]{43}(\.[A-Za-z0-9_-]{22}){0,8}"))
def test_nothing_made_up_is_known(held: str) -> None:
    """Whatever a stranger puts into the cookie, it is nobody's browser, and gets a new name."""
    assert known_browser(KEY, held) == b""
    assert not knows(KEY, held, HANA)
    assert not knows(KEY, held, None)
    assert remembering(KEY, held, HANA, FRESH).startswith(FRESH + ".")


@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_changed_part_is_not_known(part: int) -> None:
    """Token, seal and mark hold together: with any of them of another browser, nothing fits."""
    parts = remembering(KEY, "", HANA, FRESH).split(".")
    others = remembering(KEY, "", KEN, "B" * 43).split(".")
    parts[part] = others[part]
    assert not knows(KEY, ".".join(parts), HANA)


class _Gate(PasswordHasher):
    """A hasher that counts who is inside, and lets nobody out before the loop says so."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.open = threading.Event()
        self.lock = threading.Lock()
        self.inside = self.most = self.all = 0
        self.loop = asyncio.get_running_loop()
        self.busy = asyncio.Event()

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
        """Wait, and say how crowded it was."""
        with self.lock:
            self.inside += 1
            self.all += 1
            self.most = max(self.most, self.inside)
        if self.inside == 2:
            self.loop.call_soon_threadsafe(self.busy.set)
        assert self.open.wait(60)
        with self.lock:
            self.inside -= 1
        raise VerifyMismatchError


async def test_a_flood_of_sign_ins_takes_little() -> None:
    """Of a hundred strangers at once twenty wait and one is served; who is known does not wait
    behind them; and meanwhile the loop goes on.
    """
    gate = _Gate()
    passwords = Passwords(gate)
    kept = CHEAP.hash("x")
    refused = 0
    asking = []
    for _ in range(100):
        if passwords.crowded:
            refused += 1
        else:
            asking.append(asyncio.ensure_future(passwords.fits(kept, OTHER, known=False)))
            await asyncio.sleep(0)
    asking.append(asyncio.ensure_future(passwords.fits(kept, OTHER)))
    await gate.busy.wait()  # both are at work, and the loop turns: it would hang here if not
    assert not any(each.done() for each in asking)
    gate.open.set()
    await asyncio.gather(*asking)
    assert (refused, gate.most, gate.all) == (100 - WAITING, 2, WAITING + 1)


MEASURED = """
import asyncio, resource
from bot.services.staff.passwords import Passwords

async def main():
    passwords = Passwords()
    kept = await passwords.hash("rain on the wooden roof")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    asked = [passwords.fits(kept, f"wrong {n}", known=n % 2 == 0) for n in range(20)]
    assert not any(await asyncio.gather(*asked))
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)

asyncio.run(main())
"""


def test_twenty_sign_ins_at_once_take_bounded_memory() -> None:
    """With the real figures of Argon2 (64 MiB each), twenty at once never hold more than two."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURED], capture_output=True, check=True, text=True
    )
    grown = int(done.stdout)  # KiB over one hashing
    assert grown < 1.5 * 64 * 1024
