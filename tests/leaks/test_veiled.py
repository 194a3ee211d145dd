"""Quick exit on the real service: nothing of before on any later page of that browser."""

from __future__ import annotations

import re

import httpx
import pytest

from tests.leaks.canaries import Canaries, hits
from tests.leaks.service import RunningService
from tests.web.visiting import go_in, read_form, write

PAGES = (
    "/",
    "/room",
    "/room?wait=1",
    "/room/after",
    "/room/after?seq=0",
    "/room/after?seq=-1",
    "/room/after?after=0",
    "/code",
    "/data",
)


async def every_page(browser: httpx.AsyncClient) -> dict[str, bytes]:
    """Whatever this browser can be shown now; the stream only rings (test_canaries)."""
    found = {path: (await browser.get(path)).content for path in PAGES}
    for cursor in ("0", "-1", "9" * 9):
        headers = {"x-cursor": cursor, "last-event-id": cursor}
        found[f"cursor {cursor}"] = (await browser.get("/room/after", headers=headers)).content
    form = await read_form(browser)
    look = await browser.post("/look", data={**form, "look": "large"}, follow_redirects=True)
    empty = await browser.post("/room/send", data={**form, "text": ""}, follow_redirects=True)
    return {**found, "look": look.content, "empty": empty.content}


@pytest.mark.parametrize("beacon", [{}, {"beacon": "1"}], ids=["button", "script"])
async def test_after_quick_exit(running: RunningService, beacon: dict[str, str]) -> None:
    """Neither words, answers nor the box show what was said, now or after the next message."""
    canaries = Canaries()
    async with running.browser() as browser:
        await go_in(browser)
        for text in (canaries.words(), canaries.word()):
            await write(browser, text)
        assert hits({"room": (await browser.get("/room")).content}) != []
        left = await browser.post("/exit", data=beacon)
        assert hits({"the page in its place": left.content, **await every_page(browser)}) == []
        await write(browser, "つづき")
        assert hits(await every_page(browser)) == []


async def test_where_the_conversation_left(running: RunningService) -> None:
    """A browser whose conversation went elsewhere shows nothing of before or after."""
    canaries = Canaries()
    async with running.browser() as browser, running.browser() as other:
        await go_in(browser)
        await write(browser, canaries.words())
        await write(browser, "合言葉")
        page = (await browser.get("/room")).text
        lines = re.sub("<[^>]+>", "\n", page).split("\n")
        code = next(line for line in lines if line.count("　") == 3)
        answer = await other.post(
            "/code", data={"words": code}, headers={"sec-fetch-site": "same-origin"}
        )
        assert answer.status_code == 303, code
        await write(other, canaries.words())
        assert hits(await every_page(browser)) == []
        await write(browser, "こんにちは")
        assert hits(await every_page(browser)) == []
