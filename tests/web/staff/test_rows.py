"""What the staff pages show and change: people, limits, the record; and nobody else's rows."""

from __future__ import annotations

import re

import pytest

from bot.services.staff.records import Passkey, StaffWrite
from bot.web.staff.office import HERE
from tests.web.staff.house import HOSTILE, HOUR, PAGES, TEXTS, Browser, StaffHouse, signed_in


@pytest.mark.parametrize("hostile", HOSTILE)
async def test_names_are_only_words(house: StaffHouse, browser: Browser, hostile: str) -> None:
    """Whatever somebody calls themselves, a device or a passkey: no page takes it for markup."""
    await signed_in(house, browser)
    other = (await house.join("sato")).opened.account
    await house.spoil("sato", hostile)
    await house.spoil("tanaka", hostile)
    me = await house.store.account_by_login("tanaka")
    assert me is not None
    key = Passkey(hostile, me.id, b"c", b"k", 0, hostile, house.now)
    assert await house.store.save(StaffWrite(passkeys=(key,)), house.now) is not None
    for path in (*PAGES, f"/staff/people/{other.id}"):
        page = (await browser.get(path)).text
        assert "alert(1)>" not in page
        assert "<script>" not in page
        assert "<img" not in page
        assert f"={hostile}" not in page
        if hostile == "{{7*7}}" and path == "/staff/me":
            assert hostile in page  # as it was written, and not reckoned out


async def test_what_is_typed_comes_back_as_words(house: StaffHouse, browser: Browser) -> None:
    """A hostile login is handed back in its field, and stays there."""
    await signed_in(house, browser)
    for hostile in HOSTILE:
        await browser.get("/staff/people/invite")
        answer = await browser.send("/staff/people/invite", login=hostile, name=hostile)
        assert answer.status_code == 422
        assert "<script>alert" not in browser.page
        assert "<img" not in browser.page


async def test_somebody_elses_rows(house: StaffHouse, browser: Browser) -> None:
    """Ids of others do nothing: their sessions, passkeys and secrets stay as they are."""
    other = (await house.join("sato")).opened
    browser.carry((await house.join("tanaka")).opened.token)
    key = Passkey("k" * 22, other.account.id, b"c", b"k", 0, "key", house.now)
    assert await house.store.save(StaffWrite(passkeys=(key,)), house.now) is not None
    await browser.get("/staff/me")
    proof = {"proof": browser.hidden("/staff/me/totp")["proof"]}
    answer = await browser.client.post(
        "/staff/me/sessions/end", data={**proof, "session": other.session.id}
    )
    assert answer.status_code == 404
    assert await house.desk.sessions.who(other.token) is not None
    await browser.client.post("/staff/me/passkeys/drop", data={**proof, "passkey": key.id})
    assert [each.id for each in await house.store.passkeys(other.account.id)] == [key.id]
    who = await house.desk.sessions.who(other.token)
    assert who is not None
    enrolment = await house.desk.own.begin_totp(who)
    answer = await browser.client.post(
        "/staff/me/totp/confirm", data={**proof, "token": enrolment.token, "code": "000000"}
    )
    assert answer.status_code == 422
    answer = await browser.client.post(
        f"/staff/people/{other.account.id}/sessions/end",
        data={**proof, "session": other.session.id},
    )
    assert answer.status_code == 403


async def test_an_administrator_ends_anybodys_session(house: StaffHouse, browser: Browser) -> None:
    """… by the person's page; a session of a third person is not found there."""
    await signed_in(house, browser)
    sato, suzuki = (await house.join("sato")).opened, (await house.join("suzuki")).opened
    page = f"/staff/people/{sato.account.id}"
    await browser.get(page)
    wrong = await browser.send(f"{page}/sessions/end", session=suzuki.session.id)
    assert wrong.status_code == 404
    await browser.get(page)
    assert (await browser.send(f"{page}/sessions/end")).headers["location"] == page
    assert await house.desk.sessions.who(sato.token) is None
    assert await house.desk.sessions.who(suzuki.token) is not None


async def test_people_are_managed(house: StaffHouse, browser: Browser) -> None:
    """Roles, reset, out and in again; the last administrator stays one."""
    mine = await signed_in(house, browser)
    sato = (await house.join("sato")).opened.account
    page = f"/staff/people/{sato.id}"
    for act, fields in (
        ("roles", {"role_editor": "1"}),
        ("disable", {}),
        ("enable", {}),
    ):
        await browser.get(page)
        assert (await browser.send(f"{page}/{act}", **fields)).headers["location"] == page
    changed = await house.store.account_by_login("sato")
    assert changed is not None
    assert (changed.roles, changed.status) == (frozenset({"editor"}), "active")
    await browser.get(page)
    assert (await browser.send(f"{page}/reset")).status_code == 200
    assert "/join/" in browser.page
    own = f"/staff/people/{mine.account.id}"
    await browser.get(own)
    assert (await browser.send(f"{own}/disable")).status_code == 422
    assert TEXTS["staff.reason_last_administrator"] in browser.page
    assert (await browser.get("/staff/people/" + "x" * 22)).status_code == 404


async def test_limits_are_answered(house: StaffHouse, browser: Browser) -> None:
    """Two words, no text; a day, a week or not; nobody in danger is limited."""
    await signed_in(house, browser)
    day, no, danger = house.limits.ask("c1"), house.limits.ask("c2"), house.limits.ask("c3", 2)
    await browser.get("/staff/limits")
    assert "やなぎ c1" in browser.page
    assert browser.page.count('value="week"') == 2  # nothing but "no" for whom may be in danger
    assert browser.page.count('value="no"') == 3
    for name, choice, status in ((day, "day", 303), (no, "no", 303), (danger, "week", 422)):
        answer = await browser.send("/staff/limits", conversation=name, choice=choice)
        assert answer.status_code == status, choice
    assert TEXTS["staff.reason_in_danger"] in browser.page
    assert house.limits.answered == {day: house.now + 24 * HOUR, no: 0}
    answer = await browser.send("/staff/limits", conversation=danger, choice="for ever")
    assert answer.status_code == 422


async def test_the_record_is_shown_and_verified(house: StaffHouse, browser: Browser) -> None:
    """Rows with logins for ids, page by page; a broken link is found and its number said."""
    await signed_in(house, browser)
    for _ in range(60):
        browser.carry((await house.sign_in("tanaka")).token)
    await browser.get("/staff/audit")
    assert browser.page.count('<th scope="row"') == 50
    older = re.search(r'href="(/staff/audit\?before=\d+)"', browser.page)
    assert older is not None
    assert "tanaka" in browser.page
    await browser.get(older[1])
    assert TEXTS["staff.audit_newest"] in browser.page
    await browser.get("/staff/audit")
    await browser.send("/staff/audit/verify")
    assert TEXTS["staff.audit_whole"] in browser.page
    house.tamper(7)
    await browser.send("/staff/audit/verify")
    assert f"{TEXTS['staff.audit_broken']} 7" in browser.page


@pytest.mark.parametrize("asked", ["", "x", "-1", "9" * 30, "１", "0"])
async def test_odd_page_numbers_show_the_newest(
    house: StaffHouse, browser: Browser, asked: str
) -> None:
    """Whatever stands in the address, the record is shown."""
    await signed_in(house, browser)
    assert (await browser.get(f"/staff/audit?before={asked}")).status_code == 200


def test_each_act_of_the_record_has_its_words() -> None:
    """Whatever the services record is shown in words; a new act needs a sentence."""
    services = HERE.parents[1] / "services/staff"
    source = "".join(path.read_text("utf-8") for path in sorted(services.glob("*.py")))
    acts = set(
        re.findall(r'(?:\bact|Act|_note_failure)\([^"()]*?(?:\(\))?[^"()]*"([a-z_.]+)"', source)
    )
    assert {"sign_in", "sign_in.refused", "account.roles", "limit.answered"} <= acts
    acts |= {"audit.checkpoint", "audit.tidied"}
    words = {key.removeprefix("staff.act_") for key in TEXTS if key.startswith("staff.act_")}
    assert words == {each.replace(".", "_") for each in acts}
