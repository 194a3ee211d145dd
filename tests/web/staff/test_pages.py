"""What every staff page keeps to: headers, cookies, sentences, markup, and nobody else's rows."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from bot.services.staff.answers import Opened
from bot.services.staff.permissions import APPROVER_KINDS, PERMISSIONS, ROLES, Role
from bot.services.staff.records import Passkey, StaffWrite
from bot.web.staff.devices import device_words
from bot.web.staff.drawing import qr_code
from bot.web.staff.headers import CONTENT_SECURITY_POLICY
from bot.web.staff.limits import CHOICES
from bot.web.staff.office import HERE
from tests.web.staff.house import HOUR, TEXTS, Browser, StaffHouse
from tests.web.stand_ins import read_messages
from tests.web.test_looks import contrast

EVERY_ROLE: tuple[Role, ...] = ("administrator", "supervisor")
PAGES = (
    "/staff",
    "/staff/me",
    "/staff/me/password",
    "/staff/me/passkeys",
    "/staff/again",
    "/staff/people",
    "/staff/people/invite",
    "/staff/audit",
    "/staff/limits",
    "/staff/nowhere",
    "/staff/sign-in",
)
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'-alert(1)-'",
    "{{7*7}}",
    "</title><svg onload=alert(1)>",
    "javascript:alert(1)",
    "\u202e\u2066evil",
)
SOURCES = [*HERE.rglob("*.html"), *HERE.rglob("*.py")]
KEY = re.compile(r"""['"]staff\.([a-z0-9_]+)['"]""")
FAMILIES = {
    *(f"role_{each}" for each in ROLES),
    *(f"kind_{each}" for each in APPROVER_KINDS),
    *(f"status_{each}" for each in ("invited", "active", "disabled")),
    *(f"may_{each.replace('.', '_')}" for each in PERMISSIONS),
    *(f"limit_{each}" for each in CHOICES),
}


def reasons() -> set[str]:
    """The codes with which services refuse, and the pages' own."""
    source = (HERE.parents[1] / "services/staff/answers.py").read_text("utf-8")
    codes = re.findall(r'"(\w+)"', source.split("Reason = Literal[")[1].split("]\n")[0])
    own = {"wrong_code", "wrong_password", "wrong_proof", "not_twice"}
    return {f"reason_{code}" for code in {*codes, *own}}


async def signed_in(house: StaffHouse, browser: Browser) -> Opened:
    opened = (await house.join("tanaka", EVERY_ROLE)).opened
    browser.carry(opened.token)
    return opened


def test_every_sentence_is_used_and_there() -> None:
    """messages/ja/staff.yaml has what the pages use, and nothing else but names of acts."""
    used = {key for path in SOURCES for key in KEY.findall(path.read_text("utf-8"))}
    used = {key for key in used if not key.endswith("_")} - {"css", "svg", "manage"}
    there = {key.removeprefix("staff.") for key in TEXTS if key.startswith("staff.")}
    acts = {key for key in there if key.startswith("act_")}
    assert there - acts == used | FAMILIES | reasons()


@pytest.mark.parametrize("language", ["en", "ja-easy"])
def test_every_language_has_the_pages(language: str) -> None:
    """Each sentence exists in the other languages, too."""
    texts = read_messages().texts
    keys = {key for key in texts["ja"] if key.startswith("staff.")}
    assert keys == {key for key in texts[language] if key.startswith("staff.")}


@pytest.mark.parametrize("path", PAGES)
async def test_headers_are_strict(house: StaffHouse, browser: Browser, path: str) -> None:
    """The whole policy on every page; nothing is kept, nothing is told, nothing frames it."""
    await signed_in(house, browser)
    answer = await browser.get(path)
    headers = answer.headers
    assert headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-frame-options"] == "DENY"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "strict-transport-security" not in headers
    assert not re.search(r"<style|style=|\son\w+=|<script(?! type=\"module\" src=)", answer.text)
    assert not re.search(r"(src|action)=\"(?!/)", answer.text)
    assert "staff." not in re.sub(r"/static/staff\.\w+\.\w+", "", answer.text)  # no bare key


def test_the_policy_allows_nothing_but_ourselves() -> None:
    """No inline script or style, no eval, no other host, no frame, no form elsewhere."""
    rules = dict(part.split(" ", 1) for part in CONTENT_SECURITY_POLICY.split("; "))
    assert set(rules.values()) == {"'none'", "'self'"}
    none = {name for name, value in rules.items() if value == "'none'"}
    assert none == {"default-src", "base-uri", "frame-ancestors"}


@pytest.mark.parametrize(
    ("base", "name", "secure"),
    [
        pytest.param("http://127.0.0.1", "staff-door", False, id="this machine"),
        pytest.param("https://staff.example", "__Host-staff-door", True, id="https"),
        pytest.param("http://staff.example", "__Host-staff-door", True, id="behind a proxy"),
    ],
)
async def test_cookies_are_strict(house: StaffHouse, base: str, name: str, secure: bool) -> None:
    """HttpOnly, SameSite=Strict, for the whole host and no other; Secure but on the machine."""
    transport = httpx.ASGITransport(house.application())
    async with httpx.AsyncClient(transport=transport, base_url=base) as client:
        answer = await client.get("/staff/sign-in")
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith(f"{name}=")
        assert ("Secure" in cookie) is secure
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        assert "Path=/" in cookie
        assert "Domain" not in cookie
        assert ("strict-transport-security" in answer.headers) is base.startswith("https")


async def test_signing_in_needs_our_own_form(house: StaffHouse, browser: Browser) -> None:
    """Another site can't sign somebody in as somebody else: without our mark it is refused."""
    await house.join("tanaka")
    answer = await browser.client.post("/staff/sign-in", data={"login": "tanaka", "password": "x"})
    assert answer.status_code == 403
    assert TEXTS["staff.no_cookie"] in answer.text
    await browser.get("/staff/sign-in")
    form = browser.hidden("/staff/sign-in")
    browser.client.cookies.clear()
    answer = await browser.client.post("/staff/sign-in", data={**form, "login": "tanaka"})
    assert answer.status_code == 403


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


@pytest.mark.parametrize(
    ("cap", "status"),
    [pytest.param(1_000, 403, id="small"), pytest.param(1_000_000, 413, id="huge")],
)
async def test_bodies_have_a_cap(
    house: StaffHouse, browser: Browser, cap: int, status: int
) -> None:
    """A huge form is refused before it is read; a long password is not."""
    answer = await browser.client.post("/staff/sign-in", data={"password": "x" * cap})
    assert answer.status_code == status


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


async def test_english_where_a_browser_wants_it(house: StaffHouse, browser: Browser) -> None:
    """Japanese first; English for whom the browser says so."""
    page = (await browser.get("/staff/sign-in", **{"accept-language": "en-GB,en;q=0.9"})).text
    assert '<html lang="en">' in page
    assert "Sign in" in page
    page = (await browser.get("/staff/sign-in", **{"accept-language": "fr,ja;q=0.5"})).text
    assert '<html lang="ja">' in page


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        pytest.param(
            "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0", "Firefox, Windows", id="firefox"
        ),
        pytest.param(
            "Mozilla/5.0 (Windows NT 10.0) Chrome/140 Safari/537 Edg/140",
            "Edge, Windows",
            id="edge",
        ),
        pytest.param(
            "Mozilla/5.0 (Linux; Android 9) Chrome/99 Safari", "Chrome, Android", id="old"
        ),
        pytest.param(
            "Mozilla/5.0 (iPhone; like Mac OS X) Safari/604", "Safari, iPhone", id="phone"
        ),
        pytest.param("<script>", "", id="nonsense"),
    ],
)
def test_devices_in_a_few_words(agent: str, words: str) -> None:
    """What the list of sessions says about a browser, and nothing else of it."""
    assert device_words(agent) == words


def test_a_qr_code_is_drawn_without_style() -> None:
    """It fits the policy of the page, and holds none of the address as text."""
    drawn = str(qr_code("otpauth://totp/x?secret=ABCDEF"))
    assert drawn.startswith("<svg ")
    assert "style" not in drawn
    assert "ABCDEF" not in drawn


CSS = Path(HERE / "static" / "staff.css").read_text("utf-8")
LIGHT, DARK = (
    dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block))
    for block in re.findall(r":root \{(.*?)\}", CSS, re.S)
)


@pytest.mark.parametrize("colors", [pytest.param(LIGHT, id="light"), pytest.param(DARK, id="dark")])
def test_everything_can_be_read(colors: dict[str, str]) -> None:
    """Text has 4.5 to 1 on each ground it stands on, edges 3 to 1."""
    for text, grounds in (
        ("ink", ("ground", "paper", "alarm-ground", "good-ground")),
        ("quiet", ("ground", "paper")),
        ("lamp", ("ground", "paper", "alarm-ground")),
        ("alarm", ("paper",)),
        ("on-lamp", ("lamp",)),
    ):
        for ground in grounds:
            assert contrast(colors[text], colors[ground]) >= 4.5, (text, ground)
    for edge in ("wood", "alarm", "good"):
        assert contrast(colors[edge], colors["paper"]) >= 3, edge
    assert contrast(colors["wood"], colors["ground"]) >= 3


def test_nothing_is_fetched_by_style() -> None:
    """The style sheet names no address and no font of ours."""
    assert "url(" not in CSS
    assert "@import" not in CSS
    assert "@font-face" not in CSS


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
