"""bot.services.delivery: what leaves, in which order, and what becomes of it."""

from __future__ import annotations

import asyncio

import pytest

from bot.engine.inbound import Inbound
from bot.services.ports import Outcome
from bot.services.verdicts import KEY_LIFE
from tests.services.rig import HOUR, MINUTE, RISKY, SECOND, SENT, Rig, says

TIMEOUT = Outcome("ambiguous")
USED = Outcome("bad_token")
NO_QUOTA = Outcome("quota")


async def drain(rig: Rig, minutes: int = 30) -> None:
    """Let time go by until nothing is due any more."""
    for _ in range(minutes * 60):
        await rig.delivery.run_once()
        due = await rig.store.next_due()
        if due is None or due > rig.clock.now + minutes * MINUTE:
            return
        rig.clock.now = max(rig.clock.now + 100, due)


async def test_crisis_overtakes(rig: Rig) -> None:
    """A crisis is pushed although older words wait, and what waited of the flow is withdrawn."""
    await rig.hear("line", Inbound("begin"))
    await rig.write("line", RISKY)
    await rig.delivery.run_once()

    assert rig.line.attempts[0].via == "push"
    assert rig.line.attempts[0].token == ""
    assert [row.speech for row in await rig.rows("withdrawn")] == ["turn"]
    assert says("welcome.hello") not in rig.line.texts


async def test_order_in_a_conversation(rig: Rig) -> None:
    """While an earlier request is held up, a later one of the same person waits; others don't."""
    rig.telegram.script.extend([Outcome("unsent")])
    await rig.hear("telegram", Inbound("begin"), user_id="U1")
    await rig.delivery.run_once()
    await rig.write("telegram", "つぎ", user_id="U1")
    await rig.hear("telegram", Inbound("begin"), user_id="U2")
    await rig.delivery.run_once()
    assert {one.person for one in rig.telegram.shown} == {"U2"}

    await drain(rig)
    mine = [text for one in rig.telegram.shown if one.person == "U1" for text in one.texts]
    assert mine[0] == says("welcome.hello")


async def test_reply_lost_then_used(rig: Rig) -> None:
    """A reply whose answer was lost is asked again at once; «used» means it got through."""
    rig.line.script.extend([TIMEOUT, USED])
    await rig.hear("line", Inbound("begin"))
    await rig.delivery.run_once()

    assert [one.via for one in rig.line.attempts] == ["reply", "reply"]
    assert [row.status for row in await rig.rows()] == ["inferred"]


async def test_reply_refused_at_first(rig: Rig) -> None:
    """A token that is refused at the first try is followed by a push with the row's own key."""
    rig.line.script.extend([USED])
    await rig.hear("line", Inbound("begin"))
    await rig.delivery.run_once()

    [reply, push] = rig.line.attempts
    assert (reply.via, push.via) == ("reply", "push")
    assert push.token == ""
    assert len(rig.line.shown) == 1


async def test_push_is_repeated_with_the_same_key(rig: Rig) -> None:
    """A push without an answer is repeated unchanged under the same key; 409 ends it."""
    rig.line.script.extend([TIMEOUT, TIMEOUT, Outcome("already")])
    await rig.write("line", RISKY)
    await drain(rig)

    pushes = [one for one in rig.line.attempts if one.via == "push"][:3]
    assert len({(one.key, one.texts) for one in pushes}) == 1
    assert not await rig.rows("new", "sending", "dead")


async def test_killed_while_sending(rig: Rig) -> None:
    """A row that a killed process held is treated as «nobody knows»: the same token again."""
    await rig.hear("line", Inbound("begin"))
    await rig.store.claim_sends(rig.clock(), 30_000, 10, lambda row: "reply")
    rig.clock.now += 30 * SECOND
    rig.line.script.extend([USED])
    await rig.delivery.run_once()
    assert [row.status for row in await rig.rows()] == ["inferred"]


async def test_killed_while_sending_and_late(rig: Rig) -> None:
    """The same with a token that is old by now: a repeat by push is harmless, silence is not."""
    await rig.hear("line", Inbound("begin"))
    await rig.store.claim_sends(rig.clock(), 60_000, 10, lambda row: "reply")
    rig.clock.now += 61 * SECOND
    await rig.delivery.run_once()
    assert [one.via for one in rig.line.shown] == ["push"]


async def test_month_over_rides_on_the_next_token(rig: Rig) -> None:
    """What found no road when the month's pushes were gone comes first with the next reply."""
    event = rig.heard("line", Inbound("begin"))
    rig.clock.now += MINUTE
    rig.line.script.extend([NO_QUOTA])
    await rig.conversations.accept([event])
    await rig.delivery.run_once()
    assert [row.status for row in await rig.rows()] == ["waiting"]

    await rig.write("line", "もしもし")
    await rig.delivery.run_once()
    [shown] = rig.line.shown
    assert shown.via == "reply"
    assert shown.texts[0] == says("welcome.hello")
    assert len(shown.texts) > 2
    assert [row.status for row in await rig.rows("waiting", "new", "dead")] == []


async def test_month_over_is_remembered(rig: Rig) -> None:
    """Once the limit was met, no turn is pushed against it; the platform is asked again later."""
    rig.line.left = 0
    await rig.quota.refresh()
    event = rig.heard("line", Inbound("begin"))
    rig.clock.now += MINUTE
    await rig.conversations.accept([event])
    await rig.delivery.run_once()
    assert rig.line.attempts == []
    assert rig.line.asked == 1

    rig.clock.now += 9 * MINUTE
    await rig.delivery.run_once()
    assert rig.line.asked == 1
    rig.clock.now += 2 * MINUTE
    await rig.delivery.run_once()
    await asyncio.sleep(0)  # asked behind what is being sent
    assert rig.line.asked == 2


async def test_crisis_when_the_month_is_over(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    """A crisis that meets the limit takes the person's fresh token at once; somebody is paged."""
    rig.line.script.extend([NO_QUOTA])
    await rig.write("line", RISKY)
    await rig.delivery.run_once()

    assert [one.via for one in rig.line.attempts[:2]] == ["push", "reply"]
    assert rig.line.shown[0].texts == rig.line.attempts[0].texts
    assert "crisis_without_quota" in caplog.text


async def test_many_crises_leave_the_month_its_pushes(rig: Rig) -> None:
    """After six pushed crises in an hour a person's further ones are answered by their own tokens,
    each at once, and another person's crisis is pushed as ever; an hour later pushes are back.
    """
    for _ in range(8):
        await rig.write("line", RISKY)
        await rig.delivery.run_once()
    crises = [one.via for one in rig.line.attempts if one.texts == rig.line.attempts[0].texts]
    assert crises[:8] == ["push"] * 6 + ["reply"] * 2

    await rig.write("line", RISKY, user_id="U-other")
    await rig.delivery.run_once()
    assert next(one.via for one in rig.line.attempts if one.person == "U-other") == "push"

    rig.clock.now += HOUR
    before = len(rig.line.attempts)
    await rig.write("line", RISKY)
    await rig.delivery.run_once()
    assert rig.line.attempts[before].via == "push"


async def test_crisis_keeps_trying(rig: Rig) -> None:
    """With no token and no quota a crisis is tried at least every 15 seconds."""
    event = rig.heard("line", Inbound("text", text=RISKY))
    rig.clock.now += MINUTE
    rig.line.script.extend([NO_QUOTA] * 20)
    await rig.conversations.accept([event])
    started = rig.clock.now
    await drain(rig)
    assert rig.line.shown
    assert rig.clock.now - started <= 21 * 15 * SECOND


async def test_dead_after_a_day(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    """A platform that is away for a day ends in a dead letter, and a dead crisis pages a person."""
    rig.telegram.script.extend([Outcome("unsent")] * 2)
    await rig.write("telegram", RISKY)
    await rig.delivery.run_once()
    rig.clock.now += KEY_LIFE - SECOND
    await rig.delivery.run_once()
    first, *_ = await rig.rows()
    assert (first.speech, first.status) == ("crisis", "dead")
    assert "crisis_dead" in caplog.text


async def test_no_key_older_than_a_day(rig: Rig) -> None:
    """A row that slept for a day is not sent under its old key."""
    rig.line.script.extend([TIMEOUT])
    await rig.write("line", RISKY)
    await rig.store.claim_sends(rig.clock(), 30_000, 1, lambda row: "push")
    rig.clock.now += KEY_LIFE + HOUR
    await rig.delivery.run_once()
    assert [row.status for row in await rig.rows() if row.speech == "crisis"] == ["dead"]


async def test_blocked(rig: Rig) -> None:
    """A 403 ends the row, marks the address, and nothing more is tried."""
    rig.telegram.script.extend([Outcome("blocked")])
    await rig.hear("telegram", Inbound("begin"))
    await rig.delivery.run_once()
    await rig.delivery.run_once()

    assert len(rig.telegram.attempts) == 1
    assert (await rig.there("telegram")).address.status == "blocked"


async def test_refused_crisis_falls_back(rig: Rig) -> None:
    """A crisis message whose form the platform refuses is replaced by the plain card, once."""
    rig.telegram.script.extend([Outcome("rejected")])
    await rig.write("telegram", RISKY)
    await rig.delivery.run_once()
    assert rig.telegram.texts[0] == says("safety.card")


async def test_telegram_pace_in_one_chat(rig: Rig) -> None:
    """Seven bubbles to one chat take at least a second each after the first five."""
    for number in range(7):
        await rig.write("telegram", f"文{number}")
    started = rig.clock.now
    await drain(rig)
    count = len(rig.telegram.shown)
    assert count > 5
    assert rig.clock.now - started >= (count - 5) * SECOND


async def test_throttled_waits(rig: Rig) -> None:
    """retry_after is waited for, and everything is sent once afterwards."""
    rig.telegram.script.extend([Outcome("throttled", retry_after=40 * SECOND)])
    await rig.hear("telegram", Inbound("begin"))
    await rig.delivery.run_once()
    rig.clock.now += 39 * SECOND
    await rig.delivery.run_once()
    assert len(rig.telegram.attempts) == 1
    await drain(rig)
    assert len(rig.telegram.texts) == len(set(rig.telegram.texts))
    assert not await rig.rows("new", "sending")


async def test_a_channel_that_raises(rig: Rig) -> None:
    """A channel that breaks its promise costs a retry, not the sender."""

    async def raising(*args: object) -> Outcome:
        rig.telegram.send = sending  # type: ignore[method-assign]
        raise OSError("broken")

    sending = rig.telegram.send
    rig.telegram.send = raising  # type: ignore[method-assign, assignment]
    await rig.hear("telegram", Inbound("begin"))
    await drain(rig)
    assert rig.telegram.shown


async def test_run_is_woken(rig: Rig) -> None:
    """The loop sends what a commit rang for, and ends when told to."""
    stop = asyncio.Event()
    loop = asyncio.create_task(rig.delivery.run(stop))
    await rig.hear("line", Inbound("begin"))
    async with asyncio.timeout(5):
        await rig.line.seen.wait()
        stop.set()
        await loop
    assert rig.line.shown


@pytest.mark.parametrize(
    "script",
    [
        pytest.param([TIMEOUT, SENT], id="lost answer"),
        pytest.param([USED], id="dead token"),
        pytest.param([Outcome("unsent"), Outcome("throttled"), SENT], id="refused, throttled"),
        pytest.param([TIMEOUT, Outcome("throttled"), USED], id="lost, throttled, used"),
    ],
)
async def test_every_row_ends(rig: Rig, script: list[Outcome]) -> None:
    """Whatever a platform answers at first, each row ends as sent or surely accepted."""
    rig.line.script.extend(script)
    await rig.hear("line", Inbound("begin"))
    await rig.write("line", "もしもし")
    await drain(rig)
    assert {row.status for row in await rig.rows()} <= {"sent", "inferred"}


async def test_a_crisis_waits_for_no_quota(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the platform doesn't answer how much is left, a crisis leaves all the same."""
    answers = asyncio.Event()

    async def silent() -> None:
        await answers.wait()

    monkeypatch.setattr(rig.line, "quota", silent)
    await rig.write("line", RISKY)
    async with asyncio.timeout(5):
        await rig.delivery.run_once()
    assert rig.line.attempts[0].via == "push"
    answers.set()
    await asyncio.sleep(0)


@pytest.mark.parametrize("what", ["quota", "store"])
async def test_no_exception_ends_the_loop(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, what: str
) -> None:
    """Whatever is raised, by the platform or by the store, the loop notes it and goes on."""
    caplog.set_level("INFO")
    raised = asyncio.Event()
    held: object = rig.line if what == "quota" else rig.store
    name = "quota" if what == "quota" else "claim_sends"
    before = getattr(held, name)

    async def raising(*_: object) -> None:
        raised.set()
        monkeypatch.setattr(held, name, before)
        raise RuntimeError("unforeseen")

    monkeypatch.setattr(held, name, raising)
    stop = asyncio.Event()
    loop = asyncio.create_task(rig.delivery.run(stop))
    async with asyncio.timeout(10):
        await raised.wait()
        await rig.hear("line", Inbound("begin"))
        await rig.line.seen.wait()
        stop.set()
        rig.deliver.ring()
        await loop
    assert "code=RuntimeError" in caplog.text
    assert "unforeseen" not in caplog.text
