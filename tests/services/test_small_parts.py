"""The small parts of bot.services: bell, alarm, pace, quota, joining, journal, errands."""

from __future__ import annotations

import asyncio
import logging

import msgspec
import pytest

from bot.services.alarm import Alarm
from bot.services.bell import InProcessBell
from bot.services.errands import Errands
from bot.services.joining import join, riders
from bot.services.journal import Journal
from bot.services.pace import Pace
from bot.services.quota import Quota
from tests.services.rig import MINUTE, SECOND, FrozenClock, ScriptedChannel
from tests.services.test_verdicts import row

NOW = 1_000_000


async def test_bell_rings_who_listens() -> None:
    """Only listeners of that conversation wake, and rings before they look count once."""
    bell = InProcessBell()
    mine, other = bell.listen("c1"), bell.listen("c2")
    bell.ring("c1")
    bell.ring("c1")
    async with asyncio.timeout(5):
        await anext(mine)
    waiting = [asyncio.ensure_future(anext(ear)) for ear in (mine, other)]
    _, pending = await asyncio.wait(waiting, timeout=0)
    assert len(pending) == 2
    for task in waiting:
        task.cancel()


async def test_bell_forgets_who_left() -> None:
    """A listener that went away is not kept."""
    bell = InProcessBell()
    ear = bell.listen("c1")
    del ear
    bell.ring("c1")
    assert not bell._ears


async def test_alarm_rung_before_sleep() -> None:
    """What rang while the loop worked wakes it at once."""
    alarm = Alarm(FrozenClock())
    alarm.ring()
    async with asyncio.timeout(5):
        await alarm.sleep(None, 60_000, asyncio.Event())


async def test_alarm_set_wakes_a_long_sleep() -> None:
    """A sleeper who would sleep too long looks again when an earlier time is set."""
    clock = FrozenClock()
    alarm = Alarm(clock)
    sleeping = asyncio.ensure_future(alarm.sleep(None, 60_000, asyncio.Event()))
    await asyncio.sleep(0)
    alarm.set(clock() + 10)
    async with asyncio.timeout(5):
        await sleeping


async def test_alarm_stops() -> None:
    """A stop wakes too."""
    stop = asyncio.Event()
    stop.set()
    async with asyncio.timeout(5):
        await Alarm(FrozenClock()).sleep(None, 60_000, stop)


def test_pace_in_a_chat() -> None:
    """After a burst of five, one a second to one chat; another chat is not held up."""
    pace = Pace()
    assert [pace.wait("a", NOW, False) for _ in range(7)] == [0, 0, 0, 0, 0, 1_000, 2_000]
    assert pace.wait("b", NOW, False) == 0


def test_pace_overall() -> None:
    """Thirty a second over all chats; a crisis does not stand in line."""
    pace = Pace()
    waits = [pace.wait(f"chat{n}", NOW, False) for n in range(60)]
    assert waits[:30] == [0] * 30
    assert 900 <= waits[-1] <= 1_100
    assert pace.wait("other", NOW, True) == 0


def test_pace_pauses() -> None:
    """retry_after holds that chat, and everybody once a second chat was told to wait."""
    pace = Pace()
    pace.throttled("a", NOW + 9_000, NOW)
    assert (pace.wait("a", NOW, True), pace.wait("c", NOW, False)) == (9_000, 0)
    pace.throttled("b", NOW + 5_000, NOW)
    assert pace.wait("c", NOW, False) == 5_000


@pytest.mark.parametrize(
    ("left", "level"),
    [
        pytest.param(200, "ample", id="all"),
        pytest.param(41, "ample", id="just above the reserve"),
        pytest.param(40, "reserve", id="the reserve"),
        pytest.param(0, "gone", id="none"),
    ],
)
async def test_quota(left: int, level: str) -> None:
    """A fifth of the month's pushes is the reserve."""
    channel = ScriptedChannel("line", replies=True)
    channel.left = left
    quota = Quota(channel, FrozenClock())
    await quota.refresh()
    assert quota.level == level


async def test_quota_of_the_next_month() -> None:
    """After a limit was met the platform is asked again in ten minutes, and believed."""
    clock = FrozenClock()
    channel = ScriptedChannel("line", replies=True)
    quota = Quota(channel, clock)
    quota.run_out()
    clock.now += 9 * MINUTE
    await quota.refresh()
    levels = [quota.level]
    clock.now += MINUTE + SECOND
    await quota.refresh()
    assert [*levels, quota.level] == ["gone", "ample"]


def test_join() -> None:
    """Messages keep their order and stand five to a request."""
    payloads = [
        msgspec.json.encode({"messages": [{"text": f"{name}{n}"} for n in range(count)]})
        for name, count in (("a", 3), ("b", 4))
    ]
    joined = [msgspec.json.decode(one)["messages"] for one in join(payloads)]
    assert [[message["text"] for message in one] for one in joined] == [
        ["a0", "a1", "a2", "b0", "b1"],
        ["b2", "b3"],
    ]


def test_riders() -> None:
    """In order; without those that may have arrived and must not come twice."""
    waiting = [
        row(id="late", seq=3, speech="notice", reason="quota"),
        row(id="turn", seq=1, reason="ambiguous quota"),
        row(id="doubt", seq=2, speech="notice", reason="ambiguous quota"),
    ]
    assert [one.id for one in riders(waiting)] == ["turn", "late"]


def test_journal_keeps_words_out(caplog: pytest.LogCaptureFixture) -> None:
    """A code that could be content is not written, and of an error only its class."""
    caplog.set_level("INFO")
    journal = Journal(logging.getLogger("engawa.tests"))
    journal.note("send_dead", "さみしい\nfake=1")
    journal.fault("turn_failed", ValueError("さみしい"), tries=2)
    assert "さみしい" not in caplog.text
    assert "fake" not in caplog.text
    assert "turn_failed code=ValueError tries=2" in caplog.text


async def test_errands_are_written_down(caplog: pytest.LogCaptureFixture) -> None:
    """An errand that fails is noted by its error's class."""
    caplog.set_level("INFO")

    async def failing() -> None:
        raise OSError("secret")

    errands = Errands(Journal(logging.getLogger("engawa.tests")))
    errands.start(failing())
    await errands.drain()
    assert "errand_failed code=OSError" in caplog.text
    assert "secret" not in caplog.text
