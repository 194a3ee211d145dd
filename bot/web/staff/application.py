"""Puts the staff listener together. May import the web room's own modules.

Its routes are the table of bot.web.staff.routes, its static files, and whether it is alive.
"""

from __future__ import annotations

import logging
from functools import partial

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.web.health import alive
from bot.web.staff.guard import Guard, safe_way
from bot.web.staff.headers import PAGE
from bot.web.staff.office import HOME, STATIC, Office
from bot.web.staff.ports import StaffPorts
from bot.web.staff.routes import ROUTES

__all__ = ["build_staff_application"]


def build_staff_application(ports: StaffPorts) -> Starlette:
    """What the staff listener serves; the public application has none of it."""
    office = Office(ports, partial(safe_way, ROUTES))
    guard = Guard(office)
    # The library logs each chunk at DEBUG.
    logging.getLogger("sse_starlette").setLevel(logging.WARNING)

    async def file(request: Request) -> Response:
        return office.static.find(request) or office.refuse(request, 404)

    async def refused(request: Request, error: Exception) -> Response:
        return office.refuse(request, getattr(error, "status_code", 500))

    return Starlette(
        routes=[
            Route("/", _home),
            Route("/healthz", alive),
            Route(STATIC + "{name}", file),
            *(Route(each.path, guard(each), methods=[each.method]) for each in ROUTES),
        ],
        exception_handlers={404: refused, 405: refused, 500: refused},
    )


async def _home(_: Request) -> Response:
    return RedirectResponse(HOME, 303, headers=PAGE)
