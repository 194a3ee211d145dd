"""The staff pages have a listener of their own: what it serves, prints and refuses."""

from __future__ import annotations

import asyncio
import re
import socket
from pathlib import Path

import httpx

from bot.app.aliases import alias
from tests.app.process import PATIENCE, Serving, engawa, environment, key_file, serving, stop


def staff_address(process: Serving) -> str:
    """Where the staff pages are, from what was printed."""
    found = re.search(r"staff +(http://localhost:\d+)/staff", "\n".join(process.printed))
    assert found is not None, process.printed
    return found[1]


async def test_two_listeners_that_share_nothing(tmp_path: Path) -> None:
    """The public port knows no staff page, the staff port no room; both are alive."""
    env = environment(tmp_path, ENGAWA_KEY_FILE=key_file(tmp_path))
    async with serving("serve", env=env, folder=tmp_path) as process:
        staff = staff_address(process)
        async with httpx.AsyncClient() as client:
            for address in (process.address, staff):
                assert (await client.get(f"{address}/healthz")).text == "alive\n"
            for path in ("/staff", "/staff/sign-in", "/join/abc", "/staff/static/staff.css"):
                assert (await client.get(process.address + path)).status_code == 404
            for path in ("/room", "/readyz", "/webhooks/line"):
                assert (await client.get(staff + path)).status_code == 404
            page = await client.get(f"{staff}/staff/sign-in")
            assert page.status_code == 200
            assert "/staff/sign-in/demo" not in page.text
            for path in re.findall(r'(?:href|src)="(/staff/static/[^"]+)"', page.text):
                assert (await client.get(staff + path)).status_code == 200
        assert (await stop(process)).code == 0


async def test_refuses_a_staff_port_in_use(tmp_path: Path) -> None:
    """A staff port that somebody has is named, with what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        env = environment(tmp_path, ENGAWA_KEY_FILE=key_file(tmp_path), STAFF_PORT=str(port))
        ended = await engawa("serve", env=env, folder=tmp_path)
    assert ended.code == 2
    assert f"Port {port}" in ended.err
    assert "STAFF_PORT=" in ended.err


async def test_the_demo_is_ready_for_staff(tmp_path: Path) -> None:
    """`engawa demo` prints logins and password; one tap signs in; a stream does not hold up the
    end.
    """
    env = environment(tmp_path)
    async with serving("demo", env=env, folder=tmp_path) as process:
        staff = staff_address(process)
        assert any("administrator" in line and "password:" in line for line in process.printed)
        headers = {"sec-fetch-site": "same-origin"}
        async with httpx.AsyncClient(base_url=staff, headers=headers) as client:
            page = (await client.get("/staff/sign-in")).text
            proof = re.search(r'name="proof" value="(\w+)"', page)
            assert proof is not None
            form = {"proof": proof[1], "login": "supervisor"}
            answer = await client.post("/staff/sign-in/demo", data=form)
            assert answer.headers["location"] == "/staff"
            assert (await client.get("/staff/limits")).status_code == 200
            async with client.stream("GET", "/staff/live", timeout=PATIENCE) as stream:
                lines = stream.aiter_lines()
                while "event: news" not in await anext(lines):
                    continue
                async with asyncio.timeout(PATIENCE):
                    assert (await stop(process)).code == 0


def test_an_alias_is_two_words() -> None:
    """The same two words for the same conversation, others for another."""
    assert alias("a" * 22) == alias("a" * 22)
    assert alias("a" * 22) != alias("b" * 22)
    assert len(alias("a" * 22).split("　")) == 2
