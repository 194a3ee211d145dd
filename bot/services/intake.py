"""From what a channel heard to arrivals: cleaned, capped, and read for risk before any flow.

Imports safety, the vault, ports and records.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
from msgspec.structs import replace

from bot.engine.inbound import Inbound
from bot.safety.risk import NO_RISK, Risk
from bot.services.erasure import Erased
from bot.services.lanes import Vault
from bot.services.ports import Heard
from bot.services.records import Arrival

TEXT_CAP = 5_000
"""Characters of a text that are kept; the risk check reads all of it."""

ReadRisk = Callable[[str], Risk]
"""Text to risk, by the active lexicon."""


class Batch(msgspec.Struct, frozen=True):
    """What one delivery brought: arrivals for turns with their events, and the rest in order.

    `changes` are edits and messages taken back: arrivals for those who are known to us only.
    """

    arrivals: tuple[Arrival, ...]
    heard: dict[bytes, Heard]
    changes: tuple[Arrival, ...] = ()
    others: tuple[Heard, ...] = ()


class Intake:
    """Sorts what was heard."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def sort(self, heard: Sequence[Heard], read: ReadRisk) -> Batch:
        """Read every text for risk and say whose business each event is."""
        arrivals: list[Arrival] = []
        changes: list[Arrival] = []
        by_event: dict[bytes, Heard] = {}
        others: list[Heard] = []
        for one in (self._cleaned(each, read) for each in heard):
            if one.what in ("inbound", "edited", "unsent"):
                arrival = self._arrival(one)
                by_event.setdefault(arrival.event, one)
                wanted = one.what == "inbound" or _risky(one)
                (arrivals if wanted else changes).append(arrival)
            if one.what not in ("inbound", "edited"):
                others.append(one)
        return Batch(tuple(arrivals), by_event, tuple(changes), tuple(others))

    def _cleaned(self, heard: Heard, read: ReadRisk) -> Heard:
        if heard.what == "unsent":
            about = self._vault.message_ref(heard)
            return replace(heard, inbound=Inbound("unsent", ref=about.hex()))
        if heard.inbound is None:
            return heard
        about = self._vault.message_ref(heard) if heard.what == "edited" else b""
        return _cleaned(heard, heard.inbound, about, read)

    def again(self, channel: str, erased: Erased) -> Batch:
        """What somebody wrote behind their own erasure: new events, since the old are marked."""
        arrivals: list[Arrival] = []
        by_event: dict[bytes, Heard] = {}
        for stored, body in erased.written:
            event_id = f"again {stored.event.hex()}"
            heard = Heard(
                "inbound",
                channel,
                event_id,
                erased.user_id,
                stored.at,
                body.inbound,
                reply_token=body.reply_token,
            )
            arrival = replace(self._arrival(heard), message_ref=stored.message_ref)
            by_event[arrival.event] = heard
            arrivals.append(arrival)
        return Batch(tuple(arrivals), by_event)

    def _arrival(self, heard: Heard) -> Arrival:
        risk = heard.inbound.risk if heard.inbound else NO_RISK
        return Arrival(
            event=self._vault.event(heard.channel, heard.event_id),
            channel=heard.channel,
            lookup=self._vault.lookup(heard.channel, heard.user_id),
            at=heard.at,
            # A change names the message it is about; its own row must not be found by that.
            message_ref=self._vault.message_ref(heard) if heard.what == "inbound" else b"",
            tier=int(risk.tier),
        )


def _risky(heard: Heard) -> bool:
    return heard.what == "edited" and heard.inbound is not None and heard.inbound.risk != NO_RISK


def _cleaned(heard: Heard, inbound: Inbound, ref: bytes, read: ReadRisk) -> Heard:
    text = _writable(inbound.text)
    cleaned = Inbound(
        kind="edited" if heard.what == "edited" else inbound.kind,
        text=text[:TEXT_CAP],
        data=_writable(inbound.data),
        code=_writable(inbound.code),
        language=_writable(inbound.language),
        ref=ref.hex(),
        risk=read(text) if text else NO_RISK,
    )
    return replace(heard, inbound=cleaned)


def _writable(text: str) -> str:
    """Half a surrogate pair can't be written as UTF-8; a platform may send one all the same."""
    return text.encode("utf-8", "replace").decode()
