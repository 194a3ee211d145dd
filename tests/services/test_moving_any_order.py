"""However somebody moves about: nothing reaches a place they left, nothing of before is shown."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.app.transcripts import RoomTranscripts
from bot.engine.inbound import Inbound
from bot.services.records import Lane
from tests.services.rig import Rig, Sending, says
from tests.services.test_moving import code_of

PLACES = ("line", "telegram", "web")
STEPS = st.lists(
    st.tuples(st.sampled_from(PLACES), st.sampled_from(("write", "move", "hide"))),
    min_size=1,
    max_size=10,
)
AT_A_DOORSTEP = ("doorstep.moved_away", "doorstep.come_back")


class Wanderer:
    """One person with three addresses; what they write is numbered, so that it can be found."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.users = {"line": "U1", "telegram": "T1", "web": "U1"}
        self.home = "line"
        self.written: dict[str, list[str]] = {place: [] for place in PLACES}
        self.hidden: list[str] = []
        self.count = 0
        self.room = RoomTranscripts(rig.store, rig.vault, rig.journal)

    async def writes(self, place: str) -> None:
        self.count += 1
        words = f"ひみつ{self.count}ばん"
        self.written[place].append(words)
        await self._hears(place, words)

    async def moves(self, place: str) -> None:
        words = await code_of(self.rig, self.home, user_id=self.users[self.home])
        await self._hears(place, words)
        if self.home != place and "web" in (self.home, place):
            self._hide()  # left, or come to anew
        self.home = place

    async def hides(self) -> None:
        await self.rig.store.veil(self.rig.vault.lookup("web", self.users["web"]))
        self._hide()

    def _hide(self) -> None:
        self.hidden += self.written["web"]
        self.written["web"].clear()

    async def _hears(self, place: str, words: str) -> None:
        inbound = Inbound("text", text=words)
        await self.rig.hear(place, inbound, user_id=self.users[place])
        await self.rig.delivery.run_once()

    async def lane(self, place: str) -> Lane | None:
        return await self.rig.lane(place, self.users[place])


def texts(sent: Sequence[Sending]) -> list[str]:
    return [text.partition("\n\n1 ")[0] for sending in sent for text in sending.texts]


async def wander(steps: list[tuple[str, str]]) -> None:
    person = Wanderer(await Rig().start())
    rig = person.rig
    await person.writes("line")
    allowed = {says(key) for key in AT_A_DOORSTEP}
    for place, act in steps:
        known = await person.lane(place)
        before = {"line": len(rig.line.shown), "telegram": len(rig.telegram.shown)}
        if act == "move":
            await person.moves(place)
        elif act == "hide":
            await person.hides()
        elif known is not None:
            await person.writes(place)
        home = await person.lane(person.home)
        assert home is not None
        assert home.conversation.address == home.address.id
        for name, channel in (("line", rig.line), ("telegram", rig.telegram)):
            if name != person.home and act != "move":
                assert set(texts(channel.shown[before[name] :])) <= allowed
        await _nothing_of_before(person)


async def _nothing_of_before(person: Wanderer) -> None:
    """The room shows what was said in it since it was last hidden or left, and nothing else."""
    view = await person.room.newest(person.users["web"], 200)
    shown = repr(view.entries) if view else ""
    elsewhere = person.written["line"] + person.written["telegram"] + person.hidden
    assert [words for words in elsewhere if words in shown] == []
    assert [words for words in person.written["web"] if words not in shown] == []


@settings(max_examples=80, deadline=None)
@given(STEPS)
def test_nothing_reaches_a_place_that_was_left(steps: list[tuple[str, str]]) -> None:
    """In any order of writing, moving and hiding: an address that is not home gets the one line and
    its own doorstep's answers only, and the room never shows words of elsewhere or of before.
    """
    logging.disable(logging.CRITICAL)
    try:
        asyncio.run(wander(steps))
    finally:
        logging.disable(logging.NOTSET)
