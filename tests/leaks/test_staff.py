"""Staff on the real service: what only they may know is in no row, record, log or page after."""

from __future__ import annotations

import base64
import re
from collections.abc import AsyncIterator

import httpx
import pyotp
import pytest

from bot.services.staff.answers import Invitation, System
from tests.leaks.canaries import Canaries, hits, traces
from tests.leaks.service import RunningService
from tests.web.staff.house import Browser

LOGIN = "tanaka"
SECRET = re.compile(r'class="secret">([^<]+)<')
CODE = re.compile(r"<li><code>([^<]+)</code>")
LOOPBACK = "http://127.0.0.1"


@pytest.fixture
async def browser(running: RunningService) -> AsyncIterator[Browser]:
    """A browser in front of the staff pages of the running service."""
    transport = httpx.ASGITransport(running.service.staff_application())
    async with httpx.AsyncClient(transport=transport, base_url=LOOPBACK) as client:
        yield Browser(client)


async def invited(running: RunningService) -> str:
    """The token of an invitation that was made on the command line."""
    made = await running.service.staffing.desk.people.invite(
        System(), LOGIN, "田中", frozenset({"administrator", "supervisor"}), frozenset()
    )
    assert isinstance(made, Invitation)
    return made.token


async def joined(browser: Browser, token: str, password: str) -> dict[str, bytes]:
    """Somebody follows the link, chooses a password and a second factor; what they know now."""
    join = f"/join/{token}"
    await browser.get(join)
    await browser.send(f"{join}/password", password=password, again=password)
    await browser.get(join)
    found = SECRET.search(browser.page)
    assert found is not None
    secret = found[1].replace(" ", "")
    await browser.send(f"{join}/code", code=pyotp.TOTP(secret).now())
    codes = CODE.findall(browser.page)
    assert len(codes) == 10
    known = {f"recovery code {n}": code.encode() for n, code in enumerate(codes)}
    known |= {
        f"recovery code {n} joined": code.replace("-", "").encode() for n, code in enumerate(codes)
    }
    return {
        **known,
        "the secret": secret.encode(),
        "the secret's bytes": base64.b32decode(secret),
        "the invitation": token.encode(),
        "the session": browser.client.cookies["staff"].encode(),
    }


async def everywhere(running: RunningService) -> dict[str, bytes]:
    """Every byte the service wrote or tells, with the lists of staff and of their acts."""
    lists = {
        words: await running.command(*words.split())
        for words in ("staff list", "audit list", "audit verify")
    }
    return {**await running.everything(), **lists}


async def test_what_staff_alone_know(running: RunningService, browser: Browser) -> None:
    """Password, secret, recovery codes, invitation and session, in use and after, and whatever was
    typed into the wrong field: nowhere, in no form.
    """
    canaries = Canaries()
    password = f"{canaries.word()} and a heron"
    known = await joined(browser, await invited(running), password)
    pages = {}
    for path in ("/staff", "/staff/me", "/staff/people", "/staff/audit", "/staff/limits"):
        pages[path] = (await browser.get(path)).content
    await browser.get("/staff")
    await browser.send("/staff/sign-out")
    await browser.get("/staff/sign-in")
    for fields in (
        {"login": LOGIN, "password": canaries.word("wrong")},
        {"login": canaries.word("a password as the name"), "password": "x"},
        {"login": canaries.words(), "password": canaries.words()},
    ):
        answer = await browser.send("/staff/sign-in", **fields)
        assert answer.status_code == 422
    await browser.get("/staff/sign-in")
    await browser.send("/staff/sign-in", login=LOGIN, password=password)
    half = dict(browser.client.cookies)
    await browser.send("/staff/sign-in/recovery", code=canaries.word("recovery"))
    await browser.send("/staff/sign-in/recovery", code=known["recovery code 3"].decode())
    assert browser.client.cookies["staff"] != known["the session"].decode()
    known["the session after"] = browser.client.cookies["staff"].encode()
    known |= {f"half {name}": value.encode() for name, value in half.items()}
    found = await everywhere(running)
    assert hits(found | pages) == []
    assert traces(found | pages, known) == []


async def test_an_account_that_was_reset(running: RunningService, browser: Browser) -> None:
    """After a reset neither the old secret nor what stood for password and codes is left."""
    password = f"{Canaries().word()} and a heron"
    known = await joined(browser, await invited(running), password)
    queries = (
        "SELECT password FROM staff_account",
        "SELECT totp FROM staff_account",
        "SELECT hash FROM staff_recovery",
        "SELECT mark FROM staff_session",
        "SELECT mark FROM staff_ticket",
    )
    stood: dict[str, bytes] = {}
    for query in queries:
        for n, (value,) in enumerate(running.rows(query)):
            data = value.encode() if isinstance(value, str) else value
            stood |= {f"{query} {n}": data[-24:]} if data else {}
    assert len(stood) > 10
    store = running.service.staffing.office.store
    account = await store.account_by_login(LOGIN)
    assert account is not None
    made = await running.service.staffing.desk.people.reset(System(), account.id)
    assert isinstance(made, Invitation)
    await running.stop()  # the database's log is folded in
    await running.start()
    found = await everywhere(running)
    assert traces(found, {**known, **stood, "the new link": made.token.encode()}) == []
