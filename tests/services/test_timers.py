"""bot.services.timers and retention: what is due without anybody writing."""

from __future__ import annotations

import asyncio
import logging

import pytest
from msgspec.structs import replace

from bot.engine.inbound import Inbound
from bot.errors import UnknownKeyError
from bot.privacy.keyring import new_keyring
from bot.services.intake import Intake
from bot.services.journal import Journal
from bot.services.ports import Retention
from bot.services.retention import Tidying
from tests.services.rig import DAY, HOUR, MINUTE, SECOND, Rig, published


async def to_listening(rig: Rig, channel: str) -> None:
    """Into a state that waits for an answer for a while."""
    await rig.begin(channel)
    await rig.write(channel, "1")
    await rig.delivery.run_once()


async def test_silence_on_line_says_nothing(rig: Rig) -> None:
    """On LINE silence moves the state, if at all, and nothing is sent."""
    await to_listening(rig, "line")
    before = len(rig.line.attempts)
    rig.clock.now += 11 * MINUTE
    await rig.timers.run_once()
    await rig.delivery.run_once()

    silences = [key for key in await rig.counted() if key[:2] == ("line", "waited_and_left")]
    assert len(silences) == 1
    assert len(rig.line.attempts) == before
    assert not await rig.rows("new", "waiting")


async def test_expired_session(rig: Rig) -> None:
    """A session ends when its life is over; the conversation stays and `last_seen` doesn't move."""
    await to_listening(rig, "telegram")
    seen = (await rig.there("telegram")).conversation.last_seen
    rig.clock.now += 8 * DAY
    await rig.timers.run_once()

    lane = await rig.there("telegram")
    session = rig.vault.open(lane).session()
    assert session is not None
    assert session.status == "ended"
    assert lane.conversation.last_seen == seen


async def test_restart(rig: Rig) -> None:
    """What a killed process had filed but not taken is taken when its lease is over."""
    filed = Intake(rig.vault, {}).sort([rig.heard("line", Inbound("begin"))], published())
    await rig.store.receive(filed.arrivals, rig.vault.door(filed.heard), rig.clock(), 30_000)
    assert await rig.timers.run_once() == 0
    rig.clock.now += 30 * SECOND
    assert await rig.timers.run_once() == 1
    await rig.delivery.run_once()
    assert rig.line.shown


async def test_run_ends(rig: Rig) -> None:
    """The loop fires what is due, and ends when told to."""
    await to_listening(rig, "telegram")
    rig.clock.now += 8 * DAY
    stop = asyncio.Event()
    ear = rig.bell.listen((await rig.there("telegram")).conversation.id)
    loop = asyncio.create_task(rig.timers.run(stop))
    async with asyncio.timeout(5):
        await anext(ear)
        stop.set()
        await loop
    session = rig.vault.open(await rig.there("telegram")).session()
    assert session is not None
    assert session.status == "ended"


async def test_missing_key_stops_nobody_else(rig: Rig) -> None:
    """A lane under a key that isn't held is named, after everybody else's timers were taken."""
    await to_listening(rig, "telegram")
    rig.keyring = replace(new_keyring(demo=True), lookup_key=rig.keyring.lookup_key)
    await to_listening(rig, "line")
    rig.clock.now += 8 * DAY
    with pytest.raises(UnknownKeyError):
        await rig.timers.run_once()
    session = rig.vault.open(await rig.there("line")).session()
    assert session is not None
    assert session.status == "ended"


async def test_tidying(rig: Rig) -> None:
    """The daily round deletes what is past its time, and ends when told to."""
    await rig.begin("line")
    tidying = Tidying(rig.store, Retention(), rig.clock, Journal(logging.getLogger("t")))
    rig.clock.now += 31 * DAY + HOUR
    await tidying.run_once()
    assert await rig.lane("line") is None

    stop = asyncio.Event()
    stop.set()
    await tidying.run(stop)
