"""bot.services.conversations: what becomes of what was heard."""

from __future__ import annotations

from itertools import permutations

import pytest

from bot.engine.inbound import Inbound
from bot.services.bodies import MessageBody
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


async def test_how_much_is_kept(rig: Rig) -> None:
    """何が残っていますか is answered with how many messages there are, this one among them."""
    await rig.begin("web")
    await rig.write("web", "さみしいとき")
    await rig.write("web", "何が残っていますか")
    copies = await rig.copies("web")
    assert [len(copy.bubbles) > 0 for copy in copies] == [True, False, True, False, True]
    assert copies[-1].bubbles[0].text == says("kept.words", messages_kept="4")
