"""Health: alive is always cheap, ready names its problems."""

from __future__ import annotations

import httpx

from bot.web.application import build_application
from tests.web.stand_ins import STORE_DOWN, Readiness, TinyService, ports


async def test_alive_asks_nobody(client: httpx.AsyncClient, service: TinyService) -> None:
    """/healthz is 200 even while the store is down."""
    service.down = STORE_DOWN
    answer = await client.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "alive\n")
    assert answer.headers["cache-control"] == "no-store"


async def test_ready_names_each_problem(service: TinyService) -> None:
    """/readyz is 200 when fit, else 503 with one sentence per problem."""
    readiness = Readiness()
    application = build_application(ports(service, readiness=readiness))
    transport = httpx.ASGITransport(application)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        assert (await client.get("/readyz")).status_code == 200
        readiness.problems = ["The database is locked.", "Key k9 is unknown."]
        answer = await client.get("/readyz")
    assert answer.status_code == 503
    assert answer.text == "The database is locked.\nKey k9 is unknown.\n"
