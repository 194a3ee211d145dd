"""Answering requests to limit a conversation: recorded, bounded, and never for one in danger."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from bot.errors import NotAllowedError
from bot.services.records import Conversation
from bot.services.staff.answers import LimitAsked, Refused
from bot.services.staff.limits import Limits
from tests.services.staff.rig import HOUR, Rig


class Requests:
    """Two requests; what was set is remembered."""

    def __init__(self) -> None:
        self.waiting = [
            Conversation("rude", "c", "a", b"", limit_asked=5, tier=1),
            Conversation("danger", "c", "a", b"", limit_asked=7, tier=2),
        ]
        self.set: list[tuple[str, int]] = []

    async def limits_asked(self, limit: int) -> Sequence[Conversation]:
        return self.waiting[:limit]

    async def set_limit(self, conversation: str, until: int) -> None:
        self.set.append((conversation, until))


@pytest.mark.parametrize(
    ("conversation", "hours", "answer", "kept"),
    [
        pytest.param("rude", 24, None, 24 * HOUR, id="a day"),
        pytest.param("rude", 168, None, 168 * HOUR, id="a week"),
        pytest.param("rude", 0, None, 0, id="no limit"),
        pytest.param("danger", 24, Refused("in_danger"), None, id="in danger"),
        pytest.param("danger", 0, None, 0, id="in danger, no limit"),
        pytest.param("gone", 24, Refused("has_another_state"), None, id="nobody asks any more"),
    ],
)
async def test_answers(
    rig: Rig, conversation: str, hours: int, answer: Refused | None, kept: int | None
) -> None:
    """An answer is set and recorded, or refused and neither."""
    member, requests = await rig.join("hana", "supervisor"), Requests()
    got = await Limits(rig.office, requests).answer(await member.who(), conversation, hours)
    assert got == answer
    until = None if kept is None else (rig.now + kept if kept else 0)
    assert requests.set == ([] if until is None else [(conversation, until)])
    row = (await rig.rows.audit(0, 1))[0]
    assert (row.act == "limit.answered") is (answer is None)


@pytest.mark.parametrize("hours", [-1, 169, 10_000])
async def test_no_longer_than_a_week(rig: Rig, hours: int) -> None:
    """A limit lasts a week at most."""
    member, requests = await rig.join("hana", "supervisor"), Requests()
    with pytest.raises(ValueError, match="0 to 168 hours"):
        await Limits(rig.office, requests).answer(await member.who(), "rude", hours)
    assert requests.set == []


async def test_who_answers(rig: Rig) -> None:
    """Supervisors see and answer requests; counselors don't."""
    boss, member = await rig.join("boss", "supervisor"), await rig.join("hana", "counselor")
    limits = Limits(rig.office, Requests())
    assert await limits.asked(await boss.who()) == (
        LimitAsked("rude", 5, 1),
        LimitAsked("danger", 7, 2),
    )
    with pytest.raises(NotAllowedError):
        await limits.asked(await member.who())
    with pytest.raises(NotAllowedError):
        await limits.answer(await member.who(), "rude", 24)
