"""Each one's own affairs: changed only with a fresh proof, and never into a dead end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from bot.errors import StepUpNeededError
from bot.services.staff.answers import Opened, Refused, Who
from bot.services.staff.desk import OwnAccount
from bot.services.staff.records import Passkey
from tests.services.staff.authenticator import Device
from tests.services.staff.rig import MINUTE, OTHER, PASSWORD, Member, Rig, aged

Ask = Callable[[OwnAccount, Who], Awaitable[Any]]


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(lambda own, who: own.change_password(who, PASSWORD, OTHER), id="password"),
        pytest.param(lambda own, who: own.begin_totp(who), id="begin TOTP"),
        pytest.param(lambda own, who: own.confirm_totp(who, "", ""), id="confirm TOTP"),
        pytest.param(lambda own, who: own.drop_totp(who), id="drop TOTP"),
        pytest.param(lambda own, who: own.passkey_options(who), id="begin passkey"),
        pytest.param(lambda own, who: own.add_passkey(who, "", "", ""), id="add passkey"),
        pytest.param(lambda own, who: own.drop_passkey(who, ""), id="drop passkey"),
        pytest.param(lambda own, who: own.new_codes(who), id="new codes"),
    ],
)
async def test_a_screen_left_open(rig: Rig, ask: Ask) -> None:
    """Five minutes after the last proof nothing can be changed."""
    member = await rig.join("hana", "counselor")
    with pytest.raises(StepUpNeededError):
        await ask(rig.desk.own, aged(await member.who(), 5 * MINUTE))


async def test_changing_the_password(rig: Rig) -> None:
    """The new password works, the old one doesn't, and all other sessions are out."""
    member = await rig.join("hana", "counselor")
    other = member.opened
    who = await member.sign_in()
    opened = await rig.desk.own.change_password(who, PASSWORD, OTHER)
    assert isinstance(opened, Opened)
    assert await rig.desk.sessions.who(other.token) is None
    assert await rig.desk.sessions.who(member.opened.token) is None
    assert await rig.desk.sessions.who(opened.token) is not None
    assert await rig.desk.sign_in.password("hana", PASSWORD, "PC") == Refused("no_entry")
    await member.half(OTHER)


@pytest.mark.parametrize(
    ("old", "new", "answer"),
    [
        pytest.param(OTHER, OTHER, Refused("no_entry"), id="wrong old one"),
        pytest.param(PASSWORD, "short", Refused("too_short"), id="too short"),
        pytest.param(PASSWORD, PASSWORD, Refused("same_as_before"), id="the same"),
    ],
)
async def test_refused_changes(rig: Rig, old: str, new: str, answer: Refused) -> None:
    """A refused change leaves password and sessions as they are."""
    member = await rig.join("hana", "counselor")
    assert await rig.desk.own.change_password(await member.who(), old, new) == answer
    assert await rig.desk.sessions.who(member.opened.token) is not None
    await member.half(PASSWORD)


async def test_a_new_device_for_totp(rig: Rig) -> None:
    """The old secret works until the new one is confirmed, then only the new one."""
    member = await rig.join("hana", "counselor")
    who = await member.step_up()
    offer = await rig.desk.own.begin_totp(who)
    secret = offer.secret.replace(" ", "")
    assert await rig.desk.own.confirm_totp(who, offer.token, "000000") == Refused("no_entry")
    rig.later(31_000)
    assert await rig.desk.own.confirm_totp(who, offer.token, rig.code(secret)) is None
    old = await rig.desk.sign_in.totp(await member.half(), member.code(), "PC")
    assert old == Refused("no_entry")
    new = await rig.desk.sign_in.totp(await member.half(), rig.code(secret), "PC")
    assert isinstance(new, Opened)


async def test_an_offer_belongs_to_its_session(rig: Rig) -> None:
    """A TOTP offer of one person can't be confirmed by another."""
    member, other = await rig.join("hana", "counselor"), await rig.join("ken", "editor")
    offer = await rig.desk.own.begin_totp(await member.who())
    code = rig.code(offer.secret.replace(" ", ""))
    got = await rig.desk.own.confirm_totp(await other.who(), offer.token, code)
    assert got == Refused("expired")


async def test_the_last_factor_stays(rig: Rig) -> None:
    """TOTP goes only if a passkey is there, and the last passkey only if TOTP is."""
    member, device = await rig.join("hana", "counselor"), Device()
    assert await rig.desk.own.drop_totp(await member.who()) == Refused("last_factor")
    passkey = await _add(rig, member, device)
    assert await rig.desk.own.drop_totp(await member.who()) is None
    got = await rig.desk.own.drop_passkey(await member.who(), passkey.id)
    assert got == Refused("last_factor")
    ways = await rig.desk.own.ways(await member.who())
    assert (ways.totp, len(ways.passkeys), ways.codes_left) == (False, 1, 10)


async def test_two_drops_at_once(rig: Rig) -> None:
    """Two pages that drop one factor each at the same moment don't leave an account bare."""
    member, device = await rig.join("hana", "counselor"), Device()
    passkey = await _add(rig, member, device)
    who = await member.who()  # both pages were loaded before either dropped something
    assert await rig.desk.own.drop_totp(who) is None
    assert await rig.desk.own.drop_passkey(who, passkey.id) == Refused("has_another_state")


async def test_anothers_passkey(rig: Rig) -> None:
    """Nobody drops a passkey of somebody else."""
    member, other = await rig.join("hana", "counselor"), await rig.join("ken", "editor")
    passkey = await _add(rig, member, Device())
    got = await rig.desk.own.drop_passkey(await other.who(), passkey.id)
    assert got == Refused("has_another_state")
    assert len(await rig.rows.passkeys(member.id)) == 1


async def test_new_codes_void_the_old(rig: Rig) -> None:
    """Of two sets of recovery codes only the newer works."""
    member = await rig.join("hana", "counselor")
    codes = await rig.desk.own.new_codes(await member.who())
    old = await rig.desk.sign_in.recovery(await member.half(), member.codes[0], "PC")
    assert old == Refused("no_entry")
    new = await rig.desk.sign_in.recovery(await member.half(), codes[0], "PC")
    assert isinstance(new, Opened)
    assert (await rig.desk.own.ways(await member.who())).codes_left == 9


async def test_labels_are_cleaned(rig: Rig) -> None:
    """A passkey's name is cut to 40 characters and has no invisible ones."""
    member = await rig.join("hana", "counselor")
    passkey = await _add(rig, member, Device(), " \u202eevil\0\n" + "ky" * 500)
    assert passkey.label == "evil " + "ky" * 17 + "k"
    assert len(passkey.label) == 40


async def _add(rig: Rig, member: Member, device: Device, label: str = "key") -> Passkey:
    who = await member.who()
    begun = await rig.desk.own.passkey_options(who)
    got = await rig.desk.own.add_passkey(who, begun.token, device.create(begun.options), label)
    assert isinstance(got, Passkey)
    return got
