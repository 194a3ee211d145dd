"""Coming in as somebody who is known: by four words or a door link, and what is left behind."""

from __future__ import annotations

import asyncio
import logging
import re

import pytest
from msgspec.structs import replace

from bot.engine.inbound import Inbound
from bot.engine.world import Mode
from bot.errors import LostFenceError, StoreUnavailableError
from bot.services.moving import KNOWN_AFTER, TRIES_BY_KNOWN, TRIES_BY_NEW, TRIES_HERE
from bot.services.records import Lane, Move, Parting, Received, Saved, TurnWrite
from bot.store.memory import MemoryStore
from tests.services.rig import HOUR, MINUTE, ROOM, Rig, says

DOORS: dict[str, Mode] = {"line": "door_only", "telegram": "door_only"}
AWAY = "doorstep.moved_away"
SECRET = "きのうの夜の話"
DANGER = "意識がない"


async def code_of(rig: Rig, channel: str, **person: str) -> str:
    """Asks for a code where the person talks now; its four words."""
    await rig.write(channel, "合言葉", **person)
    await rig.delivery.run_once()
    return shown_code(await rig_said(rig, channel))


async def rig_said(rig: Rig, channel: str) -> list[str]:
    """What was said lately on a channel: on the web by our copy."""
    if channel == "web":
        lane = await rig.lane("web", "U1")
        assert lane is not None
        return [bubble.text for body in (await rig.copies("web"))[-1:] for bubble in body.bubbles]
    return [text for sending in getattr(rig, channel).shown[-5:] for text in sending.texts]


def shown_code(texts: list[str]) -> str:
    """The line with the four words."""
    lines = [line for text in texts for line in text.split("\n") if line.count("　") == 3]
    assert lines, texts
    return lines[-1]


async def test_a_code_brings_the_conversation_to_another_channel() -> None:
    """Four words typed on Telegram move the conversation there from LINE, without a word of before;
    a new code is shown, and LINE gets one neutral line.
    """
    rig = await Rig().start()
    await rig.begin("line")
    await rig.write("line", SECRET)
    words = await code_of(rig, "line")
    before = await rig.there("line")
    rig.line.shown.clear()
    await rig.write("telegram", words, user_id="T1")
    await rig.delivery.run_once()
    now = await rig.there("telegram", "T1")
    assert now.conversation.id == before.conversation.id
    assert now.conversation.address == now.address.id != before.address.id
    assert rig.line.texts == [says(AWAY)]
    assert rig.telegram.texts[0] == says("moved.hello")
    assert shown_code(rig.telegram.texts) != words
    assert SECRET not in " ".join(rig.telegram.texts)


async def test_the_former_place_stays_a_doorstep() -> None:
    """After a move the former address gets answers to its own messages only, with nothing of the
    conversation; what is said at the new one never goes there.
    """
    rig = await Rig().start()
    await rig.begin("line")
    await rig.write("telegram", await code_of(rig, "line"), user_id="T1")
    await rig.delivery.run_once()
    rig.line.shown.clear()
    await rig.write("telegram", SECRET, user_id="T1")
    await rig.delivery.run_once()
    assert rig.line.texts == []
    session = (await rig.there("telegram", "T1")).conversation.session
    await rig.write("line", "こんにちは")
    await rig.write("line", "人と話す")
    await rig.delivery.run_once()
    assert set(rig.line.texts) == {says(AWAY), rig.line.texts[1]}
    assert rig.line.texts[1].startswith(says("doorstep.come_back"))
    lane = await rig.there("telegram", "T1")
    assert lane.conversation.session == session
    assert [body.text for body in await rig.copies("line") if body.text] == ["合言葉", SECRET]


async def test_a_code_can_be_used_once() -> None:
    """The words that were used open nothing any more; the new ones do."""
    rig = await Rig().start()
    await rig.begin("line")
    words = await code_of(rig, "line")
    await rig.write("telegram", words, user_id="T1")
    await rig.delivery.run_once()
    newer = shown_code(rig.telegram.texts)
    await rig.begin("telegram", user_id="T2")
    rig.telegram.shown.clear()
    await rig.write("telegram", words, user_id="T2")
    await rig.delivery.run_once()
    assert rig.telegram.texts[0] == says("everywhere.code_missed")
    await rig.write("telegram", newer, user_id="T2")
    assert (await rig.there("telegram", "T2")).contact == (await rig.there("line")).contact


async def test_a_new_code_takes_the_place_of_the_earlier() -> None:
    """Asking for a code twice leaves one that works."""
    rig = await Rig().start()
    await rig.begin("line")
    first = await code_of(rig, "line")
    second = await code_of(rig, "line")
    await rig.write("telegram", first, user_id="T1")
    assert (await rig.there("telegram", "T1")).contact != (await rig.there("line")).contact
    await rig.write("telegram", second, user_id="T1")
    assert (await rig.there("telegram", "T1")).contact == (await rig.there("line")).contact


async def test_a_shown_code_stands_until_a_new_one_is_asked_for() -> None:
    """What isn't understood while a code is shown asks the question again, not for a new code."""
    rig = await Rig().start()
    await rig.begin("line")
    words = await code_of(rig, "line")
    await rig.write("line", "むにゃむにゃ")
    await rig.hear("line", Inbound("sticker"))
    await rig.write("telegram", words, user_id="T1")
    assert (await rig.there("telegram", "T1")).contact == (await rig.there("line")).contact


async def test_a_code_typed_where_it_was_shown_is_renewed() -> None:
    """Typed at home it moves nothing: a new one is shown."""
    rig = await Rig().start()
    await rig.begin("line")
    words = await code_of(rig, "line")
    before = await rig.there("line")
    await rig.write("line", words)
    await rig.delivery.run_once()
    assert shown_code(list(rig.line.shown[-1].texts)) != words
    assert (await rig.there("line")).address.id == before.address.id


async def test_a_code_brings_it_back_to_the_former_address() -> None:
    """Typed at the former address it comes home there; the one between is a doorstep then."""
    rig = await Rig().start()
    await rig.begin("line")
    await rig.write("telegram", await code_of(rig, "line"), user_id="T1")
    await rig.delivery.run_once()
    await rig.write("line", shown_code(rig.telegram.texts))
    await rig.delivery.run_once()
    lane = await rig.there("line")
    assert lane.conversation.address == lane.address.id
    assert says("everywhere.code_missed") not in rig.line.texts
    assert rig.line.shown[-1].texts[0] == says("moved.hello")
    assert rig.telegram.shown[-1].texts == (says(AWAY),)


async def test_wrong_words_are_counted_and_slowed() -> None:
    """Five misses in an hour are answered alike; then it is slow for all words, right ones too."""
    rig = await Rig().start()
    await rig.begin("line")
    right = await code_of(rig, "line")
    await rig.begin("telegram", user_id="T1")
    for _ in range(5):
        await rig.write("telegram", "つばき たんぽぽ ひまわり あさがお", user_id="T1")
    await rig.write("telegram", right, user_id="T1")
    rig.clock.now += MINUTE
    await rig.delivery.run_once()
    told = [text for text in rig.telegram.texts if text.startswith(("その合言葉", "合言葉は"))]
    assert told == [says("everywhere.code_missed")] * 5 + [says("everywhere.code_slow")]
    rig.clock.now += HOUR
    await rig.write("telegram", right, user_id="T1")
    assert (await rig.there("telegram", "T1")).contact == (await rig.there("line")).contact


async def test_one_guesser_uses_up_their_own_tries_only() -> None:
    """However often one address and the page guess, somebody else's right words open."""
    rig = await Rig().start()
    await rig.begin("line")
    right = await code_of(rig, "line")
    await rig.begin("telegram", user_id="T1")
    for _ in range(101):
        await rig.write("telegram", "つばき たんぽぽ ひまわり あさがお", user_id="T1")
        await rig.entrances.use_code("うそ", "ja")
    await rig.write("telegram", right, user_id="T2")
    assert (await rig.there("telegram", "T2")).contact == (await rig.there("line")).contact


WRONG = "つばき たんぽぽ ひまわり あさがお"


async def test_a_flood_of_fresh_rooms_shuts_out_nobody_who_is_known(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Twenty new rooms guess until the web rests for new ones: whoever has been here for a day, and
    every other channel, goes on; it is noted once.
    """
    caplog.set_level(logging.INFO)
    rig = await Rig().start()
    await rig.begin("web", user_id="known")
    rig.clock.now += KNOWN_AFTER + MINUTE
    await rig.begin("line")
    words = await code_of(rig, "line")
    for room in range(20):
        for _ in range(5):
            await rig.write("web", WRONG, user_id=f"fresh {room}")
    assert caplog.messages.count("codes_exhausted code=web known=0") == 1
    await rig.write("web", words, user_id="new")
    assert (await rig.there("web", "new")).contact != (await rig.there("line")).contact
    assert await rig.entrances.use_code("うそ", "ja") == ("", "missed")
    await rig.write("web", words, user_id="known")
    assert (await rig.there("web", "known")).contact == (await rig.there("line")).contact
    words = shown_code([b.text for m in await rig.copies("web", "known") for b in m.bubbles])
    await rig.write("telegram", words, user_id="T1")
    assert (await rig.there("telegram", "T1")).contact == (await rig.there("line")).contact


async def test_the_page_keeps_tries_for_browsers_that_are_known() -> None:
    """Strangers use up the page for codes: a browser whose room is a day old has its own five."""
    rig = await Rig().start()
    old = "o" * 44
    await rig.begin("web", user_id=old)
    rig.clock.now += KNOWN_AFTER + MINUTE
    await rig.begin("line")
    words = await code_of(rig, "line")
    for _ in range(TRIES_BY_NEW):
        assert await rig.entrances.use_code("うそ", "ja") == ("", "missed")
    assert await rig.entrances.use_code(words, "ja") == ("", "slow")
    for _ in range(TRIES_HERE - 1):
        assert await rig.entrances.use_code("うそ", "ja", here=old) == ("", "missed")
    room, refused = await rig.entrances.use_code(words, "ja", here=old)
    assert (room != "", refused) == (True, None)


async def test_the_known_have_an_end_too() -> None:
    """Rooms that were prepared a day before guess no more than the reserve."""
    rig = await Rig().start()
    rooms = [f"{number}" for number in range(9)]
    for room in rooms:
        await rig.begin("telegram", user_id=room)
    rig.clock.now += KNOWN_AFTER + MINUTE
    await rig.begin("line")
    words = await code_of(rig, "line")
    for room in rooms[:8]:
        for _ in range(TRIES_BY_KNOWN // 8):
            await rig.write("telegram", WRONG, user_id=room)
    await rig.write("telegram", words, user_id=rooms[8])
    assert (await rig.there("telegram", "8")).contact != (await rig.there("line")).contact


class FullDisk(MemoryStore):
    """Can't save a turn while it is full."""

    full = False

    async def save_turn(self, write: TurnWrite, now: int, lease_ms: int) -> Saved:
        if self.full:
            raise StoreUnavailableError("full")
        return await super().save_turn(write, now, lease_ms)


async def test_whoever_came_in_stays_in_though_the_greeting_fails() -> None:
    """The disk is full just as a code was used: the pass is good, and the greeting follows."""
    store = FullDisk()
    rig = await Rig(store).start()
    await rig.begin("line")
    words = await code_of(rig, "line")
    store.full = True
    room, refused = await rig.entrances.use_code(words, "ja")
    store.full = False
    assert refused is None
    rig.clock.now += MINUTE
    await rig.conversations.work_waiting()
    lane = await rig.there("web", room)
    assert lane.contact == (await rig.there("line")).contact
    assert (await rig.copies("web", room))[-1].bubbles[0].text == says("moved.hello")


async def test_the_words_are_kept_nowhere() -> None:
    """Neither what was typed nor what was shown stands in our copy, but on the page people see."""
    rig = await Rig().start()
    await rig.begin("line")
    words = await code_of(rig, "line")
    assert words not in repr(await rig.copies("line"))
    await rig.begin("telegram", user_id="T1")
    await rig.write("telegram", "つばき たんぽぽ ひまわり あさがお", user_id="T1")
    assert "たんぽぽ" not in repr(await rig.copies("telegram", "T1"))


async def test_a_door_link_opens_once_and_for_ten_minutes() -> None:
    """The link of a door leads to a fresh room of the same contact; then it leads nowhere."""
    rig = await Rig(modes=DOORS).start()
    await rig.begin("line")
    token = door_token(rig)
    room = await rig.entrances.open_door(token, "ja")
    assert room is not None
    lane = await rig.there("web", room)
    assert lane.contact == (await rig.there("line")).contact
    assert lane.conversation.address == lane.address.id
    assert says("welcome.hello") in (await rig.copies("web", room))[0].bubbles[0].text
    assert await rig.entrances.open_door(token, "ja") is None
    assert rig.line.texts.count(says(AWAY)) == 0
    await rig.write("line", "こんにちは")
    await rig.delivery.run_once()
    late = door_token(rig)
    rig.clock.now += 10 * MINUTE
    assert await rig.entrances.open_door(late, "ja") is None


@pytest.mark.parametrize("token", ["", "x", "あ" * 30, "\ud800", "A" * 22])
async def test_a_link_that_never_was_opens_nothing(token: str) -> None:
    """Whatever stands in a link, it is looked up and not found."""
    rig = await Rig().start()
    assert await rig.entrances.open_door(token, "ja") is None
    assert await rig.entrances.use_code(token, "ja") == ("", "missed")


async def test_a_guessed_link_leaves_no_row() -> None:
    """Nobody guesses 128 bits: a link that is not found is not counted, and nothing is written."""
    store = MemoryStore()
    rig = await Rig(store).start()
    for number in range(9):
        assert await rig.entrances.open_door(f"{number}" * 22, "ja") is None
    assert store._tables.tries == {}


class KilledAfterMove(MemoryStore):
    """Dies when a move was made, before anything of it is answered."""

    kills = False

    async def move(
        self, move: Move, now: int, lease_ms: int, parting: Parting | None = None
    ) -> Received | None:
        received = await super().move(move, now, lease_ms, parting)
        if self.kills:
            self.kills = False
            raise LostFenceError("killed")
        return received


async def test_a_death_just_after_a_move_misses_nothing() -> None:
    """The words typed at the former address are done with the move: after a restart there is the
    greeting, and nobody is told that they open nothing.
    """
    store = KilledAfterMove()
    rig = await Rig(store).start()
    await rig.begin("line")
    await rig.write("telegram", await code_of(rig, "line"), user_id="T1")
    await rig.delivery.run_once()
    words = shown_code(rig.telegram.texts)
    store.kills = True
    await rig.write("line", words)
    rig.clock.now += MINUTE
    await rig.conversations.work_waiting()
    await rig.delivery.run_once()
    assert says("moved.hello") in rig.line.texts
    assert says("everywhere.code_missed") not in rig.line.texts


async def test_coming_back_through_the_door_asks_where_to_go_on() -> None:
    """A second link leads into the same conversation: where we were or anew, nothing of before."""
    rig = await Rig(modes=DOORS).start()
    await rig.begin("line")
    room = await rig.entrances.open_door(door_token(rig), "ja")
    assert room is not None
    await rig.hear("web", Inbound("text", text=SECRET), user_id=room)
    await rig.write("line", "また")
    await rig.delivery.run_once()
    again = await rig.entrances.open_door(door_token(rig), "ja")
    assert again is not None
    lane = await rig.there("web", again)
    rows = await rig.store.transcript(lane.conversation.id, lane.address.since, 100)
    opened = rig.vault.open(lane)
    here = [opened.message(row) for row in rows if row.address == lane.address.id]
    assert here[0].bubbles[0].text == says("moved.hello")
    assert SECRET not in repr(here)


async def test_the_page_for_codes_opens_a_room() -> None:
    """Four words on the web's own page give a fresh room; a wrong try leaves nothing behind."""
    rig = await Rig().start()
    await rig.begin("line")
    words = await code_of(rig, "line")
    assert await rig.entrances.use_code("つばき たんぽぽ ひまわり あさがお", "ja") == ("", "missed")
    assert len(await rig.store.contacts()) == 1
    room, refused = await rig.entrances.use_code(words, "ja")
    assert refused is None
    assert (await rig.there("web", room)).contact == (await rig.there("line")).contact
    for _ in range(58):
        await rig.entrances.use_code("うそ", "ja")
    assert await rig.entrances.use_code("うそ", "ja") == ("", "slow")


async def test_a_code_at_a_door_hands_out_that_conversations_door() -> None:
    """Where nothing may be talked over, the words give a link to the conversation, and nothing
    moves to the door itself.
    """
    rig = await Rig(modes=DOORS).start()
    await rig.begin("web")
    await rig.write("web", "合言葉")
    words = shown_code(await rig_said(rig, "web"))
    await rig.begin("line", user_id="L1")
    await rig.write("line", words, user_id="L1")
    await rig.delivery.run_once()
    home = await rig.there("web")
    assert home.conversation.address == home.address.id
    room = await rig.entrances.open_door(door_token(rig), "ja")
    assert room is not None
    assert (await rig.there("web", room)).contact == home.contact


async def test_words_that_wait_behind_a_code_are_not_lost() -> None:
    """What a newcomer wrote right behind the code is answered where they are now."""
    rig = await Rig().start()
    await rig.begin("line")
    words = await code_of(rig, "line")
    await rig.conversations.accept(
        [
            rig.heard("telegram", Inbound("begin"), user_id="T1"),
            rig.heard("telegram", Inbound("text", text=words), user_id="T1"),
            rig.heard("telegram", Inbound("text", text=DANGER), user_id="T1"),
        ]
    )
    await rig.errands.drain()
    await rig.timers.run_once()
    await rig.delivery.run_once()
    assert says("crisis.call_119") in rig.telegram.texts
    assert (await rig.there("telegram", "T1")).conversation.tier == 3


async def test_a_tier_comes_along() -> None:
    """Who was in danger where the code was typed is in danger in the conversation that comes."""
    rig = await Rig().start()
    await rig.begin("line")
    words = await code_of(rig, "line")
    await rig.begin("telegram", user_id="T1")
    await rig.write("telegram", DANGER, user_id="T1")
    await rig.write("telegram", words, user_id="T1")
    assert (await rig.there("line")).conversation.tier == 3


async def test_erase_from_a_former_address_erases_the_contact() -> None:
    """消して works at every address; the farewell goes to the one it was confirmed at."""
    rig = await Rig().start()
    await rig.begin("line")
    await rig.write("telegram", await code_of(rig, "line"), user_id="T1")
    await rig.delivery.run_once()
    await rig.write("line", "消して")
    await rig.delivery.run_once()
    receipt = re.findall(r"R\d+", " ".join(rig.line.shown[-1].texts))[-1]
    rig.telegram.shown.clear()
    await rig.write("line", "はい、消す")
    await rig.errands.drain()
    assert await rig.store.contacts() == ()
    assert rig.line.texts[-1] == says("erase.done", receipt=receipt)
    assert rig.telegram.texts == []
    assert await rig.lane("telegram", "T1") is None


async def test_erase_while_somebody_of_the_staff_owns_the_conversation() -> None:
    """Whoever owns it, the person's word erases it, with sends pending, and twice is no error."""
    rig = await Rig().start()
    await rig.begin("line")
    lane = await rig.there("line")
    tables = rig.store._tables
    owned = tables.conversations[lane.conversation.id]
    tables.conversations[owned.id] = replace(owned, owner="staff1", epoch=4)
    await rig.write("line", "消して")
    await rig.write("line", "はい、消す")
    await rig.write("line", "はい、消す")
    await rig.errands.drain()
    contact = lane.contact.id
    assert contact not in await rig.store.contacts()
    assert all(row.conversation != lane.conversation.id for row in await rig.rows())
    await rig.erasure.erase_contact(contact)


async def test_blocking_the_former_address_leaves_the_conversation_alone() -> None:
    """A block there withdraws what was to go there; back again, it is still a doorstep."""
    rig = await Rig().start()
    await rig.begin("line")
    await rig.write("telegram", await code_of(rig, "line"), user_id="T1")
    await rig.conversations.accept([rig.heard("line", None, what="blocked")])
    await rig.delivery.run_once()
    assert says(AWAY) not in rig.line.texts
    assert (await rig.there("telegram", "T1")).address.status == "active"
    await rig.begin("line")
    assert rig.line.shown[-1].texts[0] == says(AWAY)
    lane = await rig.there("telegram", "T1")
    assert lane.conversation.address == lane.address.id


async def test_unsending_at_the_former_address_empties_our_copy() -> None:
    """A message taken back after the move is emptied, and nothing is said about it anywhere."""
    rig = await Rig().start()
    await rig.begin("line")
    heard = rig.heard("line", Inbound("text", text=SECRET))
    await rig.conversations.accept([heard])
    await rig.write("telegram", await code_of(rig, "line"), user_id="T1")
    await rig.delivery.run_once()
    rig.line.shown.clear()
    rig.telegram.shown.clear()
    await rig.conversations.accept(
        [rig.heard("line", None, what="unsent", message_id=heard.message_id)]
    )
    await rig.delivery.run_once()
    assert SECRET not in repr(await rig.copies("line"))
    assert rig.line.texts + rig.telegram.texts == []


async def test_moves_and_turns_at_the_same_time() -> None:
    """However a move falls among turns of the same conversation, one address is the current one
    and every message is answered or handed on.
    """
    rig = await Rig().start()
    await rig.begin("line")
    words = await code_of(rig, "line")
    await asyncio.gather(
        *(rig.write("line", "むにゃむにゃ") for _ in range(4)),
        rig.write("telegram", words, user_id="T1"),
        *(rig.write("line", "もごもご") for _ in range(4)),
    )
    await rig.errands.drain()
    await rig.timers.run_once()
    lane = await rig.there("telegram", "T1")
    assert lane.conversation.address == lane.address.id
    former: Lane = await rig.there("line")
    assert former.contact == lane.contact
    claims = await rig.store.claim_waiting(rig.clock.now + HOUR, 30_000, 10)
    assert claims == ()


def door_token(rig: Rig) -> str:
    """The token of the newest door link on LINE."""
    found = re.findall(rf"{ROOM}/d/(\S+)", " ".join(rig.line.texts))
    return str(found[-1])
