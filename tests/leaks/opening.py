"""Everything that is kept sealed, opened with the keys of the running service: what somebody finds
who has both the database and the key file.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing

from bot.services.records import Lane, StoredInbound
from bot.store.sqlite import rows
from tests.leaks.service import RunningService


async def opened(running: RunningService) -> dict[str, bytes]:
    """What every envelope holds, by place."""
    found: dict[str, bytes] = {}
    store = running.service.parts.store
    for n, contact in enumerate(await store.contacts()):
        lane = await store.lane_of(contact)
        assert lane is not None
        for place, data in _opened(running, lane):
            found[f"{place} {len(found)} of {n}"] = data.encode()
    return found


def _opened(running: RunningService, lane: Lane) -> list[tuple[str, str]]:
    key, where = running.vault.open(lane), f"conversation = '{lane.conversation.id}'"
    found = [("session", repr(key.session()))]
    with closing(sqlite3.connect(running.database)) as database:
        for address in rows.addresses(
            database.execute(f"{rows.ADDRESS} WHERE contact = '{lane.contact.id}'")
        ):
            here = running.vault.open(Lane(lane.contact, address, lane.conversation))
            found.append(("doorstep", repr(here.doorstep())))
        requests = database.execute(f"{rows.OUTBOX} WHERE {where}").fetchall()
        inbounds = database.execute(f"{rows.INBOUND} WHERE {where}").fetchall()
        messages = database.execute(f"{rows.MESSAGE} WHERE {where}").fetchall()
    unsent = [row for row in rows.outbox(requests) if row.sealed]  # what has ended is empty
    found += [("outbox", _request(key.request(row).payload)) for row in unsent]
    found += [("inbound", repr(key.inbound(StoredInbound(*row)))) for row in inbounds if row[4]]
    return found + [("message", repr(key.message(row))) for row in rows.messages(messages)]


def _request(payload: object) -> str:
    return bytes(payload).decode()  # type: ignore[call-overload, no-any-return]
