"""The store's contract: taking back, editing, erasing, retention, revisions."""

from __future__ import annotations

import msgspec
import pytest

from bot.engine.events import Timer
from bot.errors import LostFenceError
from bot.services.ports import Retention, Store
from bot.services.records import Claim, Count, Lane, MessageRow, OutboxStatus, Settlement
from tests.store.people import (
    DAY,
    LEASE,
    NOW,
    PlainDoor,
    arrival,
    claim_one,
    lookup,
    push,
    receive,
    said,
    to_send,
    turn,
)

RULES = Retention()


async def written(store: Store, door: PlainDoor, person: str = "hana") -> Claim:
    """A person with a message, a row to send, a timer and a count, and a second inbound waiting."""
    claim = await claim_one(
        store, door, arrival(f"{person} 1", person, message_ref=person.encode())
    )
    await receive(store, door, arrival(f"{person} 2", person))
    write = turn(
        claim,
        messages=(said(claim, 1, b"text of " + person.encode(), person.encode()),),
        outbox=(to_send(claim, 1),),
        timers=(Timer("silence", NOW + 60),),
        counts=(Count("2027-01-11", "line", "turn"),),
    )
    await store.save_turn(write, NOW, LEASE)
    return claim


async def bodies(store: Store, conversation: str = "conversation-1") -> list[bytes]:
    """The sealed bodies of a transcript."""
    return [row.sealed for row in await store.transcript(conversation, 0, 99)]


async def test_unsend_before(store: Store) -> None:
    """A message whose unsend came first is dropped when it comes, and stays known."""
    door = PlainDoor()
    await store.unsend("line", b"m1", NOW)
    got = await receive(store, door, arrival("e1", message_ref=b"m1"), arrival("e2"))
    assert got.duplicates == 1
    assert [[each.event for each in claim.inbounds] for claim in got.claims] == [[b"e2"]]
    assert (await receive(store, door, arrival("e1", message_ref=b"m1"))).duplicates == 1


async def test_unsend_while_it_waits(store: Store) -> None:
    """A message taken back before its turn never gets one."""
    door = PlainDoor()
    claim = await claim_one(store, door, arrival("e1"))
    await receive(store, door, arrival("e2", message_ref=b"m2"), arrival("e3", message_ref=b"m3"))
    await store.unsend("line", b"m2", NOW)
    (more,) = (await store.save_turn(turn(claim), NOW, LEASE)).more
    assert more.event == b"e3"


async def test_unsend_during_its_turn(store: Store) -> None:
    """Our copy of a message that was taken back while its turn ran is kept empty."""
    claim = await claim_one(store, PlainDoor(), arrival("e1", message_ref=b"m1"))
    await store.unsend("line", b"m1", NOW)
    messages = (said(claim, 1, b"secret", b"m1"), said(claim, 2, b"other", b"m2"))
    assert (await store.save_turn(turn(claim, messages=messages), NOW, LEASE)).more == ()
    assert await bodies(store) == [b"", b"other"]


async def test_unsend_after(store: Store) -> None:
    """Our copy is emptied, in its place in the order; others and messages without id stay."""
    claim = await claim_one(store, PlainDoor(), arrival("e1"))
    messages = (
        said(claim, 1, b"a", b"m1"),
        said(claim, 2, b"b", b"m2"),
        said(claim, 3, b"c"),
    )
    await store.save_turn(turn(claim, messages=messages), NOW, LEASE)
    await store.unsend("line", b"m1", NOW)
    await store.unsend("line", b"", NOW)
    await store.unsend("line", b"m1", NOW)
    assert await bodies(store) == [b"", b"b", b"c"]
    assert await store.messages_kept("conversation-1") == 2
    assert await store.messages_kept("nobody") == 0


async def test_an_edit_replaces_our_copy(store: Store) -> None:
    """An edited message has the new body; one that was taken back or is unknown stays as it is."""
    claim = await claim_one(store, PlainDoor(), arrival("e1"))
    messages = (said(claim, 1, b"a", b"m1"), said(claim, 2, b"b", b"m2"), said(claim, 3, b"c"))
    await store.save_turn(turn(claim, messages=messages), NOW, LEASE)

    def seal(lane: Lane, row: MessageRow) -> bytes:
        return lane.conversation.id.encode() + b" %d" % row.seq

    await store.unsend("line", b"m2", NOW)
    for ref in (b"m1", b"m2", b"unknown", b""):
        await store.replace("line", ref, seal)
    assert await bodies(store) == [b"conversation-1 1", b"", b"c"]


async def test_erase_leaves_nothing(store: Store) -> None:
    """After an erase no row of the person is left; sums and everybody else are."""
    door = PlainDoor()
    await written(store, door)
    await written(store, door, "ken")
    await store.erase("contact-1", NOW)
    assert await store.locate(lookup("hana")) is None
    assert await bodies(store) == []
    assert [row.conversation for row in await store.outbox_rows(("new",), 9)] == ["conversation-2"]
    assert await store.contacts() == ("contact-2",)
    assert await store.fire_timers(door, NOW + 60, 10) == 1
    (claim,) = await store.claim_waiting(NOW + LEASE, LEASE, 10)
    assert claim.lane.contact.id == "contact-2"
    assert await bodies(store, "conversation-2") == [b"text of ken"]
    assert [each.n for each in await store.counts("")] == [2]


async def test_erase_gives_back_what_waited(store: Store) -> None:
    """What was still waiting for its turn is handed to whoever erases, in order, and is gone."""
    door = PlainDoor()
    claim = await claim_one(store, door, arrival("confirm"))
    await receive(store, door, arrival("later", at=NOW + 1), arrival("latest", at=NOW + 2))
    left = await store.erase("contact-1", NOW, fence=claim.fence)
    assert [inbound.event for inbound in left] == [b"confirm", b"later", b"latest"]
    assert await store.erase("contact-1", NOW) == ()
    assert await store.claim_waiting(NOW + LEASE, LEASE, 9) == ()


async def test_erase_twice(store: Store) -> None:
    """Erasing again, or somebody who never was, is no error."""
    await written(store, PlainDoor())
    for contact in ("contact-1", "contact-1", "nobody"):
        await store.erase(contact, NOW)
    await store.erase("nobody", NOW, fence=7)
    assert await store.locate(lookup("hana")) is None


async def test_events_of_before_an_erase(store: Store) -> None:
    """An event seen before the erase doesn't bring the person back; a new one begins anew."""
    door = PlainDoor()
    await written(store, door)
    await store.erase("contact-1", NOW)
    assert (await receive(store, door, arrival("hana 1"), arrival("hana 2"))).duplicates == 2
    assert await store.locate(lookup("hana")) is None
    claim = await claim_one(store, door, arrival("hana 3"))
    assert (claim.lane.contact.id, claim.lane.conversation.version) == ("contact-2", 0)


async def test_erase_needs_the_fence(store: Store) -> None:
    """An erase from inside a turn is refused when the lane was taken by another."""
    claim = await claim_one(store, PlainDoor(), arrival("e1"))
    (other,) = await store.claim_waiting(NOW + LEASE, LEASE, 10)
    with pytest.raises(LostFenceError):
        await store.erase("contact-1", NOW, fence=claim.fence)
    assert await store.locate(lookup("hana")) is not None
    await store.erase("contact-1", NOW, fence=other.fence)
    assert await store.locate(lookup("hana")) is None


async def test_a_turn_after_the_erase_is_lost(store: Store) -> None:
    """A turn that was running when its person was erased keeps nothing."""
    claim = await claim_one(store, PlainDoor(), arrival("e1"))
    await store.erase("contact-1", NOW)
    with pytest.raises(LostFenceError):
        await store.save_turn(turn(claim, messages=(said(claim, 1, b"x"),)), NOW, LEASE)
    with pytest.raises(LostFenceError):
        await store.postpone(claim, b"e1", NOW, give_up=False)
    await store.settle_sends([Settlement("conversation-1/1", "sent")], NOW)
    assert await bodies(store) == []


async def test_retention_of_messages_and_people(store: Store) -> None:
    """Texts go a week after the last word, the person after a month, one with work left never."""
    door = PlainDoor()
    claim = await claim_one(store, door, arrival("e1"))
    messages = (said(claim, 1, b"a"), said(claim, 2, b"b"))
    await store.save_turn(turn(claim, messages=messages), NOW, LEASE)
    await claim_one(store, door, arrival("k1", person="ken"))
    assert await _gone(store, NOW + 7 * DAY) == {}
    assert await _gone(store, NOW + 7 * DAY + 1) == {"messages": 2}
    assert await bodies(store) == []
    assert (await _gone(store, NOW + 30 * DAY)).get("shells") is None
    assert (await _gone(store, NOW + 30 * DAY + 1)).get("shells") == 1
    assert await store.locate(lookup("hana")) is None
    assert await store.locate(lookup("ken")) is not None


async def test_retention_of_dedupe_marks(store: Store) -> None:
    """Marks of events and of unsends are kept a week, by the day, and then forgotten."""
    door = PlainDoor()
    await claim_one(store, door, arrival("e1"))
    await store.unsend("line", b"m1", NOW)
    assert (await _gone(store, NOW + 7 * DAY)).get("dedupe") is None
    assert (await _gone(store, NOW + 8 * DAY))["dedupe"] == 2
    late = await receive(store, door, arrival("e1", message_ref=b"m1"), now=NOW + 8 * DAY)
    assert (late.duplicates, len(late.claims)) == (0, 1)


@pytest.mark.parametrize(
    ("status", "kind", "days"),
    [
        pytest.param("sent", "outbox", 1, id="sent"),
        pytest.param("inferred", "outbox", 1, id="inferred"),
        pytest.param("withdrawn", "outbox", 1, id="withdrawn"),
        pytest.param("undeliverable", "outbox", 1, id="undeliverable"),
        pytest.param("dead", "dead_letters", 7, id="dead"),
        pytest.param("unknown", "dead_letters", 7, id="unknown"),
    ],
)
async def test_retention_of_the_outbox(
    store: Store, status: OutboxStatus, kind: str, days: int
) -> None:
    """A row is kept for its time after it ended, dead letters longer; unsent rows are kept."""
    claim = await claim_one(store, PlainDoor(), arrival("e1"))
    write = turn(claim, outbox=(to_send(claim, 1), to_send(claim, 2)))
    await store.save_turn(write, NOW, LEASE)
    await store.claim_sends(NOW, LEASE, 10, push)
    end = NOW + DAY // 2
    await store.settle_sends([Settlement("conversation-1/1", status)], end)
    assert kind not in await _gone(store, end + days * DAY)
    assert (await _gone(store, end + days * DAY + 1))[kind] == 1
    assert await store.outbox_rows((status,), 10) == ()
    assert len(await store.outbox_rows(("new",), 10)) == 1


async def test_retention_of_what_was_set_aside(store: Store) -> None:
    """An inbound given up is kept as long as a dead letter."""
    claim = await claim_one(store, PlainDoor(), arrival("e1"))
    await store.postpone(claim, b"e1", NOW, give_up=True)
    assert "dead_letters" not in await _gone(store, NOW + 7 * DAY)
    assert (await _gone(store, NOW + 7 * DAY + 1))["dead_letters"] == 1


async def test_retention_of_many(store: Store) -> None:
    """Retention comes to its end also where there is much to delete."""
    door = PlainDoor()
    await receive(store, door, *(arrival(f"e{n}", person=f"p{n % 3}") for n in range(450)))
    assert (await _gone(store, NOW + 9 * DAY))["dedupe"] == 450


async def _gone(store: Store, now: int) -> dict[str, int]:
    return {kind: n for kind, n in (await store.retention(now, RULES)).items() if n}


async def test_revisions(store: Store) -> None:
    """A published revision is active and its files come back as they were; older ones are kept."""
    assert await store.active_revision() is None
    assert await store.revision_files("r1") is None
    await store.publish("r1", {"flows/a.yaml": b"a", "messages/ja/a.yaml": "日本語".encode()}, NOW)
    await store.publish("r2", {}, NOW)
    assert await store.active_revision() == "r2"
    assert await store.revision_files("r2") == {}
    assert await store.revision_files("r1") == {
        "flows/a.yaml": b"a",
        "messages/ja/a.yaml": "日本語".encode(),
    }


async def test_publishing_again(store: Store) -> None:
    """Publishing a known revision makes it active again and never changes its files."""
    await store.publish("r1", {"a": b"first"}, NOW)
    await store.publish("r2", {"a": b"second"}, NOW)
    await store.publish("r1", {"a": b"changed"}, NOW)
    assert await store.active_revision() == "r1"
    assert await store.revision_files("r1") == {"a": b"first"}


async def test_what_was_given_stays_as_it_was(store: Store) -> None:
    """Rows handed out don't change when the store does."""
    claim = await claim_one(store, PlainDoor(), arrival("e1"))
    before = msgspec.json.encode(claim)
    await store.save_turn(turn(claim), NOW, LEASE)
    await store.erase("contact-1", NOW)
    assert msgspec.json.encode(claim) == before
