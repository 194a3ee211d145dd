"""bot.services.conversations: turns that fail, are late, or meet a lane that does not open."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from bot.engine.inbound import Inbound
from bot.engine.program import Program
from bot.engine.session import Session
from bot.engine.turn import take_turn
from bot.engine.world import Limits, Turn, World
from bot.errors import LostFenceError, UnknownKeyError
from bot.privacy.keyring import new_keyring
from bot.services.conversations import RETRY_AFTER
from bot.services.ports import Door
from bot.services.records import Arrival, Claim, Lane, Received, Saved, TurnWrite
from bot.services.turns import TakeTurn
from bot.store.memory import MemoryStore
from tests.services.rig import DAY, RISKY, SECOND, Rig, says


class SlowStore(MemoryStore):
    """Saves a turn only when the gate is open; counts flushes."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()
        self.flushed = 0

    async def save_turn(self, write: TurnWrite, now: int, lease_ms: int) -> Saved:
        await self.gate.wait()
        return await super().save_turn(write, now, lease_ms)

    async def flush(self) -> None:
        self.flushed += 1
        await super().flush()


async def test_over_budget() -> None:
    """A turn over its budget is answered after a flush, shows that something happens, and ends."""
    store = SlowStore()
    rig = await Rig(store, turn_budget_ms=1).start()
    accepted = await rig.hear("line", Inbound("begin"))
    assert (accepted.late, store.flushed) == (1, 1)

    store.gate.set()
    await rig.errands.drain()
    await rig.delivery.run_once()
    assert rig.line.loading == ["U1"]
    assert len(rig.line.shown) == 1


async def test_busy_lane() -> None:
    """What is written while a turn runs is parked, flushed, and taken next, in order."""
    store = SlowStore()
    rig = await Rig(store, turn_budget_ms=1).start()
    await rig.write("telegram", "一")
    accepted = await rig.write("telegram", "二")
    assert (accepted.parked, accepted.taken, store.flushed) == (1, 0, 2)

    store.gate.set()
    await rig.errands.drain()
    texts = [one.text for one in await rig.copies("telegram") if one.text]
    assert texts == ["一", "二"]


class FailingEngine:
    """Raises as often as it is told."""

    def __init__(self, times: int) -> None:
        self.times = times

    def __call__(
        self, program: Program, session: Session, inbound: Inbound, world: World, limits: Limits
    ) -> Turn:
        if self.times:
            self.times -= 1
            raise ZeroDivisionError("カナリア")
        return take_turn(program, session, inbound, world, limits)


async def test_failing_turn_is_tried_again() -> None:
    """A turn that raises once is taken later, and what came after it waits its turn."""
    rig = await Rig(engine=FailingEngine(1)).start()
    accepted = await rig.write("telegram", "一")
    await rig.write("telegram", "二")
    assert accepted.late == 1

    rig.clock.now += RETRY_AFTER[0]
    await rig.conversations.work_waiting()
    assert [one.text for one in await rig.copies("telegram") if one.text] == ["一", "二"]


async def test_failing_turn_is_set_aside(caplog: pytest.LogCaptureFixture) -> None:
    """After three tries the person gets the kind fault message, and no word of it is logged."""
    caplog.set_level("DEBUG")
    rig = await Rig(engine=FailingEngine(3)).start()
    await rig.write("telegram", "ひみつ")
    for pause in RETRY_AFTER:
        rig.clock.now += pause
        await rig.conversations.work_waiting()
    await rig.delivery.run_once()

    assert rig.telegram.texts == [says("everywhere.fault")]
    assert (await rig.counted())["telegram", "unanswered", ""] == 1
    assert "turn_set_aside" in caplog.text
    assert "カナリア" not in caplog.text
    assert "ひみつ" not in caplog.text


async def test_risky_text_never_waits_for_a_second_try() -> None:
    """Where the engine fails on a risky text, the safety card goes out at once and alone."""
    rig = await Rig(engine=FailingEngine(1)).start()
    await rig.write("line", RISKY)
    await rig.delivery.run_once()

    assert [one.via for one in rig.line.shown] == ["push"]
    assert rig.line.texts == [says("safety.card")]
    assert (await rig.there("line")).conversation.tier >= 2


class TamperedStore(MemoryStore):
    """Hands out what somebody changed in the database."""

    spoilt = False

    async def receive(
        self, arrivals: Sequence[Arrival], door: Door, now: int, lease_ms: int
    ) -> Received:
        received = await super().receive(arrivals, door, now, lease_ms)
        return replace(received, claims=tuple(map(self._spoil, received.claims)))

    async def claim_waiting(self, now: int, lease_ms: int, limit: int) -> Sequence[Claim]:
        return tuple(map(self._spoil, await super().claim_waiting(now, lease_ms, limit)))

    def _spoil(self, claim: Claim) -> Claim:
        conversation = claim.lane.conversation
        if not self.spoilt or not conversation.session:
            return claim
        session = conversation.session[:-1] + bytes([conversation.session[-1] ^ 1])
        lane = replace(claim.lane, conversation=replace(conversation, session=session))
        return replace(claim, lane=lane)


async def test_session_that_does_not_open() -> None:
    """A session that was tampered with is let go after three tries; the person can begin anew."""
    store = TamperedStore()
    rig = await Rig(store).start()
    await rig.begin("telegram")
    store.spoilt = True
    await rig.write("telegram", "一")
    for pause in RETRY_AFTER:
        rig.clock.now += pause
        await rig.conversations.work_waiting()
    with_fault = await rig.copies("telegram")
    await rig.write("telegram", "二")

    assert with_fault[-1].bubbles[0].text == says("everywhere.fault")
    assert rig.vault.open(await rig.there("telegram")).session() is not None


class StolenFence(MemoryStore):
    """Loses the first fence, as if another worker had come."""

    stolen = False

    async def save_turn(self, write: TurnWrite, now: int, lease_ms: int) -> Saved:
        if not self.stolen:
            self.stolen = True
            raise LostFenceError("taken")
        return await super().save_turn(write, now, lease_ms)


async def test_lost_fence() -> None:
    """A turn whose fence was lost is retried whole, and counted once."""
    rig = await Rig(StolenFence()).start()
    accepted = await rig.hear("telegram", Inbound("begin"))
    assert accepted.late == 1

    rig.clock.now += 31 * SECOND
    await rig.timers.run_once()
    assert (await rig.there("telegram")).conversation.version == 1
    assert (await rig.counted())["telegram", "door", "begin"] == 1


async def test_unknown_key_passes_up(rig: Rig) -> None:
    """A lane under a key that isn't held is refused by name, so that the platform sends again."""
    await rig.begin("line")
    rig.keyring = replace(new_keyring(demo=True), lookup_key=rig.keyring.lookup_key)
    with pytest.raises(UnknownKeyError):
        await rig.write("line", "一")


class BrokenKeys(MemoryStore):
    """The first person's contact key was cut in the database."""

    broken = ""

    async def receive(
        self, arrivals: Sequence[Arrival], door: Door, now: int, lease_ms: int
    ) -> Received:
        return await super().receive(arrivals, _SpoiltDoor(door, self.broken), now, lease_ms)


class _SpoiltDoor:
    def __init__(self, door: Door, contact: str) -> None:
        self._door = door
        self._contact = contact
        self.newcomer = door.newcomer
        self.seal_timer = door.seal_timer

    def seal(self, arrival: Arrival, lane: Lane) -> bytes:
        if lane.contact.id == self._contact:
            lane = replace(lane, contact=replace(lane.contact, key=lane.contact.key[:-1]))
        return self._door.seal(arrival, lane)


async def test_tampered_lane_keeps_nobody_else_out() -> None:
    """A lane whose keys don't open any more costs its own person only."""
    store = BrokenKeys()
    rig = await Rig(store).start()
    await rig.begin("line", user_id="U1")
    store.broken = (await rig.there("line", "U1")).contact.id
    batch = [rig.heard("line", Inbound("begin"), user_id=person) for person in ("U1", "U2")]
    await rig.conversations.accept(batch)
    await rig.delivery.run_once()
    assert "U2" in {one.person for one in rig.line.shown}


async def test_an_apology_keeps_the_end_of_the_session() -> None:
    """After a turn that could not be taken the session still ends by itself, with no word kept."""
    rig = await Rig(engine=_fails_at("ここで")).start()
    await rig.begin("telegram")
    await rig.write("telegram", "ここで")
    for pause in RETRY_AFTER:
        rig.clock.now += pause
        await rig.conversations.work_waiting()
    assert (await rig.copies("telegram"))[-1].bubbles[0].text == says("everywhere.fault")
    rig.clock.now += 7 * DAY
    assert await rig.timers.run_once() > 0
    session = rig.vault.open(await rig.there("telegram")).session()
    assert session is not None
    assert session.status != "active"


async def test_an_apology_keeps_nothing_that_was_typed_on_the_cover() -> None:
    """On the cover nothing typed is kept, also where no turn could be taken on it."""
    rig = await Rig(engine=_fails_at("だれかが見ている")).start()
    await rig.begin("telegram")
    await rig.write("telegram", "献立")
    await rig.write("telegram", "だれかが見ている")
    for pause in RETRY_AFTER:
        rig.clock.now += pause
        await rig.conversations.work_waiting()
    kept = await rig.copies("telegram")
    assert kept[-1].bubbles[0].text == says("everywhere.fault")
    assert "だれかが見ている" not in repr(kept)


async def test_an_apology_nobody_waits_for_prolongs_nothing() -> None:
    """A timer whose turn fails doesn't count as a visit: what is kept goes as early as before."""
    rig = await Rig(engine=_fails_at("")).start()
    await rig.write("telegram", "一")
    before = (await rig.there("telegram")).conversation.last_seen
    rig.clock.now += 7 * DAY
    assert await rig.timers.run_once() > 0
    for pause in RETRY_AFTER:
        rig.clock.now += pause
        await rig.conversations.work_waiting()
    assert (await rig.there("telegram")).conversation.last_seen == before


def _fails_at(word: str) -> TakeTurn:
    def engine(
        program: Program, session: Session, inbound: Inbound, world: World, limits: Limits
    ) -> Turn:
        if inbound.text == word:
            raise RuntimeError(word)
        return take_turn(program, session, inbound, world, limits)

    return engine
