"""Published revisions: checked, kept by the store, compiled once per process, found by hash.

Imports engine, safety, flow, ports and errors.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import msgspec

from bot.engine.program import Program, compile_program
from bot.errors import ContentError, StoreUnavailableError
from bot.flow.definition import Bundle
from bot.flow.directory import Directory, load_directory
from bot.flow.loader import load_bundle
from bot.safety.lexicon import load_lexicon
from bot.safety.reading import read_risk
from bot.safety.risk import Risk
from bot.safety.tone import Conduct, load_tone, read_conduct
from bot.services.alarm import Alarm
from bot.services.journal import Journal
from bot.services.ports import Clock, Store

LOOK_EVERY = 2_000
"""Ms between two looks at what is published."""
READY = 16
"""Revisions kept compiled at most; the eldest goes first and is loaded anew when asked for."""


class Published(msgspec.Struct, frozen=True):
    """One revision ready to serve: its bundle, what the engine runs, its ear for risk and for tone,
    its places.
    """

    bundle: Bundle
    program: Program
    read_risk: Callable[[str], Risk]
    read_conduct: Callable[[str], Conduct]
    directory: Directory

    @property
    def revision(self) -> str:
        """The content hash that names it."""
        return self.bundle.revision


def compile_files(files: Mapping[str, bytes]) -> Published:
    """Check raw files and make them ready; raises ContentError with every issue."""
    bundle = load_bundle(files)
    lexicon, tone = load_lexicon(files), load_tone(files)
    return Published(
        bundle,
        compile_program(bundle),
        lambda text: read_risk(lexicon, text),
        lambda text: read_conduct(tone, text),
        load_directory(files, bundle.messages.languages),
    )


class Following:
    """The loop that takes up what another process published (`engawa flows publish`)."""

    def __init__(self, programs: Programs, clock: Clock, journal: Journal) -> None:
        self._programs = programs
        self._clock = clock
        self._journal = journal
        self._alarm = Alarm(clock)
        self._refused = ""

    async def run(self, stop: asyncio.Event) -> None:
        """Look every two seconds until `stop`; what can't be taken up leaves the old one serving.

        A look is one read of one row.
        """
        while not stop.is_set():
            try:
                await self._programs.refresh()
                self._refused = ""
            except StoreUnavailableError:
                pass  # told by those who need the store more
            except Exception as error:
                # Published by a newer program, or damaged: told once, and looked at again.
                if self._refused != str(error):
                    self._journal.fault("revision_missing", error)
                self._refused = str(error)
            await self._alarm.sleep(self._clock() + LOOK_EVERY, LOOK_EVERY, stop)


class Programs:
    """The revisions this process has ready; the newest published one is active."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        journal: Journal,
        compiler: Callable[[Mapping[str, bytes]], Published] = compile_files,
    ) -> None:
        self._store = store
        self._clock = clock
        self._journal = journal
        self._compile = compiler
        self._ready: dict[str, Published] = {}
        self._active: Published | None = None

    @property
    def latest(self) -> Published | None:
        """The active revision if this process has it, without asking the store."""
        return self._active

    async def publish(self, files: Mapping[str, bytes]) -> Published:
        """Check, keep and make active; raises ContentError and leaves the active one serving."""
        try:
            published = await asyncio.to_thread(self._compile, files)
        except ContentError as error:
            self._journal.note("revision_refused", issues=len(error.issues))
            raise
        await self._store.publish(published.revision, files, self._clock())
        self._serve(published)
        return published

    async def active(self) -> Published:
        """What serves; on the first call it is fetched from the store.

        Raises StoreUnavailableError if nothing was ever published or the store is down.
        """
        return self._active or await self.refresh()

    async def refresh(self) -> Published:
        """Take up what the store says is active: at start, or after another process published."""
        revision = await self._store.active_revision()
        if revision is None:
            raise StoreUnavailableError(
                "No revision was ever published. Run `engawa flows publish` in the project folder."
            )
        if self._active is None or self._active.revision != revision:
            self._serve(await self._load(revision))
        return await self.active()

    async def pinned(self, revision: str) -> Published:
        """The revision a session began with; the active one where it is gone or doesn't load."""
        active = await self.active()
        if not revision or revision == active.revision:
            return active
        try:
            return self._ready.get(revision) or await self._load(revision)
        except (KeyError, ContentError) as error:
            self._journal.fault("pinned_revision_missing", error)
            return active

    async def _load(self, revision: str) -> Published:
        files = await self._store.revision_files(revision)
        if files is None:
            raise KeyError(revision)
        # A fifth of a second of work; others' turns go on meanwhile.
        return self._keep(await asyncio.to_thread(self._compile, files))

    def _serve(self, published: Published) -> None:
        self._active = self._keep(published)
        self._journal.note("revision_active", ready=len(self._ready))

    def _keep(self, published: Published) -> Published:
        self._ready[published.revision] = published
        while len(self._ready) > READY:
            del self._ready[next(iter(self._ready))]
        return published
