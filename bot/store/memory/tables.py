"""What the memory store keeps: plain dicts of frozen records, and units that roll back.

Imports records and timers only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from typing import NamedTuple

import msgspec

from bot.engine.events import Timer
from bot.services.records import (
    Address,
    Code,
    Contact,
    Conversation,
    Lane,
    MessageRow,
    Newcomer,
    OutboxRow,
    OutboxStatus,
    Serious,
    StoredInbound,
)

DAY = 86_400_000
ENDED: tuple[OutboxStatus, ...] = ("sent", "inferred", "withdrawn", "undeliverable")


class Lease(NamedTuple):
    """Who works in a lane, and until when."""

    fence: int = 0
    until: int = 0

    def is_held(self, now: int, lease_ms: int) -> bool:
        """Whether somebody works in it; a lease too long was taken before the clock went back."""
        return now < self.until <= now + lease_ms


class Queued(NamedTuple):
    """An inbound with what decides when and in which order it is taken."""

    inbound: StoredInbound
    due: int
    tier: int
    dead: bool = False
    veiled: bool = False


class Window(NamedTuple):
    """How often something was tried, and until when that counts."""

    n: int
    until: int


@dataclass
class Tables:
    """All rows, by id. Records never change in place, so a shallow copy is a snapshot."""

    contacts: dict[str, Contact] = field(default_factory=dict)
    addresses: dict[str, Address] = field(default_factory=dict)
    lookups: dict[bytes, str] = field(default_factory=dict)
    conversations: dict[str, Conversation] = field(default_factory=dict)
    leases: dict[str, Lease] = field(default_factory=dict)
    seen: dict[bytes, int] = field(default_factory=dict)
    unsent: dict[bytes, int] = field(default_factory=dict)
    inbounds: dict[int, Queued] = field(default_factory=dict)
    messages: dict[tuple[str, int], MessageRow] = field(default_factory=dict)
    outbox: dict[str, OutboxRow] = field(default_factory=dict)
    settled: dict[str, int] = field(default_factory=dict)
    timers: dict[tuple[str, str], Timer] = field(default_factory=dict)
    counts: dict[tuple[str, str, str, str], int] = field(default_factory=dict)
    revisions: dict[str, Mapping[str, bytes]] = field(default_factory=dict)
    published: dict[str, int] = field(default_factory=dict)
    active: dict[str, str] = field(default_factory=dict)
    codes: dict[bytes, Code] = field(default_factory=dict)
    tries: dict[bytes, Window] = field(default_factory=dict)
    serious: dict[str, Serious] = field(default_factory=dict)
    answered: dict[str, int] = field(default_factory=dict)

    @contextmanager
    def unit(self) -> Iterator[Tables]:
        """All that happens inside, or nothing of it."""
        before = {each.name: dict(getattr(self, each.name)) for each in fields(self)}
        try:
            yield self
        except BaseException:
            for name, rows in before.items():
                setattr(self, name, rows)
            raise

    def add(self, newcomer: Newcomer) -> Lane:
        """Keep somebody who was never here before."""
        contact, address, conversation = (
            newcomer.contact,
            newcomer.address,
            newcomer.conversation,
        )
        self.contacts[contact.id] = contact
        self.add_address(address)
        self.conversations[conversation.id] = conversation
        self.leases[conversation.id] = Lease()
        return Lane(contact, address, conversation)

    def lane(self, conversation: str, address: str | None = None) -> Lane:
        """A conversation's lane, with its current address or the given one."""
        row = self.conversations[conversation]
        return Lane(self.contacts[row.contact], self.addresses[address or row.address], row)

    def lane_of(self, lookup: bytes) -> Lane | None:
        """The lane of an address."""
        address = self.addresses.get(self.lookups.get(lookup, ""))
        if address is None:
            return None
        row = self.of_contact(address.contact)
        return None if row is None else self.lane(row.id, address.id)

    def of_contact(self, contact: str) -> Conversation | None:
        """A contact's conversation."""
        held = (row for row in self.conversations.values() if row.contact == contact)
        return next(held, None)

    def elsewhere(self, conversation: Conversation) -> tuple[Address, ...]:
        """The contact's addresses but the current one."""
        others = (
            row
            for row in self.addresses.values()
            if row.contact == conversation.contact and row.id != conversation.address
        )
        return tuple(sorted(others, key=lambda row: row.id))

    def waiting(self, conversation: str) -> tuple[StoredInbound, ...]:
        """The inbounds of a lane whose turn has not come, in order of arrival.

        A timer's inbound came by no address: it belongs to wherever the conversation is.
        """
        return tuple(
            each.inbound
            if each.inbound.address
            else msgspec.structs.replace(
                each.inbound, address=self.conversations[conversation].address
            )
            for each in self.inbounds.values()
            if each.inbound.conversation == conversation and not each.dead
        )

    def rows_of(self, conversation: str) -> list[OutboxRow]:
        """A conversation's outbox rows in their order."""
        mine = [row for row in self.outbox.values() if row.conversation == conversation]
        return sorted(mine, key=lambda row: row.seq)

    def change(self, row: OutboxRow, **fields_: object) -> OutboxRow:
        """Put a changed outbox row in the place of the old one."""
        changed = msgspec.structs.replace(row, **fields_)
        self.outbox[row.id] = changed
        return changed

    def end(self, row: OutboxRow, status: OutboxStatus, now: int, **fields_: object) -> None:
        """It is not tried again; the request itself goes at once, unless somebody must look."""
        sealed = b"" if status in ENDED else row.sealed
        self.change(row, status=status, sealed=sealed, **fields_)
        self.settled[row.id] = now

    def forget(self, contact: str) -> None:
        """Delete every row of a contact."""
        for row in [each for each in self.conversations.values() if each.contact == contact]:
            self._forget_conversation(row.id)
        for address in [each for each in self.addresses.values() if each.contact == contact]:
            self.remove_address(address)
        self.codes = {mark: code for mark, code in self.codes.items() if code.contact != contact}
        self.contacts.pop(contact, None)

    def add_address(self, address: Address) -> None:
        """Keep an address of somebody who is known."""
        self.addresses[address.id] = address
        self.lookups[address.lookup] = address.id

    def remove_address(self, address: Address) -> None:
        """Nobody is found by it any more."""
        del self.addresses[address.id]
        del self.lookups[address.lookup]

    def _forget_conversation(self, gone: str) -> None:
        del self.conversations[gone]
        del self.leases[gone]
        self.answered.pop(gone, None)
        self.inbounds = {k: v for k, v in self.inbounds.items() if v.inbound.conversation != gone}
        self.messages = {k: v for k, v in self.messages.items() if v.conversation != gone}
        self.outbox = {k: v for k, v in self.outbox.items() if v.conversation != gone}
        self.timers = {k: v for k, v in self.timers.items() if k[0] != gone}
        self.settled = {k: v for k, v in self.settled.items() if k in self.outbox}
