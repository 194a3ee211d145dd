"""Builds the rows of one turn, numbered in order and sealed: our copy, and the requests to send.

Imports the vault, channels' port, records and this room's joining and speech.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Literal

import msgspec
from msgspec.structs import replace

from bot.engine.events import Timer
from bot.rendering.bubbles import Bubble
from bot.services import joining
from bot.services.bodies import InboundBody, MessageBody, RequestBody
from bot.services.lanes import OpenLane
from bot.services.ports import Chance, Channel
from bot.services.records import (
    Address,
    Claim,
    Code,
    Conversation,
    Count,
    MessageRow,
    OutboxClass,
    OutboxRow,
    Serious,
    StoredInbound,
    TurnWrite,
)
from bot.services.speech import Spoken

Request = tuple[OutboxClass, bytes]
"""One API request on its way into a row: its class and its final JSON."""

_FIRST_CLASSES: tuple[OutboxClass, ...] = ("crisis", "staff")


class Writing:
    """One turn on its way into rows."""

    def __init__(
        self,
        claim: Claim,
        lane: OpenLane,
        stored: StoredInbound,
        body: InboundBody,
        channel: Channel,
        chance: Chance,
        now: int,
    ) -> None:
        self._claim = claim
        # Only what waits for this person at this address can ride along.
        address = lane.lane.address.id
        self._stuck = [row for row in claim.waiting if row.address == address]
        self._lane = lane
        self._stored = stored
        self._body = body
        self._channel = channel
        self._chance = chance
        self._now = now
        self._messages: list[MessageRow] = []
        self._outbox: list[OutboxRow] = []
        self._withdraw: tuple[str, ...] = ()
        self._crisis = False

    def note_person(self, body: MessageBody) -> None:
        """Our copy of what the person said or did; an unsend finds it by its reference."""
        self._copy("person", body, self._stored.message_ref)

    def say(
        self,
        spoken: Sequence[Spoken],
        copied: bool = True,
        hidden: Callable[[str], str] = str,
    ) -> None:
        """Our copy of what we say, and the requests that carry it, a crisis apart and first.

        Where our copy isn't what people see, it holds the texts as `hidden` leaves them.
        """
        crisis = [one.bubble for one in spoken if one.speech == "crisis"]
        rest = [one for one in spoken if one.speech != "crisis"]
        self._crisis = bool(crisis)
        if copied:
            shown = hidden if self._channel.pushes else str
            self._copy_ours(crisis, shown, crisis=True)
            self._copy_ours([one.bubble for one in rest], shown)
        if self._channel.pushes:
            self._send_crisis(crisis)
            self._send(rest)

    def finish(
        self,
        conversation: Conversation,
        timers: tuple[Timer, ...] = (),
        counts: tuple[Count, ...] = (),
        addresses: tuple[Address, ...] = (),
        codes: tuple[Code, ...] = (),
        serious: tuple[Serious, ...] = (),
    ) -> TurnWrite:
        """The write; `conversation` is the row with what the turn changed in it."""
        before = self._lane.lane.conversation
        return TurnWrite(
            claim_fence=self._claim.fence,
            done=self._stored.event,
            conversation=replace(
                conversation,
                version=before.version + 1,
                message_seq=before.message_seq + len(self._messages),
                outbox_seq=before.outbox_seq + len(self._outbox),
            ),
            messages=tuple(self._messages),
            outbox=tuple(self._outbox),
            timers=timers,
            counts=counts,
            withdraw_turns=self._crisis,
            # A cry at a door that was left takes nothing from whoever talks elsewhere.
            withdraw_at=self._lane.lane.address.id,
            withdraw=self._withdraw,
            addresses=addresses,
            codes=codes,
            serious=serious,
        )

    def _copy_ours(
        self, bubbles: Sequence[Bubble], shown: Callable[[str], str], crisis: bool = False
    ) -> None:
        if bubbles:
            kept = tuple(replace(bubble, text=shown(bubble.text)) for bubble in bubbles)
            self._copy("bot", MessageBody(bubbles=kept, crisis=crisis))

    def _copy(self, author: Literal["person", "bot"], body: MessageBody, ref: bytes = b"") -> None:
        seq = self._lane.lane.conversation.message_seq + len(self._messages) + 1
        sealed = self._lane.seal_message(seq, body)
        address = self._lane.lane.address.id
        row = MessageRow(self._lane.id, seq, author, self._now, sealed, ref, address)
        self._messages.append(row)

    def _send_crisis(self, bubbles: Sequence[Bubble]) -> None:
        if not bubbles:
            return
        # The token goes along for the one case where no push is left this month; otherwise the
        # turn's own row uses it.
        token = self._body.reply_token
        own: list[Request] = [("crisis", payload) for payload in self._channel.requests(bubbles)]
        stuck = [row for row in self._stuck if row.speech == "crisis"]
        for speech, payload in self._joined(own, stuck) if token else own:
            self._row(speech, payload, token)
            token = ""

    def _send(self, rest: Sequence[Spoken]) -> None:
        token = self._body.reply_token
        requests = list(self._requests(rest))
        if token and not self._crisis:
            requests = self._joined(requests, self._stuck)
        for speech, payload in requests:
            own_token = token if speech in ("turn", "staff", "crisis") else ""
            self._row(speech, payload, own_token)
            token = "" if own_token else token

    def _requests(self, rest: Sequence[Spoken]) -> Iterator[Request]:
        for speech, group in groupby(rest, key=lambda one: one.speech):
            for payload in self._channel.requests([one.bubble for one in group]):
                yield speech, payload

    def _joined(self, own: list[Request], waiting: Sequence[OutboxRow]) -> list[Request]:
        """What waited for a token comes first, in as few requests as hold it all."""
        if not waiting or not joining.may_ride(self._stored.at, self._now):
            return own
        riders = joining.riders(waiting)
        self._withdraw = tuple(row.id for row in waiting)
        if not riders:
            return own
        classes = {row.speech for row in riders}
        speech: OutboxClass = next((one for one in _FIRST_CLASSES if one in classes), "turn")
        payloads = [bytes(self._lane.request(row).payload) for row in riders]
        payloads += [payload for _, payload in own]
        return [(speech, payload) for payload in joining.join(payloads)]

    def _row(self, speech: OutboxClass, payload: bytes, token: str) -> None:
        row_id = self._chance.id()
        sealed = self._lane.seal_request(row_id, RequestBody(msgspec.Raw(payload), token))
        lane = self._lane.lane
        self._outbox.append(
            OutboxRow(
                id=row_id,
                conversation=lane.conversation.id,
                address=lane.address.id,
                channel=lane.address.channel,
                seq=lane.conversation.outbox_seq + len(self._outbox) + 1,
                speech=speech,
                sealed=sealed,
                retry_key=self._chance.uuid(),
                token_at=self._stored.at if token else 0,
                epoch=lane.conversation.epoch,
                next_at=self._now,
                created=self._now,
            )
        )
