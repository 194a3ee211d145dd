"""Staff below the web: the office with its real parts, demo accounts or their refusal, tidying."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from starlette.applications import Starlette

from bot.app.aliases import alias
from bot.config import Settings
from bot.errors import ConfigurationError, StoreUnavailableError
from bot.flow.definition import Messages
from bot.privacy.keyring import Keyring
from bot.services.alarm import Alarm
from bot.services.journal import Journal
from bot.services.ports import Chance, Clock, Store
from bot.services.staff.desk import StaffDesk
from bot.services.staff.office import Office
from bot.services.staff.opening import (
    DEMO_PASSWORD,
    demo_logins,
    open_desk,
    reseal,
    seed_demo,
    tidy,
    warm,
)
from bot.services.staff.ports import Heads, RelyingParty, StaffRules, StaffStore
from bot.store.heads import FileHeads, MemoryHeads
from bot.store.memory import MemoryStore
from bot.store.sqlite import SqliteStore
from bot.web.staff.application import build_staff_application
from bot.web.staff.ports import StaffPorts, StaffSettings

HEADS_SUFFIX = ".audit"
MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
LOOPBACK = {"127.0.0.1", "::1"}


@dataclass(frozen=True, slots=True)
class StaffParts:
    """What the office is made from. `key_file` names where the heads of the record stand."""

    settings: Settings
    store: Store
    keyring: Callable[[], Keyring]
    key_file: Path | None
    clock: Clock
    chance: Chance
    journal: Journal
    demo: bool = False


class Staffing:
    """Staff of one running service: the desk for the pages, and a loop that tidies."""

    def __init__(self, parts: StaffParts) -> None:
        self._parts = parts
        self._alarm = Alarm(parts.clock)
        self._relying = relying_party(parts.settings, parts.settings.staff.url)
        self.office = open_office(parts, lambda: self._relying)
        self.desk: StaffDesk = open_desk(self.office, parts.store)

    def reached_at(self, address: str) -> None:
        """Where the listener stands (`http://127.0.0.1:8001`), once its port is known; what
        settings.staff.url says goes before it.
        """
        staff = self._parts.settings.staff
        self._relying = relying_party(self._parts.settings, staff.url or address)

    def application(self, messages: Callable[[], Messages]) -> Starlette:
        """What the staff listener serves, with the sentences of the active revision."""
        parts = self._parts
        return build_staff_application(
            StaffPorts(
                desk=self.desk,
                messages=messages,
                clock=parts.clock,
                chance=parts.chance,
                alias=alias,
                settings=StaffSettings(
                    title=parts.settings.room.title,
                    demo=parts.demo,
                    demo_password=DEMO_PASSWORD if parts.demo else "",
                    url=parts.settings.staff.url,
                ),
            )
        )

    async def prepare(self) -> None:
        """After the store was opened: seed the demo; else refuse its accounts.

        Raises ConfigurationError.
        """
        if self._parts.demo:
            await seed_demo(self.office)
        elif left := await demo_logins(self.office):
            raise ConfigurationError(
                f"Demo accounts were left on in this database ({', '.join(left)}): their password "
                "is known to everybody. Serve with a database that no demo has used."
            )
        await warm(self.office)

    async def run(self, stop: asyncio.Event) -> None:
        """Tidy, and seal under the newest key: now and once an hour, until `stop`."""
        parts = self._parts
        life = parts.settings.retention.audit * DAY
        while not stop.is_set():
            try:
                await tidy(self.office, life)
                await reseal(self.office)
            except StoreUnavailableError as error:
                parts.journal.fault("store_unavailable", error)
            except Exception as error:
                # A round that stumbles must not end all later ones.
                parts.journal.fault("loop_stumbled", error)
            await self._alarm.sleep(parts.clock() + HOUR, HOUR, stop)


def open_office(parts: StaffParts, relying: Callable[[], RelyingParty]) -> Office:
    """The office over a store that is or will be open."""
    staff = parts.settings.staff
    return Office(
        store=staff_rows(parts.store),
        tries=parts.store,
        heads=heads_beside(parts.key_file),
        keyring=parts.keyring,
        clock=parts.clock,
        chance=parts.chance,
        journal=parts.journal,
        relying=relying,
        rules=StaffRules(
            idle=staff.idle_minutes * MINUTE,
            absolute=staff.absolute_hours * HOUR,
            step_up=staff.step_up_minutes * MINUTE,
            demo=parts.demo,
        ),
        centre=parts.settings.city.centre,
    )


def heads_beside(key_file: Path | None) -> Heads:
    """The file of heads beside the key file; without one, memory (terminal, tests)."""
    return MemoryHeads() if key_file is None else FileHeads(f"{key_file}{HEADS_SUFFIX}")


def staff_rows(store: Store) -> StaffStore:
    """The staff's part of a store."""
    if isinstance(store, SqliteStore | MemoryStore):
        return store.staff
    raise ConfigurationError(f"{type(store).__name__} keeps no staff.")


def relying_party(settings: Settings, address: str) -> RelyingParty:
    """To what passkeys are bound: the name in the address; on this machine, `localhost`."""
    title = settings.room.title
    parts = urlsplit(address)
    host = parts.hostname or "localhost"
    if host in LOOPBACK or host == "localhost":
        port = f":{parts.port}" if parts.port else ""
        return RelyingParty("localhost", (f"{parts.scheme or 'http'}://localhost{port}",), title)
    return RelyingParty(host, (f"{parts.scheme}://{parts.netloc}",), title)
