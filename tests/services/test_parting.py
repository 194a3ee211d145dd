"""Somebody wrote as a newcomer and turned out to be known: what becomes of the newcomer."""

from __future__ import annotations

from bot.errors import StoreUnavailableError
from bot.services.ports import Outcome
from tests.services.rig import MINUTE, Rig, says
from tests.services.test_moving import DANGER, code_of, shown_code


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
