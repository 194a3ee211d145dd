"""What is sent to an address that was left, when platforms fail, and what a cry there does; and
whoever's answer was lost while they came in.
"""

from __future__ import annotations

import pytest

from bot.services.ports import Outcome, OutcomeKind
from bot.services.records import OutboxStatus
from tests.services.rig import HOUR, RISKY, Rig, says
from tests.services.test_moving import DOORS, code_of, door_token, shown_code

AWAY = says("doorstep.moved_away")


async def moved_to_telegram(rig: Rig) -> None:
    """From LINE to Telegram; nothing has been sent of it yet."""
    await rig.start()
    await rig.begin("line")
    words = await code_of(rig, "line")
    rig.line.shown.clear()
    rig.line.attempts.clear()
    await rig.write("telegram", words, user_id="T1")


async def later(rig: Rig) -> None:
    """Send whatever falls due in an hour."""
    until = rig.clock.now + HOUR
    await rig.delivery.run_once()
    while (due := await rig.store.next_due()) is not None and due <= until:
        rig.clock.now = max(rig.clock.now + 1, due)
        await rig.timers.run_once()
        await rig.delivery.run_once()


@pytest.mark.parametrize(
    ("kinds", "ends", "seen"),
    [
        pytest.param(["blocked"], "undeliverable", 0, id="blocked"),
        pytest.param(["rejected"], "dead", 0, id="refused"),
        pytest.param(["quota"], "waiting", 0, id="no pushes left"),
        pytest.param(["ambiguous", "sent"], "sent", 1, id="a timeout"),
        pytest.param(["unsent", "unsent", "sent"], "sent", 1, id="down for a moment"),
        pytest.param(["throttled", "sent"], "sent", 1, id="too fast"),
    ],
)
async def test_a_neutral_line_that_fails(
    kinds: list[OutcomeKind], ends: OutboxStatus, seen: int
) -> None:
    """However the neutral line ends, the conversation goes on at its new address, and it is never
    said twice.
    """
    rig = Rig()
    await moved_to_telegram(rig)
    rig.line.script.extend(Outcome(kind) for kind in kinds)
    await later(rig)
    (notice,) = [row for row in await rig.rows() if row.speech == "notice"]
    assert notice.status == ends
    assert rig.line.texts.count(AWAY) == seen
    assert rig.telegram.texts[0] == says("moved.hello")
    await rig.write("telegram", "続きから", user_id="T1")
    await later(rig)
    assert len(rig.telegram.texts) > 3
    assert rig.line.texts.count(AWAY) == seen


async def test_a_line_without_pushes_is_not_said_after_coming_back() -> None:
    """No push was left for the neutral line, and the conversation came back: it is at home there,
    so nothing says that it isn't.
    """
    rig = Rig()
    await moved_to_telegram(rig)
    rig.line.script.append(Outcome("quota"))
    await later(rig)
    await rig.write("line", shown_code(rig.telegram.texts))
    await later(rig)
    await rig.write("line", "こんにちは")
    await later(rig)
    assert says("moved.hello") in rig.line.texts
    assert AWAY not in rig.line.texts


async def test_a_cry_at_the_former_address_takes_nothing_from_the_other() -> None:
    """Danger at the address that was left brings the card there; the answer that is on its way to
    where the conversation is arrives all the same.
    """
    rig = Rig()
    await moved_to_telegram(rig)
    await later(rig)
    rig.telegram.shown.clear()
    await rig.write("telegram", "続きから", user_id="T1")
    await rig.write("line", RISKY)
    await later(rig)
    assert says("crisis_door.call") in rig.line.texts
    assert rig.telegram.texts != []


async def test_an_answer_that_was_lost_on_the_way_in() -> None:
    """A code and a link open once; but the same form sent again, by whoever never got the answer
    (a dead process, a tunnel, two taps), leads to the same room, and a stranger's nowhere.
    """
    rig = await Rig().start()
    await rig.begin("line")
    words = await code_of(rig, "line")
    fresh, other = "f" * 44, "o" * 44
    assert await rig.entrances.use_code(words, "ja", fresh) == (fresh, None)
    assert await rig.entrances.use_code(words, "ja", fresh) == (fresh, None)
    assert await rig.entrances.use_code(words, "ja", other) == ("", "missed")
    assert (await rig.there("web", fresh)).contact == (await rig.there("line")).contact
    await rig.erasure.erase_contact((await rig.there("web", fresh)).contact.id)
    assert await rig.entrances.use_code(words, "ja", fresh) == ("", "missed")


async def test_a_link_whose_answer_was_lost() -> None:
    """The same with a door; and the next link leads on from it, by a pass of its own."""
    rig = await Rig(modes=DOORS).start()
    await rig.begin("line")
    token = door_token(rig)
    fresh, other = "f" * 44, "o" * 44
    assert await rig.entrances.open_door(token, "ja", fresh) == fresh
    assert await rig.entrances.open_door(token, "ja", fresh) == fresh
    assert await rig.entrances.open_door(token, "ja", other) is None
    await rig.write("line", "また")
    await rig.delivery.run_once()
    again = await rig.entrances.open_door(door_token(rig), "ja", fresh)
    assert again not in (None, fresh)
