"""What a person does while something of theirs is under way: nothing is lost, nothing outdated."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace

from bot.engine.inbound import Inbound
from bot.errors import StoreUnavailableError
from bot.services.bell import InProcessBell
from bot.services.conversations import RETRY_AFTER
from bot.services.ports import Outcome
from bot.store.memory import MemoryStore
from tests.services.rig import MINUTE, RISKY, SECOND, START, Rig, says
from tests.services.test_conversations_in_trouble import FailingEngine, SlowStore

NO_QUOTA = Outcome("quota")


async def settle(rig: Rig, seconds: int) -> None:
    """Let this much time go by, sending whatever is due."""
    until = rig.clock.now + seconds * SECOND
    while rig.clock.now < until:
        await rig.delivery.run_once()
        rig.clock.now += SECOND


async def stuck_crisis(rig: Rig) -> None:
    """A crisis whose token was old when it came, and the month's pushes are used up."""
    event = rig.heard("line", Inbound("text", text=RISKY))
    rig.clock.now += MINUTE
    rig.line.left = 0
    await rig.quota.refresh()
    rig.line.script.extend([NO_QUOTA])
    await rig.conversations.accept([event])
    await rig.delivery.run_once()
    assert rig.line.shown == []


async def test_a_stuck_crisis_comes_with_the_next_token(rig: Rig) -> None:
    """Where nothing could be pushed, the next words of the person bring the whole card at once."""
    await stuck_crisis(rig)
    texts = rig.line.attempts[0].texts
    await rig.write("line", "だれか")
    await rig.delivery.run_once()

    [shown, *_] = rig.line.shown
    assert (shown.via, shown.token) == ("reply", "t2")
    assert shown.texts[: len(texts)] == texts
    assert not await rig.rows("new", "sending", "waiting")
    assert rig.line.texts.count(texts[0]) == 1


async def test_a_stuck_crisis_holds_up_no_other_word(rig: Rig) -> None:
    """What is said later by a fresh token doesn't wait for a crisis that finds no push."""
    await stuck_crisis(rig)
    rig.clock.now += SECOND
    await rig.write("line", "人と話す")
    await rig.delivery.run_once()
    assert any(says("human.in_hours") in one.texts for one in rig.line.shown)


async def test_crisis_while_words_are_held_back(rig: Rig) -> None:
    """A flow sentence that the chat's pace holds back is not sent behind a crisis."""
    for number in range(6):
        await rig.write("telegram", f"文{number}")
    written = False

    async def nap(seconds: float) -> None:
        nonlocal written
        rig.clock.now += round(seconds * 1_000)
        if not written:
            written = True
            await rig.write("telegram", RISKY)

    rig.delivery._sleep = nap
    await settle(rig, 30)
    assert written
    crisis = [text for row in rig.telegram.shown for text in row.texts].index(
        says("crisis.received")
    )
    flow = [says("everywhere.not_understood"), says("everywhere.offer_person")]
    assert not set(rig.telegram.texts[crisis:]) & set(flow)


async def test_crisis_while_words_fail(rig: Rig) -> None:
    """A flow sentence whose sending failed while a crisis came is not tried again behind it."""
    await rig.hear("telegram", Inbound("begin"))
    sending = rig.telegram.send

    async def slow(*args: str) -> Outcome:
        rig.telegram.send = sending  # type: ignore[method-assign]
        await rig.write("telegram", RISKY)
        return Outcome("unsent")

    rig.telegram.send = slow  # type: ignore[method-assign, assignment]
    await settle(rig, 10)
    assert says("crisis.received") in rig.telegram.texts
    assert says("welcome.hello") not in rig.telegram.texts


async def test_erase_while_words_are_held_back(rig: Rig) -> None:
    """After the erase nothing is sent but the farewell, also not what was about to leave."""
    for number in range(6):
        await rig.write("telegram", f"文{number}")
    sent = -1

    async def nap(seconds: float) -> None:
        nonlocal sent
        rig.clock.now += round(seconds * 1_000)
        if sent < 0:
            await rig.write("telegram", "消して")
            await rig.write("telegram", "1")
            await rig.errands.drain()
            sent = len(rig.telegram.shown)

    rig.delivery._sleep = nap
    await settle(rig, 30)
    assert sent > 0
    assert rig.telegram.texts[-1].startswith(says("erase.done", receipt="R")[:5])
    assert len(rig.telegram.shown) == sent


async def test_words_behind_an_erase(rig: Rig) -> None:
    """What somebody writes behind their own «yes, erase» is answered, as from somebody new."""
    await rig.write("telegram", "消して")
    await rig.hear("telegram", Inbound("text", text="1"), Inbound("text", text=RISKY))
    await rig.errands.drain()
    await rig.delivery.run_once()

    assert rig.telegram.texts[0].startswith(says("erase.done", receipt="R")[:5])
    assert says("crisis.received") in rig.telegram.texts
    assert (await rig.there("telegram")).conversation.version == 1


async def test_a_second_tap_behind_an_erase(rig: Rig) -> None:
    """Whoever taps «erase» twice isn't kept again for the second tap."""
    await rig.write("telegram", "消して")
    session = rig.vault.open(await rig.there("telegram")).session()
    assert session is not None
    tap = Inbound("tap", data=f"{session.nonce}.1")
    await rig.hear("telegram", tap, tap)
    await rig.errands.drain()
    assert await rig.lane("telegram") is None


async def answers(rig: Rig, channel: str) -> list[str]:
    """Every answer that the session holds, in its history too."""
    session = rig.vault.open(await rig.there(channel)).session()
    assert session is not None
    stacks = (session.stack, *session.history)
    return [
        answer.value for stack in stacks for frame in stack for answer in frame.answers.values()
    ]


async def tell(rig: Rig, channel: str, words: str) -> None:
    """Somebody tells in the listening flow when it is, in a message called mA."""
    await rig.begin(channel)
    await rig.write(channel, "1")
    await rig.write(channel, words, message_id="mA")
    assert words in await answers(rig, channel)


async def test_what_was_taken_back_is_no_answer_any_more(rig: Rig) -> None:
    """An unsent message is forgotten as an answer too, not only as our copy; nothing is said."""
    await tell(rig, "line", "ひみつの夜")
    said = len(await rig.rows())
    await rig.conversations.accept([rig.heard("line", None, what="unsent", message_id="mA")])
    assert "ひみつの夜" not in await answers(rig, "line")
    assert "ひみつの夜" not in [one.text for one in await rig.copies("line")]
    assert len(await rig.rows()) == said


async def test_what_was_edited_is_the_answer(rig: Rig) -> None:
    """An edited message is kept as an answer in its new words, and the old ones are gone."""
    await tell(rig, "telegram", "山田さんの家")
    edit = rig.heard("telegram", Inbound("edited", text="家"), what="edited", message_id="mA")
    await rig.conversations.accept([edit])
    found = await answers(rig, "telegram")
    assert "家" in found
    assert "山田さんの家" not in found


async def test_an_edit_of_what_still_waits() -> None:
    """An edit that overtakes the turn of its message isn't lost: our copy holds the new words."""
    store = SlowStore()
    rig = await Rig(store, turn_budget_ms=1).start()
    await rig.write("telegram", "一")
    await rig.write("telegram", "山田です", message_id="mA")
    edit = rig.heard(
        "telegram", Inbound("edited", text="わたしです"), what="edited", message_id="mA"
    )
    await rig.conversations.accept([edit])
    store.gate.set()
    await rig.errands.drain()
    assert [one.text for one in await rig.copies("telegram") if one.text] == ["一", "わたしです"]


@pytest.mark.parametrize("what", ["edited", "unsent"])
async def test_changes_by_strangers(rig: Rig, what: str) -> None:
    """Changing or taking back a message that we never had, or have erased, makes nobody known."""
    inbound = Inbound("edited", text="家") if what == "edited" else None
    await rig.conversations.accept([rig.heard("line", inbound, what=what)])
    assert await rig.lane("line") is None


async def test_risk_behind_a_failing_turn() -> None:
    """Risky words that came along with others don't wait until a failing turn is given up."""
    rig = await Rig(engine=FailingEngine(1)).start()
    await rig.hear("telegram", Inbound("text", text="一"), Inbound("text", text=RISKY))
    await rig.delivery.run_once()
    assert says("crisis.received") in rig.telegram.texts
    assert rig.clock.now - START < RETRY_AFTER[0]


@pytest.mark.parametrize("late", ["blocked", "unblocked"])
async def test_late_blocks(rig: Rig, late: str) -> None:
    """A block or unblock that is delivered again, late, changes nothing any more."""
    await rig.begin("line")
    first = rig.heard("line", None, what=late)
    rig.clock.now += SECOND
    now = rig.heard("line", None, what="unblocked" if late == "blocked" else "blocked")
    await rig.conversations.accept([first])
    await rig.conversations.accept([now])
    await rig.conversations.accept([first])
    status = (await rig.there("line")).address.status
    assert status == ("active" if late == "blocked" else "blocked")


async def test_words_and_a_block_in_one_delivery(rig: Rig) -> None:
    """Who writes and then blocks us is blocked, although both came together."""
    words = rig.heard("line", Inbound("text", text="さよなら"))
    block = replace(rig.heard("line", None, what="blocked"), at=words.at + SECOND)
    await rig.begin("line")
    await rig.conversations.accept([words, block])
    assert (await rig.there("line")).address.status == "blocked"


class Down(MemoryStore):
    """Keeps nothing once it is told so."""

    down = False

    async def receive(self, *args: object) -> None:  # type: ignore[override]
        raise StoreUnavailableError("full")


async def test_a_tap_is_answered_while_nothing_can_be_kept() -> None:
    """A callback is answered although the store is down, so that no button spins for ever."""
    rig = await Rig(Down()).start()
    with pytest.raises(StoreUnavailableError):
        await rig.hear("telegram", Inbound("tap", data="old.1"), callback="c1")
    await rig.errands.drain()
    assert [one.callback for one in rig.telegram.acknowledged] == ["c1"]


async def test_a_stream_that_ends_leaves_nothing() -> None:
    """A listener that is closed takes its conversation's entry along, without another ring."""
    bell = InProcessBell()
    ear = bell.listen("c1")
    bell.ring("c1")
    async with asyncio.timeout(5):
        await anext(ear)
    await ear.aclose()  # type: ignore[attr-defined]
    assert not bell._ears
