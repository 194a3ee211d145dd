"""bot.services.floods: what one person may send, and what passes however much it is."""

from __future__ import annotations

import pytest

from bot.engine.inbound import Inbound
from bot.services import floods
from bot.services.conversations import Accepted
from bot.services.floods import IN_DANGER, MORE, RESERVE, Floods, Pacing
from tests.services.rig import MINUTE, RISKY, SECOND, Rig, says

BURST = 5
SLOW = "everywhere.slow_down"


@pytest.fixture
async def throttled(rig: Rig) -> Rig:
    """The service where one address may send five at once and ten a minute."""
    rig.conversations._floods = Floods(
        rig.programs,
        rig.store,
        rig.channels,
        rig.errands,
        rig.chance,
        rig.clock,
        rig.journal,
        Pacing(BURST, per_minute=10),
    )
    return rig


async def flood(rig: Rig, channel: str, times: int, words: str = "ねえ") -> list[Accepted]:
    """Somebody writes that often at once."""
    accepted = [await rig.write(channel, words) for _ in range(times)]
    await rig.errands.drain()
    return accepted


async def turns(rig: Rig, channel: str, user_id: str = "U1") -> int:
    """How many turns somebody's conversation has had."""
    lane = await rig.lane(channel, user_id)
    return lane.conversation.version if lane else 0


@pytest.mark.parametrize("channel", ["line", "telegram", "web"])
async def test_over_the_bucket(throttled: Rig, channel: str) -> None:
    """What comes over the bucket is never kept, on any channel, and the sender is named."""
    accepted = await flood(throttled, channel, BURST + 20)
    assert await turns(throttled, channel) == BURST
    assert [one.slowed for one in accepted[:BURST]] == [frozenset()] * BURST
    assert [one.slowed for one in accepted[BURST:]] == [frozenset({"U1"})] * 20
    persons = [body for body in await throttled.copies(channel) if body.text]
    assert len(persons) == BURST


async def test_others_are_not_held_up(throttled: Rig) -> None:
    """Each address has a bucket of its own."""
    await flood(throttled, "line", 30)
    assert (await throttled.write("line", "ねえ", user_id="U2")).taken == 1
    assert (await throttled.write("web", "ねえ")).taken == 1


async def test_it_fills_again(throttled: Rig) -> None:
    """After a pause the next messages are taken; a clock that goes back gives nothing."""
    await flood(throttled, "line", 30)
    throttled.clock.now += 12 * SECOND
    assert [one.taken for one in await flood(throttled, "line", 3)] == [1, 1, 0]
    throttled.clock.now -= MINUTE
    assert (await throttled.write("line", "ねえ")).taken == 0


async def test_one_kind_line_a_minute(throttled: Rig) -> None:
    """Once a minute it is said, by reply token on LINE, with the words that always get through."""
    await flood(throttled, "line", 30)
    assert throttled.line.texts == [says(SLOW)]
    assert [one.via for one in throttled.line.attempts] == ["reply"]
    throttled.clock.now += 59 * SECOND
    await flood(throttled, "line", 30)
    assert len(throttled.line.texts) == 1
    throttled.clock.now += SECOND
    await flood(throttled, "line", 30)
    assert len(throttled.line.texts) == 2
    assert (await throttled.counted())["line", "slowed", ""] == 2


async def test_how_it_is_said_elsewhere(throttled: Rig) -> None:
    """On Telegram it is sent; on the web the page says it; without a free road nothing is."""
    await flood(throttled, "telegram", 30)
    assert throttled.telegram.texts == [says(SLOW)]
    await flood(throttled, "web", 30)
    assert throttled.web.attempts == []
    late = throttled.heard("line", Inbound("text", text="ねえ"), reply_token="")
    for _ in range(30):
        await throttled.conversations.accept([late])
    assert throttled.line.attempts == []


async def test_risk_always_passes(throttled: Rig) -> None:
    """A cry in the middle of a flood has its turn as always."""
    await flood(throttled, "line", 50)
    taken = await turns(throttled, "line")
    assert (await throttled.write("line", RISKY)).taken == 1
    assert await turns(throttled, "line") == taken + 1
    assert (await throttled.there("line")).conversation.tier == 2
    assert {row.speech for row in await throttled.rows("new")} >= {"crisis"}


async def test_somebody_in_danger_is_not_cut_off(throttled: Rig) -> None:
    """After a cry, calm words in a hurry are taken too, for a day, and a flood still ends."""
    await flood(throttled, "line", 50)
    await throttled.write("line", RISKY)
    accepted = await flood(throttled, "line", 200)
    assert sum(one.taken for one in accepted) == BURST * MORE
    throttled.clock.now += IN_DANGER
    accepted = await flood(throttled, "line", 200)
    assert sum(one.taken for one in accepted) == BURST


WORDS = ["たすけて", "人と話す", "消して", "おわる", "help", "１"]


@pytest.mark.parametrize("word", WORDS)
async def test_words_pass_by_the_reserve(throttled: Rig, word: str) -> None:
    """When nothing else passes, words, numbers and taps still do."""
    await flood(throttled, "line", 50)
    assert (await throttled.write("line", "ねえ")).taken == 0
    assert (await throttled.write("line", word)).taken == 1


async def test_somebody_throttled_can_erase(throttled: Rig) -> None:
    """In the middle of a flood 消して and its confirmation erase everything."""
    await flood(throttled, "line", 50)
    await throttled.write("line", "消して")
    assert (await throttled.write("line", "1")).erased == frozenset({"U1"})
    assert await throttled.lane("line") is None


async def test_the_reserve_ends_too(throttled: Rig) -> None:
    """A flood of words is a flood: the reserve is a few messages, then it fills like the bucket."""
    accepted = await flood(throttled, "line", 60, "ことば")
    assert sum(one.taken for one in accepted) == BURST + RESERVE


async def test_what_is_taken_back(throttled: Rig) -> None:
    """Taking a message back always passes; a flood of edits does not."""
    await throttled.write("line", "ひみつ", message_id="m-secret")
    await flood(throttled, "line", 50)
    await throttled.hear("line", Inbound("unsent"), what="unsent", message_id="m-secret")
    assert "ひみつ" not in [body.text for body in await throttled.copies("line")]
    edit = Inbound("edited", text="べつ")
    assert (await throttled.hear("line", edit, what="edited")).slowed == frozenset({"U1"})


async def test_bounded(throttled: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """The memory of buckets is bounded: the address that was quiet longest is forgotten."""
    monkeypatch.setattr(floods, "REMEMBERED", 3)
    for number in range(10):
        await throttled.write("web", "ねえ", user_id=f"U{number}")
    kept = throttled.conversations._floods
    assert kept is not None
    assert len(kept._buckets) == 3
