"""What every staff page keeps to: headers, cookies, sentences, markup, and nobody else's rows."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from bot.errors import StoreUnavailableError
from bot.services.staff.permissions import APPROVER_KINDS, PERMISSIONS, ROLES
from bot.web.staff.devices import device_words
from bot.web.staff.drawing import qr_code
from bot.web.staff.headers import CONTENT_SECURITY_POLICY
from bot.web.staff.limits import CHOICES
from bot.web.staff.office import HERE
from bot.web.staff.ports import StaffSettings
from tests.web.staff.house import PAGES, TEXTS, Browser, StaffHouse, signed_in
from tests.web.stand_ins import read_messages
from tests.web.test_looks import contrast

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


@pytest.mark.parametrize(
    ("error", "status", "key"),
    [
        pytest.param(StoreUnavailableError("locked"), 503, "staff.store_down", id="store down"),
        pytest.param(ValueError("secret words"), 500, "staff.error", id="a fault of ours"),
    ],
)
async def test_faults_end_in_a_kind_page(
    house: StaffHouse,
    browser: Browser,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    status: int,
    key: str,
) -> None:
    """The page says what to do; the log has kind and place of the fault, and none of its words."""

    async def fail(*_: object) -> None:
        raise error

    await signed_in(house, browser)
    monkeypatch.setattr(house.store, "session", fail)
    answer = await browser.get("/staff")
    assert answer.status_code == status
    assert TEXTS[key] in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert type(error).__name__ in caplog.text
    assert str(error) not in caplog.text + answer.text


@pytest.mark.parametrize(
    ("host", "status"),
    [
        pytest.param("staff.example.jp", 200, id="the name set"),
        pytest.param("staff.example.jp:443", 200, id="with a port"),
        pytest.param("127.0.0.1:8001", 200, id="the machine itself"),
        pytest.param("evil.example", 403, id="another name that leads here"),
        pytest.param("staff.example.jp.evil.example", 403, id="ours in front of another"),
    ],
)
async def test_only_by_our_name(host: str, status: int) -> None:
    """Where staff.url is set, a page elsewhere can't pass for ours by a name that leads here."""
    house = StaffHouse(settings=StaffSettings(url="https://staff.example.jp", recheck=0.01))
    transport = httpx.ASGITransport(house.application())
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        answer = await client.get("/staff/sign-in", headers={"host": host})
        assert answer.status_code == status
        assert ("set-cookie" in answer.headers) is (status == 200)


async def test_any_name_without_ours(house: StaffHouse) -> None:
    """Where staff.url is not set, an office may reach the pages by whatever name leads there."""
    transport = httpx.ASGITransport(house.application())
    async with httpx.AsyncClient(transport=transport, base_url="http://10.0.0.7:8001") as client:
        assert (await client.get("/staff/sign-in")).status_code == 200
