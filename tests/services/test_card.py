"""bot.services.card: what a person gets while nothing can be kept."""

from __future__ import annotations

import pytest

from bot.engine.inbound import Inbound
from bot.errors import StoreUnavailableError
from bot.services import card
from bot.services.ports import Outcome
from tests.services.rig import MINUTE, SECOND, Rig, says


async def refused(rig: Rig, channel: str = "line", user_id: str = "U1", late: int = 0) -> None:
    """Somebody writes, and nothing can be kept."""
    event = rig.heard(channel, Inbound("text", text="もしもし"), user_id=user_id)
    rig.clock.now += late
    with pytest.raises(StoreUnavailableError):
        await rig.conversations.accept([event])
    await rig.errands.drain()


async def test_once_in_ten_minutes(rig: Rig) -> None:
    """However often somebody writes, the card comes once in ten minutes, from memory."""
    await rig.store.close()
    for _ in range(3):
        await refused(rig)
    assert rig.line.texts == [says("safety.card")]
    assert [one.via for one in rig.line.attempts] == ["reply"]

    rig.clock.now += 10 * MINUTE
    await refused(rig)
    assert len(rig.line.shown) == 2


async def test_each_person(rig: Rig) -> None:
    """Each person gets their own, on Telegram by sending."""
    await rig.store.close()
    for person in ("U1", "U2"):
        await refused(rig, "telegram", person)
    assert [(one.via, one.person) for one in rig.telegram.shown] == [("send", "U1"), ("send", "U2")]


async def test_no_road(rig: Rig) -> None:
    """With an old token on LINE, and in the web room, nothing is sent."""
    await rig.store.close()
    await refused(rig, late=51 * SECOND)
    await refused(rig, "web")
    assert rig.line.attempts == []
    assert rig.web.attempts == []
    assert rig.card.words("en") != says("safety.card")


async def test_surely_unseen_may_come_again(rig: Rig) -> None:
    """A card that surely didn't arrive doesn't count."""
    await rig.store.close()
    rig.line.script.extend([Outcome("unsent")])
    await refused(rig)
    await refused(rig)
    assert len(rig.line.shown) == 1


async def test_bounded(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """The memory of who got it is bounded: the oldest is forgotten."""
    monkeypatch.setattr(card, "REMEMBERED", 2)
    await rig.store.close()
    for person in ("U1", "U2", "U3", "U3", "U1"):
        await refused(rig, "telegram", person)
    assert [one.person for one in rig.telegram.shown] == ["U1", "U2", "U3", "U1"]


async def test_works_again(rig: Rig) -> None:
    """What was refused and is sent again by the platform is answered once the store is back."""
    event = rig.heard("line", Inbound("begin"))
    await rig.store.close()
    with pytest.raises(StoreUnavailableError):
        await rig.conversations.accept([event])
    await rig.errands.drain()
    await rig.store.open()
    assert (await rig.conversations.accept([event])).taken == 1
