"""bot.services.erasure: 消して, from every place, once and twice, and after a restore."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import pytest

from bot.engine.inbound import Inbound
from bot.errors import StoreUnavailableError
from bot.privacy.words import recognise_first
from bot.safety.risk import Tier
from bot.services.conversations import Accepted
from bot.services.moving import Entering, Moved
from bot.services.ports import Outcome
from bot.services.records import StoredInbound
from bot.store.memory import MemoryStore
from tests.services.rig import DAY, MINUTE, RISKY, ListLedger, Rig, says
from tests.services.test_moving import code_of


async def erase(rig: Rig, channel: str) -> Accepted:
    """The person asks for it and confirms."""
    await rig.write(channel, "消して")
    return await rig.write(channel, "1")


@pytest.mark.parametrize("channel", ["line", "telegram"])
@pytest.mark.parametrize(
    "before",
    [
        pytest.param([], id="never seen before"),
        pytest.param(["こんにちは"], id="in a conversation"),
        pytest.param(["予約"], id="in the booking flow"),
        pytest.param([RISKY], id="after a crisis"),
        pytest.param(["おわる"], id="after leaving"),
        pytest.param(["ことば"], id="while choosing a language"),
    ],
)
async def test_erase(rig: Rig, channel: str, before: list[str]) -> None:
    """Wherever somebody is, they are erased, told so with their receipt, and nothing is left."""
    for words in before:
        await rig.write(channel, words)
    await rig.write(channel, "消して")
    lane = await rig.there(channel)
    session = rig.vault.open(lane).session()
    assert session is not None
    accepted = await rig.write(channel, "1")
    await rig.errands.drain()

    shown = rig.line.texts if channel == "line" else rig.telegram.texts
    assert shown == [says("erase.done", receipt=session.receipt)]
    assert accepted.erased == {"U1"}
    assert rig.ledger.recorded == [rig.vault.ledger_id(lane.contact.id)]
    assert await rig.lane(channel) is None
    assert await rig.rows() == []
    assert await rig.store.next_due() is None
    assert (await rig.counted())[channel, "erased", ""] == 1


async def test_twice(rig: Rig) -> None:
    """Who erases twice is a new person each time, and the second erasing is no error."""
    for _ in range(2):
        await erase(rig, "line")
        await rig.errands.drain()
    assert await rig.lane("line") is None
    assert len(set(rig.ledger.recorded)) == 2


async def test_late_copies_of_earlier_events(rig: Rig) -> None:
    """An event of before that is delivered again afterwards brings nobody back."""
    event = rig.heard("line", Inbound("begin"))
    await rig.conversations.accept([event])
    await erase(rig, "line")
    await rig.conversations.accept([event])
    assert await rig.lane("line") is None


async def test_farewell_roads(rig: Rig) -> None:
    """The farewell goes by the fresh token, else by push, once, whatever becomes of it."""
    await rig.write("line", "消して")
    late = rig.heard("line", Inbound("text", text="1"))
    rig.clock.now += MINUTE
    rig.line.script.extend([Outcome("ambiguous")])
    await rig.conversations.accept([late])
    await rig.errands.drain()
    await rig.delivery.run_once()
    assert [(one.via, one.token) for one in rig.line.attempts] == [("push", "")]


async def test_web_is_told_by_its_page(rig: Rig) -> None:
    """In the web room the page says it: the answer names who was erased, nothing is sent."""
    accepted = await erase(rig, "web")
    await rig.errands.drain()
    assert accepted.erased == {"U1"}
    assert rig.web.attempts == []


class OrderedLedger(ListLedger):
    """Fails, as a full disk would."""

    def record(self, key_id: str) -> None:
        raise StoreUnavailableError("full")


async def test_ledger_comes_first(rig: Rig) -> None:
    """If the ledger can't be written, nothing is erased and the event can be sent again."""
    rig.erasure._ledger = OrderedLedger()
    accepted = await erase(rig, "line")
    assert accepted.late == 1
    assert await rig.lane("line") is not None


async def test_erase_contact(rig: Rig) -> None:
    """A contact can be erased by its id, without a word to anybody; twice is no error."""
    await rig.begin("line")
    contact = (await rig.there("line")).contact.id
    rig.line.attempts.clear()
    for _ in range(2):
        await rig.erasure.erase_contact(contact)
    assert await rig.lane("line") is None
    assert rig.line.attempts == []


class Restored(MemoryStore):
    """Knows who there is."""

    async def contacts(self) -> tuple[str, ...]:
        return tuple(self._tables.contacts)


async def test_replay() -> None:
    """Whom a restored backup brought back is erased again at the start, and nobody else."""
    store = Restored()
    rig = await Rig(store).start()
    await rig.begin("line", user_id="U1")
    await rig.begin("line", user_id="U2")
    gone = (await rig.there("line", "U1")).contact.id
    rig.ledger.record(rig.vault.ledger_id(gone))

    assert await rig.erasure.replay(store) == 1
    assert await rig.lane("line", "U1") is None
    assert await rig.lane("line", "U2") is not None
    assert await rig.erasure.replay(store) == 0


async def test_after_days(rig: Rig) -> None:
    """Somebody who was erased and writes again is welcomed as new."""
    await erase(rig, "telegram")
    rig.clock.now += DAY
    await rig.errands.drain()
    await rig.begin("telegram")
    assert rig.telegram.texts[-2:][0] == says("welcome.hello")


class Overtaken(MemoryStore):
    """Lets somebody else act in the moment before it erases."""

    meanwhile: Callable[[], Awaitable[object]] | None = None

    async def erase(
        self, contact: str, now: int, fence: int | None = None
    ) -> Sequence[StoredInbound]:
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            await meanwhile()
        return await super().erase(contact, now, fence)


async def another_worker(rig: Rig, words: str) -> None:
    """The lease is over, and another process takes the lane."""
    rig.clock.now += 2 * MINUTE
    assert await rig.store.claim_waiting(rig.clock.now, MINUTE, 9)


async def a_move(rig: Rig, words: str) -> None:
    """They come in by the page for codes, and write there at once."""
    entering = Entering("web", "new pass")
    found = recognise_first(words)
    assert found is not None
    moved = await rig.moving.by_words(rig.vault.return_mark(found), entering)
    assert isinstance(moved, Moved)
    await rig.hear("web", Inbound("text", text=RISKY), user_id="new pass")


async def another_erase(rig: Rig, words: str) -> None:
    """An administrator erases the same contact by its id."""
    await rig.erasure.erase_contact((await rig.there("line")).contact.id)


@pytest.mark.parametrize(
    "meanwhile",
    [
        pytest.param(another_worker, id="another worker takes the lane"),
        pytest.param(a_move, id="a move takes the lane"),
        pytest.param(another_erase, id="somebody else erases them"),
    ],
)
async def test_recorded_is_erased(meanwhile: Callable[[Rig, str], Awaitable[None]]) -> None:
    """Whoever takes the lane while it is erased: who stands in the ledger is gone and told so at
    once, not at the next start.
    """
    store = Overtaken()
    rig = await Rig(store).start()
    await rig.begin("line")
    words = await code_of(rig, "line")
    await rig.write("line", "消して")
    rig.line.shown.clear()
    lane = await rig.there("line")
    contact, session = lane.contact.id, rig.vault.open(lane).session()
    assert session is not None
    store.meanwhile = lambda: meanwhile(rig, words)
    accepted = await rig.write("line", "1")
    await rig.errands.drain()
    assert accepted.erased == {"U1"}
    assert set(rig.ledger.recorded) == {rig.vault.ledger_id(contact)}
    assert await rig.store.lane_of(contact) is None
    assert rig.line.texts == [says("erase.done", receipt=session.receipt)]


async def test_a_cry_at_a_place_that_came_while_erasing() -> None:
    """What was written at an address that came while the contact was erased is answered there."""
    store = Overtaken()
    rig = await Rig(store).start()
    await rig.begin("line")
    words = await code_of(rig, "line")
    await rig.write("line", "消して")
    rig.line.shown.clear()
    store.meanwhile = lambda: a_move(rig, words)
    await rig.write("line", "1")
    await rig.errands.drain()
    assert (await rig.there("web", "new pass")).conversation.tier >= Tier.ACTIVE
    assert await rig.lane("line") is None
