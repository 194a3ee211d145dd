"""From what a channel heard to arrivals: cleaned, capped, and read for risk before any flow.

What a channel may not take, and the words of a return code, are gone before anything is filed.

Imports safety, the vault, ports and records.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from bot.engine.inbound import Inbound
from bot.privacy.words import recognise
from bot.safety.risk import NO_RISK, Tier
from bot.services.bodies import InboundBody
from bot.services.lanes import Vault
from bot.services.modes import Modes, mode_of, taken
from bot.services.ports import Heard
from bot.services.records import Arrival, StoredInbound
from bot.services.revisions import Published

UNKNOWN_CODE = "unknown"
TEXT_CAP = 5_000
"""Characters of a text that are kept; the risk check reads all of it."""


class Batch(msgspec.Struct, frozen=True):
    """What one delivery brought: arrivals for turns with their events, and the rest in order.

    `changes` are edits and messages taken back: arrivals for those who are known to us only.
    """

    arrivals: tuple[Arrival, ...]
    heard: dict[bytes, Heard]
    changes: tuple[Arrival, ...] = ()
    others: tuple[Heard, ...] = ()


class Left(msgspec.Struct, frozen=True):
    """Words that still waited when their conversation was gone, and by which channel and user id
    they came.
    """

    stored: StoredInbound
    body: InboundBody
    channel: str
    user_id: str


class Intake:
    """Sorts what was heard."""

    def __init__(self, vault: Vault, modes: Modes) -> None:
        self._vault = vault
        self._modes = modes

    def sort(self, heard: Sequence[Heard], published: Published) -> Batch:
        """Read every text for risk and say whose business each event is."""
        arrivals: list[Arrival] = []
        changes: list[Arrival] = []
        by_event: dict[bytes, Heard] = {}
        others: list[Heard] = []
        for one in (self._cleaned(each, published) for each in heard):
            if one.what in ("inbound", "edited", "unsent"):
                arrival = self._arrival(one)
                by_event.setdefault(arrival.event, one)
                wanted = one.what == "inbound" or _risky(one)
                (arrivals if wanted else changes).append(arrival)
            if one.what not in ("inbound", "edited"):
                others.append(one)
        return Batch(tuple(arrivals), by_event, tuple(changes), tuple(others))

    def _cleaned(self, heard: Heard, published: Published) -> Heard:
        if heard.what == "unsent":
            about = self._vault.message_ref(heard)
            return replace(heard, inbound=Inbound("unsent", ref=about.hex()))
        if heard.inbound is None:
            return heard
        about = self._vault.message_ref(heard) if heard.what == "edited" else b""
        cleaned = _cleaned(heard, heard.inbound, about, published)
        mode = mode_of(self._modes, heard.channel)
        return replace(heard, inbound=taken(self._uncoded(cleaned), mode, published.program))

    def _uncoded(self, inbound: Inbound) -> Inbound:
        """The four words of a return code go no further than here: only their mark is filed."""
        if inbound.kind not in ("text", "edited") or inbound.risk.tier >= Tier.ACTIVE:
            return inbound
        numbers = recognise(inbound.text)
        if numbers is None:
            return inbound
        if inbound.kind == "edited":
            return replace(inbound, text="")
        mark = self._vault.return_mark(numbers).hex()
        return replace(inbound, kind="code", text="", data=mark)

    def again(self, left: Sequence[Left]) -> Batch:
        """What somebody wrote behind the end of their conversation: new events, since the old are
        marked.
        """
        arrivals: list[Arrival] = []
        by_event: dict[bytes, Heard] = {}
        for one in left:
            heard = Heard(
                "inbound",
                one.channel,
                f"again {one.stored.event.hex()}",
                one.user_id,
                one.stored.at,
                one.body.inbound,
                reply_token=one.body.reply_token,
            )
            arrival = replace(self._arrival(heard), message_ref=one.stored.message_ref)
            by_event[arrival.event] = heard
            arrivals.append(arrival)
        return Batch(tuple(arrivals), by_event)

    def _arrival(self, heard: Heard) -> Arrival:
        risk = heard.inbound.risk if heard.inbound else NO_RISK
        dropped = heard.inbound is not None and heard.inbound.kind in ("free_text", "code")
        return Arrival(
            event=self._vault.event(heard.channel, heard.event_id),
            channel=heard.channel,
            lookup=self._vault.lookup(heard.channel, heard.user_id),
            at=heard.at,
            # A change names the message it is about; its own row must not be found by that.
            # What was dropped leaves nothing that could be found again.
            message_ref=self._vault.message_ref(heard)
            if heard.what == "inbound" and not dropped
            else b"",
            tier=int(risk.tier),
        )


def _risky(heard: Heard) -> bool:
    return heard.what == "edited" and heard.inbound is not None and heard.inbound.risk != NO_RISK


def _cleaned(heard: Heard, inbound: Inbound, ref: bytes, published: Published) -> Inbound:
    text = _writable(inbound.text)
    return Inbound(
        kind="edited" if heard.what == "edited" else inbound.kind,
        text=text[:TEXT_CAP],
        data=_writable(inbound.data),
        code=_hung(inbound.code, published),
        language=_writable(inbound.language),
        ref=ref.hex(),
        risk=published.read_risk(text) if text else NO_RISK,
    )


def _hung(code: str, published: Published) -> str:
    """A code that hangs nowhere may be anybody's words: only that there was one is kept."""
    known = {each.code for each in published.bundle.city.codes}
    return code if code in known or not code else UNKNOWN_CODE


def _writable(text: str) -> str:
    """Half a surrogate pair can't be written as UTF-8; a platform may send one all the same."""
    return text.encode("utf-8", "replace").decode()
