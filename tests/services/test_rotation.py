"""Rotating keys: every contact goes over, whatever happens on the way, and nothing else changes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.app.nature import SystemChance
from bot.engine.inbound import Inbound
from bot.errors import KeyringError, SealError, StoreUnavailableError, UnknownKeyError
from bot.privacy.keyring import Keyring, destroyed, new_keyring, promoted, with_next
from bot.services.lanes import Vault
from bot.services.ports import Heard
from bot.services.records import Arrival, Claim
from bot.services.rotation import BATCH, Rewrapped, in_use, refuse_if_used, rewrap
from bot.store.sqlite import SqliteStore

NOW = 1_800_000_000_000
PEOPLE = 5


class Town:
    """A store with people in it whose keys are real."""

    def __init__(self, store: SqliteStore) -> None:
        self.store = store
        self.keyring = new_keyring()
        self.vault = Vault(lambda: self.keyring, SystemChance(), lambda: NOW)
        self.claims: list[Claim] = []

    async def settle(self, people: int) -> None:
        """So many people say hello."""
        heard = [
            Heard("inbound", "line", f"e{n}", f"U{n}", NOW, Inbound("text", text=f"hello {n}"))
            for n in range(people)
        ]
        events = {self.vault.event("line", each.event_id): each for each in heard}
        arrivals = [
            Arrival(event, "line", self.vault.lookup("line", each.user_id), NOW)
            for event, each in events.items()
        ]
        received = await self.store.receive(arrivals, self.vault.door(events), NOW, 1)
        self.claims = list(received.claims)

    def rotate(self) -> str:
        """A next key is handed out and promoted; the old one's id."""
        old = self.keyring.current.id
        handed_out = with_next(self.keyring)
        self.keyring = promoted(handed_out, handed_out.keks[-1].id)
        return old

    async def rewrap(self, keyring: Keyring | None = None) -> Rewrapped:
        """One round with this keyring, else with the one now."""
        return await rewrap(self.store, keyring or self.keyring, lambda n: None)

    async def texts(self) -> list[str]:
        """What everybody wrote, read anew from the store."""
        found = []
        for claim in self.claims:
            lane = await self.store.lane_of(claim.lane.contact.id)
            assert lane is not None
            found.append(self.vault.open(lane).inbound(claim.inbounds[0]).inbound.text)
        return found


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    """Five people under the first key."""
    store = SqliteStore(tmp_path / "engawa.db")
    await store.open()
    made = Town(store)
    await made.settle(PEOPLE)
    yield made
    await store.close()


async def test_a_rotation(town: Town) -> None:
    """After next, promote, rewrap and destroy everybody is read as before, under one new key."""
    old = town.rotate()
    assert await town.texts() == [f"hello {n}" for n in range(PEOPLE)]  # half rotated
    assert await in_use(town.store) == {old: PEOPLE}
    assert await town.rewrap() == Rewrapped(PEOPLE)
    assert await in_use(town.store) == {town.keyring.current.id: PEOPLE}
    town.keyring = destroyed(town.keyring, old)
    assert await town.texts() == [f"hello {n}" for n in range(PEOPLE)]


async def test_a_second_round_finds_nothing(town: Town) -> None:
    """Twice is no error."""
    town.rotate()
    await town.rewrap()
    assert await town.rewrap() == Rewrapped()


async def test_many(town: Town) -> None:
    """Contacts go over in batches, each of which is told."""
    await town.settle(BATCH + 1 + PEOPLE)  # the first five are known already
    town.rotate()
    told: list[int] = []
    done = await rewrap(town.store, town.keyring, told.append)
    assert told == [BATCH, PEOPLE + 1]
    assert done.moved == BATCH + PEOPLE + 1


async def test_stopped_on_the_way(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """A round that ends in the middle leaves everybody readable, and the next one goes on."""
    monkeypatch.setattr("bot.services.rotation.BATCH", 2)
    town.rotate()
    moved: list[int] = []

    def power_cut(n: int) -> None:
        moved.append(n)
        if len(moved) == 2:
            raise StoreUnavailableError("The database is gone; nothing was kept.")

    with pytest.raises(StoreUnavailableError):
        await rewrap(town.store, town.keyring, power_cut)
    assert await town.texts() == [f"hello {n}" for n in range(PEOPLE)]
    assert await town.rewrap() == Rewrapped(1)


async def test_somebody_is_erased_meanwhile(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who was erased between reading and writing stays erased."""
    town.rotate()
    contact = town.claims[0].lane.contact.id
    under = town.store.contacts_under

    async def erasing(kek: str, limit: int) -> object:
        found = await under(kek, limit)
        await town.store.erase(contact, NOW)
        return found

    monkeypatch.setattr(town.store, "contacts_under", erasing)
    await town.rewrap()
    assert await town.store.lane_of(contact) is None
    assert len(await town.store.contacts()) == PEOPLE - 1


async def test_a_row_that_was_changed(town: Town) -> None:
    """A contact's key that doesn't open is named and left; everybody else goes over."""
    old = town.rotate()
    one, other = (claim.lane.contact for claim in town.claims[:2])
    await town.store.rewrap([replace(one, key=one.key[:-1] + b"\0")])
    await town.store.rewrap([replace(other, key=town.claims[2].lane.contact.key)])  # swapped
    done = await town.rewrap()
    assert done == Rewrapped(PEOPLE - 2, tuple(sorted((one.id, other.id))))
    assert await in_use(town.store) == {old: 2, town.keyring.current.id: PEOPLE - 2}
    lane = await town.store.lane_of(other.id)
    assert lane is not None
    with pytest.raises(SealError):
        town.vault.open(lane)


async def test_a_key_that_is_not_held(town: Town) -> None:
    """Rows under a key that the file lacks are told by that key's id, and stay as they are."""
    stranger = new_keyring()
    missing = town.keyring.current.id
    assert await town.rewrap(stranger) == Rewrapped(unknown=(missing,))
    town.keyring = replace(stranger, lookup_key=town.keyring.lookup_key)
    with pytest.raises(UnknownKeyError, match=missing):
        await town.texts()


async def test_a_wrong_key_under_the_right_name(town: Town) -> None:
    """A key file whose key has the right id and other bytes opens nothing and moves nobody."""
    wrong = replace(new_keyring().current, id=town.keyring.current.id, state="old")
    keyring = new_keyring()
    keyring = replace(keyring, keks=(wrong, *keyring.keks))
    done = await town.rewrap(keyring)
    assert (done.moved, len(done.broken)) == (0, PEOPLE)
    assert await town.texts() == [f"hello {n}" for n in range(PEOPLE)]


@pytest.mark.parametrize(
    ("contacts", "staff", "sentence"),
    [
        pytest.param(3, False, "wraps the keys of 3 contacts", id="contacts"),
        pytest.param(0, True, "second factor", id="staff"),
        pytest.param(3, True, "wraps the keys of 3 contacts", id="both"),
    ],
)
def test_a_key_in_use_is_not_destroyed(contacts: int, staff: bool, sentence: str) -> None:
    """Whatever needs the key is named, with what to do."""
    with pytest.raises(KeyringError, match=f"{sentence}.*engawa keys rewrap"):
        refuse_if_used("k1", contacts, staff)


def test_a_key_nobody_needs() -> None:
    """A key that nothing is under may go."""
    refuse_if_used("k1", 0, False)
