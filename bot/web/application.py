"""Puts the web together: webhooks, health, the chat room. May import the web room's own modules."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.web.data import DataPage
from bot.web.desk import Desk
from bot.web.door import Door
from bot.web.entrances import Entrances
from bot.web.health import alive, ready
from bot.web.leaving import Leaving
from bot.web.live import Live
from bot.web.ports import WebPorts
from bot.web.room import Room
from bot.web.seeing import Seeing
from bot.web.static import StaticFiles
from bot.web.texts import Wording
from bot.web.webhooks import FORBIDDEN, Webhook

__all__ = ["build_application"]


def build_application(ports: WebPorts) -> Starlette:
    """The public listener. Raises ConfigurationError if sentences the room needs are missing."""
    static = StaticFiles()
    desk = Desk(ports, Wording(ports.messages), static)

    async def refused(request: Request, error: Exception) -> Response:
        return desk.refuse(request, getattr(error, "status_code", 500))

    return Starlette(
        routes=[*_webhooks(ports), *_room(desk)],
        exception_handlers={404: refused, 405: refused, 500: refused},
    )


def _webhooks(ports: WebPorts) -> list[Route]:
    """The platforms' roads stand first: they are the busiest."""
    cap = ports.settings.body_cap
    return [
        Route(f"/webhooks/{name}", Webhook(channel, ports.accept, cap), methods=["POST"])
        for name, channel in ports.channels.items()
        if name in FORBIDDEN
    ]


def _room(desk: Desk) -> list[Route]:
    door, room, live = Door(desk), Room(desk), Live(desk)
    leaving, seeing, entrances = Leaving(desk), Seeing(desk), Entrances(desk)

    async def file(request: Request) -> Response:
        return desk.static.find(request) or desk.refuse(request, 404)

    kindly = desk.kindly
    return [
        Route("/healthz", alive),
        Route("/readyz", ready(desk.ports.readiness, desk.ports.standing)),
        Route("/", kindly(door.look)),
        Route("/room", kindly(room.look), methods=["GET"]),
        Route("/room", kindly(door.enter), methods=["POST"]),
        Route("/room/send", kindly(room.send), methods=["POST"]),
        Route("/room/live", kindly(live.stream)),
        Route("/room/after", kindly(live.after)),
        Route("/d/{token}", kindly(entrances.door), methods=["GET"]),
        Route("/d/{token}", kindly(entrances.open_door), methods=["POST"]),
        Route("/code", kindly(entrances.code), methods=["GET"]),
        Route("/code", kindly(entrances.use_code), methods=["POST"]),
        Route("/exit", kindly(leaving.leave), methods=["POST"]),
        Route("/look", kindly(seeing.turn), methods=["POST"]),
        Route("/data", kindly(DataPage(desk).look)),
        Route("/static/{name}", kindly(file)),
    ]
