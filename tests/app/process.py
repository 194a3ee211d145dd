"""`engawa` as a process of its own, as a person or a system starts it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import NamedTuple

from bot.app.nature import system_clock
from bot.privacy.keyring import new_keyring
from bot.store.keyfile import write_keyring
from tests.repository import ROOT

PATIENCE = 60.0
"""Seconds a command may take on a busy machine."""
_OURS = re.compile(r"(LINE|TELEGRAM|ENGAWA)_.*|DATABASE_URL|(STAFF_)?HOST|(STAFF_)?PORT")


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


class Serving(NamedTuple):
    """A running `engawa serve` (or demo): where it listens, and what it printed so far."""

    address: str
    printed: list[str]
    process: asyncio.subprocess.Process


def environment(folder: Path, **given: str) -> dict[str, str]:
    """An environment in which nothing of ours is set but a database in `folder`, and what is given.

    The content is the repository's.
    """
    kept = {name: value for name, value in os.environ.items() if not _OURS.fullmatch(name)}
    return {
        **kept,
        "ENGAWA_HOME": str(ROOT),
        "DATABASE_URL": f"sqlite:///{folder}/engawa.db",
        "PORT": "0",
        "STAFF_PORT": "0",
        **given,
    }


def key_file(folder: Path, demo: bool = False) -> str:
    """A keyring in `folder`."""
    path = folder / "keys.json"
    if not path.exists():
        write_keyring(path, new_keyring(demo=demo, now=system_clock()))
    return str(path)


async def engawa(
    *words: str, env: Mapping[str, str], typed: bytes = b"", folder: Path | None = None
) -> Ended:
    """Run a command to its end; whatever it says, it is no traceback."""
    process = await _start(words, env, folder)
    async with asyncio.timeout(PATIENCE):
        out, err = await process.communicate(typed)
    assert process.returncode is not None
    ended = Ended(process.returncode, out.decode(), err.decode())
    assert "Traceback" not in ended.out + ended.err
    return ended


@contextlib.asynccontextmanager
async def serving(*words: str, env: Mapping[str, str], folder: Path) -> AsyncIterator[Serving]:
    """A command that serves, from the moment it says how to stop it; killed if it won't end."""
    process = await _start(words, env, folder)
    assert process.stdout is not None
    assert process.stdin is not None
    process.stdin.close()
    printed: list[str] = []
    try:
        async with asyncio.timeout(PATIENCE):
            while not any("Ctrl-C" in line for line in printed):
                line = await process.stdout.readline()
                assert line, f"ended with {await process.wait()}: {await _errors(process)}"
                printed.append(line.decode().rstrip())
        address = re.search(r"http://[^/]+:\d+", "\n".join(printed))
        assert address is not None
        yield Serving(address[0], printed, process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def stop(serving: Serving) -> Ended:
    """SIGTERM, and how it ended."""
    serving.process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(PATIENCE):
        out, err = await serving.process.communicate()
    assert serving.process.returncode is not None
    return Ended(serving.process.returncode, out.decode(), err.decode())


async def _start(
    words: tuple[str, ...], env: Mapping[str, str], folder: Path | None
) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        *words,
        cwd=folder,
        env={**env, "PYTHONPATH": str(ROOT), "COLUMNS": "200"},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def _errors(process: asyncio.subprocess.Process) -> str:
    assert process.stderr is not None
    return (await process.stderr.read()).decode()
