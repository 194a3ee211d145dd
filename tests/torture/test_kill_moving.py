"""Nobody is moved half and no way back is lost, wherever the process is killed on the way."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.torture.crashing import Plan
from tests.torture.history import left_over
from tests.torture.people import FOLLOW, post
from tests.torture.rig import PATIENCE, Rig
from tests.web.visiting import FIELD

HOME, AWAY = "Uhome", "70077"
CODE = re.compile(r"\w+(　\w+){3}")
SECRET = "きのうのよるのはなしカナリア"
WELCOME = "おかえりなさい。"
MOVED_AWAY = "ここでの話は、ほかの場所に移りました。"
POINTS = [
    Plan(f"{verb}:{side}", hit)
    for verb, hit in (
        ("count_tries", 1),
        ("find_code", 1),
        ("lane_of", 1),
        ("move", 1),
        ("move", 2),
        ("record", 1),
    )
    for side in ("before", "after")
]
"""The first move leads to the room, the second to Telegram, where a newcomer's contact ends."""
SHORT = (Plan("move:before", 1), Plan("move:after", 1), Plan("move:after", 2))
"""Those that every run tries; `make torture` tries them all."""
LONG = [pytest.mark.torture]
WHERE = """
    SELECT a.channel, a.status, a.id = c.address FROM address a
    JOIN conversation c ON c.contact = a.contact ORDER BY a.channel
"""


class Moving(Rig):
    """A trial in which one person goes from LINE to the room and on to Telegram."""

    room = ""
    """The room's page at the end."""

    async def run(self, plan: Plan) -> None:
        """The whole way, with one planned death."""
        await self._start(plan)
        async with httpx.AsyncClient(timeout=PATIENCE) as client:
            for number, text in enumerate((FOLLOW, SECRET, "合言葉")):
                await self._deliver(client, post(self.line, HOME, text, number))
            await self._drain()
            page = await self._come_in(client, four_words("\n".join(self.texts(HOME))))
            for number, text in enumerate((FOLLOW, four_words(page)), 10):
                await self._deliver(client, post(self.line, AWAY, text, number))
            await self._drain()
            if not any(text.startswith(WELCOME) for text in self.texts(AWAY)):
                # The ledger had the newcomer's end, the database not yet: the restart ended them
                # with the words that waited. The words still open.
                await self._deliver(client, post(self.line, AWAY, four_words(page), 12))
                await self._drain()
            self.room = await self._browse(client, "GET", "/room")
        await self._finish()

    async def _come_in(self, client: httpx.AsyncClient, words: str) -> str:
        """Send the words on the page for codes, again if there is no answer; the room then."""
        fields = dict(FIELD.findall(await self._browse(client, "GET", "/code")))
        await self._browse(client, "POST", "/code", {**fields, "words": words})
        await self._drain()
        return await self._browse(client, "GET", "/room")

    async def _browse(
        self, client: httpx.AsyncClient, method: str, path: str, form: dict[str, str] | None = None
    ) -> str:
        """One page; whoever gets no answer presses once more."""
        for _ in range(2):
            url = f"http://127.0.0.1:{self._port}{path}"
            try:
                answer = await client.request(method, url, data=form)
            except httpx.TransportError:
                await self._restart()
                continue
            assert answer.status_code in (200, 303), f"{path}: {answer.status_code}"
            return answer.text
        raise AssertionError("no answer twice")


def four_words(text: str) -> str:
    """The newest line with a return code."""
    plain = re.sub(r"<[^>]*>", "", text.replace("<br>", "\n").replace("</p>", "\n"))
    return next(line for line in reversed(plain.split("\n")) if CODE.fullmatch(line.strip()))


@pytest.mark.slow
@pytest.mark.parametrize(
    "plan",
    [
        pytest.param(plan, id=f"{plan.point} {plan.hit}", marks=[] if plan in SHORT else LONG)
        for plan in POINTS
    ],
)
async def test_killed_while_moving(tmp_path: Path, plan: Plan) -> None:
    """From LINE to the room to Telegram: the conversation ends up there whole, once, at home in
    one place; what was left says so once and shows nothing of before.
    """
    rig = Moving(tmp_path)
    async with rig:
        await rig.run(plan)
        assert rig.kills == 1, f"{plan} was never reached: the trial proves nothing"
        assert left_over(rig.database) == (0, 0)
        with closing(sqlite3.connect(rig.database)) as opened:
            assert opened.execute("SELECT count(*) FROM contact").fetchone() == (1,)
            assert opened.execute(WHERE).fetchall() == [
                ("line", "former", 0),
                ("telegram", "active", 1),
                ("web", "former", 0),
            ]
        told = "\n".join(rig.texts(AWAY))
        assert told.count(WELCOME) == 1
        assert SECRET not in told + rig.room
        assert rig.texts(HOME).count(MOVED_AWAY) <= 1
        assert MOVED_AWAY in rig.room
        assert rig.line.violations + rig.telegram.violations == []
