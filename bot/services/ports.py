"""What services need from the outside, as protocols: the store, the channels, the clock, chance,
the ledger.

Implementations live in bot.store, bot.channels and bot.app and are handed in. Imports records only.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Literal, Protocol

import msgspec

from bot.engine.events import Timer
from bot.engine.inbound import Inbound
from bot.rendering.bubbles import Bubble
from bot.services.records import (
    Arrival,
    Claim,
    Code,
    Contact,
    Conversation,
    Count,
    Holding,
    Lane,
    MessageRow,
    Move,
    Newcomer,
    OutboxRow,
    OutboxStatus,
    Parting,
    Received,
    Saved,
    Serious,
    Settlement,
    StoredInbound,
    TurnWrite,
    Via,
)


class Clock(Protocol):
    """The time now, UTC milliseconds."""

    def __call__(self) -> int:
        """Read the clock."""


class Chance(Protocol):
    """Random draws; the only source of ids, keys' ids, nonces and jitter."""

    def id(self) -> str:
        """A new row id: 128 random bits as 22 URL-safe characters."""

    def nonce(self) -> str:
        """Six URL-safe characters, for a turn's buttons."""

    def uuid(self) -> str:
        """A UUID for a platform's retry key."""

    def receipt(self) -> str:
        """An erase receipt code that can be read aloud."""

    def fraction(self) -> float:
        """A number in [0, 1) for jitter."""

    def words(self) -> tuple[int, ...]:
        """Four numbers from 0 to 1,023: which words a return code is made of."""

    def token(self) -> str:
        """256 random bits as 43 URL-safe characters: a door link, a session of staff."""


class Door(Protocol):
    """What `receive` asks back while it files arrivals; called by the store, pure and quick."""

    def newcomer(self, arrival: Arrival) -> Newcomer:
        """The rows for an address that was never seen."""

    def seal(self, arrival: Arrival, lane: Lane) -> bytes:
        """The arrival's body, sealed under the lane's conversation key, bound to the arrival's
        event.
        """

    def seal_timer(self, timer: Timer, lane: Lane) -> tuple[bytes, bytes]:
        """A due timer as an inbound of its lane: (a new event key, the sealed body)."""


class Store(Protocol):
    """Where everything is kept. Verbs are whole units; nothing stays open between them
    (decisions.md, section 2).

    Raises StoreUnavailableError when nothing could be kept, LostFenceError when the lane was taken
    by another.
    """

    async def open(self) -> None:
        """Connect and migrate; raises SchemaError for a database newer than this program."""

    async def close(self) -> None:
        """Finish what was begun and let go."""

    async def ping(self) -> None:
        """Read and write a trifle; raises StoreUnavailableError."""

    async def receive(
        self, arrivals: Sequence[Arrival], door: Door, now: int, lease_ms: int
    ) -> Received:
        """File arrivals (dropping duplicates and those unsent before they came) and claim free
        lanes.

        Kept against a killed process when it returns; against a power cut after the next save_turn
        or `flush`.
        """

    async def flush(self) -> None:
        """Return once everything received is on the disk."""

    async def claim_waiting(self, now: int, lease_ms: int, limit: int) -> Sequence[Claim]:
        """Claim lanes that have inbounds due and no live lease, the most urgent first, then the
        oldest.
        """

    async def save_turn(self, write: TurnWrite, now: int, lease_ms: int) -> Saved:
        """One turn, whole and durable; keeps the lane (lease renewed) if more inbounds wait."""

    async def postpone(self, claim: Claim, event: bytes, retry_at: int, give_up: bool) -> None:
        """A turn failed: give the lane back and try this inbound again at `retry_at`, or set it
        aside for good.
        """

    async def fire_timers(self, door: Door, now: int, limit: int) -> int:
        """Turn due timers into inbounds of their lanes (timer row gone, inbound row there, in one
        unit); how many.
        """

    async def locate(self, lookup: bytes) -> Lane | None:
        """The lane of an address, or None."""

    async def transcript(self, conversation: str, after: int, limit: int) -> Sequence[MessageRow]:
        """Our copy of what was said, after a cursor, oldest first."""

    async def messages_kept(self, conversation: str) -> int:
        """How many rows of our copy still hold words."""

    async def unsend(self, channel: str, message_ref: bytes, now: int) -> None:
        """Empty our copy of a message; drop it if its turn has not come, or if it comes later."""

    async def replace(
        self, channel: str, message_ref: bytes, seal: Callable[[Lane, MessageRow], bytes]
    ) -> None:
        """An edit: put a new sealed body in the place of our copy, if we have one."""

    async def set_blocked(self, lookup: bytes, blocked: bool, now: int, at: int = 0) -> None:
        """Mark an address; blocking withdraws its unsent rows.

        `at` is the platform's event time (0: learned just now, by sending): what is older than what
        the address's status rests on is late, and changes nothing.
        """

    async def add_counts(self, counts: Sequence[Count]) -> None:
        """Add to the weekly sums."""

    async def counts(self, since_week: str) -> Sequence[Count]:
        """The weekly sums."""

    async def claim_sends(
        self, now: int, lease_ms: int, limit: int, road: Callable[[OutboxRow], Via]
    ) -> Sequence[Outgoing]:
        """Lease outbox rows that may leave now, crisis first; per conversation only the lowest
        unsent (crisis overtakes; one that waits for the month's pushes holds up nobody).

        `road` chooses `via` ("" leaves the row as `waiting`); status `sending`, `via`, `tries`+1
        and `first_at` are
        committed before this returns. Rows whose lease ran out come again with their earlier `via`
        in the row.
        """

    async def settle_sends(self, settlements: Sequence[Settlement], now: int) -> None:
        """Write how attempts ended."""

    async def is_leased(self, row: str) -> bool:
        """Whether an outbox row is still to be sent by whoever leased it: not overtaken, erased or
        settled meanwhile.
        """

    async def outbox_rows(
        self, statuses: Sequence[OutboxStatus], limit: int
    ) -> Sequence[OutboxRow]:
        """Rows by status, oldest first (for `engawa outbox`, doctor and readiness)."""

    async def next_due(self) -> int | None:
        """When the next timer or outbox row falls due (UTC ms), or None."""

    async def erase(
        self, contact: str, now: int, fence: int | None = None
    ) -> Sequence[StoredInbound]:
        """Erase a contact whole: keys, addresses, conversation, inbounds, messages, outbox, timers.
        Twice is no error. Returns the inbounds that still waited, in order; they are gone too.

        Dedupe marks stay (keyed, without a link). Afterwards nothing of it is in the file or its
        log.
        """

    async def contacts(self) -> Sequence[str]:
        """Every contact's id (ledger replay after a restore)."""

    async def lane_of(self, contact: str) -> Lane | None:
        """The lane of a contact, with its current address, or None."""

    async def find_code(self, mark: bytes, now: int) -> Code | None:
        """The code with this mark if it is live, or None."""

    async def move(
        self, move: Move, now: int, lease_ms: int, parting: Parting | None = None
    ) -> Received | None:
        """Use a code up and move its contact (see `Move`), in one durable unit; claims the lane if
        it is free. None if the code is no longer live: nothing is changed then.

        The address that was current becomes `former`, forgets its session and hides all that was
        said; unsent rows to it are withdrawn, but for a crisis. Nothing said before is shown at the
        new address.
        """

    async def veil(self, lookup: bytes) -> None:
        """Hide at this address all that was said so far (quick exit). It stays kept."""

    async def count_tries(self, keys: Sequence[bytes], now: int, window_ms: int) -> Sequence[int]:
        """One more try under each key (keyed hashes); how many each has in this window of time."""

    async def forget_tries(self, keys: Sequence[bytes]) -> None:
        """A success: the tries under these keys count no more."""

    async def serious_events(self, limit: int) -> Sequence[Serious]:
        """The newest serious events."""

    async def holdings(self, now: int, rules: Retention, contact: str = "") -> Sequence[Holding]:
        """What is held, by kind: of everybody, or of one contact (`engawa inventory`)."""

    async def next_expiry(self, rules: Retention) -> int | None:
        """When the next row is past its time (UTC ms), or None: what retention sleeps until."""

    async def contacts_under(self, kek: str, limit: int) -> Sequence[Contact]:
        """Some contacts whose key is wrapped by this key-encryption key."""

    async def rewrap(self, contacts: Sequence[Contact]) -> None:
        """Keep these contacts' keys as wrapped anew; one that was erased meanwhile stays gone."""

    async def limits_asked(self, limit: int) -> Sequence[Conversation]:
        """Conversations for which a supervisor was asked to set a limit, the oldest first."""

    async def set_limit(self, conversation: str, until: int) -> None:
        """A supervisor's answer: limited until then (UTC ms), or not (0). Nobody asks any more.

        Refused silently for a conversation at tier 2 or above: nobody in danger is cut off.
        """

    async def keks(self) -> Sequence[str]:
        """The ids of the key-encryption keys under which contacts are kept, each once."""

    async def retention(self, now: int, rules: Retention) -> Mapping[str, int]:
        """Delete what is past its time; returns how many rows of each kind."""

    async def publish(self, revision: str, files: Mapping[str, bytes], now: int) -> None:
        """Keep a revision (idempotent) and make it the active one, in one unit."""

    async def active_revision(self) -> str | None:
        """The active revision's hash."""

    async def revision_files(self, revision: str) -> Mapping[str, bytes] | None:
        """A revision's raw files."""


class Outgoing(msgspec.Struct, frozen=True):
    """An outbox row leased for sending, with the lane whose keys open it."""

    row: OutboxRow
    lane: Lane


class Retention(msgspec.Struct, frozen=True):
    """How long rows live, in ms after their last use (reliability.md, section 3)."""

    messages: int = 7 * 86_400_000
    shell: int = 30 * 86_400_000
    dedupe: int = 7 * 86_400_000
    outbox: int = 1 * 86_400_000
    dead_letters: int = 7 * 86_400_000
    serious: int = 365 * 86_400_000
    audit: int = 365 * 86_400_000


class Heard(msgspec.Struct, frozen=True):
    """One event as a channel read it: allow-listed fields only, before look-up and risk.

    `what` says whose business it is: "inbound" becomes a turn; the others change our copy or the
    address.
    `at` is the platform's event time. `callback` is Telegram's callback query id, answered at once,
    best effort.
    """

    what: Literal["inbound", "edited", "unsent", "blocked", "unblocked", "leave_group"]
    channel: str
    event_id: str
    user_id: str
    at: int
    inbound: Inbound | None = None
    message_id: str = ""
    reply_token: str = ""
    callback: str = ""
    redelivered: bool = False


OutcomeKind = Literal[
    "sent",
    "already",  # 409: accepted earlier
    "ambiguous",  # time-out, cut answer, 5xx: nobody knows
    "unsent",  # surely not delivered: refused connection, DNS, TLS
    "bad_token",  # 400 Invalid reply token
    "throttled",  # 429, by rate; retry_after in ms
    "quota",  # 429, monthly limit reached
    "blocked",  # 403, or gone
    "rejected",  # other 4xx: our content is wrong
]


class Outcome(msgspec.Struct, frozen=True):
    """What the platform answered to one attempt. `reason` is for the log: a code, never content."""

    kind: OutcomeKind
    retry_after: int = 0
    reason: str = ""


class Allowance(msgspec.Struct, frozen=True):
    """Counted pushes of a month: what the plan gives, and what of it is left."""

    total: int
    left: int


class Channel(Protocol):
    """One way to reach people. Knows its platform; knows nothing of web frameworks, flows or the
    store.
    """

    name: str
    speaks_unprompted: bool
    replies: bool  # whether it has reply tokens (LINE)
    pushes: bool  # whether anything is sent over an API (not the web room, not the terminal)

    def read(self, headers: Mapping[str, str], body: bytes) -> Sequence[Heard]:
        """Verify on the raw bytes, then parse event by event; raises BadSignatureError or
        BadBodyError.
        """

    def requests(self, bubbles: Sequence[Bubble]) -> Sequence[bytes]:
        """The final request payloads for these bubbles (bot.rendering), one per API request."""

    async def send(
        self, via: Via, platform_id: str, payload: bytes, reply_token: str, retry_key: str
    ) -> Outcome:
        """One attempt; never raises for what a platform may do."""

    async def acknowledge(self, heard: Heard) -> None:
        """Answer a callback, leave a group: best effort, after the commit; failures are counted,
        never raised.
        """

    async def show_loading(self, platform_id: str) -> None:
        """Show that something slow happens; best effort."""

    async def quota(self) -> Allowance | None:
        """This month's counted pushes, or None where there is no quota or nothing was told."""

    async def close(self) -> None:
        """Let go of connections."""


class Ledger(Protocol):
    """The erase ledger: key ids only, outside the database, fsynced before the erase commits."""

    def record(self, key_id: str) -> None:
        """Append and fsync."""

    def key_ids(self) -> Sequence[str]:
        """All ids ever recorded."""


class Bell(Protocol):
    """Wakes whoever watches a conversation's transcript (the web room's live stream)."""

    def ring(self, conversation: str) -> None:
        """Something new was committed for this conversation."""

    def listen(self, conversation: str) -> AsyncIterator[None]:
        """Yields whenever it rang."""
