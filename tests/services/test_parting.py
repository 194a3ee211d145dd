"""Somebody wrote as a newcomer and turned out to be known: what becomes of the newcomer."""

from __future__ import annotations

from bot.engine.inbound import Inbound
from bot.errors import StoreUnavailableError
from bot.services.ports import Outcome
from tests.services.rig import MINUTE, Rig, says
from tests.services.test_moving import DANGER, DOORS, code_of, door_token, shown_code


async def test_a_newcomer_who_ends_is_in_the_ledger() -> None:
    """The newcomer's mark is recorded, the one who goes on is not; a backup that is put back at a
    later start brings back only the latter.
    """
    rig = await Rig().start()
    await rig.begin("line")
    words = await code_of(rig, "line")
    await rig.begin("telegram", user_id="T1")
    newcomer = (await rig.there("telegram", "T1")).contact.id
    await rig.write("telegram", words, user_id="T1")
    stays = (await rig.there("telegram", "T1")).contact.id
    assert rig.ledger.recorded == [rig.vault.ledger_id(newcomer)]
    assert stays != newcomer
    assert await rig.erasure.replay(rig.store) == 0


async def test_a_move_that_ends_nobody_records_nobody() -> None:
    """A code typed at an address that was never seen leaves the ledger alone, and so does one that
    opens nothing.
    """
    rig = await Rig().start()
    await rig.begin("line")
    words = await code_of(rig, "line")
    room, _ = await rig.entrances.use_code(words, "ja")
    assert room != ""
    await rig.begin("telegram", user_id="T1")
    await rig.write("telegram", words, user_id="T1")
    assert rig.ledger.recorded == []


async def test_without_the_ledger_nobody_moves() -> None:
    """Where the mark can't be written, everything stays as it was, and the code is still good."""
    rig = await Rig().start()
    await rig.begin("line")
    words = await code_of(rig, "line")
    await rig.begin("telegram", user_id="T1")
    newcomer = await rig.there("telegram", "T1")
    record, full = rig.ledger.record, StoreUnavailableError("the disk is full")

    def refuses(key_id: str) -> None:
        raise full

    rig.ledger.record = refuses  # type: ignore[method-assign]
    await rig.write("telegram", words, user_id="T1")
    assert (await rig.there("telegram", "T1")).contact == newcomer.contact
    rig.ledger.record = record  # type: ignore[method-assign]
    rig.clock.now += MINUTE
    await rig.timers.run_once()
    assert (await rig.there("telegram", "T1")).contact == (await rig.there("line")).contact


async def test_a_crisis_that_was_not_yet_sent_arrives() -> None:
    """Help that could not be sent before the code was typed is sent after it, to the same place."""
    rig = await Rig().start()
    await rig.begin("line")
    words = await code_of(rig, "line")
    await rig.begin("telegram", user_id="T1")
    rig.telegram.shown.clear()
    await rig.write("telegram", DANGER, user_id="T1")
    before = [row for row in await rig.rows("new") if row.speech == "crisis"]
    assert before
    await rig.write("telegram", words, user_id="T1")
    after = [row for row in await rig.rows("new") if row.speech == "crisis"]
    assert [row.id for row in before] == [row.id for row in after][: len(before)]
    await rig.delivery.run_once()
    assert says("crisis.call_119") in rig.telegram.texts
    assert {sending.person for sending in rig.telegram.shown} == {"T1"}


async def test_a_crisis_that_failed_is_tried_again_after_the_move() -> None:
    """A try that failed before the code is repeated after it, with the same retry key."""
    rig = await Rig().start()
    await rig.begin("telegram", user_id="T1")
    await rig.write("telegram", "合言葉", user_id="T1")
    await rig.delivery.run_once()
    words = shown_code(rig.telegram.texts)
    await rig.begin("line", user_id="L1")
    rig.line.shown.clear()
    rig.line.script.extend([Outcome("unsent")] * 9)
    await rig.write("line", DANGER, user_id="L1")
    await rig.delivery.run_once()
    assert rig.line.shown == []
    rig.line.script.clear()
    (row, *_) = [row for row in await rig.rows("new") if row.speech == "crisis"]
    await rig.write("line", words, user_id="L1")
    rig.clock.now += MINUTE
    await rig.delivery.run_once()
    assert says("crisis.call_119") in rig.line.texts
    assert row.retry_key in {sending.key for sending in rig.line.shown}


async def test_the_place_that_was_left_hears_of_it_at_once() -> None:
    """Whoever came in by the page for codes leaves a neutral line behind: delivery is woken."""
    rig = await Rig().start()
    await rig.begin("line")
    words = await code_of(rig, "line")
    rig.deliver._rung.clear()
    await rig.entrances.use_code(words, "ja")
    assert rig.deliver._rung.is_set()


async def test_a_browser_with_a_room_of_somebody_else_gives_it_up() -> None:
    """Coming in by code or link with a browser that had another room: nobody could see or erase
    that one any more, so its contact ends, in the ledger first; its danger goes along, and the new
    pass is fresh.
    """
    for road in ("code", "link"):
        rig = await Rig(modes=DOORS if road == "link" else {}).start()
        await rig.begin("line")
        way = door_token(rig) if road == "link" else await code_of(rig, "line")
        old, fresh = "o" * 44, "f" * 44
        await rig.begin("web", user_id=old)
        await rig.write("web", DANGER, user_id=old)
        loser = await rig.there("web", old)
        assert loser.conversation.tier > 0
        if road == "link":
            assert await rig.entrances.open_door(way, "ja", fresh, old) == fresh
        else:
            assert await rig.entrances.use_code(way, "ja", fresh, old) == (fresh, None)
        assert await rig.lane("web", old) is None
        assert rig.ledger.recorded == [rig.vault.ledger_id(loser.contact.id)]
        here = await rig.there("web", fresh)
        assert await rig.store.contacts() == (here.contact.id,)
        assert here.conversation.tier == loser.conversation.tier


async def test_a_room_is_not_given_up_for_words_that_open_nothing() -> None:
    """A miss leaves the room that the browser has as it is."""
    rig = await Rig().start()
    await rig.begin("web", user_id="o" * 44)
    assert await rig.entrances.use_code("うそ", "ja", "f" * 44, "o" * 44) == ("", "missed")
    assert await rig.entrances.open_door("A" * 22, "ja", "f" * 44, "o" * 44) is None
    assert await rig.lane("web", "o" * 44) is not None


async def test_what_waited_in_the_room_given_up_is_heard() -> None:
    """A cry for help that was filed but not yet answered there is answered in the new room."""
    rig = await Rig().start()
    await rig.begin("line")
    words = await code_of(rig, "line")
    old, fresh = "o" * 44, "f" * 44
    await rig.begin("web", user_id=old)
    heard = rig.heard("web", Inbound("text", text=DANGER), user_id=old)
    published = await rig.programs.active()
    await rig.conversations._receive(rig.conversations._intake.sort([heard], published))
    await rig.entrances.use_code(words, "ja", fresh, old)
    shown = [b.text for body in await rig.copies("web", fresh) for b in body.bubbles]
    assert says("crisis.call_119") in shown
