"""Reading and verifying the record of what staff did. Imports staff records and chain.

Who reads the record is recorded too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from bot.services.staff.answers import By, Verdict, Who
from bot.services.staff.chain import verdict
from bot.services.staff.office import MINUTE, Office, actor_of
from bot.services.staff.records import AuditRow, StaffWrite

_ACT = re.compile(r"[a-z_]{1,40}(\.[a-z_]{1,40}){0,3}")
_OBJECT = re.compile(r"[A-Za-z0-9_-]{0,43}")
_DETAIL = re.compile(r"[a-z0-9_.:+-]{0,120}")
_PAGE = 200
_CHUNK = 2_000
_LOOK_AGAIN = 60 * MINUTE


class Record:
    """bot.services.staff.desk.Trail."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._looked: dict[str, int] = {}  # one entry per account: bounded by the staff

    async def page(self, by: By, before: int = 0, limit: int = 50) -> Sequence[AuditRow]:
        """See the desk."""
        office = self._office
        office.require(by, "audit.read")
        now, reader = office.clock(), actor_of(by)
        if now - self._looked.get(reader, -_LOOK_AGAIN) >= _LOOK_AGAIN:
            self._looked[reader] = now
            await office.save(StaffWrite(acts=(office.act(by, "audit.read"),)))
        return await office.store.audit(max(0, before), max(1, min(limit, _PAGE)))

    async def newest(self, by: By) -> int:
        """See the desk."""
        self._office.require(by, "audit.read")
        rows = await self._office.store.audit(0, 1)
        return rows[0].seq if rows else 0

    async def names(self, by: By) -> Mapping[str, str]:
        """See the desk."""
        self._office.require(by, "audit.read")
        return {each.id: each.login for each in await self._office.store.accounts()}

    async def verify(self, by: By) -> Verdict:
        """See the desk."""
        office = self._office
        office.require(by, "audit.read")
        # The heads first: a row written meanwhile is then ahead of them, which is no fault. And
        # once more afterwards: by then it is witnessed too.
        heads = office.heads.all()
        rows = await self._all()
        found = verdict(rows, heads, office.heads.all())
        whole = "unwitnessed" if found.unwitnessed else "whole"
        act = office.act(by, "audit.verified", "", whole if found.whole else "broken")
        await office.save(StaffWrite(acts=(act,)))
        return found

    async def note(self, who: Who, act: str, object: str = "", detail: str = "") -> None:
        """See the desk."""
        fits = _ACT.fullmatch(act) and _OBJECT.fullmatch(object) and _DETAIL.fullmatch(detail)
        if not fits:
            raise ValueError("an act is a dotted code, its object a random id, its detail a code")
        await self._office.save(StaffWrite(acts=(self._office.act(who, act, object, detail),)))

    async def _all(self) -> Sequence[AuditRow]:
        rows: list[AuditRow] = []
        after = -1
        while chunk := await self._office.store.audit_from(after, _CHUNK):
            rows += chunk
            after = chunk[-1].seq
        return rows
