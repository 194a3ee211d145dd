"""The scripted platforms run in a process of their own, for tests that kill the bot."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.platforms.line import ScriptedLine, reply_token
from tests.platforms.server import real_clock

USER = "U" + "1" * 32
BODY = {"messages": [{"type": "text", "text": "a"}]}


@pytest.fixture
async def address() -> AsyncIterator[str]:
    """LINE in another process."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.platforms.line", "--token", "t"),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    port = int(await process.stdout.readline())
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    await process.wait()


async def test_another_process_is_told_and_asked_over_http(address: str) -> None:
    """A script is posted, the faults happen, and what people see is read back."""
    headers = {"Authorization": "Bearer t"}
    async with aiohttp.ClientSession(address, headers=headers) as session:
        await session.post("/_control/script", json=["lost_response", "error"])
        token = reply_token(USER, real_clock(), 1)
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await session.post("/v2/bot/message/reply", json={"replyToken": token, **BODY})
        statuses = []
        for _ in range(2):
            body = {"replyToken": token, **BODY}
            async with session.post("/v2/bot/message/reply", json=body) as response:
                statuses.append(response.status)
        async with session.get("/_control/state") as response:
            state = await response.json()
    assert statuses == [500, 400]
    assert (state["visible"], state["violations"]) == ({USER: ["a"]}, [])
    assert state["received"] == ["/v2/bot/message/reply"] * 3


@pytest.mark.parametrize(
    ("headers", "body", "violation"),
    [
        pytest.param({}, {"to": USER, **BODY}, "a push without a retry key", id="no-key"),
        pytest.param({"X-Line-Retry-Key": "abc"}, {"to": USER, **BODY}, "a push", id="no-uuid"),
        pytest.param(
            {"X-Line-Retry-Key": "123e4567-e89b-12d3-a456-426614174000"},
            {"to": USER, "messages": []},
            "0 messages",
            id="no-messages",
        ),
    ],
)
async def test_wrong_clients_are_noticed(
    headers: dict[str, str], body: dict[str, object], violation: str
) -> None:
    """What a correct client never does is refused and remembered."""
    async with ScriptedLine(token="t") as platform:
        headers = {"Authorization": "Bearer t", **headers}
        async with (
            aiohttp.ClientSession(platform.base_url, headers=headers) as session,
            session.post("/v2/bot/message/push", json=body) as response,
        ):
            assert response.status == 400
        assert violation in "; ".join(platform.violations)
        assert platform.visible == {}


async def test_faults_by_chance_repeat_with_their_seed() -> None:
    """Two platforms with the same seed fail at the same requests."""
    drawn = []
    for _ in range(2):
        platform = ScriptedLine(faults={"error": 0.3, "lost_request": 0.2}, seed=7)
        drawn.append([platform._next_act() for _ in range(50)])
    assert drawn[0] == drawn[1]
    assert set(drawn[0]) == {"ok", "error", "lost_request"}
