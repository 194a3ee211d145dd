"""The rows the store keeps, as plain data: one shape for memory, SQLite and PostgreSQL
(decisions.md, section 1).

Times are UTC milliseconds. `bytes` named sealed are envelopes (bot.privacy.envelope); ids are
random, made by the app.
Imports the engine's Timer only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import msgspec

from bot.engine.events import Timer

AddressStatus = Literal["active", "blocked", "former"]
OutboxClass = Literal["crisis", "staff", "turn", "notice", "info"]
OutboxStatus = Literal[
    "new",  # to be sent when its turn in the order comes
    "sending",  # a lease is held; `via` says by which road
    "sent",
    "inferred",  # surely accepted by the platform, though its answer was lost
    "unknown",  # ambiguous and of a class that is not sent twice
    "waiting",  # no road now: rides on the person's next reply token
    "withdrawn",  # overtaken by a crisis, a block, an erase or the next turn
    "undeliverable",  # the person blocked us or is gone
    "dead",  # gave up; a person must look
]
Via = Literal["", "reply", "push", "send"]


class Contact(msgspec.Struct, frozen=True):
    """A pseudonymous person. `key` is the contact key wrapped by the key-encryption key `kek`."""

    id: str
    kek: str
    key: bytes


class Address(msgspec.Struct, frozen=True):
    """One channel identity of a contact. `lookup` is a keyed hash; `platform_id` is sealed under
    the address key.

    `status_at` is the platform's time of the newest event that told the status (UTC ms, 0: none);
    an older one that comes late changes nothing. `session` is the small session of an address where
    the conversation is not at home (a door, a former place), sealed under the address key. What was
    said up to row `since` of the conversation is never shown at this address.
    """

    id: str
    contact: str
    channel: str
    lookup: bytes
    key: bytes
    platform_id: bytes
    status: AddressStatus = "active"
    status_at: int = 0
    session: bytes = b""
    since: int = 0


class Conversation(msgspec.Struct, frozen=True):
    """A contact's serial lane. `address` is the current one; `key` the conversation key wrapped by
    the contact key.

    `session` is sealed; `shape` and `revision` stand in clear (decisions.md, section 6).
    `first_seen`, `last_seen` bound
    retention. `message_seq` and `outbox_seq` are the last numbers used. `owner` is "bot" or a staff
    id, with `epoch`. `limit_asked` is when a supervisor was asked to limit this conversation for
    its tone (0: never), `limited_until` until when they did.
    """

    id: str
    contact: str
    address: str
    key: bytes
    session: bytes = b""
    revision: str = ""
    shape: str = ""
    version: int = 0
    owner: str = "bot"
    epoch: int = 0
    tier: int = 0
    tier_at: int = 0
    tier_rule: str = ""
    message_seq: int = 0
    outbox_seq: int = 0
    first_seen: int = 0
    last_seen: int = 0
    limit_asked: int = 0
    limited_until: int = 0


class Newcomer(msgspec.Struct, frozen=True):
    """The three rows of somebody who was never here before."""

    contact: Contact
    address: Address
    conversation: Conversation


class Lane(msgspec.Struct, frozen=True):
    """A conversation with what is needed to open and answer it."""

    contact: Contact
    address: Address
    conversation: Conversation


class Arrival(msgspec.Struct, frozen=True):
    """One inbound at the door. `event` dedupes (keyed hash of channel and event id); `at` is the
    platform's event time.

    `message_ref` is the keyed hash of the platform's message id (b"" if it has none), by which an
    unsend finds our copy.
    `tier` is what the risk check read, so that urgent lanes are taken first.
    """

    event: bytes
    channel: str
    lookup: bytes
    at: int
    message_ref: bytes = b""
    tier: int = 0


class StoredInbound(msgspec.Struct, frozen=True):
    """An inbound row that still waits for its turn; `sealed` holds an `InboundBody`
    (bot.services.bodies). `address` is the one it came by.
    """

    event: bytes
    conversation: str
    arrived: int
    at: int
    sealed: bytes
    message_ref: bytes = b""
    tries: int = 0
    address: str = ""


class OutboxRow(msgspec.Struct, frozen=True):
    """One API request to a platform. `sealed` never changes after the first attempt, and is empty
    once the row has ended (sent, inferred, withdrawn, undeliverable).

    `seq` orders rows within a conversation. `token_at` is the platform's event time of the reply
    token inside (0: none).
    `epoch` is the owner's epoch it was written under. `retry_key` is a UUID, sent from the first
    try.
    """

    id: str
    conversation: str
    address: str
    channel: str
    seq: int
    speech: OutboxClass
    sealed: bytes
    retry_key: str
    token_at: int = 0
    epoch: int = 0
    status: OutboxStatus = "new"
    via: Via = ""
    tries: int = 0
    first_at: int = 0
    next_at: int = 0
    created: int = 0
    reason: str = ""


class MessageRow(msgspec.Struct, frozen=True):
    """Our copy of what was said, for the web room and (if the person chooses) for staff. Sealed;
    `seq` is the cursor.

    `author` is "person", "bot" or "staff"; an unsent message keeps its row with `sealed` empty.
    `address` is where it was said: no other address ever shows it.
    """

    conversation: str
    seq: int
    author: Literal["person", "bot", "staff"]
    at: int
    sealed: bytes
    message_ref: bytes = b""
    address: str = ""


class Claim(msgspec.Struct, frozen=True):
    """A lane taken for work: `fence` must be given back with every write; `inbounds` wait in order
    of arrival.

    `waiting` are outbox rows that found no road and may ride along with this turn; the crisis rows
    among them are tried on their own meanwhile. `elsewhere` are the contact's other addresses; an
    inbound may have come by one of them (`StoredInbound.address`).
    """

    lane: Lane
    fence: int
    inbounds: tuple[StoredInbound, ...]
    waiting: tuple[OutboxRow, ...] = ()
    elsewhere: tuple[Address, ...] = ()


class Received(msgspec.Struct, frozen=True):
    """What `receive` did: lanes claimed for us, inbounds parked behind a busy lane, events that
    were duplicates.

    `left`, of `move` only: inbounds that waited at an address while it was another contact's (but
    for `Move.done`); they are gone from there, sealed under that contact's key.
    """

    claims: tuple[Claim, ...]
    parked: int = 0
    duplicates: int = 0
    left: tuple[StoredInbound, ...] = ()


class Count(msgspec.Struct, frozen=True):
    """One increment of a weekly sum: `week` is the Monday (YYYY-MM-DD, Asia/Tokyo); no person, no
    content.
    """

    week: str
    channel: str
    event: str
    label: str = ""
    n: int = 1


class Code(msgspec.Struct, frozen=True):
    """A way to come in as somebody who is known: `mark` is the keyed hash of the four words of a
    return code, or of a door link; the words themselves are kept nowhere.

    A contact has one return code at most, and it works once. `expires` in UTC ms.
    """

    mark: bytes
    kind: Literal["return", "door"]
    contact: str
    expires: int


class Move(msgspec.Struct, frozen=True):
    """Somebody came in by a code: `address` becomes the current one of the code's contact.

    The row of `address` belongs to that contact already (its key is wrapped by that contact's key);
    a row with the same look-up that belonged to another contact is taken away from it, and that
    contact is erased if it has no other address. `event` and `sealed` are the inbound that tells
    the lane (kind `moved`). `notice` is the neutral line to the address that was current, if any.
    `done` is the inbound by which the code came: it is gone with the move, so that no restart takes
    it again. `leaves` is the look-up of an address that is given up for the new one (a browser has
    one pass): if it is another contact's, it is taken away in the same manner.
    """

    mark: bytes
    address: Address
    event: bytes
    sealed: bytes
    at: int
    notice: OutboxRow | None = None
    done: bytes = b""
    leaves: bytes = b""


Parting = Callable[[Lane, Sequence[OutboxRow], bool], Sequence[OutboxRow]]
"""What `move` asks back within its unit, where the address is another contact's: that contact's
lane with the address that is taken away, the crisis rows that wait to be sent to it, and whether
the contact ends with it (then this is recorded before anything is gone). Answers with the rows
that go on, under their old ids, sealed for the contact that comes.
"""


class Serious(msgspec.Struct, frozen=True):
    """A serious event (T3): when, by which rule, what was done. No words, no person: `id` is random
    and stands nowhere else (decisions.md, section 8).
    """

    id: str
    at: int
    tier: int
    rule: str
    act: str


class Holding(msgspec.Struct, frozen=True):
    """What is held of one kind: how many rows, the oldest (UTC ms), and when the next of them goes
    (UTC ms; 0: when something else goes, or never).
    """

    kind: str
    rows: int
    oldest: int = 0
    next_gone: int = 0


class TurnWrite(msgspec.Struct, frozen=True):
    """Everything one turn changes, saved as one unit or not at all.

    `done` is the inbound taken; `conversation` the new row (version already +1). `timers` replace
    all engine timers of
    the conversation. `withdraw_turns` withdraws rows of class turn/notice/info that have not ended
    (a crisis overtakes them), at the address `withdraw_at` or (empty) at every one; one on its way
    may still arrive, but is never tried again;
    `withdraw` names rows that this turn's outbox replaces. `addresses` are rows of the contact's
    addresses whose session changed, or of which more is hidden (`since` never goes back); `codes`
    are new ones, and a return code takes the place of the earlier one; `serious` are kept apart
    from everything. The lane is given back
    unless more inbounds wait.
    """

    claim_fence: int
    done: bytes
    conversation: Conversation
    messages: tuple[MessageRow, ...] = ()
    outbox: tuple[OutboxRow, ...] = ()
    timers: tuple[Timer, ...] = ()
    counts: tuple[Count, ...] = ()
    withdraw_turns: bool = False
    withdraw_at: str = ""
    withdraw: tuple[str, ...] = ()
    addresses: tuple[Address, ...] = ()
    codes: tuple[Code, ...] = ()
    serious: tuple[Serious, ...] = ()


class Saved(msgspec.Struct, frozen=True):
    """After a turn: the inbounds that still wait in this lane (the lane is kept for them), or none
    (it is free). Whoever finds one that came by an address it doesn't know claims the lane again.
    """

    more: tuple[StoredInbound, ...] = ()


class Settlement(msgspec.Struct, frozen=True):
    """How one attempt to send ended."""

    id: str
    status: OutboxStatus
    next_at: int = 0
    reason: str = ""
