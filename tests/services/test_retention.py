"""The round of retention: when it comes, and that it comes again whatever happened."""

from __future__ import annotations

import asyncio
import logging

import pytest

from bot.errors import StoreUnavailableError
from bot.services.journal import Journal
from bot.services.ports import Retention
from bot.services.retention import AGAIN, CEILING, FLOOR, Tidying
from bot.store.memory import MemoryStore
from tests.store.people import NOW, PlainDoor, arrival, claim_one, said, turn

DAY = 86_400_000
RULES = Retention()


class Hand:
    """A clock that a test moves."""

    now = NOW

    def __call__(self) -> int:
        return self.now


@pytest.fixture
async def store() -> MemoryStore:
    """An open store in memory."""
    made = MemoryStore()
    await made.open()
    return made


@pytest.fixture
def clock() -> Hand:
    """The time."""
    return Hand()


@pytest.fixture
def tidying(store: MemoryStore, clock: Hand) -> Tidying:
    """The round over this store."""
    return Tidying(store, RULES, clock, Journal(logging.getLogger("t")))


async def spoke(store: MemoryStore) -> None:
    """Hana said something now."""
    claim = await claim_one(store, PlainDoor(), arrival("e1"))
    write = turn(claim, messages=(said(claim, 1, b"a"),), conversation={"last_seen": NOW})
    await store.save_turn(write, NOW, 1)


async def test_to_the_minute(store: MemoryStore, tidying: Tidying, clock: Hand) -> None:
    """Followed round by round, texts go within ten seconds of the moment that was promised."""
    await spoke(store)
    clock.now += 6 * DAY
    while await store.transcript("conversation-1", 0, 9):
        clock.now = await tidying.next_round()
        await tidying.run_once()
    assert NOW + RULES.messages < clock.now <= NOW + RULES.messages + FLOOR


@pytest.mark.parametrize(
    ("due", "pause"),
    [
        pytest.param(None, CEILING, id="nothing will ever go"),
        pytest.param(DAY, CEILING, id="far away"),
        pytest.param(CEILING - 5, CEILING - 5, id="soon"),
        pytest.param(1, FLOOR, id="at once"),
        pytest.param(-DAY, FLOOR, id="long ago, and it can't go"),
    ],
)
async def test_the_next_round(
    store: MemoryStore,
    tidying: Tidying,
    monkeypatch: pytest.MonkeyPatch,
    due: int | None,
    pause: int,
) -> None:
    """The next round comes when a row is due, but neither at once nor later than ten minutes."""

    async def next_expiry(rules: Retention) -> int | None:
        return None if due is None else NOW + due

    monkeypatch.setattr(store, "next_expiry", next_expiry)
    assert await tidying.next_round() == NOW + pause


async def test_after_a_restart(store: MemoryStore, clock: Hand) -> None:
    """What fell due while nothing ran goes in the first round of the next process."""
    await spoke(store)
    clock.now += 31 * DAY
    gone = await Tidying(store, RULES, clock, Journal(logging.getLogger("t"))).run_once()
    assert (gone["messages"], gone["shells"]) == (1, 1)


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param(StoreUnavailableError("The database is locked."), id="the store is down"),
        pytest.param(ZeroDivisionError(), id="our own mistake"),
    ],
)
async def test_trouble(
    store: MemoryStore, tidying: Tidying, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    """A round that fails is written down, and the next one comes in a minute."""
    stop, slept = asyncio.Event(), []

    async def failing(now: int, rules: Retention) -> object:
        raise trouble

    async def sleep(until: int, ceiling_ms: int, stop: asyncio.Event) -> None:
        slept.append(until)
        stop.set()

    monkeypatch.setattr(store, "retention", failing)
    monkeypatch.setattr(tidying._alarm, "sleep", sleep)
    await tidying.run(stop)
    assert slept == [NOW + AGAIN]


async def test_an_empty_round_is_not_written_down(
    tidying: Tidying, store: MemoryStore, clock: Hand, caplog: pytest.LogCaptureFixture
) -> None:
    """The log tells rounds in which something went, by a number, and no others."""
    caplog.set_level(logging.INFO)
    await tidying.run_once()
    assert caplog.records == []
    await spoke(store)
    clock.now += 8 * DAY
    await tidying.run_once()
    assert [record.getMessage().split()[0] for record in caplog.records] == ["retention_done"]
