"""Tone, the cover and quiet hours through the whole service: what is said, asked, kept and sent."""

from __future__ import annotations

from msgspec.structs import replace

from bot.engine.inbound import Inbound
from bot.flow.quiet import parse_quiet
from bot.services.records import OutboxClass, OutboxRow
from tests.services.rig import HOUR, MINUTE, RISKY, START, Rig, says

RUDE = "お前はばか"
NIGHT = parse_quiet("16:00-19:00")  # the frozen clock says 17:00 in Japan


async def test_the_ladder(rig: Rig) -> None:
    """Once a line, then a rest, then a supervisor is asked; each is counted by its class."""
    await rig.begin("telegram")
    for _ in range(2):
        await rig.write("telegram", RUDE)
    assert (await rig.there("telegram")).conversation.limit_asked == 0
    rig.clock.now += 16 * MINUTE
    await rig.write("telegram", RUDE)
    assert (await rig.there("telegram")).conversation.limit_asked == rig.clock.now
    assert (await rig.store.limits_asked(10))[0].id == (await rig.there("telegram")).conversation.id
    assert (await rig.counted())["telegram", "line_crossed", "abuse"] == 3
    assert (await rig.counted())["telegram", "limit_asked", ""] == 1
    await rig.delivery.run_once()
    assert says("everywhere.rude_once") in rig.telegram.texts


async def test_limited_by_a_supervisor(rig: Rig) -> None:
    """A limit is told to the person; a cry is still met by the crisis flow."""
    await rig.begin("telegram")
    lane = await rig.there("telegram")
    await rig.store.set_limit(lane.conversation.id, rig.clock.now + HOUR)
    await rig.write("telegram", "ねえ")
    await rig.delivery.run_once()
    await rig.write("telegram", RISKY)
    await rig.delivery.run_once()
    assert says("everywhere.limited") in rig.telegram.texts
    assert says("crisis.received") in rig.telegram.texts


async def test_nobody_who_was_in_danger(rig: Rig) -> None:
    """Whoever was once at tier 2 is never asked to rest, and no supervisor is asked."""
    await rig.begin("telegram")
    await rig.write("telegram", RISKY)
    for _ in range(4):
        rig.clock.now += 16 * MINUTE
        await rig.write("telegram", RUDE)
    assert (await rig.there("telegram")).conversation.limit_asked == 0
    assert "line_crossed" not in {event for _, event, _ in await rig.counted()}


async def test_nothing_typed_on_the_cover_is_kept(rig: Rig) -> None:
    """While the cover is drawn our copy holds harmless pages only, whoever typed what."""
    await rig.begin("web")
    await rig.write("web", "献立")
    before = len(await rig.copies("web"))
    for words in ("この人だれ", "なにこれ", RISKY):
        await rig.write("web", words)
    added = (await rig.copies("web"))[before:]
    assert [body.text for body in added] == [""] * 3
    assert [bubble.buttons for bubble in added[0].bubbles] == [()]
    assert added[2].crisis
    assert (await rig.there("web")).conversation.tier == 2


async def test_a_quiet_world(rig: Rig) -> None:
    """In quiet hours nothing speaks up by itself, on any channel; after them it does again."""
    rig.surroundings._quiet = NIGHT
    published = await rig.programs.active()
    world = rig.surroundings.world(published, rig.web, START, "ja", "")
    assert (world.quiet, world.speaks_unprompted) == (True, False)
    world = rig.surroundings.world(published, rig.web, START + 2 * HOUR, "ja", "")
    assert (world.quiet, world.speaks_unprompted) == (False, True)


async def waiting(rig: Rig, speech: OutboxClass) -> OutboxRow:
    """A row of another class, waiting to be sent."""
    await rig.hear("line", Inbound("begin"))
    row = (await rig.rows("new"))[-1]
    rig.store._tables.outbox[row.id] = replace(row, speech=speech)
    return row


async def test_notices_wait_for_the_morning(rig: Rig) -> None:
    """In quiet hours a notice waits for their end, and holds up no answer meanwhile."""
    rig.delivery._quiet = NIGHT
    row = await waiting(rig, "notice")
    await rig.delivery.run_once()
    assert rig.line.shown == []
    assert [(one.id, one.next_at) for one in await rig.rows("new")] == [(row.id, START + 2 * HOUR)]
    await rig.write("line", "たすけて")
    await rig.delivery.run_once()
    assert len(rig.line.shown) == 1
    rig.clock.now = START + 2 * HOUR
    await rig.delivery.run_once()
    assert len(rig.line.shown) == 2


async def test_crisis_and_answers_never_wait(rig: Rig) -> None:
    """In quiet hours a crisis message, a staff message and an answer leave at once."""
    rig.delivery._quiet = NIGHT
    classes: tuple[OutboxClass, ...] = ("crisis", "staff", "turn")
    for speech in classes:
        await waiting(rig, speech)
        await rig.delivery.run_once()
    assert len(rig.line.shown) == 3
