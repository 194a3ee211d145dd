"""What is new on a page that stands open: live, by asking, and the end of the session."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import httpx

from bot.services.staff.permissions import Role
from bot.web.staff.ports import StaffSettings
from tests.browser.serving import serving
from tests.web.staff.house import MINUTE, SUPERVISOR, Browser, StaffHouse

ORIGIN = {"sec-fetch-site": "same-origin"}


async def test_the_numbers_by_asking(house: StaffHouse, browser: Browser) -> None:
    """Each role hears of what it may see, and of nothing else."""
    hears: dict[Role, set[str]] = {
        "supervisor": {"audit", "limits"},
        "administrator": {"audit"},
        "counselor": set(),
    }
    for role, keys in hears.items():
        browser.carry((await house.join(role[:4], (role,))).opened.token)
        answer = await browser.get("/staff/news", **ORIGIN)
        assert set(answer.json()) == keys


async def test_looking_keeps_no_session_alive(house: StaffHouse, browser: Browser) -> None:
    """A page that asks every minute is signed out after the idle time all the same."""
    browser.carry((await house.join("tanaka")).opened.token)
    for _ in range(19):
        house.now += MINUTE
        assert (await browser.get("/staff/news", **ORIGIN)).status_code == 200
    house.now += MINUTE
    assert (await browser.get("/staff/news", **ORIGIN)).status_code == 401


async def test_a_stream_tells_what_changes_and_when_it_is_over() -> None:
    """The numbers at once, again when they change, and the end as soon as the session ends."""
    house = StaffHouse(settings=StaffSettings(recheck=0))
    opened = (await house.join("tanaka", SUPERVISOR)).opened
    async with (
        serving(house.application()) as address,
        httpx.AsyncClient(base_url=address, headers=ORIGIN, timeout=10) as client,
    ):
        client.cookies.set("staff", opened.token)
        async with client.stream("GET", "/staff/live") as stream:
            assert stream.headers["cache-control"] == "no-store"
            assert stream.headers["x-accel-buffering"] == "no"
            lines = stream.aiter_lines()
            heard = [line async for line in _until(lines, '"limits": 0')]
            assert heard[0] == "event: news"
            house.limits.ask("somebody")
            heard = [line async for line in _until(lines, '"limits": 1')]
            numbers = json.loads(heard[-1].removeprefix("data: "))
            assert set(numbers) == {"audit", "limits"}
            await house.disable("tanaka")
            heard = [line async for line in _until(lines, "event: gone")]
            assert heard[-1] == "event: gone"


async def test_streams_are_counted() -> None:
    """Beyond what is allowed for one account a stream is refused, and pages ask instead."""
    house = StaffHouse(settings=StaffSettings(recheck=0, streams_each=1))
    opened = (await house.join("tanaka", SUPERVISOR)).opened
    async with (
        serving(house.application()) as address,
        httpx.AsyncClient(base_url=address, headers=ORIGIN, timeout=10) as client,
    ):
        client.cookies.set("staff", opened.token)
        async with client.stream("GET", "/staff/live") as stream:
            async for _ in _until(stream.aiter_lines(), "event: news"):
                pass
            assert (await client.get("/staff/live")).status_code == 503
            assert (await client.get("/staff/news")).status_code == 200
            await house.disable("tanaka")


async def _until(lines: AsyncIterator[str], mark: str) -> AsyncIterator[str]:
    async for line in lines:
        if line:
            yield line
        if mark in line:
            return
