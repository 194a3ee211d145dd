"""Starts the child, posts webhooks as the platforms would (again and again until 200), restarts the
dead, and waits until everybody has seen what is theirs.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import signal
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import httpx

from bot.privacy.keyring import new_keyring
from bot.store.keyfile import write_keyring
from tests.platforms.line import ScriptedLine
from tests.platforms.server import ScriptedPlatform
from tests.platforms.telegram import ScriptedTelegram
from tests.torture import child
from tests.torture.crashing import Plan
from tests.torture.history import in_flight_on_telegram, left_over
from tests.torture.people import Post, on_telegram, posts

PATIENCE = 60.0
"""Seconds after which what has not come will not come."""

MOST_IN_A_ROW = 2
"""Faults of a platform one after the other: the pauses between tries double each time."""
LOOK_AGAIN = 0.05
"""Seconds between two looks at the database."""

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.torture.child"])


class _Counted(ScriptedPlatform):
    """A platform that counts the answers that never arrived."""

    lost_answers = 0
    faults_in_a_row = 0

    def _next_act(self) -> str:
        act = super()._next_act()
        if self.faults_in_a_row == MOST_IN_A_ROW:
            act = "ok"  # longer pauses would prove nothing more
        self.faults_in_a_row = 0 if act == "ok" else self.faults_in_a_row + 1
        self.lost_answers += act == "lost_response"
        return act


class CountedLine(_Counted, ScriptedLine):
    """LINE."""


class CountedTelegram(_Counted, ScriptedTelegram):
    """Telegram."""


class Rig:
    """One trial: two platforms, one database, a child and its successors."""

    def __init__(self, folder: Path, faults: dict[str, float] | None = None, seed: int = 0) -> None:
        self.folder = folder
        self.line = CountedLine(faults=faults, seed=seed)
        self.telegram = CountedTelegram(faults=faults, seed=seed + 1)
        self.line.quota = None
        self.kills = 0
        self.unsure = 0
        self.passes: dict[str, int] = {}
        self._process: Any = None
        self._died: asyncio.Future[None] | None = None
        self._pipe: Connection | None = None
        self._port = 0

    async def __aenter__(self) -> Rig:
        write_keyring(self.folder / "keys.json", new_keyring())
        await self.line.start()
        await self.telegram.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._process is not None and self._process.is_alive():
            self._process.kill()
            await self._death()
        await self.line.stop()
        await self.telegram.stop()

    @property
    def database(self) -> Path:
        """The database file."""
        return self.folder / "engawa.db"

    @property
    def log(self) -> Path:
        """What the children logged."""
        return self.folder / "child.log"

    async def run(self, plan: Plan) -> None:
        """Everybody's story with one planned death; returns when all is sent, the child stopped."""
        await self._start(plan)
        async with httpx.AsyncClient(timeout=PATIENCE) as client:
            for post in posts(self.line):
                await self._deliver(client, post)
        await self._drain()
        await self._finish()

    async def _start(self, plan: Plan) -> None:
        ours, theirs = _FORKS.Pipe()
        spec = child.Spec(
            database=str(self.database),
            key_file=str(self.folder / "keys.json"),
            line_base=self.line.base_url,
            telegram_base=self.telegram.base_url,
            log=str(self.log),
            plan=plan,
        )
        self._process = _FORKS.Process(target=child.run, args=(spec, theirs))
        self._process.start()
        # One waiter for each process: a second one would read its exit status away.
        self._died = asyncio.ensure_future(asyncio.to_thread(self._process.join))
        theirs.close()
        self._pipe = ours
        try:
            self._port = await asyncio.to_thread(ours.recv)
        except EOFError:
            await self._restart()  # the planned death came before it served

    async def _death(self) -> None:
        assert self._died is not None
        await asyncio.shield(self._died)

    async def _restart(self) -> None:
        await self._death()
        assert self._process.exitcode == -signal.SIGKILL, f"ended by itself, see {self.log}"
        self.kills += 1
        assert self.kills == 1, "died without a plan"
        if self.database.exists():
            self.unsure += in_flight_on_telegram(self.database)
        await self._start(Plan())

    async def _deliver(self, client: httpx.AsyncClient, post: Post) -> None:
        """As a platform does: again until it is taken. A dead child is restarted."""
        for _ in range(10):
            url = f"http://127.0.0.1:{self._port}{post.path}"
            try:
                answer = await client.post(url, content=post.body, headers=post.headers)
            except httpx.TransportError:
                await self._restart()
                continue
            if answer.status_code == 200:
                return
        raise AssertionError("a webhook was never taken")

    async def _drain(self) -> None:
        """Until the database holds nothing that is still to be done, restarting a dead child."""
        assert self._died is not None
        async with asyncio.timeout(PATIENCE):
            while any(left_over(self.database)):
                await asyncio.wait({self._died}, timeout=LOOK_AGAIN)
                if self._died.done():
                    await self._restart()

    async def _finish(self) -> None:
        """Stop the child politely; a death planned for its last breath is allowed."""
        self._process.terminate()
        assert self._pipe is not None
        try:
            self.passes = await asyncio.to_thread(self._pipe.recv)
        except EOFError:
            await self._death()
            assert self._process.exitcode == -signal.SIGKILL, f"ended badly, see {self.log}"
            self.kills += 1
            return
        await self._death()
        assert self._process.exitcode == 0, f"ended with {self._process.exitcode}, see {self.log}"

    def texts(self, person: str) -> list[str]:
        """What this person sees."""
        platform = self.telegram if on_telegram(person) else self.line
        return platform.texts(person)
