"""Whatever is asked in whatever order, SQLite answers as memory does.

A machine draws verbs at random and asks both stores the same; the memory store is the plain
statement of the contract, SQLite the one that serves.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, get_args

import msgspec
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from bot.engine.events import Timer
from bot.errors import EngawaError
from bot.services.ports import Retention, Store
from bot.services.records import (
    Address,
    Arrival,
    Claim,
    Code,
    Count,
    Holding,
    Lane,
    MessageRow,
    Move,
    OutboxClass,
    OutboxRow,
    OutboxStatus,
    Serious,
    Settlement,
    TurnWrite,
    Via,
)
from bot.store.memory import MemoryStore
from bot.store.sqlite import SqliteStore
from tests.store.people import NOW, PlainDoor, lookup

T = TypeVar("T")
LEASE = 100
PEOPLE = ("hana", "ken", "yui")
STATUSES: tuple[OutboxStatus, ...] = get_args(OutboxStatus)
CLASSES: tuple[OutboxClass, ...] = get_args(OutboxClass)
RULES = Retention(
    messages=300, shell=900, dedupe=86_400_000, outbox=200, dead_letters=400, serious=500
)
MARKS = (b"first words", b"second words", b"link")

person = st.sampled_from(PEOPLE)
small = st.integers(0, 12)
ref = st.integers(0, 5).map(lambda n: b"ref %d" % n if n else b"")
speech = st.sampled_from(CLASSES)
wait = st.integers(0, 250)
mark = st.sampled_from(MARKS)


class Agreement(RuleBasedStateMachine):
    """Both stores, the claims in our hands, and a clock that goes forward."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.runner = asyncio.Runner()
        self.memory, self.sqlite = MemoryStore(), SqliteStore(self.folder / "a.db")
        self.doors = (PlainDoor(), PlainDoor())
        self.now = NOW
        self.claims: list[Claim] = []
        self.seqs = 0
        self.runner.run(self._both(lambda store, door: store.open()))

    def teardown(self) -> None:
        """Close what was opened."""
        self.runner.run(self._both(lambda store, door: store.close()))
        self.runner.close()
        shutil.rmtree(self.folder)

    async def _both(self, ask: Callable[[Store, PlainDoor], Awaitable[T]]) -> list[Any]:
        """What each store answers: a value, or the kind of refusal."""
        answers: list[Any] = []
        stores: tuple[Store, ...] = (self.memory, self.sqlite)
        for store, door in zip(stores, self.doors, strict=True):
            try:
                answers.append(plain(await ask(store, door)))
            except EngawaError as error:
                answers.append(type(error))
        return answers

    def ask(self, verb: Callable[[Store, PlainDoor], Coroutine[Any, Any, T]]) -> Any:
        """Ask both; they must agree."""
        memory, sqlite = self.runner.run(self._both(verb))
        assert sqlite == memory
        return memory

    @rule(ms=wait)
    def time_passes(self, ms: int) -> None:
        """The clock goes forward, past leases and waits."""
        self.now += ms

    @rule(data=st.data())
    def receive(self, data: st.DataObject) -> None:
        """Arrivals of several people, some of them duplicates, some taken back already."""
        one = st.builds(
            Arrival,
            event=small.map(lambda n: b"event %d" % (n + self.seqs // 3)),
            channel=st.just("line"),
            lookup=person.map(lookup),
            at=st.integers(self.now - 3, self.now),
            message_ref=ref,
            tier=st.integers(0, 3),
        )
        arrivals = data.draw(st.lists(one, min_size=1, max_size=4))
        self.seqs += 1
        got = self.ask(lambda store, door: store.receive(arrivals, door, self.now, LEASE))
        self.claims += got.claims

    @rule(limit=st.integers(1, 3))
    def claim_waiting(self, limit: int) -> None:
        """Take lanes that were left."""
        self.claims += self.ask(lambda s, door: s.claim_waiting(self.now, LEASE, limit))

    @rule(data=st.data())
    def save_turn(self, data: st.DataObject) -> None:
        """Save a turn of any claim we ever had: many have lost their lane."""
        if not self.claims:
            return
        claim = data.draw(st.sampled_from(self.claims[-4:]))
        write = self._turn(data, claim)
        saved = self.ask(lambda store, door: store.save_turn(write, self.now, LEASE))
        if not isinstance(saved, type) and saved.more:
            lane = msgspec.structs.replace(claim.lane, conversation=write.conversation)
            self.claims.append(
                msgspec.structs.replace(claim, lane=lane, inbounds=saved.more, waiting=())
            )

    def _turn(self, data: st.DataObject, claim: Claim) -> TurnWrite:
        self.seqs += 1
        old, seq = claim.lane.conversation, self.seqs
        rows = tuple(
            OutboxRow(
                id=f"row {seq}/{n}",
                conversation=old.id,
                address=claim.lane.address.id,
                channel="line",
                seq=seq * 10 + n,
                speech=each,
                sealed=b"request",
                retry_key="key",
                next_at=self.now + data.draw(st.sampled_from((0, 0, 50))),
                created=self.now,
            )
            for n, each in enumerate(data.draw(st.lists(speech, max_size=3)))
        )
        timers = (
            Timer("silence", self.now + data.draw(wait)),
            Timer("expired", self.now + data.draw(wait)),
        )
        return TurnWrite(
            claim_fence=claim.fence,
            done=claim.inbounds[0].event if claim.inbounds else b"",
            conversation=msgspec.structs.replace(
                old,
                version=old.version + data.draw(st.sampled_from((1, 1, 1, 2))),
                session=b"session %d" % seq,
                last_seen=self.now,
                message_seq=seq,
                tier=data.draw(st.integers(0, 3)),
                limit_asked=data.draw(st.sampled_from((0, old.limit_asked, self.now))),
            ),
            messages=(message(old.id, seq, data.draw(ref), claim.lane.address.id),),
            outbox=rows,
            timers=timers[data.draw(st.integers(0, 2)) :],
            counts=(Count("2027-01-11", "line", data.draw(speech)),),
            withdraw_turns=data.draw(st.booleans()),
            withdraw=tuple(row.id for row in claim.waiting if data.draw(st.booleans())),
            addresses=tuple(
                msgspec.structs.replace(address, session=b"small %d" % seq)
                for address in claim.elsewhere
                if data.draw(st.booleans())
            ),
            codes=self._codes(data, old.contact),
            serious=(Serious(f"s{seq}", self.now, 3, "rule", "card"),)
            * data.draw(st.integers(0, 1)),
        )

    def _codes(self, data: st.DataObject, contact: str) -> tuple[Code, ...]:
        """Often a code; sometimes one that somebody has already."""
        if not data.draw(st.sampled_from((True, True, True, False))):
            return ()
        drawn = data.draw(mark)
        ends = self.now + data.draw(wait) * 5
        return (Code(drawn, "door" if drawn == b"link" else "return", contact, ends),)

    @rule(data=st.data(), who=person)
    def move(self, data: st.DataObject, who: str) -> None:
        """Somebody comes in by a code, from a new address or from one that anybody has."""
        found = [self.ask(partial(_find_code, mark=each, now=self.now)) for each in MARKS]
        live = [code for code in found if code is not None]
        if not live:
            return
        code = data.draw(st.sampled_from(live))
        self.seqs += 1
        where = data.draw(st.sampled_from((who, f"device {self.seqs}")))
        here = self.ask(lambda store, door: store.lane_of(code.contact))
        notice = None
        if data.draw(st.booleans()):
            notice = OutboxRow(
                f"notice {self.seqs}",
                here.conversation.id,
                here.address.id,
                "line",
                0,
                "notice",
                b"notice",
                "key",
            )
        address = Address(
            f"address {self.seqs}", code.contact, "web", lookup(where), b"key", b"platform id"
        )
        move = Move(code.mark, address, b"moved %d" % self.seqs, b"body", self.now, notice)
        got = self.ask(lambda store, door: store.move(move, self.now, LEASE))
        self.claims += got.claims

    @rule(who=person)
    def veil(self, who: str) -> None:
        """Somebody leaves quickly."""
        self.ask(lambda store, door: store.veil(lookup(who)))

    @rule(keys=st.lists(mark, min_size=1, max_size=3), ms=st.integers(1, 300))
    def tries(self, keys: list[bytes], ms: int) -> None:
        """Somebody guesses, and perhaps succeeds."""
        self.ask(lambda store, door: store.count_tries(keys, self.now, ms))
        if ms % 3 == 0:
            self.ask(lambda store, door: store.forget_tries(keys[:1]))

    @rule(n=st.integers(1, 4), ms=wait)
    def limit(self, n: int, ms: int) -> None:
        """A supervisor answers, asked or not."""
        self.ask(lambda store, door: store.limits_asked(9))
        self.ask(lambda store, door: store.set_limit(f"conversation-{n}", ms and self.now + ms))

    @rule(limit=st.integers(1, 3), kek=st.sampled_from(("kek1", "kek2")))
    def rewrap(self, limit: int, kek: str) -> None:
        """Some contacts go over to another key."""
        under = self.ask(lambda store, door: store.contacts_under(kek, limit))
        anew = [msgspec.structs.replace(each, kek=f"{kek}'") for each in under]
        self.ask(lambda store, door: store.rewrap(anew))
        self.ask(lambda store, door: store.keks())

    @rule(data=st.data(), ms=wait, give_up=st.booleans())
    def postpone(self, data: st.DataObject, ms: int, give_up: bool) -> None:
        """A turn failed."""
        if self.claims:
            claim = data.draw(st.sampled_from(self.claims[-4:]))
            event = claim.inbounds[0].event if claim.inbounds else b"none"
            self.ask(lambda s, door: s.postpone(claim, event, self.now + ms, give_up))

    @rule(limit=st.integers(1, 3))
    def fire_timers(self, limit: int) -> None:
        """Due timers become inbounds."""
        self.ask(lambda store, door: store.fire_timers(door, self.now, limit))

    @rule(limit=st.integers(1, 4), roads=st.sampled_from(("all", "none", "some")))
    def claim_sends(self, limit: int, roads: str) -> None:
        """Lease what may leave, with roads for all, for none, or for some."""

        def road(row: OutboxRow) -> Via:
            return "push" if roads == "all" or (roads == "some" and row.seq % 2) else ""

        self.ask(lambda store, door: store.claim_sends(self.now, LEASE, limit, road))

    @rule(data=st.data(), status=st.sampled_from(STATUSES), ms=wait)
    def settle(self, data: st.DataObject, status: OutboxStatus, ms: int) -> None:
        """Attempts end in any way."""
        rows = self.ask(lambda store, door: store.outbox_rows(STATUSES, 999))
        if rows:
            chosen = data.draw(st.lists(st.sampled_from(rows), min_size=1, max_size=3))
            ends = [Settlement(row.id, status, self.now + ms, "code") for row in chosen]
            self.ask(lambda store, door: store.settle_sends(ends, self.now))

    @rule(message_ref=ref)
    def unsend(self, message_ref: bytes) -> None:
        """A message is taken back, known or not."""
        self.ask(lambda store, door: store.unsend("line", message_ref, self.now))

    @rule(message_ref=ref, text=st.binary(min_size=1, max_size=3))
    def replace(self, message_ref: bytes, text: bytes) -> None:
        """A message is edited, known or not."""
        self.ask(lambda store, door: store.replace("line", message_ref, lambda lane, row: text))

    @rule(who=person, blocked=st.booleans())
    def block(self, who: str, blocked: bool) -> None:
        """Somebody blocks or unblocks."""
        self.ask(lambda store, door: store.set_blocked(lookup(who), blocked, self.now))

    @rule(who=person, fence=st.none() | st.integers(1, 4))
    def erase(self, who: str, fence: int | None) -> None:
        """Somebody is erased, from inside a turn or from outside."""
        lane = self.ask(lambda store, door: store.locate(lookup(who)))
        contact = lane.contact.id if lane else "nobody"
        self.ask(lambda store, door: store.erase(contact, self.now, fence))

    @rule()
    def retention(self) -> None:
        """What is past its time goes."""
        self.ask(lambda store, door: store.retention(self.now, RULES))

    @rule(name=st.sampled_from(("r1", "r2")), body=st.binary(max_size=2))
    def publish(self, name: str, body: bytes) -> None:
        """A revision is published, perhaps again."""
        self.ask(lambda store, door: store.publish(name, {"a": body}, self.now))
        self.ask(lambda store, door: store.revision_files(name))

    @invariant()
    def all_that_can_be_seen_is_the_same(self) -> None:
        """After each step both stores show the same."""
        self.ask(lambda store, door: store.outbox_rows(STATUSES, 999))
        self.ask(lambda store, door: store.counts(""))
        self.ask(lambda store, door: store.next_due())
        self.ask(lambda store, door: store.active_revision())
        self.ask(lambda store, door: store.next_expiry(RULES))
        self.ask(lambda store, door: store.serious_events(9))
        self.ask(lambda store, door: store.limits_asked(9))
        self.ask(partial(_held, contact=""))
        for conversation in self.ask(lambda store, door: store.contacts()):
            name = conversation.replace("contact", "conversation")
            self.ask(partial(_transcript, conversation=name))
            self.ask(partial(_lane_of, contact=conversation))
            self.ask(partial(_held, contact=conversation))
        for who in PEOPLE:
            self.ask(partial(_locate, who=who))

    @invariant()
    def nobody_is_sent_two_rows_at_once(self) -> None:
        """At most one row of a conversation is on its way, besides a crisis row."""
        rows = self.ask(lambda store, door: store.outbox_rows(("sending",), 999))
        leased = [row.conversation for row in rows if row.speech != "crisis"]
        assert len(leased) == len(set(leased))


async def _transcript(store: Store, door: PlainDoor, conversation: str) -> Sequence[MessageRow]:
    return await store.transcript(conversation, 0, 999)


async def _find_code(store: Store, door: PlainDoor, mark: bytes, now: int) -> Code | None:
    return await store.find_code(mark, now)


async def _lane_of(store: Store, door: PlainDoor, contact: str) -> Lane | None:
    return await store.lane_of(contact)


async def _held(store: Store, door: PlainDoor, contact: str) -> Sequence[Holding]:
    lines = await store.holdings(NOW, RULES, contact)
    # Staff have a store of their own; in SQLite it is the same file.
    return [line for line in lines if not line.kind.startswith(("staff_", "audit"))]


async def _locate(store: Store, door: PlainDoor, who: str) -> Lane | None:
    return await store.locate(lookup(who))


def message(conversation: str, seq: int, message_ref: bytes, address: str) -> MessageRow:
    """Our copy of something said."""
    return MessageRow(conversation, seq, "person", NOW, b"text %d" % seq, message_ref, address)


def plain(answer: Any) -> Any:
    """An answer without the arrival numbers, of which only the order is promised."""
    if isinstance(answer, list | tuple):
        return tuple(plain(each) for each in answer)
    if isinstance(answer, msgspec.Struct):
        fields = {name: plain(getattr(answer, name)) for name in answer.__struct_fields__}
        if "arrived" in fields:
            fields["arrived"] = 0
        return type(answer)(**fields)
    return dict(answer) if isinstance(answer, dict) else answer


TestAgreement = Agreement.TestCase
TestAgreement.settings = settings(
    max_examples=40,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
