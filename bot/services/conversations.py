"""The way of one message: filed, its turn taken and saved, whoever waits for it woken.

Over 300 lines because one message's way, its failures and its retries are read as one story.
Imports ports, records and this room's own modules.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import msgspec
from msgspec.structs import replace

from bot.errors import LostFenceError, SealError, StoreError, StoreUnavailableError, UnknownKeyError
from bot.services.alarm import Alarm
from bot.services.apologies import Apologies
from bot.services.bodies import MessageBody
from bot.services.card import SafetyCard
from bot.services.doorstep import came_by, with_addresses
from bot.services.erasure import Erased, Erasure
from bot.services.errands import Errands
from bot.services.floods import Floods
from bot.services.instead import CodeTyped, Erasing
from bot.services.intake import Batch, Intake, Left
from bot.services.journal import Journal
from bot.services.lanes import Vault
from bot.services.manners import with_conduct
from bot.services.modes import Modes
from bot.services.moving import Moved, Moving
from bot.services.ports import Bell, Channel, Clock, Heard, Store
from bot.services.records import (
    Claim,
    Lane,
    MessageRow,
    Received,
    Saved,
    StoredInbound,
    TurnWrite,
)
from bot.services.revisions import Programs
from bot.services.statistics import redelivered
from bot.services.turns import Turns

TRIES = 3
"""How often a turn that raises is tried before it is set aside."""
RETRY_AFTER = (2_000, 10_000)
"""Ms before the second and the third try."""


class Accepted(msgspec.Struct, frozen=True):
    """What came of one delivery: everything in it is on the disk.

    `late` turns go on behind the answer; `erased` are the user ids of those who were erased,
    `slowed` of those who sent too much at once: of that nothing was kept.
    """

    taken: int = 0
    parked: int = 0
    duplicates: int = 0
    late: int = 0
    erased: frozenset[str] = frozenset()
    slowed: frozenset[str] = frozenset()


class Worked(msgspec.Struct, frozen=True):
    """How the work on a lane ended: who was erased, and whether inbounds are left for later."""

    erased: str = ""
    left: bool = False


Step = tuple[TurnWrite, Saved] | Erasing | Moved | None


class Conversations:
    """Every channel's way in, and the way on for lanes that wait."""

    def __init__(
        self,
        store: Store,
        programs: Programs,
        vault: Vault,
        turns: Turns,
        apologies: Apologies,
        moving: Moving,
        erasure: Erasure,
        card: SafetyCard,
        channels: Mapping[str, Channel],
        modes: Modes,
        bell: Bell,
        errands: Errands,
        deliver: Alarm,
        work: Alarm,
        clock: Clock,
        journal: Journal,
        lease_ms: int = 30_000,
        turn_budget_ms: int = 1_000,
        floods: Floods | None = None,
    ) -> None:
        # Long because every part of a message's way is handed in, and none is made here.
        # Long because all that it is handed is kept under its own name.
        self._store = store
        self._programs = programs
        self._vault = vault
        self._intake = Intake(vault, modes)
        self._moving = moving
        self._turns = turns
        self._apologies = apologies
        self._erasure = erasure
        self._card = card
        self._channels = channels
        self._bell = bell
        self._errands = errands
        self._deliver = deliver
        self._work = work
        self._clock = clock
        self._journal = journal
        self._lease_ms = lease_ms
        self._budget = turn_budget_ms / 1_000
        self._floods = floods

    async def accept(self, heard: Sequence[Heard]) -> Accepted:
        """File what a channel heard and take its turns; returns once all of it is on the disk.

        Raises StoreUnavailableError (nothing may be answered with 200; the safety card is on its
        way) or UnknownKeyError.
        """
        for one in heard:
            if one.callback or one.what == "leave_group":
                # At once and whatever becomes of the rest: a tap must not spin for ever.
                self._errands.start(self._channels[one.channel].acknowledge(one))
        try:
            return await self._accept(heard)
        except StoreUnavailableError as error:
            self._journal.fault("store_unavailable", error)
            self._card.offer(heard)
            raise

    async def work_waiting(self, limit: int = 16) -> int:
        """Take the turns of lanes that nobody works on: after a restart, a failure, a timer.

        Returns how many lanes. Raises StoreUnavailableError, or UnknownKeyError after the others.
        """
        worked = 0
        unknown: UnknownKeyError | None = None
        while claims := await self._store.claim_waiting(self._clock(), self._lease_ms, limit):
            worked += len(claims)
            tasks = [self._errands.start(self._lane(claim)) for claim in claims]
            await asyncio.wait(tasks)
            for task in tasks:
                try:
                    task.result()
                except UnknownKeyError as error:
                    unknown = error
        if unknown is not None:
            raise unknown
        return worked

    async def _accept(self, heard: Sequence[Heard]) -> Accepted:
        published = await self._programs.active()
        batch = self._intake.sort(heard, published)
        batch = with_conduct(batch, published)
        slowed: frozenset[str] = frozenset()
        if self._floods is not None:
            batch, slowed = self._floods.sift(batch, published)
        await self._mend(batch.others)
        received = await self._receive(await self._known(batch))
        if again := redelivered(heard, self._clock()):
            self._errands.start(self._store.add_counts(again))  # so that doctor sees the switch
        tasks = {self._errands.start(self._lane(claim)): claim for claim in received.claims}
        late, erased = await self._wait(tasks)
        if late or received.parked or received.duplicates or batch.others:
            await self._store.flush()
        if late or received.parked:
            self._work.set(self._clock() + self._lease_ms)
        taken = len(tasks) - late
        return Accepted(taken, received.parked, received.duplicates, late, erased, slowed)

    async def _known(self, batch: Batch) -> Batch:
        """The batch with those changes that are about somebody's messages here, as arrivals."""
        here = {arrival.lookup for arrival in batch.arrivals}
        found = [
            change
            for change in batch.changes
            if change.lookup in here or await self._store.locate(change.lookup)
        ]
        return replace(batch, arrivals=(*batch.arrivals, *found)) if found else batch

    async def _receive(self, batch: Batch) -> Received:
        if not batch.arrivals:
            return Received(())
        door = self._vault.door(batch.heard)
        received = await self._store.receive(batch.arrivals, door, self._clock(), self._lease_ms)
        # Nothing that is kept of them opens: from memory they are not left without any answer.
        self._card.offer(door.broken)
        return received

    async def _wait(
        self, tasks: Mapping[asyncio.Task[Worked], Claim]
    ) -> tuple[int, frozenset[str]]:
        """Wait for turns within the budget: how many are not done, and who was erased."""
        if not tasks:
            return 0, frozenset()
        done, pending = await asyncio.wait(tasks, timeout=self._budget)
        for task in pending:
            self._journal.note("turn_late")
            self._errands.start(self._show_loading(tasks[task]))
        late = len(pending)
        erased: set[str] = set()
        for task in done:
            try:
                worked = task.result()
            except StoreUnavailableError as error:
                # What was received is kept if only the flush succeeds; the turn follows then.
                self._journal.fault("turn_saved_late", error)
                worked = Worked(left=True)
            late += worked.left
            erased |= {worked.erased} - {""}
        return late, frozenset(erased)

    async def _mend(self, others: Sequence[Heard]) -> None:
        """Unsent messages and blocks: changes to what is kept, without a turn.

        Before anything of the same delivery is filed, so that what was unsent is not taken up.
        """
        for one in others:
            if one.what == "unsent":
                ref = self._vault.message_ref(one)
                await self._store.unsend(one.channel, ref, self._clock())
            elif one.what in ("blocked", "unblocked"):
                lookup = self._vault.lookup(one.channel, one.user_id)
                blocked = one.what == "blocked"
                await self._store.set_blocked(lookup, blocked, self._clock(), one.at)

    async def _replace(self, claim: Claim, stored: StoredInbound) -> None:
        """An edit replaces our copy when its turn comes: the message itself has had its own."""
        edit = self._turns.edit(claim, stored)
        if edit is None:
            return
        ref, text = edit

        def sealed(lane: Lane, row: MessageRow) -> bytes:
            return self._vault.open(lane).seal_message(row.seq, MessageBody(text=text))

        await self._store.replace(came_by(claim, stored).address.channel, ref, sealed)

    async def _show_loading(self, claim: Claim) -> None:
        if not claim.inbounds:
            return
        lane = came_by(claim, claim.inbounds[0])
        channel = self._channels[lane.address.channel]
        await channel.show_loading(self._vault.open(lane).platform_id())

    async def _lane(self, claim: Claim) -> Worked:
        """Turn after turn, until nothing waits in the lane or somebody else has it."""
        while claim.inbounds:
            stored = claim.inbounds[0]
            try:
                step = await self._step(claim, stored)
                if isinstance(step, Erasing):
                    return await self._erase(claim, step)
                if isinstance(step, Moved):
                    await self._follow(step)
                    return Worked()
            except LostFenceError as error:
                self._journal.fault("fence_lost", error)
                self._work.ring()  # retried whole, by whoever holds the lane or by us
                return Worked(left=True)
            if step is None:
                return Worked(left=True)
            self._wake(step[0])
            claim = _onward(claim, *step)
        return Worked()

    async def _step(self, claim: Claim, stored: StoredInbound) -> Step:
        try:
            await self._replace(claim, stored)
            taken = await self._turns.take(claim, stored)
            if isinstance(taken, CodeTyped):
                tried = await self._moving.typed(taken, stored)
                if isinstance(tried, Moved):
                    return tried
                taken = await self._turns.answer_code(claim, stored, taken, tried)
            return (taken, await self._save(taken)) if isinstance(taken, TurnWrite) else taken
        except (StoreError, UnknownKeyError):
            raise
        except SealError as error:
            # What doesn't open now never will: no second try, the person is told at once.
            self._journal.fault("seal_broken", error)
            return await self._failed(claim, replace(stored, tries=TRIES))
        except Exception as error:
            # Whatever it is: this person must not be left without an answer, nor others held up.
            self._journal.fault("turn_failed", error, tries=stored.tries + 1)
            return await self._failed(claim, stored)

    async def _failed(self, claim: Claim, stored: StoredInbound) -> Step:
        """Later again; at the last try, or at once where this or what waits behind it is a risk,
        answer without engine.
        """
        urgent = any(self._turns.risky(claim, each) for each in claim.inbounds)
        if stored.tries + 1 < TRIES and not urgent:
            due = self._clock() + RETRY_AFTER[min(stored.tries, len(RETRY_AFTER) - 1)]
            await self._store.postpone(claim, stored.event, due, False)
            self._work.set(due)
            return None
        try:
            write = await self._apologies.apologise(claim, stored)
            saved = await self._save(write)
        except (StoreError, UnknownKeyError):
            raise
        except Exception as error:
            self._journal.fault("turn_set_aside", error)
            await self._store.postpone(claim, stored.event, self._clock(), True)
            self._work.ring()
            return None
        self._journal.note("turn_set_aside")
        return write, saved

    async def _save(self, write: TurnWrite) -> Saved:
        return await self._store.save_turn(write, self._clock(), self._lease_ms)

    async def _erase(self, claim: Claim, erasing: Erasing) -> Worked:
        erased = await self._erasure.erase(claim, erasing)
        self._errands.start(self._part(erasing, erased))
        return Worked(erased=erased.user_id)

    async def _part(self, erasing: Erasing, erased: Erased) -> None:
        """The farewell; then what the person wrote behind it is heard, as from somebody new."""
        await self._erasure.say_goodbye(erasing, erased.user_id)
        await self._hear_again(erased.written)

    async def welcome(self, moved: Moved) -> None:
        """The same for somebody who has just come in: that is done, and their code is used up, so a
        greeting that can't be kept now follows later.
        """
        try:
            await self.work_on(moved.received)
            await self._hear_again(moved.left)
        except (StoreUnavailableError, UnknownKeyError) as error:
            self._journal.fault("turn_saved_late", error)
            self._work.set(self._clock() + self._lease_ms)

    async def work_on(self, received: Received) -> None:
        """Take the turns of lanes that were just claimed, one lane after the other."""
        for claimed in received.claims:
            await self._lane(claimed)
        self._deliver.ring()  # a move has left a line for the place that was left, too

    async def _follow(self, moved: Moved) -> None:
        """Where a code has led to: the conversation that came here, and what waited here before."""
        for claim in moved.received.claims:
            self._bell.ring(claim.lane.conversation.id)  # pages that were left show it
            await self._lane(claim)
        await self._hear_again(moved.left)

    async def _hear_again(self, left: Sequence[Left]) -> None:
        if left:
            await self.work_on(await self._receive(self._intake.again(left)))

    def _wake(self, write: TurnWrite) -> None:
        self._bell.ring(write.conversation.id)
        if write.outbox:
            self._deliver.ring()
        if write.timers:
            self._work.set(min(timer.due for timer in write.timers))


def _onward(claim: Claim, write: TurnWrite, saved: Saved) -> Claim:
    """The same lane after a turn, with what waits in it now."""
    waiting = tuple(
        row
        for row in claim.waiting
        if row.id not in write.withdraw
        and not (
            write.withdraw_turns
            and write.withdraw_at in ("", row.address)
            and row.speech not in ("staff", "crisis")
        )
    )
    claim = with_addresses(claim, write.addresses)
    lane = replace(claim.lane, conversation=write.conversation)
    return replace(claim, lane=lane, inbounds=saved.more, waiting=waiting)
