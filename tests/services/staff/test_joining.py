"""From invitation to account: once, within a day, and only whole."""

from __future__ import annotations

import pytest

from bot.services.staff.answers import Invitee, Joined, Opened, Reason, Refused
from tests.services.staff.rig import DAY, HOUR, OTHER, PASSWORD, SYSTEM, Rig

EXPIRED = Refused("expired")


async def secret_of(rig: Rig, token: str) -> str:
    """The TOTP secret that an invitee is shown."""
    invitee = await rig.desk.joining.look(token)
    assert invitee is not None
    assert invitee.enrolment is not None
    return invitee.enrolment.secret.replace(" ", "")


async def test_the_steps(rig: Rig) -> None:
    """Looking, choosing a password, confirming a code: then the account is there, signed in."""
    invitation = await rig.invite("hana", "counselor")
    invitee = await rig.desk.joining.look(invitation.token)
    assert invitee is not None
    assert (invitee.login, invitee.password_chosen, invitee.enrolment) == ("hana", False, None)
    chosen = await rig.desk.joining.choose_password(invitation.token, PASSWORD)
    assert isinstance(chosen, Invitee)
    assert chosen.enrolment is not None
    assert chosen.enrolment.address.startswith("otpauth://totp/")
    assert "secret=" in chosen.enrolment.address
    code = rig.code(await secret_of(rig, invitation.token))
    joined = await rig.desk.joining.confirm_totp(invitation.token, code, "PC")
    assert isinstance(joined, Joined)
    assert len(set(joined.codes)) == 10
    assert await rig.desk.sessions.who(joined.opened.token) is not None


async def test_an_invitation_works_once(rig: Rig) -> None:
    """After the last step the link is dead: nobody sets another password with it."""
    invitation = await rig.invite("hana", "counselor")
    await rig.desk.joining.choose_password(invitation.token, PASSWORD)
    code = rig.code(await secret_of(rig, invitation.token))
    assert isinstance(await rig.desk.joining.confirm_totp(invitation.token, code, "PC"), Joined)
    assert await rig.desk.joining.look(invitation.token) is None
    assert await rig.desk.joining.choose_password(invitation.token, OTHER) == EXPIRED
    assert await rig.desk.joining.confirm_totp(invitation.token, code, "PC") == EXPIRED
    assert await rig.desk.joining.passkey_options(invitation.token) == EXPIRED


async def test_looking_uses_nothing_up(rig: Rig) -> None:
    """A mail program's preview, or a second look, doesn't cost the invitation."""
    invitation = await rig.invite("hana", "counselor")
    for _ in range(5):
        assert await rig.desk.joining.look(invitation.token) is not None


async def test_a_day_at_most(rig: Rig) -> None:
    """An invitation is dead after 24 hours, also half used."""
    invitation = await rig.invite("hana", "counselor")
    rig.later(DAY - HOUR)
    await rig.desk.joining.choose_password(invitation.token, PASSWORD)
    secret = await secret_of(rig, invitation.token)
    rig.later(HOUR)
    got = await rig.desk.joining.confirm_totp(invitation.token, rig.code(secret), "PC")
    assert got == EXPIRED
    assert await rig.desk.joining.look(invitation.token) is None


async def test_no_code_without_a_password(rig: Rig) -> None:
    """The second step alone is refused: there is no secret yet."""
    invitation = await rig.invite("hana", "counselor")
    assert await rig.desk.joining.confirm_totp(invitation.token, "000000", "PC") == EXPIRED
    assert await rig.desk.joining.passkey_options(invitation.token) == EXPIRED


async def test_a_wrong_code_changes_nothing(rig: Rig) -> None:
    """A mistyped code can be typed again; until then nobody can sign in."""
    invitation = await rig.invite("hana", "counselor")
    await rig.desk.joining.choose_password(invitation.token, PASSWORD)
    got = await rig.desk.joining.confirm_totp(invitation.token, "000000", "PC")
    assert got == Refused("no_entry")
    assert await rig.desk.sign_in.password("hana", PASSWORD, "PC") == Refused("no_entry")
    code = rig.code(await secret_of(rig, invitation.token))
    assert isinstance(await rig.desk.joining.confirm_totp(invitation.token, code, "PC"), Joined)


async def test_the_code_of_joining_is_used_up(rig: Rig) -> None:
    """The code that confirmed the device opens no session afterwards."""
    member = await rig.join("hana", "counselor")
    got = await rig.desk.sign_in.totp(await member.half(), rig.code(member.secret), "PC")
    assert got == Refused("no_entry")


async def test_a_disabled_invitee(rig: Rig) -> None:
    """Who is disabled before joining can't join."""
    invitation = await rig.invite("hana", "counselor")
    await rig.desk.people.disable(SYSTEM, invitation.account.id)
    assert await rig.desk.joining.look(invitation.token) is None


async def test_what_was_chosen_is_sealed(rig: Rig) -> None:
    """Between the steps the secret stands in the ticket, but not in clear."""
    invitation = await rig.invite("hana", "counselor")
    await rig.desk.joining.choose_password(invitation.token, PASSWORD)
    secret = await secret_of(rig, invitation.token)
    kept = b"".join(each.data for each in rig.store.staff._tables.tickets.values())
    assert secret.encode() not in kept
    assert b"argon2" not in kept


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        pytest.param("elevenchars", "too_short", id="11 characters"),
        pytest.param("寒い朝の庭", "too_short", id="5 characters of 15 bytes"),
        pytest.param("river " * 50, "too_long", id="300 characters"),
        pytest.param("passwordpassword", "too_common", id="twice the commonest"),
        pytest.param("P@ssw0rd!2027", "too_common", id="dressed up"),
        pytest.param("123456789012", "too_common", id="a run"),
        pytest.param("aaaaaaaaaaaaaaaa", "too_common", id="one key"),
        pytest.param("qwertyuiopasdf", "too_common", id="along the keyboard"),
        pytest.param("パスワードパスワード12", "too_common", id="in Japanese"),
        pytest.param("hanako.mori-2027", "tells_too_much", id="the login"),
        pytest.param("engawa-supervisor!", "tells_too_much", id="this service"),
        pytest.param("こころの健康センター2027", "tells_too_much", id="the centre"),
    ],
)
async def test_refused_passwords(rig: Rig, password: str, reason: Reason) -> None:
    """What is short, common or tells of the account is refused with the reason."""
    invitation = await rig.invite("hanako.mori", "counselor")
    got = await rig.desk.joining.choose_password(invitation.token, password)
    assert got == Refused(reason)


@pytest.mark.parametrize(
    "password",
    [
        pytest.param("twelve chrs!", id="12 characters"),
        pytest.param("only small letters here", id="no digits, no signs"),
        pytest.param("729406183555", id="digits only"),
        pytest.param("ひさしぶりの雨とねこのあしおと", id="Japanese"),
        pytest.param(" spaces at both ends ", id="spaces"),
        pytest.param("a<b>&\"'--;%00\\ok then", id="signs"),
        pytest.param("🐈🌧️🏯🍵🎐🪭🦊🎋🏮🐟🌾🍡", id="pictures"),
        pytest.param("the owl counts small lanterns by the pond " * 6, id="252 characters"),
    ],
)
async def test_accepted_passwords(rig: Rig, password: str) -> None:
    """Any kind of characters will do, and what was chosen is what works."""
    invitation = await rig.invite("hana", "counselor")
    await rig.desk.joining.choose_password(invitation.token, password)
    code = rig.code(await secret_of(rig, invitation.token))
    assert isinstance(await rig.desk.joining.confirm_totp(invitation.token, code, "PC"), Joined)
    assert not isinstance(await rig.desk.sign_in.password("hana", password, "PC"), Refused)
    got = await rig.desk.sign_in.password("hana", password[:-1], "PC")
    assert got == Refused("no_entry")


async def test_the_same_word_from_another_keyboard(rig: Rig) -> None:
    """Half and full width, composed or not: the same password."""
    invitation = await rig.invite("hana", "counselor")
    await rig.desk.joining.choose_password(invitation.token, "ガラスの鉢と金魚が三匹 Ok")
    code = rig.code(await secret_of(rig, invitation.token))
    await rig.desk.joining.confirm_totp(invitation.token, code, "PC")
    got = await rig.desk.sign_in.password("hana", "ｶﾞラスの鉢と金魚が三匹 Ｏｋ", "PC")
    assert not isinstance(got, Refused | Opened)
