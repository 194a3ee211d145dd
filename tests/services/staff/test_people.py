"""Managing accounts: who may, with a fresh proof, and never so that nobody is left."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from bot.errors import NotAllowedError, StepUpNeededError
from bot.flow.pack import ApproverKind
from bot.services.staff.answers import By, Invitation, Reason, Refused
from bot.services.staff.desk import People
from bot.services.staff.permissions import Role
from bot.services.staff.records import SYSTEM as SYSTEM_NAME
from tests.services.staff.authenticator import Device
from tests.services.staff.rig import MINUTE, SYSTEM, Rig, aged

Ask = Callable[[People, By, str], Awaitable[Any]]
EDITOR: frozenset[Role] = frozenset({"editor"})
ASKS = [
    pytest.param(lambda people, by, who: people.invite(by, "new", "New", EDITOR), id="invite"),
    pytest.param(lambda people, by, who: people.reset(by, who), id="reset"),
    pytest.param(lambda people, by, who: people.set_roles(by, who, EDITOR), id="roles"),
    pytest.param(lambda people, by, who: people.disable(by, who), id="disable"),
    pytest.param(lambda people, by, who: people.enable(by, who), id="enable"),
]


@pytest.mark.parametrize("ask", ASKS)
@pytest.mark.parametrize("role", ["counselor", "supervisor", "editor"])
async def test_who_may_not(rig: Rig, ask: Ask, role: Role) -> None:
    """None but administrators manage accounts, whatever the pages let through."""
    member, other = await rig.join("hana", role), await rig.join("ken", "editor")
    before = await rig.rows.accounts()
    with pytest.raises(NotAllowedError):
        await ask(rig.desk.people, await member.who(), other.id)
    with pytest.raises(NotAllowedError):
        await rig.desk.people.list(await member.who())
    assert await rig.rows.accounts() == before


@pytest.mark.parametrize("ask", ASKS)
async def test_a_fresh_proof_first(rig: Rig, ask: Ask) -> None:
    """An administrator whose proof is five minutes old is asked for another."""
    boss, other = await rig.join("boss", "administrator"), await rig.join("ken", "editor")
    with pytest.raises(StepUpNeededError):
        await ask(rig.desk.people, aged(await boss.who(), 5 * MINUTE), other.id)


@pytest.mark.parametrize(
    ("login", "name", "roles", "kinds", "reason"),
    [
        pytest.param("h", "H", {"editor"}, set(), "bad_login", id="one letter"),
        pytest.param("花", "H", {"editor"}, set(), "bad_login", id="not a–z"),
        pytest.param("<b>x</b>", "H", {"editor"}, set(), "bad_login", id="markup"),
        pytest.param("a" * 65, "H", {"editor"}, set(), "bad_login", id="65 letters"),
        pytest.param("hana", "", {"editor"}, set(), "bad_name", id="no name"),
        pytest.param("hana", "\u202e\u200b", {"editor"}, set(), "bad_name", id="invisible name"),
        pytest.param("hana", "n" * 41, {"editor"}, set(), "bad_name", id="41 characters"),
        pytest.param("hana", "H", set(), set(), "no_role", id="no role"),
        pytest.param("hana", "H", {"god"}, set(), "no_role", id="unknown role"),
        pytest.param("hana", "H", {"approver"}, set(), "no_kind", id="approver of nothing"),
        pytest.param("hana", "H", {"editor"}, {"legal"}, "no_kind", id="kind without the role"),
        pytest.param("KEN", "H", {"editor"}, set(), "login_taken", id="login taken"),
    ],
)
async def test_refused_invitations(
    rig: Rig,
    login: str,
    name: str,
    roles: set[Role],
    kinds: set[ApproverKind],
    reason: Reason,
) -> None:
    """An invitation that makes no sense is refused with the reason, and makes no account."""
    await rig.invite("ken", "editor")
    got = await rig.desk.people.invite(SYSTEM, login, name, frozenset(roles), frozenset(kinds))
    assert got == Refused(reason)
    assert len(await rig.rows.accounts()) == 1


async def test_a_reset(rig: Rig) -> None:
    """After a reset nothing of before works: password, code, recovery code, passkey, session."""
    member, device = await rig.join("hana", "counselor"), Device()
    who = await member.who()
    begun = await rig.desk.own.passkey_options(who)
    await rig.desk.own.add_passkey(who, begun.token, device.create(begun.options), "key")
    half = await member.half()
    boss = await rig.join("boss", "administrator")
    got = await rig.desk.people.reset(await boss.who(), member.id)
    assert isinstance(got, Invitation)
    assert await rig.desk.sessions.who(member.opened.token) is None
    assert await rig.desk.sign_in.totp(half, member.code(), "PC") == Refused("expired")
    assert await rig.rows.passkeys(member.id) == ()
    assert await rig.rows.recovery_codes(member.id) == ()
    account = await rig.rows.account(member.id)
    assert account is not None
    assert (account.password, account.totp, account.status) == ("", b"", "invited")
    assert await rig.desk.joining.look(got.token) is not None


async def test_a_second_reset_voids_the_first_link(rig: Rig) -> None:
    """Of two invitations for one account only the newer works."""
    first = await rig.invite("hana", "counselor")
    second = await rig.desk.people.reset(SYSTEM, first.account.id)
    assert isinstance(second, Invitation)
    assert await rig.desk.joining.look(first.token) is None
    assert await rig.desk.joining.look(second.token) is not None


async def test_disable_and_enable(rig: Rig) -> None:
    """Disabled and enabled again, somebody signs in as before; twice in a row is told."""
    member = await rig.join("hana", "counselor")
    people = rig.desk.people
    assert await people.enable(SYSTEM, member.id) == Refused("has_another_state")
    assert await people.disable(SYSTEM, member.id) is None
    assert await people.disable(SYSTEM, member.id) == Refused("has_another_state")
    assert await people.reset(SYSTEM, member.id) == Refused("has_another_state")
    assert await people.enable(SYSTEM, member.id) is None
    await member.sign_in()


async def test_the_last_administrator(rig: Rig) -> None:
    """The last one who manages accounts can't disable, reset or demote themselves."""
    boss = await rig.join("boss", "administrator")
    who, people, last = await boss.who(), rig.desk.people, Refused("last_administrator")
    assert await people.disable(who, boss.id) == last
    assert await people.reset(who, boss.id) == last
    assert await people.set_roles(who, boss.id, EDITOR) == last
    await rig.join("second", "administrator")
    assert await people.set_roles(who, boss.id, EDITOR) is None


async def test_an_invited_administrator_does_not_count(rig: Rig) -> None:
    """An administrator who has not joined yet can't manage anything."""
    boss = await rig.join("boss", "administrator")
    await rig.invite("second", "administrator")
    got = await rig.desk.people.disable(await boss.who(), boss.id)
    assert got == Refused("last_administrator")


async def test_unknown_accounts(rig: Rig) -> None:
    """An id that is nobody's is told, by every verb."""
    people, unknown = rig.desk.people, Refused("unknown_account")
    assert await people.reset(SYSTEM, "nobody") == unknown
    assert await people.disable(SYSTEM, "nobody") == unknown
    assert await people.enable(SYSTEM, "nobody") == unknown
    assert await people.set_roles(SYSTEM, "nobody", EDITOR) == unknown


async def test_two_administrators_at_once(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """When two change one account at the same moment, the second is told."""
    member, save = await rig.join("hana", "counselor"), rig.store.staff.save

    async def late(*arguments: Any) -> Any:
        monkeypatch.undo()
        assert await rig.desk.people.disable(SYSTEM, member.id) is None
        return await save(*arguments)

    monkeypatch.setattr(rig.store.staff, "save", late)
    got = await rig.desk.people.set_roles(SYSTEM, member.id, EDITOR)
    assert got == Refused("has_another_state")
    account = await rig.rows.account(member.id)
    assert account is not None
    assert account.status == "disabled"


async def test_the_list(rig: Rig) -> None:
    """The list has everybody, by login, with factors and sessions, and no secret."""
    await rig.join("ken", "editor")
    boss = await rig.join("boss", "administrator")
    people = await rig.desk.people.list(await boss.who())
    assert [(each.login, each.totp, each.sessions) for each in people] == [
        ("boss", True, 1),
        ("ken", True, 1),
    ]
    assert not {"password", "totp_kek"} & set(type(people[0]).__struct_fields__)


async def test_each_change_is_recorded(rig: Rig) -> None:
    """Every change of an account says who did what to whom."""
    boss, member = await rig.join("boss", "administrator"), await rig.join("hana", "counselor")
    who, people = await boss.who(), rig.desk.people
    await people.set_roles(who, member.id, frozenset({"approver"}), frozenset({"legal"}))
    await people.disable(who, member.id)
    await people.enable(who, member.id)
    await people.reset(SYSTEM, member.id)
    rows = [(row.actor, row.act, row.object, row.detail) for row in await rig.rows.audit(0, 4)]
    assert rows == [
        (SYSTEM_NAME, "account.reset", member.id, ""),
        (boss.id, "account.enabled", member.id, ""),
        (boss.id, "account.disabled", member.id, ""),
        (boss.id, "account.roles", member.id, "approver+legal"),
    ]
