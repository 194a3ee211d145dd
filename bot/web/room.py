"""The room itself: its page, and what the person sends. Complete without JavaScript.

May import the web room's own modules, the engine's Inbound and services' ports.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import Response

from bot.engine.inbound import Inbound
from bot.errors import BadBodyError, KeyringError, StoreError
from bot.rendering.bubbles import Button
from bot.services.conversations import Accepted
from bot.services.ports import Chance, Heard
from bot.web.desk import CURSOR, REFUSALS, Desk, go_to
from bot.web.intake import FORM_CAP, headers_of, read_form
from bot.web.pages import RoomShown
from bot.web.passes import (
    EVENT,
    comes_from_us,
    give_pass,
    is_our_form,
    read_pass,
    seal_form,
    take_pass,
)
from bot.web.ports import View
from bot.web.showing import choices_of, rows_of

TEXT_MAX = 2_000
DATA_MAX = 64
SHOWN = 200  # rows on a page; older ones are kept, not shown
COVER = "cover"
GONE = ("room.closed", "pages.gone_more")


@dataclass(frozen=True, slots=True)
class Sending:
    """One form as it came in."""

    token: str
    event: str
    text: str
    data: str
    word: str  # a button that says a word for the person
    cursor: int | None  # set by the room's script: it wants what is new, not a page


class Room:
    """GET /room and POST /room/send."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def look(self, request: Request) -> Response:
        """The transcript, its choices and a place to write."""
        token = read_pass(request)
        view = await self._desk.ports.transcripts.newest(token, SHOWN) if token else None
        if view is None:
            return self.gone(request, GONE)
        language = self._desk.language(request, view.language)
        notice = self._waiting(request, view, language)
        shown = shown_of(self._desk.ports.chance, token, view, notice=notice)
        return self._desk.pages.room(request, language, shown, 200)

    def _waiting(self, request: Request, view: View, language: str) -> str:
        """What is said where there is nothing to read yet, or nothing to see any more."""
        if not view.entries and view.moved:
            return self._desk.say(language, "doorstep.moved_away")
        if not view.entries and view.hidden:
            return self._desk.say(language, "pages.hidden")
        waits = "wait" in request.query_params or not view.entries
        return self._desk.say(language, "pages.received") if waits else ""

    async def send(self, request: Request) -> Response:
        """Take a text or a tap: check, commit, then show the page again (or what is new)."""
        token = read_pass(request)
        form = await read_form(headers_of(request.headers.raw), request.receive, FORM_CAP)
        if not comes_from_us(request):
            return self._desk.refuse(request, 403)
        typed = form.get("text", "")
        if not token:
            return self.gone(request, GONE, typed=typed)
        if not is_our_form(token, form.get("proof", "")):
            # Perhaps a page of an earlier room of this browser: what was written there stays.
            if CURSOR in request.headers:
                return self._desk.refuse(request, 403, typed)
            return self._desk.keep(request, (REFUSALS[403],), 403, typed)
        sending = _sending(request, token, form)
        try:
            return await self._take(request, sending)
        except (StoreError, KeyringError):
            return self._keep(request, sending)

    def gone(
        self, request: Request, keys: tuple[str, ...], said: str = "", typed: str = ""
    ) -> Response:
        """Nothing is kept here: say so, take the pass back, offer the door.

        Words that came too late wait in a box; they are read for risk even so.
        """
        whole = CURSOR not in request.headers
        if typed.strip():
            response = self._desk.keep(request, keys, 200, typed, whole)
        else:
            language = self._desk.language(request)
            response = self._desk.pages.word(request, language, keys, 200, said, whole)
        take_pass(request, response)
        return response

    async def _take(self, request: Request, sending: Sending) -> Response:
        ports = self._desk.ports
        before = await ports.transcripts.newest(sending.token, 1)
        if before is None:
            return self.gone(request, GONE, typed=sending.text)
        language = self._desk.language(request, before.language)
        if sending.word == COVER:
            # What stood in the box goes too: the cover is for eyes that are near.
            sending = replace(sending, text=self._desk.say(language, "pages.cover_word"))
        if len(sending.text) > TEXT_MAX:
            return await self._hand_back(request, sending, "room.too_long")
        if not (sending.text.strip() or sending.data):
            return await self._hand_back(request, sending, "pages.empty")
        accepted = await ports.accept([self._heard(sending, language)])
        if isinstance(accepted, Accepted) and sending.token in accepted.slowed:
            return await self._hand_back(request, sending, "everywhere.slow_down")
        seen = before.entries[-1].seq if before.entries else 0
        view = await ports.transcripts.newest(sending.token, SHOWN)
        if view is None:
            return self.gone(request, (), self._desk.farewell(language, before.receipt))
        answered = bool(view.entries) and view.entries[-1].seq > seen
        return self._seen(request, sending, view, answered)

    def _seen(self, request: Request, sending: Sending, view: View, answered: bool) -> Response:
        if sending.cursor is None:
            response: Response = go_to("/room#new" if answered else "/room?wait=1#end")
        else:
            language = self._desk.language(request, view.language)
            notice = "" if answered else self._desk.say(language, "pages.received")
            chance = self._desk.ports.chance
            shown = shown_of(chance, sending.token, view, sending.cursor, notice)
            response = self._desk.pages.fragment(request, language, shown)
        give_pass(request, response, sending.token, self._desk.ports.settings.pass_age)
        return response

    async def _hand_back(self, request: Request, sending: Sending, key: str) -> Response:
        """Refuse a text kindly: it stays in the box, the room around it stays as it was.

        It is read for risk all the same: nobody has to shorten a cry for help.
        """
        view = await self._desk.ports.transcripts.newest(sending.token, SHOWN)
        if view is None:
            return self.gone(request, GONE, typed=sending.text)
        language = self._desk.language(request, view.language)
        shown = shown_of(self._desk.ports.chance, sending.token, view, sending.cursor or 0)
        kept = replace(
            shown,
            event=sending.event,
            typed=sending.text,
            notice=self._desk.say(language, key),
            card=self._desk.card_for(language, sending.text),
        )
        show = self._desk.pages.room if sending.cursor is None else self._desk.pages.fragment
        return show(request, language, kept, 422)

    def _keep(self, request: Request, sending: Sending) -> Response:
        """The store is down: the safety card from memory, and what was sent ready to send again.

        The event id stays, so that a second try of something that did arrive is dropped.
        """
        language = self._desk.language(request)
        again = (Button(sending.data, self._desk.say(language, "pages.again")),)
        shown = RoomShown(
            seq=sending.cursor or 0,
            buttons=again if sending.data and sending.cursor is None else None,
            proof=seal_form(sending.token),
            event=sending.event,
            tap_event=sending.event,
            typed=sending.text,
            notice=self._desk.say(language, "room.error"),
            card=self._desk.ports.card(language),
        )
        show = self._desk.pages.room if sending.cursor is None else self._desk.pages.fragment
        return show(request, language, shown, 503)

    def _heard(self, sending: Sending, language: str) -> Heard:
        if sending.data:
            inbound = Inbound(kind="tap", data=sending.data, language=language)
        else:
            inbound = Inbound(kind="text", text=sending.text, language=language)
        now = self._desk.ports.clock()
        return Heard("inbound", "web", sending.event, sending.token, now, inbound, sending.event)


def _sending(request: Request, token: str, form: Mapping[str, str]) -> Sending:
    event, data = form.get("event", ""), form.get("data", "")
    if not EVENT.fullmatch(event):
        raise BadBodyError("The form carries no event id.")
    if len(data) > DATA_MAX:
        raise BadBodyError("The form carries a choice that was never offered.")
    text, word = form.get("text", ""), form.get("word", "")
    return Sending(token, event, text, data, word, cursor_of(request))


def cursor_of(request: Request) -> int | None:
    """The cursor the room's script sent, or None where a plain form was sent."""
    return read_cursor(request.headers[CURSOR]) if CURSOR in request.headers else None


def read_cursor(text: str) -> int:
    """A cursor from outside; nonsense counts as the beginning."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 15 else 0


def shown_of(
    chance: Chance, token: str, view: View, cursor: int = 0, notice: str = ""
) -> RoomShown:
    """What a view shows after the cursor, with fresh ids for the next forms."""
    return RoomShown(
        seq=view.entries[-1].seq if view.entries else cursor,
        rows=[row for row in rows_of(view) if row.seq > cursor],
        buttons=choices_of(view),
        covered=view.covered,
        moved=view.moved,
        proof=seal_form(token),
        event=chance.id(),
        tap_event=chance.id(),
        notice=notice,
    )
