"""Sends what the outbox holds: claims, opens, sends side by side, settles. The rules are verdicts'.

Imports ports, records, the vault and this room's own modules.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from bot.errors import SealError, StoreUnavailableError, UnknownKeyError
from bot.flow.quiet import NEVER_QUIET, Quiet, quiet_until
from bot.rendering.bubbles import Bubble
from bot.services import verdicts
from bot.services.alarm import Alarm
from bot.services.card import SafetyCard
from bot.services.errands import Errands
from bot.services.journal import Journal, Note
from bot.services.lanes import Vault
from bot.services.pace import Pace
from bot.services.ports import Chance, Channel, Clock, Outcome, Outgoing, Store
from bot.services.quota import CrisisPushes, Quota
from bot.services.records import OutboxRow, OutboxStatus, Settlement, Via

LONGEST_NAP = 2_000
"""Ms a leased row waits for its channel's pace; a longer wait gives it back."""
KEY_PAUSE = 60_000
"""Ms until a row under an unknown key is looked at again."""
CEILING = 60_000
"""Ms after which the loop looks even if nobody rang."""
UNASKED = ("notice", "info")
"""Classes that never leave in quiet hours."""
FAULT_PAUSE = 1_000
"""Ms until the next try after something went wrong."""

_NOTES: Mapping[OutboxStatus, Note] = {
    "sent": "sent",
    "new": "send_retried",
    "waiting": "send_waiting",
    "inferred": "send_inferred",
    "unknown": "send_unknown",
    "withdrawn": "send_withdrawn",
    "undeliverable": "send_undeliverable",
    "dead": "send_dead",
}


class Delivery:
    """The one sender of a process. Several processes may run one each; leases keep them apart."""

    def __init__(
        self,
        store: Store,
        vault: Vault,
        channels: Mapping[str, Channel],
        quotas: Mapping[str, Quota],
        paces: Mapping[str, Pace],
        card: SafetyCard,
        alarm: Alarm,
        chance: Chance,
        clock: Clock,
        journal: Journal,
        lease_ms: int = 30_000,
        at_once: int = 32,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        quiet: Quiet = NEVER_QUIET,
    ) -> None:
        self._store = store
        self._vault = vault
        self._channels = channels
        self._quotas = quotas
        self._paces = paces
        self._card = card
        self._alarm = alarm
        self._chance = chance
        self._clock = clock
        self._journal = journal
        self._lease_ms = lease_ms
        self._at_once = at_once
        self._sleep = sleep
        self._quiet = quiet
        self._crises = CrisisPushes()
        self._errands = Errands(journal)
        self._flying: set[asyncio.Task[Settlement]] = set()
        self._unsettled: list[Settlement] = []

    async def run_once(self) -> int:
        """Send what may leave now and what becomes free by that; how many attempts ended."""
        ended = 0
        while True:
            await self._launch()
            if not self._flying:
                return ended
            ended += await self._land()

    async def run(self, stop: asyncio.Event) -> None:
        """Send until `stop`: woken by the alarm, by landings and when a row falls due."""
        while not stop.is_set():
            try:
                await self._launch()
                if self._flying:
                    await self._land_or_ring(stop)
                else:
                    await self._alarm.sleep(await self._store.next_due(), CEILING, stop)
            except StoreUnavailableError as error:
                self._journal.fault("store_unavailable", error)
                await self._alarm.sleep(self._clock() + FAULT_PAUSE, CEILING, stop)
            except Exception as error:
                # Whatever it is, people wait for what is still to be sent.
                self._journal.fault("loop_stumbled", error)
                await self._alarm.sleep(self._clock() + FAULT_PAUSE, CEILING, stop)
        await self._come_home()

    async def _come_home(self) -> None:
        """Let what flies land; what can't be settled any more is found by its lease."""
        try:
            while self._flying:
                await self._land()
        except StoreUnavailableError as error:
            self._journal.fault("store_unavailable", error)
        except Exception as error:
            self._journal.fault("loop_stumbled", error)
        await self._errands.drain()

    async def _launch(self) -> None:
        """Claim as many rows as may fly beside those that do."""
        await self._settle()
        for quota in self._quotas.values():
            if quota.stale:  # asked behind our back: nothing waits for the platform's answer
                self._errands.start(quota.refresh())
        room = self._at_once - len(self._flying)
        if room <= 0:
            return
        crashed: dict[str, Via] = {}

        def road(row: OutboxRow) -> Via:
            if row.status == "sending":  # its lease ran out: whoever held it died on the way
                crashed[row.id] = row.via
            return self._road(row)

        claimed = await self._store.claim_sends(self._clock(), self._lease_ms, room, road)
        for outgoing in claimed:
            task = asyncio.create_task(self._deliver(outgoing, crashed.get(outgoing.row.id, "")))
            self._flying.add(task)

    def _road(self, row: OutboxRow) -> Via:
        quota = self._quotas.get(row.channel)
        level = quota.level if quota else "ample"
        now, crisis = self._clock(), row.speech == "crisis"
        many = crisis and self._crises.many(row.conversation, now)
        via = verdicts.road(row, now, self._channels[row.channel].replies, level, many)
        if crisis and via == "push" and not row.tries:
            self._crises.take(row.conversation, now)
        return via

    async def _land_or_ring(self, stop: asyncio.Event) -> None:
        """Until something landed, or there is more to launch."""
        due = await self._store.next_due()
        nap = asyncio.create_task(self._alarm.sleep(due, CEILING, stop))
        try:
            await asyncio.wait({nap, *self._flying}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            nap.cancel()
        if any(task.done() for task in self._flying):
            await self._land()

    async def _land(self) -> int:
        """Settle, in one group, whatever has landed; waits for the first."""
        done, _ = await asyncio.wait(self._flying, return_when=asyncio.FIRST_COMPLETED)
        self._flying -= done
        for task in done:
            error = task.exception()
            if error is None:
                self._unsettled.append(task.result())
            else:  # the row's lease runs out and it is treated as after a crash
                self._journal.fault("errand_failed", error)
        await self._settle()
        return len(done)

    async def _settle(self) -> None:
        if not self._unsettled:
            return
        settled = tuple(self._unsettled)
        await self._store.settle_sends(settled, self._clock())
        del self._unsettled[: len(settled)]

    async def _deliver(self, outgoing: Outgoing, crashed: Via) -> Settlement:
        row = outgoing.row
        settlement = verdicts.refusal(row, self._clock(), crashed)
        if settlement is None:
            settlement = await self._hold(row) or await self._attempt(outgoing, crashed)
        self._tell(row, settlement)
        return settlement

    async def _hold(self, row: OutboxRow) -> Settlement | None:
        """Wait for the channel's pace, and in quiet hours for their end with what nobody asked for;
        a long wait gives the row back as it is.
        """
        morning = quiet_until(self._quiet, self._clock())
        if row.speech in UNASKED and morning > self._clock():
            return Settlement(row.id, "new", morning, row.reason)
        pace = self._paces.get(row.channel)
        if pace is None:
            return None
        pause = pace.wait(row.conversation, self._clock(), row.speech == "crisis")
        if pause > LONGEST_NAP:
            return Settlement(row.id, "new", self._clock() + pause, row.reason)
        if pause:
            await self._sleep(pause / 1_000)
            if not await self._store.is_leased(row.id):
                # Erased, or overtaken by a crisis, while we held it back.
                return Settlement(row.id, "withdrawn", 0, row.reason)
        return None

    async def _attempt(self, outgoing: Outgoing, crashed: Via) -> Settlement:
        row = outgoing.row
        try:
            lane = self._vault.open(outgoing.lane)
            request, platform_id = lane.request(row), lane.platform_id()
        except SealError as error:
            self._journal.fault("seal_broken", error)
            return Settlement(row.id, "dead", 0, "seal_broken")
        except UnknownKeyError as error:
            self._journal.fault("key_unknown", error)
            return Settlement(row.id, "new", self._clock() + KEY_PAUSE, row.reason)
        token = request.reply_token if row.via == "reply" else ""
        outcome = await self._send(row, platform_id, bytes(request.payload), token)
        await self._learn(outgoing, outcome)
        if outcome.kind == "rejected" and row.speech == "crisis":
            await self._fall_back(row, platform_id)
        now, fraction = self._clock(), self._chance.fraction()
        return verdicts.verdict(row, outcome, now, fraction, crashed)

    async def _send(self, row: OutboxRow, person: str, payload: bytes, token: str) -> Outcome:
        channel = self._channels[row.channel]
        try:
            return await channel.send(row.via, person, payload, token, row.retry_key)
        except Exception as error:
            # A channel promises not to raise; if it does, nobody knows what arrived.
            self._journal.fault("errand_failed", error)
            return Outcome("ambiguous", reason="raised")

    async def _learn(self, outgoing: Outgoing, outcome: Outcome) -> None:
        """What an outcome says about more than its own row."""
        row = outgoing.row
        if outcome.kind == "quota" and row.channel in self._quotas:
            self._quotas[row.channel].run_out()
        elif outcome.kind == "throttled" and row.channel in self._paces:
            now = self._clock()
            self._paces[row.channel].throttled(row.conversation, now + outcome.retry_after, now)
        elif outcome.kind == "blocked":
            try:
                await self._store.set_blocked(outgoing.lane.address.lookup, True, self._clock())
            except StoreUnavailableError as error:
                self._journal.fault("store_unavailable", error)

    async def _fall_back(self, row: OutboxRow, person: str) -> None:
        """A crisis message whose form was refused: the plain card instead, once, from memory."""
        words = self._card.words("")
        channel = self._channels[row.channel]
        via: Via = "push" if channel.replies else "send"
        for payload in channel.requests([Bubble(words)] if words else []):
            await channel.send(via, person, payload, "", self._chance.uuid())
            self._journal.note("fallback_sent")

    def _tell(self, row: OutboxRow, settlement: Settlement) -> None:
        crisis = row.speech == "crisis"
        code = settlement.reason
        self._journal.note(_NOTES[settlement.status], code, tries=row.tries, crisis=int(crisis))
        if crisis and settlement.status in ("dead", "undeliverable"):
            self._journal.note("crisis_dead", code)
        elif crisis and settlement.status == "new" and verdicts.NO_QUOTA in code.split():
            self._journal.note("crisis_without_quota", tries=row.tries)
