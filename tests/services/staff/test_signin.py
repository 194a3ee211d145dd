"""The door: nobody gets in without both factors, and no answer tells why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from bot.services.staff.answers import Half, Opened, Refused
from bot.services.staff.records import StaffWrite
from tests.services.staff.rig import MINUTE, OTHER, PASSWORD, SYSTEM, Rig

NO_ENTRY = Refused("no_entry")
EXPIRED = Refused("expired")


async def test_both_factors_open_a_session(rig: Rig) -> None:
    """Password and code open a session that has just proved the second factor."""
    member = await rig.join("hana", "counselor")
    half = await rig.desk.sign_in.password(" ＨＡＮＡ ", PASSWORD, "PC")
    assert isinstance(half, Half)
    assert half.ways == ("totp", "recovery")
    opened = await rig.desk.sign_in.totp(half.token, member.code(), "Firefox,\u202e\n Linux")
    assert isinstance(opened, Opened)
    assert opened.session.device == "Firefox, Linux"
    who = await rig.desk.sessions.who(opened.token)
    assert who is not None
    assert (who.account.login, who.stepped_up) == ("hana", True)
    assert "case.claim" in who.may


async def test_the_half_token_is_no_session(rig: Rig) -> None:
    """After the password alone there is nothing that any page would take for a session."""
    member = await rig.join("hana", "counselor")
    assert await rig.desk.sessions.who(await member.half()) is None


@pytest.mark.parametrize(
    ("login", "password"),
    [
        pytest.param("hana", OTHER, id="wrong password"),
        pytest.param("nobody", PASSWORD, id="unknown login"),
        pytest.param("sleeping", PASSWORD, id="disabled"),
        pytest.param("invited", "", id="invited, no password yet"),
        pytest.param("hana", "", id="empty password"),
        pytest.param("", PASSWORD, id="empty login"),
        pytest.param("'; DROP TABLE staff_account;--", PASSWORD, id="no login at all"),
        pytest.param("hana", PASSWORD + "x" * 1_000_000, id="a megabyte"),
        pytest.param("hana\0", PASSWORD, id="NUL in the login"),
        pytest.param("hana", "\udcff\udcff" + PASSWORD, id="lone surrogates"),
    ],
)
async def test_one_answer_after_the_same_work(rig: Rig, login: str, password: str) -> None:
    """Whoever is wrong in whatever way gets the same answer after the same calls."""
    await rig.join("hana", "counselor")
    sleeping = await rig.join("sleeping", "counselor")
    await rig.invite("invited", "counselor")
    await rig.desk.people.disable(SYSTEM, sleeping.id)
    expected = await _calls(rig, "hana", "wrong on purpose")
    assert await _calls(rig, login, password) == expected


async def _calls(rig: Rig, login: str, password: str) -> Sequence[Any]:
    """What a sign-in asks of the store and the hasher, and what it answers."""
    calls: list[Any] = []
    patch = pytest.MonkeyPatch()
    for target, name in (
        (rig.store, "count_tries"),
        (rig.store.staff, "account_by_login"),
        (rig.store.staff, "recovery_codes"),
        (rig.store.staff, "save"),
        (rig.office.passwords, "fits"),
        (rig.office.passwords, "_verify"),
    ):
        patch.setattr(target, name, _noting(calls, name, getattr(target, name)))
    calls.append(await rig.desk.sign_in.password(login, password, "PC"))
    patch.undo()
    return calls


def _noting(calls: list[Any], name: str, verb: Any) -> Any:
    def noted(*arguments: Any) -> Any:
        calls.append(name)
        return verb(*arguments)

    return noted


async def test_a_code_works_once(rig: Rig) -> None:
    """A code that opened a session is refused afterwards, also with padding and in wide digits."""
    member = await rig.join("hana", "counselor")
    code = member.code()
    assert isinstance(await rig.desk.sign_in.totp(await member.half(), code, "PC"), Opened)
    wide = code.translate({ord(str(n)): 0xFF10 + n for n in range(10)})
    for typed in (code, f" {code} ", f"{code[:3]} {code[3:]}", f"\t{code}\n", wide):
        assert await rig.desk.sign_in.totp(await member.half(), typed, "PC") == NO_ENTRY


async def test_an_earlier_code_is_used_up_too(rig: Rig) -> None:
    """Once a code was used, the one of half a minute before doesn't count any more."""
    member = await rig.join("hana", "counselor")
    code = member.code()
    earlier = rig.code(member.secret, -1)
    assert isinstance(await rig.desk.sign_in.totp(await member.half(), code, "PC"), Opened)
    assert await rig.desk.sign_in.totp(await member.half(), earlier, "PC") == NO_ENTRY


@pytest.mark.parametrize(
    ("steps", "enters"),
    [
        pytest.param(-2, False, id="a minute old"),
        pytest.param(-1, True, id="half a minute old"),
        pytest.param(0, True, id="now"),
        pytest.param(1, True, id="half a minute ahead"),
        pytest.param(2, False, id="a minute ahead"),
    ],
)
async def test_clocks_may_differ_by_one_step(rig: Rig, steps: int, enters: bool) -> None:
    """A device whose clock is off by up to half a minute still gets in."""
    member = await rig.join("hana", "counselor")
    rig.later(10 * MINUTE)
    half = await member.half()
    got = await rig.desk.sign_in.totp(half, rig.code(member.secret, steps), "PC")
    assert isinstance(got, Opened) is enters


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param("", id="nothing"),
        pytest.param("12345", id="five digits"),
        pytest.param("1234567", id="seven digits"),
        pytest.param("abcdef", id="letters"),
        pytest.param("٠١٢٣٤٥", id="other digits"),
        pytest.param("9" * 100_000, id="very long"),
        pytest.param("\0\0\0\0\0\0", id="NUL"),
    ],
)
async def test_what_is_no_code(rig: Rig, typed: str) -> None:
    """Anything but six digits is refused like a wrong code."""
    member = await rig.join("hana", "counselor")
    assert await rig.desk.sign_in.totp(await member.half(), typed, "PC") == NO_ENTRY


async def test_five_wrong_codes_end_the_half_sign_in(rig: Rig) -> None:
    """After five wrong codes the password must be typed again."""
    member = await rig.join("hana", "counselor")
    half = await member.half()
    for _ in range(5):
        assert await rig.desk.sign_in.totp(half, "000000", "PC") == NO_ENTRY
    assert await rig.desk.sign_in.totp(half, member.code(), "PC") == EXPIRED


async def test_half_a_sign_in_lasts_five_minutes(rig: Rig) -> None:
    """The second factor comes within five minutes of the password, or not at all."""
    member = await rig.join("hana", "counselor")
    half = await member.half()
    rig.later(5 * MINUTE)
    assert await rig.desk.sign_in.totp(half, rig.code(member.secret), "PC") == EXPIRED


async def test_codes_are_not_guessed_over_many_half_sign_ins(rig: Rig) -> None:
    """Ten wrong codes in a quarter of an hour, and the right one is refused like them."""
    member = await rig.join("hana", "counselor")
    for _ in range(2):
        half = await member.half()
        for _ in range(5):
            await rig.desk.sign_in.totp(half, "000000", "PC")
    assert await rig.desk.sign_in.totp(await member.half(), member.code(), "PC") == NO_ENTRY
    rig.later(16 * MINUTE)
    opened = await rig.desk.sign_in.totp(await member.half(), member.code(), "PC")
    assert isinstance(opened, Opened)


async def test_a_recovery_code_works_once(rig: Rig) -> None:
    """A recovery code replaces the second factor, however it is typed, a single time."""
    member = await rig.join("hana", "counselor")
    typed = f" {member.codes[0].lower().replace('-', ' ')} "
    assert isinstance(await rig.desk.sign_in.recovery(await member.half(), typed, "PC"), Opened)
    got = await rig.desk.sign_in.recovery(await member.half(), member.codes[0], "PC")
    assert got == NO_ENTRY
    second = await rig.desk.sign_in.recovery(await member.half(), member.codes[1], "PC")
    assert isinstance(second, Opened)


async def test_anothers_recovery_code(rig: Rig) -> None:
    """A recovery code is good for its own account only."""
    member, other = await rig.join("hana", "counselor"), await rig.join("ken", "editor")
    got = await rig.desk.sign_in.recovery(await member.half(), other.codes[0], "PC")
    assert got == NO_ENTRY


async def test_passwords_are_not_guessed(rig: Rig) -> None:
    """After ten wrong passwords the right one gets the same answer, for a quarter of an hour."""
    member = await rig.join("hana", "counselor")
    answers = {await rig.desk.sign_in.password("hana", OTHER, "PC") for _ in range(10)}
    answers.add(await rig.desk.sign_in.password("hana", PASSWORD, "PC"))
    assert answers == {NO_ENTRY}
    rig.later(16 * MINUTE)
    await member.sign_in()


async def test_guessing_at_everybody_is_slowed_too(rig: Rig) -> None:
    """Three hundred passwords in a quarter of an hour, spread over logins, slow everybody."""
    await rig.join("hana", "counselor")
    for n in range(300):
        await rig.desk.sign_in.password(f"login{n}", OTHER, "PC")
    assert await rig.desk.sign_in.password("hana", PASSWORD, "PC") == NO_ENTRY


async def test_a_flood_does_not_fill_the_record(rig: Rig) -> None:
    """Of a thousand wrong passwords for one login the record keeps the first ten."""
    await rig.join("hana", "counselor")
    before = len(await rig.rows.audit(0, 9_999))
    for _ in range(1_000):
        await rig.desk.sign_in.password("hana", OTHER, "PC")
    assert len(await rig.rows.audit(0, 9_999)) == before + 10


async def test_success_forgets_the_tries(rig: Rig) -> None:
    """Who mistypes now and then and gets in is not slowed for it."""
    member = await rig.join("hana", "counselor")
    for _ in range(4):
        for _ in range(6):
            await rig.desk.sign_in.password("hana", OTHER, "PC")
        await member.sign_in()


async def test_disabled_between_the_two_steps(rig: Rig) -> None:
    """Somebody who is disabled after the password and before the code stays out."""
    member = await rig.join("hana", "counselor")
    half = await member.half()
    await rig.desk.people.disable(SYSTEM, member.id)
    assert await rig.desk.sign_in.totp(half, member.code(), "PC") == EXPIRED


async def test_disabled_while_the_code_is_checked(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disabling that lands between reading the account and saving the session wins."""
    member = await rig.join("hana", "counselor")
    half, save = await member.half(), rig.store.staff.save

    async def late(write: StaffWrite, now: int) -> Any:
        monkeypatch.undo()
        account = await rig.rows.account(member.id)
        assert account is not None
        out = replace(account, status="disabled", version=account.version + 1)
        await save(StaffWrite(account=out, end_all=True), now)
        return await save(write, now)

    monkeypatch.setattr(rig.store.staff, "save", late)
    assert await rig.desk.sign_in.totp(half, member.code(), "PC") == EXPIRED
    assert await rig.rows.sessions(member.id) == ()


async def test_two_sign_ins_with_one_code_at_once(rig: Rig) -> None:
    """Of two browsers that bring the same code at the same moment one gets in."""
    member = await rig.join("hana", "counselor")
    halves = [await member.half(), await member.half()]
    code = member.code()
    got = [await rig.desk.sign_in.totp(half, code, "PC") for half in halves]
    assert [isinstance(each, Opened) for each in got] == [True, False]


async def test_outdated_hashes_are_renewed(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the figures of Argon2 are raised, a hash is renewed at the next right password."""
    member = await rig.join("hana", "counselor")
    before = await rig.rows.account(member.id)
    monkeypatch.setattr(rig.office.passwords, "is_outdated", lambda kept: True)
    await member.half()
    after = await rig.rows.account(member.id)
    assert before is not None
    assert after is not None
    assert before.password != after.password
    monkeypatch.undo()
    await member.sign_in()


async def test_no_secret_is_kept(rig: Rig) -> None:
    """Neither a password, a token, a TOTP secret nor a recovery code stands in any row."""
    member = await rig.join("hana", "counselor")
    await member.half()
    kept = repr(
        [
            await rig.rows.accounts(),
            await rig.rows.sessions(),
            await rig.rows.recovery_codes(member.id),
            await rig.rows.audit(0, 99),
            list(rig.store.staff._tables.tickets.values()),
        ]
    )
    for secret in (PASSWORD, member.opened.token, member.secret, *member.codes):
        assert secret not in kept
        assert secret.replace("-", "") not in kept


async def test_demo_accounts_in_earnest(rig: Rig, demo_rig: Rig) -> None:
    """What the demo seeds opens by one tap or its password there, and nowhere else."""
    from bot.services.staff.opening import DEMO_PASSWORD, seed_demo

    await seed_demo(demo_rig.office)
    assert len(await demo_rig.desk.sign_in.demo_logins()) == 5
    for way in ("demo", "password"):
        arguments = ("editor", "PC") if way == "demo" else ("editor", DEMO_PASSWORD, "PC")
        assert isinstance(await getattr(demo_rig.desk.sign_in, way)(*arguments), Opened)
    for account in await demo_rig.rows.accounts():
        await rig.rows.save(StaffWrite(account=replace(account, version=0)), rig.now)
    assert await rig.desk.sign_in.demo("editor", "PC") == NO_ENTRY
    assert await rig.desk.sign_in.password("editor", DEMO_PASSWORD, "PC") == NO_ENTRY
    assert await rig.desk.sign_in.demo_logins() == ()


async def test_one_tap_is_for_demo_accounts_only(demo_rig: Rig) -> None:
    """In the demo too, an account that somebody made needs its password."""
    await demo_rig.join("hana", "counselor")
    assert await demo_rig.desk.sign_in.demo("hana", "PC") == NO_ENTRY


async def test_what_the_record_says(rig: Rig) -> None:
    """Sign-ins, failures and the way in are recorded; nothing that was typed is."""
    member = await rig.join("hana", "counselor")
    await rig.desk.sign_in.password("my-secret-by-mistake", OTHER, "PC")
    await rig.desk.sign_in.password("hana", OTHER, "PC")
    await member.sign_in()
    rows = [(row.act, row.object == member.id, row.detail) for row in await rig.rows.audit(0, 3)]
    assert rows == [
        ("sign_in", True, "totp"),
        ("sign_in.refused", True, ""),
        ("sign_in.refused", False, ""),
    ]
    assert "mistake" not in repr(await rig.rows.audit(0, 99))
