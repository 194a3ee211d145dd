"""The store's contract: return codes, tries to guess one, limits, serious events, keys."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
import pytest

from bot.errors import LostFenceError
from bot.services.ports import Retention, Store
from bot.services.records import Code, Contact, Serious
from tests.store.people import (
    DAY,
    LEASE,
    NOW,
    PlainDoor,
    arrival,
    claim_one,
    four_words,
    lookup,
    receive,
    turn,
)

HOUR = 3_600_000
MINUTE = 60_000


async def test_a_return_code_takes_the_place_of_the_earlier_one(store: Store) -> None:
    """Of two return codes of a contact only the later one is live; a door link stands beside."""
    claim = await claim_one(store, PlainDoor(), arrival("e1"))
    contact = claim.lane.contact.id
    door = Code(b"link", "door", contact, NOW + 10 * MINUTE)
    first, second = four_words(claim, b"first"), four_words(claim, b"second")
    await store.save_turn(turn(claim, codes=(first, door, second)), NOW, LEASE)
    assert await store.find_code(b"first", NOW) is None
    assert await store.find_code(b"second", NOW) == second
    assert await store.find_code(b"link", NOW) == door


async def test_a_code_has_an_end(store: Store) -> None:
    """A code is live until its time, not at it, and retention takes it then."""
    claim = await claim_one(store, PlainDoor(), arrival("e1"))
    await store.save_turn(turn(claim, codes=(four_words(claim, expires=NOW + 5),)), NOW, LEASE)
    assert await store.find_code(b"four words", NOW + 4) is not None
    assert await store.find_code(b"four words", NOW + 5) is None
    assert (await store.retention(NOW + 4, Retention()))["codes"] == 0
    assert (await store.retention(NOW + 5, Retention()))["codes"] == 1


async def test_the_same_words_for_two(store: Store) -> None:
    """A draw that is somebody's live code is refused with the whole turn; an expired one isn't."""
    door = PlainDoor()
    hana = await claim_one(store, door, arrival("e1"))
    ken = await claim_one(store, door, arrival("k1", person="ken"))
    theirs = four_words(hana, expires=NOW + 5)
    await store.save_turn(turn(hana, codes=(theirs,)), NOW, LEASE)
    mine = four_words(ken)
    with pytest.raises(LostFenceError, match="drawn"):
        await store.save_turn(turn(ken, codes=(mine,)), NOW, LEASE)
    assert await store.find_code(b"four words", NOW) == theirs
    await store.save_turn(turn(ken, codes=(mine,)), NOW + 5, LEASE)
    assert await store.find_code(b"four words", NOW + 5) == mine


async def test_tries(store: Store) -> None:
    """Tries are counted for each key from the first one on, and anew when its time is over."""
    keys = [b"address", b"everybody"]
    assert await store.count_tries(keys, NOW, HOUR) == (1, 1)
    assert await store.count_tries(keys[1:], NOW + 1, HOUR) == (2,)
    assert await store.count_tries(keys, NOW + HOUR - 1, HOUR) == (2, 3)
    assert await store.count_tries(keys, NOW + HOUR, HOUR) == (1, 1)


async def test_a_success_forgets_tries(store: Store) -> None:
    """After a success the tries under its key begin anew; others count on."""
    await store.count_tries([b"a", b"b"], NOW, HOUR)
    await store.forget_tries([b"a", b"never tried"])
    assert await store.count_tries([b"a", b"b"], NOW, HOUR) == (1, 2)


async def test_tries_when_the_clock_goes_back(store: Store) -> None:
    """A clock that was wrong for a moment doesn't keep anybody out for years."""
    await store.count_tries([b"a"], NOW + 1000 * DAY, HOUR)
    assert await store.count_tries([b"a"], NOW, HOUR) == (1,)


async def test_tries_are_forgotten(store: Store) -> None:
    """Retention takes tries whose time is over."""
    await store.count_tries([b"a"], NOW, HOUR)
    assert (await store.retention(NOW + HOUR - 1, Retention()))["tries"] == 0
    assert (await store.retention(NOW + HOUR, Retention()))["tries"] == 1


async def test_serious_events(store: Store) -> None:
    """Serious events outlive the person, are told the newest first, and go after their time."""
    claim = await claim_one(store, PlainDoor(), arrival("e1"))
    events = tuple(Serious(f"s{n}", NOW + n, 3, "overdose", "card") for n in range(3))
    await store.save_turn(turn(claim, serious=events), NOW, LEASE)
    await store.erase(claim.lane.contact.id, NOW)
    assert await store.serious_events(2) == events[:0:-1]
    rules = Retention(serious=100)
    assert (await store.retention(NOW + 101, rules))["serious"] == 1
    assert await store.serious_events(9) == events[:0:-1]


@dataclass
class Asked:
    """A conversation about whose tone a supervisor is asked."""

    store: Store
    door: PlainDoor
    n: int = 0

    async def turn(self, **fields: object) -> None:
        """One more turn changes the conversation's row."""
        self.n += 1
        claim = await claim_one(self.store, self.door, arrival(f"a{self.n}"))
        await self.store.save_turn(turn(claim, conversation=fields), NOW, LEASE)

    async def limits(self) -> tuple[int, int]:
        """When it was asked, and until when it is limited."""
        lane = await self.store.locate(lookup("hana"))
        assert lane is not None
        return lane.conversation.limit_asked, lane.conversation.limited_until


@pytest.fixture
def asked(store: Store) -> Asked:
    """Nobody has asked yet."""
    return Asked(store, PlainDoor())


async def test_a_limit(asked: Asked) -> None:
    """A supervisor is asked, answers, and is not asked again for the same."""
    await asked.turn(limit_asked=NOW)
    (waiting,) = await asked.store.limits_asked(9)
    assert waiting.limit_asked == NOW
    await asked.store.set_limit(waiting.id, NOW + DAY)
    assert await asked.limits() == (0, NOW + DAY)
    assert await asked.store.limits_asked(9) == ()
    await asked.turn(limit_asked=NOW, limited_until=0)
    assert await asked.limits() == (0, NOW + DAY)
    await asked.turn(limit_asked=NOW + 7)
    assert await asked.limits() == (NOW + 7, NOW + DAY)


async def test_a_limit_refused(asked: Asked) -> None:
    """A supervisor may say no, and may lift a limit."""
    await asked.turn(limit_asked=NOW)
    await asked.store.set_limit("conversation-1", NOW + DAY)
    await asked.store.set_limit("conversation-1", 0)
    assert await asked.limits() == (0, 0)
    await asked.store.set_limit("nobody", NOW)


@pytest.mark.parametrize(
    ("tier", "until"),
    [
        pytest.param(1, NOW + DAY, id="unease"),
        pytest.param(2, 0, id="danger"),
        pytest.param(3, 0, id="life in danger"),
    ],
)
async def test_nobody_in_danger_is_limited(asked: Asked, tier: int, until: int) -> None:
    """From tier 2 on a limit is not set, and the question is off the table."""
    await asked.turn(limit_asked=NOW, tier=tier)
    await asked.store.set_limit("conversation-1", NOW + DAY)
    assert await asked.limits() == (0, until)
    assert await asked.store.limits_asked(9) == ()


async def test_the_oldest_question_first(store: Store) -> None:
    """Questions wait in the order in which they were asked."""
    door = PlainDoor()
    got = await receive(store, door, *(arrival(f"e{n}", person=f"p{n}") for n in range(3)))
    for claim, at in zip(got.claims, (NOW + 2, NOW, NOW + 1), strict=True):
        await store.save_turn(turn(claim, conversation={"limit_asked": at}), NOW, LEASE)
    assert [each.limit_asked for each in await store.limits_asked(2)] == [NOW, NOW + 1]


async def test_rewrapping(store: Store) -> None:
    """Contacts go over to another key in batches; one that was erased meanwhile stays gone."""
    door = PlainDoor()
    await receive(store, door, *(arrival(f"e{n}", person=f"p{n}") for n in range(5)))
    first = await store.contacts_under("kek1", 3)
    assert [each.id for each in first] == ["contact-1", "contact-2", "contact-3"]
    await store.erase("contact-2", NOW)
    again = [msgspec.structs.replace(each, kek="kek2", key=b"anew") for each in first]
    await store.rewrap(again)
    assert await store.keks() == ("kek1", "kek2")
    assert [each.id for each in await store.contacts_under("kek1", 9)] == ["contact-4", "contact-5"]
    assert await store.contacts_under("kek2", 9) == (
        Contact("contact-1", "kek2", b"anew"),
        Contact("contact-3", "kek2", b"anew"),
    )
    lane = await store.lane_of("contact-1")
    assert lane is not None
    assert lane.contact.key == b"anew"
