"""bot.services.conversations: what becomes of what was heard."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import permutations

import pytest
from msgspec.structs import replace

from bot.engine.inbound import Inbound
from bot.engine.program import Program
from bot.engine.session import Session
from bot.engine.turn import take_turn
from bot.engine.world import Limits, Turn, World
from bot.errors import LostFenceError, UnknownKeyError
from bot.privacy.keyring import new_keyring
from bot.services.bodies import MessageBody
from bot.services.conversations import RETRY_AFTER
from bot.services.ports import Door
from bot.services.records import Arrival, Claim, Lane, Received, Saved, TurnWrite
from bot.services.turns import TakeTurn
from bot.store.memory import MemoryStore
from tests.services.rig import DAY, HOUR, RISKY, SECOND, Rig, published, says


async def test_first_contact(rig: Rig) -> None:
    """A person who follows is welcomed by the reply token of their own event."""
    accepted = await rig.hear("line", Inbound("begin"))
    await rig.delivery.run_once()

    assert accepted.taken == 1
    [sending] = rig.line.shown
    assert (sending.via, sending.token, sending.person) == ("reply", "t1", "U1")
    assert sending.texts[0] == says("welcome.hello")


async def test_copies(rig: Rig) -> None:
    """Our copy holds a person's words, a tap by its label, and what we said, in order."""
    await rig.begin("telegram")
    session = rig.vault.open(await rig.there("telegram")).session()
    assert session is not None
    await rig.hear("telegram", Inbound("tap", data=f"{session.nonce}.1"))
    await rig.write("telegram", "さみしいとき")

    copies = await rig.copies("telegram")
    assert copies[1] == MessageBody(text=says("welcome.button_talk"), kind="tap")
    assert MessageBody(text="さみしいとき") in copies
    assert copies[0].bubbles[0].text == says("welcome.hello")


async def test_nothing_readable_is_kept(rig: Rig) -> None:
    """Neither the platform's id nor the words stand readable in any row."""
    await rig.begin("line", user_id="Ucanary")
    await rig.write("line", "カナリア", user_id="Ucanary")
    lane = await rig.there("line", "Ucanary")
    kept = repr((lane, await rig.store.transcript(lane.conversation.id, 0, 99), await rig.rows()))
    assert "Ucanary" not in kept
    assert "カナリア" not in kept
    assert "カナリア".encode().__repr__()[2:-1] not in kept


async def test_duplicates(rig: Rig) -> None:
    """An event that comes five times makes one turn."""
    event = rig.heard("line", Inbound("begin"))
    for _ in range(5):
        await rig.conversations.accept([event, event])
    await rig.delivery.run_once()

    assert len(rig.line.shown) == 1
    assert (await rig.there("line")).conversation.version == 1


async def test_redelivered_late(rig: Rig) -> None:
    """A redelivered event's token is as old as the event, so the answer is pushed at once."""
    event = rig.heard("line", Inbound("begin"), redelivered=True)
    rig.clock.now += 70 * SECOND
    await rig.conversations.accept([event])
    await rig.delivery.run_once()

    assert [(one.via, one.token) for one in rig.line.attempts] == [("push", "")]


@pytest.mark.parametrize(
    "order", [pytest.param(one, id="".join(map(str, one))) for one in permutations(range(3))]
)
async def test_reordered(rig: Rig, order: tuple[int, ...]) -> None:
    """However three events of one delivery are ordered, they are taken as they happened."""
    events = [rig.heard("telegram", Inbound("text", text=f"文{n}"), at=n) for n in range(3)]
    await rig.conversations.accept([events[n] for n in order])

    assert [one.text for one in await rig.copies("telegram") if one.text] == ["文0", "文1", "文2"]


async def test_batch_of_two_people(rig: Rig) -> None:
    """Two people in one delivery each get their own answer."""
    batch = [rig.heard("line", Inbound("begin"), user_id=person) for person in ("U1", "U2")]
    await rig.conversations.accept(batch)
    await rig.delivery.run_once()

    assert {one.person for one in rig.line.shown} == {"U1", "U2"}


async def test_half_a_surrogate(rig: Rig) -> None:
    """Half an emoji, as a platform may cut it, neither breaks the batch nor costs the others."""
    batch = [
        rig.heard("line", Inbound("text", text="a\ud83d"), user_id="U1"),
        rig.heard("line", Inbound("begin"), user_id="U2"),
    ]
    assert (await rig.conversations.accept(batch)).taken == 2


async def test_long_text(rig: Rig) -> None:
    """Only the first part of a very long text is kept, but all of it is read for risk."""
    await rig.write("telegram", "あ" * 6_000 + "。" + RISKY)
    copies = await rig.copies("telegram")
    assert len(copies[0].text) == 5_000
    assert (await rig.there("telegram")).conversation.tier >= 2


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


async def test_unsent(rig: Rig) -> None:
    """An unsent message leaves our copy, also when the unsending comes first."""
    await rig.write("line", "取り消す", message_id="mA")
    await rig.conversations.accept([rig.heard("line", None, what="unsent", message_id="mA")])
    await rig.conversations.accept([rig.heard("line", None, what="unsent", message_id="mB")])
    await rig.write("line", "これも", message_id="mB")

    texts = [(one.text, one.kind) for one in await rig.copies("line")]
    assert ("", "unsent") in texts
    assert not [text for text, _ in texts if text]


async def test_edited(rig: Rig) -> None:
    """An edit replaces our copy; nothing is said to it, and nobody moves."""
    await rig.write("telegram", "前", message_id="mA")
    before = rig.vault.open(await rig.there("telegram")).session()
    said = len(await rig.copies("telegram"))
    edit = rig.heard("telegram", Inbound("edited", text="後"), what="edited", message_id="mA")
    await rig.conversations.accept([edit])

    assert rig.vault.open(await rig.there("telegram")).session() == before
    assert len(await rig.copies("telegram")) == said
    assert [one.text for one in await rig.copies("telegram") if one.text] == ["後"]


async def test_edited_into_risk(rig: Rig) -> None:
    """An edit is read for risk, and a risky one is answered."""
    await rig.write("telegram", "前", message_id="mA")
    edit = rig.heard("telegram", Inbound("edited", text=RISKY), what="edited", message_id="mA")
    await rig.conversations.accept([edit])

    rows = await rig.rows("new")
    assert any(row.speech == "crisis" for row in rows)


async def test_blocked(rig: Rig) -> None:
    """Who blocks us gets nothing that was still to be sent; who comes back is answered."""
    await rig.hear("line", Inbound("begin"))
    await rig.conversations.accept([rig.heard("line", None, what="blocked")])
    await rig.delivery.run_once()
    assert rig.line.attempts == []

    back = [rig.heard("line", None, what="unblocked"), rig.heard("line", Inbound("begin"))]
    await rig.conversations.accept(back)
    await rig.delivery.run_once()
    assert rig.line.shown


async def test_group_is_left(rig: Rig) -> None:
    """In a group nothing is said or kept; the channel leaves."""
    await rig.conversations.accept([rig.heard("line", None, what="leave_group", user_id="G1")])
    await rig.errands.drain()
    assert [one.user_id for one in rig.line.acknowledged] == ["G1"]
    assert await rig.lane("line", "G1") is None


async def test_callback_is_acknowledged(rig: Rig) -> None:
    """A Telegram callback is answered after the commit, stale or not."""
    await rig.hear("telegram", Inbound("tap", data="old.1"), callback="c1")
    await rig.errands.drain()
    assert [one.callback for one in rig.telegram.acknowledged] == ["c1"]


async def test_web_has_no_outbox(rig: Rig) -> None:
    """In the web room our copy is the delivery: no request rows, and the bell rings."""
    await rig.begin("web")
    lane = await rig.there("web")
    ear = rig.bell.listen(lane.conversation.id)
    await rig.write("web", "一")
    await anext(ear)
    assert await rig.rows() == []


async def test_tier_is_raised_and_not_lowered(rig: Rig) -> None:
    """A risk raises the tier and names its rule; a calm text afterwards lowers nothing."""
    await rig.write("telegram", RISKY)
    raised = (await rig.there("telegram")).conversation
    rig.clock.now += HOUR
    await rig.write("telegram", "ありがとう")
    after = (await rig.there("telegram")).conversation

    assert raised.tier >= 2
    assert raised.tier_rule
    assert (after.tier, after.tier_at, after.tier_rule) == (
        raised.tier,
        raised.tier_at,
        raised.tier_rule,
    )


async def test_shape_is_a_code(rig: Rig) -> None:
    """Two people in the same place have the same shape, and it says nothing by itself."""
    await rig.begin("line", user_id="U1")
    await rig.begin("line", user_id="U2")
    one, two = [(await rig.there("line", person)).conversation for person in ("U1", "U2")]
    assert one.shape == two.shape
    assert len(bytes.fromhex(one.shape)) == 8
    assert one.revision == published().revision


async def test_came_back(rig: Rig) -> None:
    """Writing again after two days is counted once, and not when it was an hour."""
    await rig.begin("telegram")
    rig.clock.now += HOUR
    await rig.write("telegram", "一")
    assert ("telegram", "came_back", "") not in await rig.counted()
    rig.clock.now += 2 * DAY
    await rig.write("telegram", "二")
    assert (await rig.counted())["telegram", "came_back", ""] == 1


async def test_crisis_comes_first(rig: Rig) -> None:
    """What is said in a crisis is a request of its own, before anything else of the turn, and our
    copy of it is marked.
    """
    await rig.write("line", RISKY)
    first, *_ = await rig.rows()
    assert (first.speech, first.seq) == ("crisis", 1)
    marked = [copy for copy in await rig.copies("line") if copy.crisis]
    assert len(marked) == 1


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


async def test_how_much_is_kept(rig: Rig) -> None:
    """何が残っていますか is answered with how many messages there are, this one among them."""
    await rig.begin("web")
    await rig.write("web", "さみしいとき")
    await rig.write("web", "何が残っていますか")
    copies = await rig.copies("web")
    assert [len(copy.bubbles) > 0 for copy in copies] == [True, False, True, False, True]
    assert copies[-1].bubbles[0].text == says("kept.words", messages_kept="4")


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


def _fails_at(word: str) -> TakeTurn:
    def engine(
        program: Program, session: Session, inbound: Inbound, world: World, limits: Limits
    ) -> Turn:
        if inbound.text == word:
            raise RuntimeError(word)
        return take_turn(program, session, inbound, world, limits)

    return engine
