"""Sessions: how they end, that they stay ended, and that weighty acts need a fresh proof."""

from __future__ import annotations

from typing import Any

import pytest

from bot.errors import NotAllowedError
from bot.services.staff.answers import Opened, Refused
from bot.services.staff.records import StaffSession
from tests.services.staff.rig import HOUR, MINUTE, OTHER, PASSWORD, SECOND, SYSTEM, Rig

NO_ENTRY = Refused("no_entry")


@pytest.mark.parametrize(
    ("pauses", "lives"),
    [
        pytest.param([19 * MINUTE], True, id="19 minutes idle"),
        pytest.param([20 * MINUTE], False, id="20 minutes idle"),
        pytest.param([19 * MINUTE] * 30, True, id="used for 9.5 hours"),
        pytest.param([19 * MINUTE] * 31 + [11 * MINUTE], False, id="used for 10 hours"),
    ],
)
async def test_limits(rig: Rig, pauses: list[int], lives: bool) -> None:
    """A session ends 20 minutes after its last use, and 10 hours after sign-in in any case."""
    member = await rig.join("hana", "counselor")
    who: object = None
    for pause in pauses:
        rig.later(pause)
        who = await rig.desk.sessions.who(member.opened.token)
    assert (who is not None) is lives


async def test_looking_is_no_use(rig: Rig) -> None:
    """A page that asks by itself for news doesn't keep a session alive."""
    member = await rig.join("hana", "counselor")
    rig.later(19 * MINUTE)
    assert await rig.desk.sessions.who(member.opened.token, counts=False) is not None
    rig.later(MINUTE)
    assert await rig.desk.sessions.who(member.opened.token) is None


@pytest.mark.parametrize(
    "token",
    [
        pytest.param("", id="empty"),
        pytest.param("x" * 43, id="made up"),
        pytest.param("x" * 1_000_000, id="a megabyte"),
        pytest.param("\udcff", id="lone surrogate"),
    ],
)
async def test_unknown_tokens(rig: Rig, token: str) -> None:
    """A token nobody was given is nobody's."""
    assert await rig.desk.sessions.who(token) is None


async def test_step_up_renews_the_token(rig: Rig) -> None:
    """After step-up the old token is dead; the session stays the same one in the list."""
    member = await rig.join("hana", "counselor")
    old = member.opened
    rig.later(6 * MINUTE)
    assert not (await member.who()).stepped_up
    who = await member.step_up()
    assert who.stepped_up
    assert who.session.id == old.session.id
    assert who.session.created == old.session.created
    assert await rig.desk.sessions.who(old.token) is None


async def test_step_up_does_not_lengthen_a_session(rig: Rig) -> None:
    """However often somebody steps up, the session ends 10 hours after sign-in."""
    member = await rig.join("hana", "counselor")
    for _ in range(33):
        rig.later(18 * MINUTE)
        if await rig.desk.sessions.who(member.opened.token) is None:
            break
        await member.step_up()
    assert rig.now - member.opened.session.created >= 10 * HOUR - 20 * MINUTE
    rig.later(10 * HOUR - (rig.now - member.opened.session.created))
    assert await rig.desk.sessions.who(member.opened.token) is None


async def test_step_up_refuses_used_codes(rig: Rig) -> None:
    """The code of the sign-in is no second proof; a wrong one leaves the session as it is."""
    member = await rig.join("hana", "counselor")
    code = member.code()
    opened = await rig.desk.sign_in.totp(await member.half(), code, "PC")
    assert isinstance(opened, Opened)
    who = await rig.desk.sessions.who(opened.token)
    assert who is not None
    assert await rig.desk.sessions.step_up_totp(who, code) == NO_ENTRY
    assert await rig.desk.sessions.who(opened.token) is not None


async def test_step_up_is_not_guessed(rig: Rig) -> None:
    """Ten wrong codes from a session left open, and the right one is refused too."""
    member = await rig.join("hana", "counselor")
    who = await member.who()
    for _ in range(10):
        assert await rig.desk.sessions.step_up_totp(who, "000000") == NO_ENTRY
    assert await rig.desk.sessions.step_up_totp(who, member.code()) == NO_ENTRY


async def test_a_password_is_no_second_factor(rig: Rig) -> None:
    """Only demo accounts step up by password, and only in the demo."""
    member = await rig.join("hana", "counselor")
    assert await rig.desk.sessions.step_up_password(await member.who(), PASSWORD) == NO_ENTRY


async def test_demo_accounts_step_up_by_password(demo_rig: Rig) -> None:
    """In the demo, weighty acts can be tried with the password that every page shows."""
    from bot.services.staff.opening import DEMO_PASSWORD, seed_demo

    await seed_demo(demo_rig.office)
    opened = await demo_rig.desk.sign_in.demo("administrator", "PC")
    assert isinstance(opened, Opened)
    who = await demo_rig.desk.sessions.who(opened.token)
    assert who is not None
    assert await demo_rig.desk.sessions.step_up_password(who, OTHER) == NO_ENTRY
    again = await demo_rig.desk.sessions.step_up_password(who, DEMO_PASSWORD)
    assert isinstance(again, Opened)


async def test_list_and_end(rig: Rig) -> None:
    """One sees one's sessions, ends one, or all others; an ended one is out at once."""
    member = await rig.join("hana", "counselor")
    first = member.opened
    rig.later(SECOND)
    await member.sign_in()
    second = member.opened
    who = await member.sign_in()
    mine = await rig.desk.sessions.mine(who)
    assert [each.this_one for each in mine] == [True, False, False]
    assert await rig.desk.sessions.end(who, second.session.id)
    assert await rig.desk.sessions.who(second.token) is None
    assert not await rig.desk.sessions.end(who, second.session.id)
    assert await rig.desk.sessions.end_others(who) == 1
    assert await rig.desk.sessions.who(first.token) is None
    assert await rig.desk.sessions.who(member.opened.token) is not None


async def test_anothers_session(rig: Rig) -> None:
    """Nobody but an administrator sees or ends the sessions of others."""
    member = await rig.join("hana", "counselor")
    boss = await rig.join("boss", "administrator")
    who, session = await member.who(), boss.opened.session.id
    assert not await rig.desk.sessions.end(who, session)
    with pytest.raises(NotAllowedError):
        await rig.desk.sessions.of(who, boss.id)
    manager = await boss.who()
    theirs = await rig.desk.sessions.of(manager, member.id)
    assert [each.id for each in theirs] == [member.opened.session.id]
    assert await rig.desk.sessions.end(manager, member.opened.session.id)
    assert await rig.desk.sessions.who(member.opened.token) is None


async def test_signing_out(rig: Rig) -> None:
    """After signing out the token is worth nothing, whoever holds a copy."""
    member = await rig.join("hana", "counselor")
    await rig.desk.sessions.sign_out(await member.who())
    assert await rig.desk.sessions.who(member.opened.token) is None
    assert await rig.rows.sessions() == ()


async def test_disabled_is_out_at_once(rig: Rig) -> None:
    """Disabling ends all sessions."""
    member = await rig.join("hana", "counselor")
    await member.sign_in()
    await rig.desk.people.disable(SYSTEM, member.id)
    assert await rig.desk.sessions.who(member.opened.token) is None
    assert await rig.rows.sessions(member.id) == ()


async def test_roles_change_at_once(rig: Rig) -> None:
    """What a session may do follows the account, not the moment of sign-in."""
    member = await rig.join("hana", "supervisor")
    assert "audit.read" in (await member.who()).may
    await rig.desk.people.set_roles(SYSTEM, member.id, frozenset({"counselor"}))
    assert "audit.read" not in (await member.who()).may


async def test_an_ended_session_is_not_resurrected_by_a_race(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request that was under way when its session ended does not bring it back."""
    member = await rig.join("hana", "counselor")
    rig.later(MINUTE)
    touch, who = rig.store.staff.touch, await member.who()

    async def late(mark: bytes, seen: int) -> bool:
        monkeypatch.undo()
        await rig.desk.sessions.sign_out(who)
        return await touch(mark, seen)

    rig.later(MINUTE)
    monkeypatch.setattr(rig.store.staff, "touch", late)
    assert await rig.desk.sessions.who(member.opened.token) is None
    assert await rig.rows.sessions() == ()


async def test_a_step_up_does_not_resurrect_it_either(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A step-up that was under way when its session ended opens nothing."""
    member = await rig.join("hana", "counselor")
    who, save = await member.who(), rig.store.staff.save
    code = member.code()

    async def late(*arguments: Any) -> Any:
        monkeypatch.undo()
        await rig.desk.sessions.sign_out(who)
        return await save(*arguments)

    monkeypatch.setattr(rig.store.staff, "save", late)
    assert await rig.desk.sessions.step_up_totp(who, code) == NO_ENTRY
    assert await rig.rows.sessions() == ()


async def test_use_is_noted_twice_a_minute_at_most(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A busy page costs one write in half a minute, not one a request."""
    member = await rig.join("hana", "counselor")
    touched: list[int] = []
    touch = rig.store.staff.touch

    async def noting(mark: bytes, seen: int) -> bool:
        touched.append(seen)
        return await touch(mark, seen)

    monkeypatch.setattr(rig.store.staff, "touch", noting)
    for _ in range(60):
        rig.later(SECOND)
        await rig.desk.sessions.who(member.opened.token)
    assert len(touched) == 2


def test_a_session_shows_no_secret_in_lists() -> None:
    """The list of sessions has no field for the token's hash or the form secret."""
    from bot.services.staff.answers import SessionView

    assert {"mark", "csrf"} < set(StaffSession.__struct_fields__)
    assert not {"mark", "csrf"} & set(SessionView.__struct_fields__)
