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
    """What one delivery brought: arrivals for turns with their events, and the rest in order."""

    arrivals: tuple[Arrival, ...]
    heard: dict[bytes, Heard]
    edits: tuple[Heard, ...]
    others: tuple[Heard, ...]


class Intake:
    """Sorts what was heard."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def sort(self, heard: Sequence[Heard], read: ReadRisk) -> Batch:
        """Read every text for risk and say whose business each event is."""
        arrivals: list[Arrival] = []
        by_event: dict[bytes, Heard] = {}
        edits: list[Heard] = []
        others: list[Heard] = []
        for one in (_cleaned(each, read) for each in heard):
            if one.what == "edited":
                edits.append(one)
            if one.what == "inbound" or _risky(one):
                arrival = self._arrival(one)
                by_event.setdefault(arrival.event, one)
                arrivals.append(arrival)
            elif one.what != "edited":
                others.append(one)
        return Batch(tuple(arrivals), by_event, tuple(edits), tuple(others))

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
        return Batch(tuple(arrivals), by_event, (), ())

    def _arrival(self, heard: Heard) -> Arrival:
        risk = heard.inbound.risk if heard.inbound else NO_RISK
        return Arrival(
            event=self._vault.event(heard.channel, heard.event_id),
            channel=heard.channel,
            lookup=self._vault.lookup(heard.channel, heard.user_id),
            at=heard.at,
            # An edit names the message it replaces; a row of its own must not be found by that.
            message_ref=b"" if heard.what == "edited" else self._vault.message_ref(heard),
            tier=int(risk.tier),
        )


def _risky(heard: Heard) -> bool:
    return heard.what == "edited" and heard.inbound is not None and heard.inbound.risk != NO_RISK


def _cleaned(heard: Heard, read: ReadRisk) -> Heard:
    inbound = heard.inbound
    if inbound is None:
        return heard
    text = _writable(inbound.text)
    cleaned = Inbound(
        kind="edited" if heard.what == "edited" else inbound.kind,
        text=text[:TEXT_CAP],
        data=_writable(inbound.data),
        code=_writable(inbound.code),
        language=_writable(inbound.language),
        risk=read(text) if text else NO_RISK,
    )
    return replace(heard, inbound=cleaned)


def _writable(text: str) -> str:
    """Half a surrogate pair can't be written as UTF-8; a platform may send one all the same."""
    return text.encode("utf-8", "replace").decode()
