"""Passkeys: alone, as second step and for step-up; every detail of the answer is checked."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.services.staff import ceremonies
from bot.services.staff.answers import Ceremony, Half, Joined, Opened, Refused
from bot.services.staff.ports import RelyingParty
from bot.services.staff.records import Passkey
from tests.services.staff.authenticator import Device
from tests.services.staff.rig import MINUTE, PASSWORD, SYSTEM, Member, Rig, aged

NO_ENTRY = Refused("no_entry")
EXPIRED = Refused("expired")


async def with_passkey(rig: Rig, device: Device, login: str = "hana") -> Member:
    """Somebody who joined with TOTP and added a passkey."""
    member = await rig.join(login, "counselor")
    who = await member.who()
    begun = await rig.desk.own.passkey_options(who)
    added = await rig.desk.own.add_passkey(
        who, begun.token, device.create(begun.options), "YubiKey"
    )
    assert isinstance(added, Passkey)
    return member


async def begin(rig: Rig, half: str = "") -> Ceremony:
    """A ceremony for signing in."""
    begun = await rig.desk.sign_in.passkey_options(half)
    assert isinstance(begun, Ceremony)
    return begun


async def test_alone(rig: Rig) -> None:
    """A passkey that verified its user is both factors, without a login or password."""
    device = Device()
    member = await with_passkey(rig, device)
    begun = await begin(rig)
    opened = await rig.desk.sign_in.passkey(begun.token, device.get(begun.options), "PC")
    assert isinstance(opened, Opened)
    assert opened.account.id == member.id
    rows = await rig.rows.audit(0, 1)
    assert (rows[0].act, rows[0].detail) == ("sign_in", "passkey_alone")


async def test_as_second_step(rig: Rig) -> None:
    """After the password a passkey without PIN is enough; the half sign-in is used up."""
    device = Device(verifies=True)
    member = await with_passkey(rig, device)
    device.verifies = False
    half = await rig.desk.sign_in.password("hana", PASSWORD, "PC")
    assert isinstance(half, Half)
    assert half.ways == ("totp", "passkey", "recovery")
    begun = await begin(rig, half.token)
    opened = await rig.desk.sign_in.passkey(begun.token, device.get(begun.options), "PC")
    assert isinstance(opened, Opened)
    assert await rig.desk.sign_in.totp(half.token, member.code(), "PC") == EXPIRED


async def test_alone_it_must_verify_its_user(rig: Rig) -> None:
    """Somebody else's device that asks for no PIN opens nothing by itself."""
    device = Device()
    await with_passkey(rig, device)
    device.verifies = False
    begun = await begin(rig)
    got = await rig.desk.sign_in.passkey(begun.token, device.get(begun.options), "PC")
    assert got == NO_ENTRY


def _other_origin(device: Device) -> None:
    device.origin = "https://evil.example"


def _other_place(device: Device) -> None:
    device.rp_id = "evil.example"


def _other_key(device: Device) -> None:
    device.key = Device().key


def _cloned(device: Device) -> None:
    device.count = -1


def _unknown(device: Device) -> None:
    device.credential = b"never registered"


def _others_handle(device: Device) -> None:
    device.handle = "c29tZWJvZHktZWxzZQ"


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(_other_origin, id="another site's page"),
        pytest.param(_other_place, id="another site's key"),
        pytest.param(_other_key, id="another signature"),
        pytest.param(_cloned, id="a count that does not grow"),
        pytest.param(_unknown, id="an unknown credential"),
        pytest.param(_others_handle, id="another account's handle"),
    ],
)
async def test_one_wrong_detail(rig: Rig, wrong: Callable[[Device], None]) -> None:
    """One wrong detail in the answer, and nobody gets in."""
    device = Device(count=7)
    await with_passkey(rig, device)
    wrong(device)
    begun = await begin(rig)
    got = await rig.desk.sign_in.passkey(begun.token, device.get(begun.options), "PC")
    assert got == NO_ENTRY


async def test_an_answer_works_once(rig: Rig) -> None:
    """A recorded answer opens nothing a second time, nor does it fit another ceremony."""
    device = Device()
    await with_passkey(rig, device)
    begun = await begin(rig)
    answer = device.get(begun.options)
    assert isinstance(await rig.desk.sign_in.passkey(begun.token, answer, "PC"), Opened)
    assert await rig.desk.sign_in.passkey(begun.token, answer, "PC") == EXPIRED
    other = await begin(rig)
    assert await rig.desk.sign_in.passkey(other.token, answer, "PC") == NO_ENTRY


async def test_a_ceremony_fits_its_purpose_only(rig: Rig) -> None:
    """A ceremony begun for one thing opens nothing else."""
    device = Device()
    member = await with_passkey(rig, device)
    who = await member.who()
    enrolling = await rig.desk.own.passkey_options(who)
    stepping = await rig.desk.sessions.step_up_options(who)
    assert isinstance(stepping, Ceremony)
    for begun in (enrolling, stepping):
        answer = device.get(begun.options)
        assert await rig.desk.sign_in.passkey(begun.token, answer, "PC") == EXPIRED
    signing = await begin(rig)
    answer = device.get(signing.options)
    assert await rig.desk.sessions.step_up_passkey(who, signing.token, answer) == EXPIRED


async def test_anothers_passkey_as_second_step(rig: Rig) -> None:
    """After one's password another's passkey is no second factor."""
    mine, theirs = Device(), Device(credential=b"another device")
    await with_passkey(rig, mine)
    await with_passkey(rig, theirs, "ken")
    half = await rig.desk.sign_in.password("hana", PASSWORD, "PC")
    assert isinstance(half, Half)
    begun = await begin(rig, half.token)
    got = await rig.desk.sign_in.passkey(begun.token, theirs.get(begun.options), "PC")
    assert got == NO_ENTRY


async def test_disabled_with_a_passkey(rig: Rig) -> None:
    """A passkey of somebody disabled opens nothing."""
    device = Device()
    member = await with_passkey(rig, device)
    await rig.desk.people.disable(SYSTEM, member.id)
    begun = await begin(rig)
    got = await rig.desk.sign_in.passkey(begun.token, device.get(begun.options), "PC")
    assert got == NO_ENTRY


async def test_step_up(rig: Rig) -> None:
    """A passkey proves the second factor again; the token is renewed."""
    device = Device()
    member = await with_passkey(rig, device)
    rig.later(6 * MINUTE)
    who = await member.who()
    begun = await rig.desk.sessions.step_up_options(who)
    assert isinstance(begun, Ceremony)
    answer = device.get(begun.options)
    opened = await rig.desk.sessions.step_up_passkey(who, begun.token, answer)
    assert isinstance(opened, Opened)
    assert await rig.desk.sessions.who(member.opened.token) is None
    now = await rig.desk.sessions.who(opened.token)
    assert now is not None
    assert now.stepped_up


async def test_where_phones_are_not_allowed(rig: Rig) -> None:
    """Somebody joins with a password and a passkey, and never needs a phone."""
    device = Device()
    invitation = await rig.invite("hana", "counselor")
    await rig.desk.joining.choose_password(invitation.token, PASSWORD)
    begun = await rig.desk.joining.passkey_options(invitation.token)
    assert isinstance(begun, Ceremony)
    joined = await rig.desk.joining.passkey(
        invitation.token, begun.token, device.create(begun.options), "desk", "PC"
    )
    assert isinstance(joined, Joined)
    half = await rig.desk.sign_in.password("hana", PASSWORD, "PC")
    assert isinstance(half, Half)
    assert half.ways == ("passkey", "recovery")


async def test_one_credential_belongs_to_one_account(rig: Rig) -> None:
    """A credential that is registered already can't be taken over by another account."""
    device = Device()
    await with_passkey(rig, device)
    other = await rig.join("ken", "editor")
    who = await other.who()
    begun = await rig.desk.own.passkey_options(who)
    got = await rig.desk.own.add_passkey(who, begun.token, device.create(begun.options), "mine")
    assert got == Refused("has_another_state")


async def test_the_device_must_ask_for_its_user_when_it_is_added(rig: Rig) -> None:
    """A device that verifies nobody can't be added: it would be one factor only."""
    member = await rig.join("hana", "counselor")
    who = await member.who()
    begun = await rig.desk.own.passkey_options(who)
    answer = Device(verifies=False).create(begun.options)
    assert await rig.desk.own.add_passkey(who, begun.token, answer, "x") == NO_ENTRY


async def test_ceremonies_are_not_begun_without_end(rig: Rig) -> None:
    """Strangers can begin 120 ceremonies a minute together; then they wait."""
    for _ in range(120):
        await begin(rig)
    assert await rig.desk.sign_in.passkey_options() == NO_ENTRY
    rig.later(MINUTE)
    await begin(rig)


ODD = st.one_of(
    st.text(max_size=40),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=8), inner),
        max_leaves=8,
    ).map(json.dumps),
    st.fixed_dictionaries(
        {
            "id": st.sampled_from(["", "AAAA", "!", None, 7]),
            "rawId": st.sampled_from(["AAAA", "%%", None]),
            "type": st.sampled_from(["public-key", "x"]),
            "response": st.dictionaries(
                st.sampled_from(
                    ["clientDataJSON", "authenticatorData", "signature", "attestationObject"]
                ),
                st.text(max_size=20),
            ),
        }
    ).map(json.dumps),
)


@given(answer=ODD)
def test_no_answer_crashes(answer: str) -> None:
    """Whatever a browser sends in the place of an answer, it is no proof and no fault."""
    relying = RelyingParty("localhost", ("http://localhost:8001",))
    passkey = Passkey("id", "account", b"c", b"k", 0, "", 0)
    ceremonies.credential_in(answer)
    with pytest.raises(ceremonies.UnprovedError):
        ceremonies.proved(relying, b"c" * 32, answer, passkey, alone=True)
    with pytest.raises(ceremonies.UnprovedError):
        ceremonies.registered(relying, b"c" * 32, answer)


def test_a_huge_answer() -> None:
    """A megabyte of brackets is refused before it is parsed."""
    relying = RelyingParty("localhost", ("http://localhost:8001",))
    assert ceremonies.credential_in("[" * 1_000_000) == b""
    with pytest.raises(ceremonies.UnprovedError):
        ceremonies.registered(relying, b"c" * 32, "[" * 1_000_000)


async def test_adding_needs_a_fresh_proof(rig: Rig) -> None:
    """A screen left open does not let anybody add a passkey."""
    from bot.errors import StepUpNeededError

    member = await rig.join("hana", "counselor")
    with pytest.raises(StepUpNeededError):
        await rig.desk.own.passkey_options(aged(await member.who(), 5 * MINUTE))
