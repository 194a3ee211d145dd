"""Puts the service together from settings, keys, a store and channels. Starts and stops it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence

from starlette.applications import Starlette

from bot.app.content import Publisher
from bot.app.keys import FollowedKeyring
from bot.app.leaves import data_facts
from bot.app.lifetimes import retention_of
from bot.app.parts import Parts
from bot.app.staffing import Staffing, StaffParts
from bot.app.standing import OpeningHours, StandingValues, parse_queues
from bot.app.talking import Ground, Talking
from bot.app.transcripts import RoomTranscripts
from bot.errors import ContentError, EngawaError, UnknownKeyError
from bot.flow.definition import Messages
from bot.flow.quiet import parse_quiet
from bot.flow.readings import NO_READINGS, Readings
from bot.privacy.keyring import Keyring
from bot.services.alarm import Alarm
from bot.services.bell import InProcessBell
from bot.services.card import SafetyCard
from bot.services.delivery import Delivery
from bot.services.erasure import Erasure
from bot.services.errands import Errands
from bot.services.journal import Journal
from bot.services.lanes import Vault
from bot.services.pace import Pace
from bot.services.quota import Quota
from bot.services.retention import Tidying
from bot.services.revisions import Following, Programs
from bot.services.statement import Statement, data_statement
from bot.services.surroundings import Surroundings
from bot.services.timers import Timers
from bot.web.application import build_application
from bot.web.ports import WebPorts, WebSettings

__all__ = ["Parts", "Service"]
DAY = 24 * 3_600_000
OLDEST_CRISIS = 30_000  # ms after which an unsent crisis row makes the process not ready


class Service:
    """The running service. Build it inside the loop that runs it."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.journal = Journal(logging.getLogger("engawa"))
        self.bell = InProcessBell()
        self.errands = Errands(self.journal)
        self.programs = Programs(parts.store, parts.clock, self.journal)
        self.following = Following(self.programs, parts.clock, self.journal)
        self.publisher = Publisher(self.programs)
        self._deliver, self._work = Alarm(parts.clock), Alarm(parts.clock)
        self._keyring = self._followed()
        self._vault = Vault(self._keyring, parts.chance, parts.clock)
        self._hours = OpeningHours(parse_queues(parts.settings))
        standing = StandingValues(parts.settings, self._hours, parts.demo)
        self._quiet = parse_quiet(parts.settings.room.quiet)
        self._surroundings = Surroundings(self._hours, standing, parts.chance, self._quiet)
        self.address = ""  # where the public listener is reached, once it listens
        self.card = self._card()
        self.erasure = self._erasure()
        talking = Talking(self._ground())
        self.conversations, self.entrances = talking.conversations, talking.entrances
        self.delivery = self._delivery()
        self.timers = Timers(
            parts.store, self.conversations, self._vault, self._work, parts.clock, self.journal
        )
        self.retention = Tidying(
            parts.store, retention_of(parts.settings), parts.clock, self.journal
        )
        self.staffing = self._staffing()
        self._transcripts = RoomTranscripts(parts.store, self._vault, self.journal)
        self._stop = asyncio.Event()
        self._loops: list[asyncio.Task[None]] = []

    def _followed(self) -> Callable[[], Keyring]:
        parts = self.parts
        if parts.key_file is None:
            return lambda: parts.keyring
        return FollowedKeyring(parts.key_file, parts.keyring, parts.clock, self.journal)

    def _staffing(self) -> Staffing:
        parts = self.parts
        return Staffing(
            StaffParts(
                parts.settings,
                parts.store,
                self._keyring,
                parts.key_file,
                parts.clock,
                parts.chance,
                self.journal,
                parts.demo,
            )
        )

    def _card(self) -> SafetyCard:
        parts = self.parts
        return SafetyCard(
            self.programs,
            self._surroundings,
            self._vault,
            parts.channels,
            self.errands,
            parts.chance,
            parts.clock,
            self.journal,
        )

    def _erasure(self) -> Erasure:
        parts = self.parts
        return Erasure(
            parts.store,
            parts.ledger,
            self._vault,
            parts.channels,
            self.bell,
            parts.chance,
            parts.clock,
            self.journal,
        )

    def _ground(self) -> Ground:
        return Ground(
            self.parts,
            self.programs,
            self._vault,
            self._surroundings,
            self.card,
            self.erasure,
            self.bell,
            self.errands,
            self._deliver,
            self._work,
            self.journal,
            self.room_url,
        )

    def _delivery(self) -> Delivery:
        parts = self.parts
        reserve = parts.settings.delivery.quota_reserve
        return Delivery(
            parts.store,
            self._vault,
            parts.channels,
            {
                name: Quota(channel, parts.clock, reserve)
                for name, channel in parts.channels.items()
                if channel.replies
            },
            {"telegram": Pace()},
            self.card,
            self._deliver,
            parts.chance,
            parts.clock,
            self.journal,
            parts.settings.delivery.lease_ms,
            quiet=self._quiet,
        )

    async def prepare(self, files: Mapping[str, bytes]) -> ContentError | None:
        """Open the store, replay the erase ledger, publish `files` or keep what was published.

        Returns why files were refused. Raises StoreError, and ContentError where nothing was ever
        published to fall back on.
        """
        await self.parts.store.open()
        # The holiday calendar takes a second to load: before the first person comes, not then.
        await asyncio.to_thread(self._hours.open, self.parts.clock())
        await self.erasure.replay(self.parts.store)
        await self.staffing.prepare()
        return await self.publisher.publish_or_keep(files)

    def start(self) -> None:
        """Begin the loops: sending, timers and waiting lanes, retention, what others publish."""
        self._loops = [
            asyncio.create_task(loop.run(self._stop), name=name)
            for name, loop in (
                ("delivery", self.delivery),
                ("timers", self.timers),
                ("retention", self.retention),
                ("following", self.following),
                ("staffing", self.staffing),
            )
        ]

    async def stop(self) -> None:
        """End the loops, finish what was begun, close channels and store."""
        self._stop.set()
        self._deliver.ring()
        self._work.ring()
        for ended in await asyncio.gather(*self._loops, return_exceptions=True):
            if ended is not None:
                self.journal.fault("loop_ended", ended)
        await self.errands.drain()
        for channel in self.parts.channels.values():
            await channel.close()
        await self.parts.store.close()

    def application(self) -> Starlette:
        """What the public listener serves; call after `prepare`."""
        parts = self.parts
        return build_application(
            WebPorts(
                accept=self.conversations.accept,
                transcripts=self._transcripts,
                bell=self.bell,
                messages=self._messages,
                card=self.card.words,
                risky=self.card.calls,
                veil=self._veil,
                open_door=self.entrances.open_door,
                use_code=self.entrances.use_code,
                readings=self._readings,
                statement=self._statement,
                readiness=self.problems,
                standing=self._standing,
                clock=parts.clock,
                chance=parts.chance,
                channels=parts.channels,
                settings=WebSettings(
                    title=parts.settings.room.title,
                    neutral=parts.settings.room.neutral,
                    neutral_name=parts.settings.room.neutral_name,
                    exit_url=parts.settings.room.exit_url,
                    onion=parts.settings.room.onion.rstrip("/"),
                    demo=parts.demo,
                    body_cap=parts.settings.server.body_cap,
                    pass_age=parts.settings.retention.shell * DAY // 1_000,
                ),
            )
        )

    def _statement(self, language: str) -> Statement | None:
        published, parts = self.programs.latest, self.parts
        facts = data_facts(parts.settings, parts.channels.keys(), parts.demo)
        return data_statement(published.bundle, language, facts) if published else None

    def staff_application(self) -> Starlette:
        """What the staff listener serves; call after `prepare`."""
        return self.staffing.application(self._messages)

    def _messages(self) -> Messages:
        published = self.programs.latest
        if published is None:
            raise RuntimeError("The web was built before `prepare` had loaded a revision.")
        return published.bundle.messages

    def _readings(self) -> Readings:
        published = self.programs.latest
        return published.bundle.readings if published else NO_READINGS

    async def _veil(self, token: str) -> None:
        await self.parts.store.veil(self._vault.lookup("web", token))

    def room_url(self) -> str:
        """Where people reach the room: as the city says, else this listener's own address."""
        return self.parts.settings.room.url or self.address

    def _held(self) -> set[str]:
        """The ids of the keys that this process can open rows with."""
        return {kek.id for kek in self._keyring().keks if kek.key}

    def _standing(self) -> Sequence[str]:
        """What else /readyz tells: which keys this process holds, so that a rotation can be seen to
        have reached it.
        """
        return [f"key {kek.id} {kek.state}" for kek in self._keyring().keks]

    async def problems(self) -> Sequence[str]:
        """What keeps this process from being ready: one sentence each, none of them content."""
        try:
            await self.parts.store.ping()
            waiting = await self.parts.store.outbox_rows(("new", "sending"), 100)
            used = await self.parts.store.keks()
        except Exception as error:
            # Whatever it is, readiness must answer rather than fail, and quote nothing.
            self.journal.fault("store_unavailable", error)
            why = str(error) if isinstance(error, EngawaError) else type(error).__name__
            return [f"The database can't be used: {why}"]
        problems = [str(UnknownKeyError(each)) for each in used if each not in self._held()]
        problems += [
            f"The {task.get_name()} loop has ended; restart the process."
            for task in self._loops
            if task.done()
        ]
        now = self.parts.clock()
        crisis = [row.created for row in waiting if row.speech == "crisis"]
        if crisis and now - min(crisis) > OLDEST_CRISIS:
            problems.append(
                f"A crisis message has waited {(now - min(crisis)) // 1_000} s to be sent."
            )
        return problems
