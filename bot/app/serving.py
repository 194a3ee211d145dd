"""Serves the service over HTTP: as a city runs it, and as the demo."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from types import FrameType

import uvicorn
from rich.console import Console
from rich.markup import escape
from starlette.applications import Starlette

from bot.app.assembly import Parts, Service
from bot.app.channels import check_modes, modes_of, open_channels
from bot.app.connections import Connection
from bot.app.content import read_content
from bot.app.here import DEMO_KEY, LEDGER_SUFFIX, home, settings_here
from bot.app.journaling import quiet_logging
from bot.app.storage import open_store
from bot.config import Secrets, Settings, read_secrets
from bot.config.settings import Server, Staff
from bot.errors import ConfigurationError
from bot.privacy.keyring import new_keyring
from bot.services.staff.opening import DEMO_PASSWORD
from bot.services.staff.permissions import ROLES
from bot.store.keyfile import read_keyring, write_keyring
from bot.store.ledger import FileLedger

UNSIGNED = (
    "[yellow]Texts on law, medicine and emergencies are drafts: nobody has signed them yet "
    "(docs/content.md).[/]"
)
NO_URL = (
    "[yellow]room.url is not set: door links lead to the address above, which may open on this "
    "machine only.[/]"
)


def serve() -> int:
    """Serve until stopped; refuses what must not face real people."""
    settings, secrets = settings_here(), read_secrets(os.environ)
    parts = real_parts(settings, secrets)
    quiet_logging()
    say = Console(highlight=False, soft_wrap=True).print
    notes = [UNSIGNED] if settings.room.url else [UNSIGNED, NO_URL]
    return asyncio.run(_serve(parts, settings, notes, say))


def real_parts(settings: Settings, secrets: Secrets) -> Parts:
    """What `engawa serve` runs with; raises ConfigurationError naming what is missing or unfit."""
    if settings.server.debug:
        raise ConfigurationError(
            "server.debug is on. Debugging shows what people wrote: unset ENGAWA__SERVER__DEBUG "
            "(or use `engawa demo`)."
        )
    check_modes(settings, secrets)
    if not secrets.key_file:
        raise ConfigurationError(
            "ENGAWA_KEY_FILE is missing. Make a keyring with `engawa keys new FILE`, keep it out "
            "of the database's backup, and set ENGAWA_KEY_FILE to it."
        )
    keyring = read_keyring(secrets.key_file)
    if keyring.demo:
        raise ConfigurationError(
            f"ENGAWA_KEY_FILE names {secrets.key_file}, which holds demo keys. "
            "Make a real keyring with `engawa keys new FILE`."
        )
    return Parts(
        settings=settings,
        keyring=keyring,
        key_file=Path(secrets.key_file),
        store=open_store(settings),
        ledger=FileLedger(secrets.key_file + LEDGER_SUFFIX),
        channels=open_channels(settings, secrets),
        modes=modes_of(settings, demo=False),
    )


def serve_demo() -> int:
    """Serve everything in ./var, without credentials; saved files are live at once."""
    settings, secrets = settings_here(), read_secrets(os.environ)
    say = Console(highlight=False, soft_wrap=True).print
    if not DEMO_KEY.exists():
        DEMO_KEY.parent.mkdir(parents=True, exist_ok=True)
        write_keyring(DEMO_KEY, new_keyring(demo=True))
    parts = Parts(
        settings=settings,
        keyring=read_keyring(DEMO_KEY),
        key_file=DEMO_KEY,
        store=open_store(settings),
        ledger=FileLedger(f"{DEMO_KEY}{LEDGER_SUFFIX}"),
        channels=open_channels(settings, secrets),
        modes=modes_of(settings, demo=True),
        demo=True,
    )
    quiet_logging()
    return asyncio.run(_serve(parts, settings, ["The demo's data stays in ./var."], say))


class PoliteServer(uvicorn.Server):
    """Stops on SIGTERM and SIGINT, and leaves the process alive to put everything away.

    uvicorn itself raises the signal again once it has stopped, which would end the process before
    the store is closed. What serves `beside` it stops with it.
    """

    beside: uvicorn.Server | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Told to stop."""
        if self.beside is not None:
            self.beside.should_exit = True
        super().handle_exit(sig, frame)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Ours while serving; as before afterwards."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)


class ServerBeside(uvicorn.Server):
    """Serves the staff; the other server hears the signals."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """None."""
        yield


async def _serve(
    parts: Parts, settings: Settings, notes: list[str], say: Callable[..., None]
) -> int:
    service = Service(parts)
    directory = home() / settings.content.directory
    try:
        await _prepare(service, directory, say)
        service.start()
        with contextlib.ExitStack() as open_ports:
            room = open_ports.enter_context(_listen(settings.server, "PORT=9000"))
            staff = open_ports.enter_context(_listen(settings.staff, "STAFF_PORT=9001"))
            service.staffing.reached_at(_address(staff))
            await _until_stopped(service, directory, room, staff, notes, say)
    finally:
        await service.stop()
    return 0


def web_configuration(service: Service) -> uvicorn.Config:
    """How uvicorn serves the prepared service: no access log, because addresses are nobody's."""
    return _configuration(service.application())


def _configuration(application: Starlette) -> uvicorn.Config:
    return uvicorn.Config(
        application,
        http=Connection,
        ws="none",
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=5,
        server_header=False,
    )


def plainly(say: Callable[..., None]) -> Callable[[str], None]:
    """Says a text as it is: square brackets in somebody's file are no markup."""

    def plain(text: str) -> None:
        say(escape(text))

    return plain


async def _prepare(service: Service, directory: Path, say: Callable[..., None]) -> None:
    refusal = await service.prepare(read_content(directory, service.parts.settings.content.city))
    if refusal is not None:
        say("[red]Files refused; the last published revision serves:[/]")
        plainly(say)(str(refusal))


def _listen(where: Server | Staff, another: str) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in where.host else socket.AF_INET
        return socket.create_server((where.host, where.port), family=family, backlog=2048)
    except OSError as error:
        why = str(error.strerror).partition(" (")[0]  # Python adds the address, which is said
        if error.errno in (socket.EAI_NONAME, errno.EADDRNOTAVAIL):
            raise ConfigurationError(
                f"There is no address {where.host!r} on this machine ({why}). Set "
                f"{another.partition('=')[0].replace('PORT', 'HOST')}, for example to 127.0.0.1."
            ) from error
        raise ConfigurationError(
            f"Port {where.port} on {where.host} can't be opened ({why}). "
            f"Stop what uses it, or choose another: {another}."
        ) from error


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


async def _until_stopped(
    service: Service,
    directory: Path,
    room: socket.socket,
    staff: socket.socket,
    notes: list[str],
    say: Callable[..., None],
) -> None:
    service.address = _address(room)
    city = service.parts.settings.content.city
    server = PoliteServer(web_configuration(service))
    server.beside = ServerBeside(_configuration(service.staff_application()))
    background: list[Awaitable[None]] = []
    if service.parts.demo or service.parts.settings.content.watch:
        background.append(service.publisher.watch(directory, plainly(say), city))
    tasks = [asyncio.ensure_future(one) for one in background]
    for line in (*_where_to_click(service.parts, _address(room), _address(staff)), *notes):
        say(line)
    for_staff = asyncio.ensure_future(server.beside.serve(sockets=[staff]))
    try:
        await server.serve(sockets=[room])
    finally:
        server.beside.should_exit = True
        await for_staff
        for task in tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


def _where_to_click(parts: Parts, address: str, staff: str) -> list[str]:
    lines = [f"[bold]Engawa 縁側[/]  {address}/", f"  chat room   {address}/"]
    lines += [f"  webhook     {address}/webhooks/{name}" for name in _webhooks(parts.channels)]
    lines.append(f"  staff       {_for_passkeys(staff)}/staff")
    if parts.demo:
        logins = ", ".join(ROLES)
        lines.append(f"              logins {logins}; password: {DEMO_PASSWORD}")
    lines.append("  Ctrl-C stops.")
    return lines


def _for_passkeys(address: str) -> str:
    """Browsers bind passkeys to a name: on this machine that is `localhost`, never its number."""
    return address.replace("://127.0.0.1:", "://localhost:").replace("://[::1]:", "://localhost:")


def _webhooks(channels: Mapping[str, object]) -> list[str]:
    return [name for name in ("line", "telegram") if name in channels]
