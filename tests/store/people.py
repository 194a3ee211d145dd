"""Made-up people and turns for the store's tests: bodies are plain bytes, ids are counted."""

from __future__ import annotations

from itertools import count
from typing import Any

import msgspec

from bot.engine.events import Timer
from bot.services.ports import Store
from bot.services.records import (
    Address,
    Arrival,
    Claim,
    Code,
    Contact,
    Conversation,
    Lane,
    MessageRow,
    Move,
    Newcomer,
    OutboxClass,
    OutboxRow,
    Received,
    TurnWrite,
    Via,
)

NOW = 1_800_000_000_000
LEASE = 10_000
DAY = 86_400_000


class PlainDoor:
    """A door that seals nothing and numbers newcomers, so that two doors give the same rows."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def newcomer(self, arrival: Arrival) -> Newcomer:
        """The three rows of somebody new."""
        n = next(self._numbers)
        contact, address, conversation = f"contact-{n}", f"address-{n}", f"conversation-{n}"
        return Newcomer(
            Contact(contact, "kek1", b"contact key %d" % n),
            Address(address, contact, "line", arrival.lookup, b"address key", b"platform id"),
            Conversation(
                conversation,
                contact,
                address,
                b"conversation key",
                first_seen=arrival.at,
                last_seen=arrival.at,
            ),
        )

    def seal(self, arrival: Arrival, lane: Lane) -> bytes:
        """A body that names what it was made of."""
        return b"body of " + arrival.event + b" in " + lane.conversation.id.encode()

    def seal_timer(self, timer: Timer, lane: Lane) -> tuple[bytes, bytes]:
        """A timer's event is named by its lane, kind and time."""
        name = f"{lane.conversation.id} {timer.kind} {timer.due}".encode()
        return b"timer " + name, b"body of " + name


def arrival(event: str, person: str = "hana", at: int = NOW, **fields: Any) -> Arrival:
    """One inbound of a person."""
    return Arrival(event.encode(), "line", lookup(person), at, **fields)


def lookup(person: str) -> bytes:
    """The look-up hash of a person."""
    return person.encode().ljust(32, b".")


async def receive(
    store: Store, door: PlainDoor, *arrivals: Arrival, now: int = NOW, lease: int = LEASE
) -> Received:
    """File arrivals."""
    return await store.receive(arrivals, door, now, lease)


async def claim_one(store: Store, door: PlainDoor, *arrivals: Arrival, now: int = NOW) -> Claim:
    """File arrivals of one person whose lane is free."""
    (claim,) = (await receive(store, door, *arrivals, now=now)).claims
    return claim


def turn(claim: Claim, inbound: int = 0, **fields: Any) -> TurnWrite:
    """The turn that answers one of a claim's inbounds; `conversation` may hold other fields."""
    changes = {"version": claim.lane.conversation.version + inbound + 1}
    changes.update(fields.pop("conversation", {}))
    return TurnWrite(
        claim_fence=claim.fence,
        done=claim.inbounds[inbound].event,
        conversation=msgspec.structs.replace(claim.lane.conversation, **changes),
        **fields,
    )


def to_send(
    claim: Claim, seq: int, speech: OutboxClass = "turn", next_at: int = NOW, **fields: Any
) -> OutboxRow:
    """A row for the outbox of a claim's lane; its id names lane and seq."""
    lane = claim.lane
    return OutboxRow(
        id=f"{lane.conversation.id}/{seq}",
        conversation=lane.conversation.id,
        address=lane.address.id,
        channel="line",
        seq=seq,
        speech=speech,
        sealed=b"request %d" % seq,
        retry_key=f"key {seq}",
        next_at=next_at,
        created=NOW,
        **fields,
    )


def said(claim: Claim, seq: int, text: bytes, ref: bytes = b"") -> MessageRow:
    """Our copy of something a person said."""
    lane = claim.lane
    return MessageRow(lane.conversation.id, seq, "person", NOW, text, ref, lane.address.id)


def four_words(claim: Claim, mark: bytes = b"four words", expires: int = NOW + DAY) -> Code:
    """A return code of a claim's contact."""
    return Code(mark, "return", claim.lane.contact.id, expires)


def coming(contact: str, person: str, mark: bytes = b"four words", **fields: Any) -> Move:
    """Somebody comes in at this person's address by the code of a contact."""
    address = Address(f"{person}'s", contact, "web", lookup(person), b"key", b"platform id")
    return Move(mark, fields.pop("address", address), b"moved", b"body of moved", NOW, **fields)


def push(row: OutboxRow) -> Via:
    """Every row finds a road."""
    return "push"


def nowhere(row: OutboxRow) -> Via:
    """No row finds a road."""
    return ""
