"""Demo accounts, keys that rotate, roles: what holds for the office as a whole."""

from __future__ import annotations

import re

import pytest
from msgspec.structs import replace

from bot.privacy.envelope import new_key
from bot.privacy.keyring import Kek
from bot.services.staff.acts import ACTS
from bot.services.staff.opening import demo_logins, reseal, seed_demo, tidy, warm
from bot.services.staff.permissions import (
    PERMISSIONS,
    ROLES,
    Permission,
    Role,
    permissions_of,
    roles_with,
)
from tests.repository import ROOT
from tests.services.staff.rig import DAY, HOUR, Rig


async def test_one_demo_account_for_each_role(demo_rig: Rig) -> None:
    """The demo has each role once; seeding again changes nothing."""
    await seed_demo(demo_rig.office)
    before = await demo_rig.rows.accounts()
    assert {each.login for each in before} == set(ROLES)
    await seed_demo(demo_rig.office)
    assert await demo_rig.rows.accounts() == before
    assert await demo_logins(demo_rig.office) == tuple(sorted(ROLES))


async def test_rotated_keys(rig: Rig) -> None:
    """After a rotation secrets move to the new key; then the old one can be destroyed."""
    member = await rig.join("hana", "counselor")
    old = rig.keyring.current
    new = Kek(id="newer", key=new_key(), state="current")
    rig.keyring = replace(rig.keyring, keks=(replace(old, state="old"), new))
    assert await reseal(rig.office) == 1
    assert await reseal(rig.office) == 0
    assert await rig.rows.keks() == ("newer",)
    gone = replace(old, state="destroyed", key=b"")
    rig.keyring = replace(rig.keyring, keks=(gone, new))
    await member.sign_in()


async def test_a_sign_in_moves_to_the_new_key_too(rig: Rig) -> None:
    """Who signs in after a rotation is sealed under the new key at once."""
    member = await rig.join("hana", "counselor")
    old = replace(rig.keyring.current, state="old")
    new = Kek(id="newer", key=new_key(), state="current")
    rig.keyring = replace(rig.keyring, keks=(old, new))
    await member.sign_in()
    assert await rig.rows.keks() == ("newer",)


async def test_tidying(rig: Rig) -> None:
    """Invitations past their day and sessions past their hours are deleted."""
    await rig.invite("ken", "editor")
    await rig.join("hana", "counselor")
    rig.later(10 * HOUR + 1)
    await tidy(rig.office, 365 * DAY)
    assert await rig.rows.sessions() == ()
    assert len(rig.store.staff._tables.tickets) == 1
    rig.later(DAY)
    await tidy(rig.office, 365 * DAY)
    assert len(rig.store.staff._tables.tickets) == 0


async def test_the_hash_of_nobody_is_ready(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """After warming up, the first unknown login is hashed against once, like any other."""
    await warm(rig.office)
    monkeypatch.setattr(rig.office.passwords, "hash", None)  # would fail if it were needed
    await rig.desk.sign_in.password("nobody", "whatever it is", "PC")


def test_every_permission_has_a_role() -> None:
    """No permission is out of everybody's reach, and all look after their own account."""
    assert all(roles_with(permission) for permission in PERMISSIONS)
    assert roles_with("own.account") == ROLES
    assert permissions_of(()) == {"own.account"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("staff.manage", "case.claim", id="accounts and cases"),
        pytest.param("content.edit", "content.approve", id="writing and signing"),
        pytest.param("staff.manage", "case.read_closed", id="accounts and closed cases"),
    ],
)
def test_kept_apart(one: Permission, other: Permission) -> None:
    """No single role holds both."""
    both: list[Role] = [role for role in ROLES if {one, other} <= permissions_of((role,))]
    assert both == []


def test_every_act_is_explained() -> None:
    """Each act that the services record stands in the table of acts, and no others do."""
    code = "".join(
        path.read_text("utf-8")
        for path in sorted((ROOT / "bot" / "services" / "staff").glob("*.py"))
        if path.name != "acts.py"
    )
    assert [act for act in ACTS if f'"{act}"' not in code] == []
    written = re.findall(
        r'(?:\.act\(\s*[\w.]+, |Act\([^"]*SYSTEM, |_note_failure\(|[A-Z]+ = )"([a-z_.]+)"', code
    )
    others = {"system", "acts"}
    assert set(written) - set(ACTS) - others == set()
    assert len(set(written)) > 20
