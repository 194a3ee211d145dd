"""Doctor on the machine and its settings: disk, address, hours, modes, the running process."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

from bot.app.channels import is_decided
from bot.app.connecting import Here
from bot.app.nature import system_clock
from bot.app.storage import SQLITE
from bot.channels.asking import Asker
from bot.config.settings import Line, Telegram
from bot.errors import ConfigurationError, PlatformRefusedError
from bot.flow.quiet import parse_quiet
from bot.services.checkup import Check, ok, problem, unknown, warning

AREA = "machine"
GIB = 1 << 30
LITTLE, TOO_LITTLE = GIB, GIB // 10
"""Bytes of disk: below the first somebody should look, below the second nothing is safe."""
LOOPBACK = ("127.0.0.1", "::1", "localhost")
SKEW, WRONG = 10_000, 30_000
"""Ms our clock may differ: reply tokens are used for 50 s of the platform's time."""


def examine_settings(here: Here) -> Iterator[Check]:
    """What can be said without asking anybody."""
    yield _disk(here)
    yield from _address(here)
    yield _quiet(here)
    yield _staff(here)
    for name, settings, on in modes_of(here):
        what = f"{name} has no secrets in this environment, so it is not served."
        yield _mode(name, settings) if on else ok("channels", what)


def modes_of(here: Here) -> Sequence[tuple[str, Line | Telegram, bool]]:
    """Each platform's settings, and whether its secrets are here."""
    return (
        ("line", here.settings.line, here.secrets.line),
        ("telegram", here.settings.telegram, here.secrets.telegram),
    )


def _disk(here: Here) -> Check:
    folder = Path(here.settings.database.url.removeprefix(SQLITE)).absolute().parent
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    what = f"{free / GIB:.1f} GiB of disk are free where the database is."
    if free < TOO_LITTLE:
        return problem(AREA, what, "Make room now: a full disk means that nothing can be kept.")
    return warning(AREA, what, "Make room.") if free < LITTLE else ok(AREA, what)


def _address(here: Here) -> Iterator[Check]:
    url = here.settings.room.url
    if not url:
        what = "room.url is not set: door links and printed doors lead nowhere."
        yield warning(AREA, what, "Set room.url to the public address (https://…).")
    elif not url.startswith("https://"):
        what = f"room.url is {url}, which anybody on the way can read."
        yield problem(AREA, what, "Serve behind TLS, and write https://…")
    else:
        yield ok(AREA, f"The room is at {url}.")


def _quiet(here: Here) -> Check:
    try:
        parse_quiet(here.settings.room.quiet)
    except ConfigurationError as error:
        return problem(AREA, str(error))
    return ok(AREA, f"Quiet hours: {here.settings.room.quiet or 'none'}.")


def _staff(here: Here) -> Check:
    staff = here.settings.staff
    if staff.url.startswith("https://"):
        return ok(AREA, f"Staff come in at {staff.url}.")
    if staff.host in LOOPBACK:
        return ok(AREA, f"Staff pages are on {staff.host}, for this machine alone.")
    what = f"Staff pages are on {staff.host} without https: passwords could be read on the way."
    return problem(AREA, what, "Put TLS before them and set staff.url (https://…).")


def _mode(name: str, settings: Line | Telegram) -> Check:
    mode = settings.mode or "door_only"
    if mode == "door_only":
        return ok("channels", f"{name} is door_only: what is said, is said in the web room.")
    if not is_decided(settings):
        return problem(
            "channels",
            f"{name} is {mode}, but the city's decision is not written down; `engawa serve` "
            "refuses that.",
            f"Write {name}.decision (who, when, reference), or choose door_only.",
        )
    return ok("channels", f"{name} is {mode}, as the city decided.")


async def examine_service(here: Here) -> AsyncIterator[Check]:
    """The process on this machine, by its own /readyz."""
    server = here.settings.server
    if not server.port:
        yield unknown("service", "server.port is 0: where the service listens is not known.")
        return
    host = f"[{server.host}]" if ":" in server.host else server.host
    host = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}.get(host, host)  # noqa: S104 - compared only
    async with Asker("The service", {}, 5.0, system_clock) as asker:
        try:
            reply = await asker.ask("GET", f"http://{host}:{server.port}/readyz")
        except PlatformRefusedError:
            what = f"No service answers on {host}:{server.port}."
            yield warning("service", what, "Start `engawa serve`; HOST and PORT as it has them.")
            return
    lines = [line for line in reply.content.decode("utf-8", "replace").splitlines() if line]
    if reply.status == 200:
        yield ok("service", f"The service on {host}:{server.port} is ready.")
    elif reply.status == 503:
        for line in lines:
            yield problem("service", line[:300])
    else:
        yield warning("service", f"Something else answers on {host}:{server.port}.", "Look what.")


def clock(skews: Sequence[int]) -> Check:
    """Our clock against the platforms' (their clock minus ours, ms)."""
    if not skews:
        return unknown(
            AREA, "No platform answered, so nobody could say whether the clock is right."
        )
    off = sorted(skews, key=abs)[0]
    way = "slow" if off > 0 else "fast"
    if abs(off) <= SKEW:
        return ok(AREA, "The clock agrees with the platforms'.")
    what = f"The clock is {abs(off) // 1_000} s {way}."
    mend = "Switch time synchronisation on (systemd-timesyncd or chrony)."
    return (problem if abs(off) > WRONG else warning)(AREA, what, mend)
