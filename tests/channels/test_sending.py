"""One table over both platforms: how an attempt to send can end, and what it means."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from bot.channels.line.client import LineChannel
from bot.channels.telegram.client import TelegramChannel
from bot.rendering.bubbles import Bubble, Button
from bot.services.ports import Allowance, Channel, Heard, Outcome, OutcomeKind
from bot.services.records import Via
from tests.channels.bodies import GROUP, ROOM, USER
from tests.channels.doors import LINE_SECRET, TELEGRAM_SECRET
from tests.platforms.fixtures import NOW
from tests.platforms.line import ScriptedLine
from tests.platforms.server import ScriptedPlatform
from tests.platforms.telegram import RETRY_AFTER, ScriptedTelegram

PERSON = {"line": USER, "telegram": "4242"}
VIA: dict[str, Via] = {"line": "push", "telegram": "send"}
SAID = [Bubble("話しますか？", (Button("q1.y", "はい"),))]
TEXT = "話しますか？\n\n1 はい"


def key(n: int) -> str:
    return str(UUID(int=n))


@pytest.fixture
async def line(scripted_line: ScriptedLine) -> AsyncIterator[LineChannel]:
    """The LINE channel, pointed at the scripted platform."""
    channel = LineChannel(LINE_SECRET, scripted_line.token, scripted_line.base_url, timeout=5)
    yield channel
    await channel.close()


@pytest.fixture
async def telegram(scripted_telegram: ScriptedTelegram) -> AsyncIterator[TelegramChannel]:
    """The Telegram channel, pointed at the scripted platform."""
    base = scripted_telegram.base_url
    channel = TelegramChannel(scripted_telegram.token, TELEGRAM_SECRET, base, timeout=5)
    yield channel
    await channel.close()


async def push(channel: Channel, n: int = 1) -> Outcome:
    """One attempt without a reply token."""
    payload = channel.requests(SAID)[0]
    return await channel.send(VIA[channel.name], PERSON[channel.name], payload, "", key(n))


def platform_of(
    channel: Channel, scripted_line: ScriptedLine, scripted_telegram: ScriptedTelegram
) -> ScriptedPlatform:
    return scripted_line if channel.name == "line" else scripted_telegram


SENDING = [
    # act, LINE's outcome, Telegram's outcome, whether the person sees it on each
    pytest.param("ok", "sent", "sent", True, id="ok"),
    pytest.param("lost_request", "ambiguous", "ambiguous", False, id="request-lost"),
    pytest.param("lost_response", "ambiguous", "ambiguous", True, id="answer-lost"),
    pytest.param("cut", "ambiguous", "ambiguous", True, id="answer-cut"),
    pytest.param("error", "ambiguous", "ambiguous", False, id="500"),
    pytest.param("error_after", "ambiguous", "ambiguous", True, id="500-after-accepting"),
    pytest.param("throttled", "throttled", "throttled", False, id="429"),
    pytest.param("throttled_bare", None, "throttled", False, id="429-without-time"),
    pytest.param("quota", "quota", None, False, id="429-monthly"),
    pytest.param("forbidden", "rejected", "blocked", False, id="403"),
    pytest.param("unauthorized", "unsent", "unsent", False, id="401"),
    pytest.param("invalid", "rejected", "rejected", False, id="400"),
    pytest.param("bad_token", "bad_token", None, False, id="400-token"),
    pytest.param("nobody", "blocked", None, False, id="400-nobody"),
    pytest.param("gone", None, "blocked", False, id="400-chat-not-found"),
    pytest.param("odd", None, "ambiguous", False, id="200-without-sense"),
]


@pytest.mark.parametrize(("act", "on_line", "on_telegram", "seen"), SENDING)
async def test_how_an_attempt_ends(
    act: str,
    on_line: OutcomeKind | None,
    on_telegram: OutcomeKind | None,
    seen: bool,
    line: LineChannel,
    telegram: TelegramChannel,
    scripted_line: ScriptedLine,
    scripted_telegram: ScriptedTelegram,
) -> None:
    """Each answer of a platform has one meaning; an attempt never raises."""
    for channel, expected in ((line, on_line), (telegram, on_telegram)):
        if expected is not None:
            platform = platform_of(channel, scripted_line, scripted_telegram)
            platform.script(act)
            assert (await push(channel)).kind == expected
            assert platform.texts(PERSON[channel.name]) == ([TEXT] if seen else [])


@pytest.mark.parametrize("act", ["hang", "hang_before"])
@pytest.mark.parametrize("door", ["line", "telegram"])
async def test_no_answer_in_time(
    act: str, door: str, scripted_line: ScriptedLine, scripted_telegram: ScriptedTelegram
) -> None:
    """A platform that never answers leaves the outcome open, after our own time-out."""
    async with opened(door, scripted_line, scripted_telegram, timeout=0.2) as channel:
        platform = platform_of(channel, scripted_line, scripted_telegram)
        platform.script(act)
        assert (await push(channel)).kind == "ambiguous"
        assert bool(platform.visible) == (act == "hang")


@pytest.mark.parametrize("door", ["line", "telegram"])
async def test_nobody_listens(
    door: str, scripted_line: ScriptedLine, scripted_telegram: ScriptedTelegram
) -> None:
    """A refused connection surely delivered nothing: it may be tried again at once."""
    async with opened(door, scripted_line, scripted_telegram, timeout=5) as channel:
        await platform_of(channel, scripted_line, scripted_telegram).stop()
        assert (await push(channel)).kind == "unsent"


@contextlib.asynccontextmanager
async def opened(
    door: str, scripted_line: ScriptedLine, scripted_telegram: ScriptedTelegram, timeout: float
) -> AsyncIterator[Channel]:
    channel: LineChannel | TelegramChannel
    if door == "line":
        base = scripted_line.base_url
        channel = LineChannel(LINE_SECRET, scripted_line.token, base, timeout=timeout)
    else:
        base = scripted_telegram.base_url
        channel = TelegramChannel(scripted_telegram.token, TELEGRAM_SECRET, base, timeout)
    yield channel
    await channel.close()


async def test_the_same_retry_key_is_accepted_once(
    line: LineChannel, scripted_line: ScriptedLine
) -> None:
    """After a lost answer the same key again says «accepted earlier», and nothing is seen twice."""
    scripted_line.script("lost_response")
    kinds = [(await push(line)).kind, (await push(line)).kind]
    assert kinds == ["ambiguous", "already"]
    assert scripted_line.texts(USER) == [TEXT]


async def test_a_reply_uses_its_token_and_no_retry_key(
    line: LineChannel, scripted_line: ScriptedLine
) -> None:
    """A reply goes out by token, once; used and expired tokens look the same."""
    payload = line.requests(SAID)[0]
    fresh = scripted_line.reply_token(USER)
    old = scripted_line.reply_token(USER, at=NOW - 60_001)
    kinds = [
        (await line.send("reply", USER, payload, token, key(1))).kind
        for token in (fresh, fresh, old, "made up")
    ]
    assert kinds == ["sent", "bad_token", "bad_token", "bad_token"]
    assert all("x-line-retry-key" not in request.headers for request in scripted_line.received)
    assert scripted_line.used == 0


async def test_what_people_see(
    line: LineChannel,
    telegram: TelegramChannel,
    scripted_line: ScriptedLine,
    scripted_telegram: ScriptedTelegram,
) -> None:
    """The buttons arrive on both, with the data we gave out."""
    await push(line)
    await push(telegram)
    assert scripted_line.visible[USER][0].buttons == (("はい", "q1.y"),)
    assert scripted_telegram.visible["4242"][0].buttons == (("はい", "q1.y"),)


async def test_telegram_says_how_long_to_wait(
    telegram: TelegramChannel, scripted_telegram: ScriptedTelegram
) -> None:
    """retry_after comes back in milliseconds."""
    scripted_telegram.script("throttled")
    assert (await push(telegram)).retry_after == RETRY_AFTER * 1000


async def test_blocked_people(
    line: LineChannel,
    telegram: TelegramChannel,
    scripted_line: ScriptedLine,
    scripted_telegram: ScriptedTelegram,
) -> None:
    """Telegram says who blocked us, LINE does not; neither shows anything."""
    scripted_line.blocked = {USER}
    scripted_telegram.blocked = {"4242"}
    assert [(await push(line)).kind, (await push(telegram)).kind] == ["sent", "blocked"]
    assert (scripted_line.visible, scripted_telegram.visible) == ({}, {})


async def test_a_road_that_line_does_not_have(line: LineChannel) -> None:
    """Sending by no road is a mistake of ours and says so."""
    with pytest.raises(ValueError, match="by reply or by push"):
        await line.send("send", USER, line.requests(SAID)[0], "", "")


def told(channel: str, what: str, user: str, callback: str) -> Heard:
    return Heard("leave_group" if what else "inbound", channel, "1", user, NOW, callback=callback)


async def test_groups_are_left(
    line: LineChannel,
    telegram: TelegramChannel,
    scripted_line: ScriptedLine,
    scripted_telegram: ScriptedTelegram,
) -> None:
    """Groups, rooms and channels are left, each by its own call."""
    await line.acknowledge(told("line", "leave", GROUP, "group"))
    await line.acknowledge(told("line", "leave", ROOM, "room"))
    await telegram.acknowledge(told("telegram", "leave", "-100", ""))
    assert [request.path for request in scripted_line.received] == [
        f"/v2/bot/group/{GROUP}/leave",
        f"/v2/bot/room/{ROOM}/leave",
    ]
    assert scripted_telegram.left == ["-100"]


async def test_callbacks_are_answered(
    telegram: TelegramChannel, scripted_telegram: ScriptedTelegram
) -> None:
    """A tap's callback is answered; one that came too late is counted and never raises."""
    await telegram.acknowledge(told("telegram", "", "4242", "cb1"))
    assert telegram.counts["acknowledge-failed"] == 0
    scripted_telegram.old_queries = True
    await telegram.acknowledge(told("telegram", "", "4242", "cb2"))
    assert telegram.counts["acknowledge-failed"] == 1
    assert scripted_telegram.answered == ["cb1", "cb2"]
    await telegram.acknowledge(told("telegram", "", "4242", ""))
    assert len(scripted_telegram.received) == 2


async def test_loading_is_shown(
    line: LineChannel,
    telegram: TelegramChannel,
    scripted_line: ScriptedLine,
    scripted_telegram: ScriptedTelegram,
) -> None:
    """LINE shows its animation, Telegram «typing»; a platform that is down is counted."""
    await line.show_loading(USER)
    await telegram.show_loading("4242")
    assert (scripted_line.loading, scripted_telegram.typing) == ([USER], ["4242"])
    await scripted_line.stop()
    await scripted_telegram.stop()
    await line.show_loading(USER)
    await telegram.show_loading("4242")
    assert (line.counts["loading-failed"], telegram.counts["loading-failed"]) == (1, 1)


async def test_quota(
    line: LineChannel, telegram: TelegramChannel, scripted_line: ScriptedLine
) -> None:
    """What is left this month; None is no limit; a platform that does not say is counted."""
    scripted_line.quota = 2
    assert await line.quota() == Allowance(total=2, left=2)
    await push(line, 1)
    assert await line.quota() == Allowance(total=2, left=1)
    assert [(await push(line, n)).kind for n in (2, 3)] == ["sent", "quota"]
    assert await line.quota() == Allowance(total=2, left=0)
    scripted_line.quota = None
    assert await line.quota() is None
    assert await telegram.quota() is None
    await scripted_line.stop()
    assert await line.quota() is None
    assert line.counts["quota-unknown"] == 1


async def test_first_messages_at_once_build_one_client(
    line: LineChannel, scripted_line: ScriptedLine
) -> None:
    """Several first messages at the same moment go out, each once."""
    outcomes = await asyncio.gather(*(push(line, n) for n in range(5)))
    assert [outcome.kind for outcome in outcomes] == ["sent"] * 5
    assert len(scripted_line.texts(USER)) == 5


def test_the_sdks_load_only_when_used() -> None:
    """Importing the rooms, and building the LINE channel, loads neither SDK: they take seconds."""
    program = """
import sys
import bot.channels.terminal, bot.channels.web, bot.channels.telegram.client
from bot.channels.line.client import LineChannel
LineChannel("secret", "token")
print([name for name in ("linebot", "telegram", "aiohttp", "httpx") if name in sys.modules])
"""
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "[]"
