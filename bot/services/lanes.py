"""The keys of a lane: opens what is sealed in it and seals what is new. Imports privacy, bodies,
records and ports.

The keyring wraps the contact key; the contact key wraps the address key and the conversation key;
these seal the bodies, each bound to its row.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping, Sequence

import msgspec

from bot.engine import session as sessions
from bot.engine.events import Timer
from bot.engine.inbound import Inbound
from bot.engine.session import Session
from bot.errors import SealError, UnknownKeyError
from bot.privacy.codes import door_mark, return_mark, tries_key
from bot.privacy.envelope import new_key, open_sealed, place, seal
from bot.privacy.keyring import Keyring
from bot.privacy.lookup import address_lookup, event_key, ledger_id, message_ref
from bot.services.bodies import InboundBody, MessageBody, RequestBody
from bot.services.ports import Chance, Clock, Heard
from bot.services.records import (
    Address,
    Arrival,
    Contact,
    Conversation,
    Lane,
    MessageRow,
    Newcomer,
    OutboxRow,
    StoredInbound,
)

_INBOUND = msgspec.json.Decoder(InboundBody)
_MESSAGE = msgspec.json.Decoder(MessageBody)
_REQUEST = msgspec.json.Decoder(RequestBody)


class OpenLane:
    """One lane with its two keys, that of the conversation and that of one address of it.

    Everything that opens raises SealError if it was touched.
    """

    def __init__(self, lane: Lane, address_key: bytes, key: bytes) -> None:
        self.lane = lane
        self._address_key = address_key
        self._key = key

    @property
    def id(self) -> str:
        """The conversation's id."""
        return self.lane.conversation.id

    def platform_id(self) -> str:
        """The platform's id of the person; open it only to send."""
        address = self.lane.address
        at = place("address", "platform_id", address.id)
        return open_sealed(self._address_key, address.platform_id, at).decode()

    def session(self) -> Session | None:
        """The session kept, or None if there was none yet."""
        sealed = self.lane.conversation.session
        if not sealed:
            return None
        return sessions.decode(open_sealed(self._key, sealed, self._at("conversation", "session")))

    def seal_session(self, session: Session) -> bytes:
        """For the conversation row."""
        return seal(self._key, sessions.encode(session), self._at("conversation", "session"))

    def doorstep(self) -> Session | None:
        """The small session of this address, where the conversation is not at home; None if there
        is none.
        """
        address = self.lane.address
        if not address.session:
            return None
        at = place("address", "session", address.id)
        return sessions.decode(open_sealed(self._address_key, address.session, at))

    def seal_doorstep(self, session: Session) -> bytes:
        """For the address row."""
        at = place("address", "session", self.lane.address.id)
        return seal(self._address_key, sessions.encode(session), at)

    def inbound(self, stored: StoredInbound) -> InboundBody:
        """What a waiting inbound says."""
        at = self._at("inbound", "body", stored.event.hex())
        return _INBOUND.decode(open_sealed(self._key, stored.sealed, at))

    def seal_inbound(self, event: bytes, body: InboundBody) -> bytes:
        """For an inbound row."""
        at = self._at("inbound", "body", event.hex())
        return seal(self._key, msgspec.json.encode(body), at)

    def message(self, row: MessageRow) -> MessageBody:
        """Our copy of something said; an unsent one is empty."""
        if not row.sealed:
            return MessageBody(kind="unsent")
        at = self._at("message", "body", row.seq)
        return _MESSAGE.decode(open_sealed(self._key, row.sealed, at))

    def seal_message(self, seq: int, body: MessageBody) -> bytes:
        """For a message row."""
        return seal(self._key, msgspec.json.encode(body), self._at("message", "body", seq))

    def request(self, row: OutboxRow) -> RequestBody:
        """The API request in an outbox row."""
        at = self._at("outbox", "body", row.id)
        return _REQUEST.decode(open_sealed(self._key, row.sealed, at))

    def seal_request(self, row_id: str, body: RequestBody) -> bytes:
        """For an outbox row."""
        return seal(self._key, msgspec.json.encode(body), self._at("outbox", "body", row_id))

    def _at(self, table: str, column: str, *more: str | int) -> bytes:
        return place(table, column, self.lane.conversation.id, *more)


class Vault:
    """Opens lanes and makes new ones, with the keyring as it is now."""

    def __init__(self, keyring: Callable[[], Keyring], chance: Chance, clock: Clock) -> None:
        self._keyring = keyring
        self._chance = chance
        self._clock = clock

    def open(self, lane: Lane) -> OpenLane:
        """A lane with its keys; raises UnknownKeyError or SealError."""
        address = lane.address
        contact_key = self._contact_key(lane.contact)
        return OpenLane(
            lane,
            open_sealed(contact_key, address.key, place("address", "key", address.id)),
            open_sealed(
                contact_key,
                lane.conversation.key,
                place("conversation", "key", lane.conversation.id),
            ),
        )

    def _contact_key(self, contact: Contact) -> bytes:
        kek = self._keyring().kek(contact.kek)
        return open_sealed(kek.key, contact.key, place("contact", "key", contact.id, kek.id))

    def new_address(self, contact: Contact, channel: str, user_id: str, at: int = 0) -> Address:
        """One more address of somebody who is known; `at` as in `newcomer`."""
        return self._address(contact.id, self._contact_key(contact), channel, user_id, at)

    def _address(
        self, contact: str, contact_key: bytes, channel: str, user_id: str, at: int
    ) -> Address:
        address, key = self._chance.id(), new_key()
        return Address(
            address,
            contact,
            channel,
            self.lookup(channel, user_id),
            seal(contact_key, key, place("address", "key", address)),
            seal(key, user_id.encode(), place("address", "platform_id", address)),
            status_at=at,
        )

    def newcomer(self, channel: str, user_id: str, at: int = 0) -> Newcomer:
        """Contact, address and conversation of somebody who was never here, with fresh keys.

        `at` is the platform's time of the event that brought them (UTC ms; 0: it doesn't tell).
        """
        kek = self._keyring().current
        contact, contact_key, now = self._chance.id(), new_key(), self._clock()
        address = self._address(contact, contact_key, channel, user_id, at)
        conversation = self._chance.id()
        return Newcomer(
            Contact(
                contact,
                kek.id,
                seal(kek.key, contact_key, place("contact", "key", contact, kek.id)),
            ),
            address,
            Conversation(
                conversation,
                contact,
                address.id,
                seal(contact_key, new_key(), place("conversation", "key", conversation)),
                first_seen=now,
                last_seen=now,
            ),
        )

    def lookup(self, channel: str, user_id: str) -> bytes:
        """The keyed hash that finds an address."""
        return address_lookup(self._keyring().lookup_key, channel, user_id)

    def event(self, channel: str, event_id: str) -> bytes:
        """The keyed hash that dedupes an event."""
        return event_key(self._keyring().lookup_key, channel, event_id)

    def message_ref(self, heard: Heard) -> bytes:
        """The keyed hash by which an edit or unsend finds our copy."""
        key = self._keyring().lookup_key
        return message_ref(key, heard.channel, heard.user_id, heard.message_id)

    def return_mark(self, numbers: Sequence[int]) -> bytes:
        """The keyed hash that finds a return code by the numbers of its words."""
        return return_mark(self._keyring().lookup_key, numbers)

    def door_mark(self, token: str) -> bytes:
        """The keyed hash that finds a door link by its token."""
        return door_mark(self._keyring().lookup_key, token)

    def tries_key(self, scope: str, about: bytes = b"") -> bytes:
        """The keyed hash under which wrong tries are counted."""
        return tries_key(self._keyring().lookup_key, scope, about)

    def ledger_id(self, contact: str) -> str:
        """What the erase ledger keeps of a contact."""
        return ledger_id(self._keyring().ledger_key, contact)

    def shape_code(self, shape: str) -> str:
        """The keyed code of a session's shape: equal shapes, equal codes, nothing else to read."""
        data = b"engawa.shape\x1f" + shape.encode()
        return hmac.digest(self._keyring().lookup_key, data, "sha256").hex()[:16]

    def door(self, heard: Mapping[bytes, Heard]) -> BatchDoor:
        """The Door for one batch: event key → what was heard."""
        return BatchDoor(self, heard, self._chance)


class BatchDoor:
    """`ports.Door`: what the store asks back while it files one batch."""

    def __init__(self, vault: Vault, heard: Mapping[bytes, Heard], chance: Chance) -> None:
        self._vault = vault
        self._heard = heard
        self._chance = chance
        self.broken: list[Heard] = []
        """Whose lanes don't open: they can't be answered from what is kept."""

    def newcomer(self, arrival: Arrival) -> Newcomer:
        """The rows for an address that was never seen."""
        heard = self._heard[arrival.event]
        return self._vault.newcomer(heard.channel, heard.user_id, heard.at)

    def seal(self, arrival: Arrival, lane: Lane) -> bytes:
        """The arrival's body under the lane's key."""
        heard = self._heard[arrival.event]
        if heard.inbound is None:
            raise ValueError("only an inbound can be filed as an arrival")
        body = InboundBody(heard.inbound, heard.reply_token)
        sealed = self._sealed(lane, arrival.event, body)
        if not sealed:
            self.broken.append(heard)
        return sealed

    def seal_timer(self, timer: Timer, lane: Lane) -> tuple[bytes, bytes]:
        """A due timer as an inbound of its lane, under a new event key."""
        event = self._vault.event("timer", self._chance.id())
        body = InboundBody(Inbound(timer.kind, data=timer.data))
        try:
            return event, self._sealed(lane, event, body)
        except UnknownKeyError:
            return event, b""  # one missing key must not stop everybody's timers

    def _sealed(self, lane: Lane, event: bytes, body: InboundBody) -> bytes:
        try:
            return self._vault.open(lane).seal_inbound(event, body)
        except SealError:
            # A lane that was tampered with must not keep the rest of the batch out. What is filed
            # for it doesn't open either, so its turn fails and is written down there.
            return b""
