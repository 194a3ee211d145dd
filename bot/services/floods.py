"""One person may send only so much: a token bucket for each address, in memory.

Risk was read before: whatever is at tier 2 or above always passes, and so does what is taken back.
Of what else comes too fast nothing is kept, and one kind line a minute says so. A last reserve is
left for words and taps, so that a person can get help, leave and erase even then. Whoever was in
danger lately may send far more than a person can write.
Imports the active revision, ports, records and this room's own modules.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence

import msgspec
from msgspec.structs import replace

from bot.engine.inbound import Inbound
from bot.engine.program import Program
from bot.flow.messages import text
from bot.safety.risk import Tier
from bot.services import statistics
from bot.services.aside import free_road, say_aside
from bot.services.errands import Errands
from bot.services.intake import Batch
from bot.services.journal import Journal
from bot.services.modes import is_word
from bot.services.ports import Chance, Channel, Clock, Heard, Store
from bot.services.records import Arrival, Via
from bot.services.revisions import Programs, Published

SLOW_DOWN = "everywhere.slow_down"
RESERVE = 6
"""Messages beyond the burst that only words and taps may use."""
MINUTE = 60_000
REMEMBERED = 10_000
"""Addresses remembered at most; the one that was quiet longest is forgotten first."""
IN_DANGER = 24 * 60 * MINUTE
"""Ms after a text at tier 2 or above in which its sender may send more."""
MORE = 5
"""So many times as much as others."""


class Pacing(msgspec.Struct, frozen=True):
    """How much one address may send: at once, and a minute after that."""

    burst: int = 20
    per_minute: int = 20


class _Bucket:
    """What one address may still send; `told` is when it was asked to slow down, `danger` when it
    last sent a text at tier 2 or above (UTC ms).
    """

    __slots__ = ("at", "danger", "dropped", "full", "told")

    def __init__(self, full: float, now: int) -> None:
        self.full = full
        self.at = now
        self.told: int | None = None
        self.danger: int | None = None
        self.dropped = 0

    def factor(self, now: int) -> int:
        """How many times as much as others it may send."""
        return MORE if self.danger is not None and now - self.danger < IN_DANGER else 1


class Floods:
    """Lets through what an address may send."""

    def __init__(
        self,
        programs: Programs,
        store: Store,
        channels: Mapping[str, Channel],
        errands: Errands,
        chance: Chance,
        clock: Clock,
        journal: Journal,
        pacing: Pacing,
    ) -> None:
        self._programs = programs
        self._store = store
        self._channels = channels
        self._errands = errands
        self._chance = chance
        self._clock = clock
        self._journal = journal
        self._pacing = pacing
        self._buckets: OrderedDict[bytes, _Bucket] = OrderedDict()

    def sift(self, batch: Batch, published: Published) -> tuple[Batch, frozenset[str]]:
        """The batch without what came too fast, and the user ids of those it came from."""
        program = published.program
        arrivals = self._passing(batch.arrivals, batch, program)
        changes = self._passing(batch.changes, batch, program)
        passed = {one.event for one in (*arrivals, *changes)}
        lost = [one for one in (*batch.arrivals, *batch.changes) if one.event not in passed]
        if not lost:
            return batch, frozenset()
        for arrival in lost:
            self._tell(arrival, batch.heard[arrival.event])
        slowed = frozenset(batch.heard[arrival.event].user_id for arrival in lost)
        return replace(batch, arrivals=arrivals, changes=changes), slowed

    def _passing(
        self, arrivals: Sequence[Arrival], batch: Batch, program: Program
    ) -> tuple[Arrival, ...]:
        return tuple(
            one for one in arrivals if self._passes(one, batch.heard[one.event].inbound, program)
        )

    def _passes(self, arrival: Arrival, inbound: Inbound | None, program: Program) -> bool:
        if inbound is None or inbound.kind == "unsent":
            return True
        bucket = self._bucket(arrival.lookup)
        if arrival.tier >= Tier.ACTIVE:
            self._widen(bucket)
            return True
        least = 1 if _never_lost(inbound, program) else 1 + RESERVE
        if bucket.full < least:
            return False
        bucket.full -= 1
        return True

    def _bucket(self, lookup: bytes) -> _Bucket:
        """The address's bucket, filled up for the time that has passed."""
        now = self._clock()
        bucket = self._buckets.get(lookup)
        if bucket is None:
            bucket = self._buckets[lookup] = _Bucket(self._most(1), now)
            while len(self._buckets) > REMEMBERED:
                self._buckets.popitem(last=False)
        passed, factor = max(0, now - bucket.at), bucket.factor(now)
        more = passed * self._pacing.per_minute * factor / MINUTE
        bucket.full = min(self._most(factor), bucket.full + more)
        bucket.at = now
        self._buckets.move_to_end(lookup)
        return bucket

    def _most(self, factor: int) -> float:
        return float(self._pacing.burst * factor + RESERVE)

    def _widen(self, bucket: _Bucket) -> None:
        """Somebody is in danger: what they write from now on is held up by nothing of before."""
        now = self._clock()
        if bucket.factor(now) == 1:
            bucket.full = self._most(MORE)
        bucket.danger = now

    def _tell(self, arrival: Arrival, heard: Heard) -> None:
        """Once a minute: count it, and say it where a road is free."""
        bucket, now = self._bucket(arrival.lookup), self._clock()
        bucket.dropped += 1
        if bucket.told is not None and now - bucket.told < MINUTE:
            return
        channel = self._channels[arrival.channel]
        via = free_road(heard, channel, now)
        if channel.pushes and not via:
            return  # perhaps the next one brings a token
        bucket.told = now
        self._journal.note("slowed", dropped=bucket.dropped)
        bucket.dropped = 0
        count = statistics.one(arrival.channel, now, "slowed")
        self._errands.start(self._store.add_counts([count]))
        words = self._words(heard.inbound.language if heard.inbound else "")
        if via and words:
            self._errands.start(self._say(channel, heard, via, words))

    async def _say(self, channel: Channel, heard: Heard, via: Via, words: str) -> None:
        await say_aside(channel, heard, via, words, self._chance.uuid())

    def _words(self, language: str) -> str:
        """The kind line from memory; "" where the active revision has none."""
        published = self._programs.latest
        if published is None:
            return ""
        messages = published.bundle.messages
        spoken = language if language in messages.texts else messages.source_language
        known = SLOW_DOWN in messages.texts[messages.source_language]
        return text(messages, spoken, SLOW_DOWN, {}) if known else ""


def _never_lost(inbound: Inbound, program: Program) -> bool:
    """Whether an inbound may use the reserve: a tap, a word that works everywhere, a number."""
    if inbound.kind != "text":
        return inbound.kind in ("tap", "code", "moved")
    return is_word(inbound.text, program)
