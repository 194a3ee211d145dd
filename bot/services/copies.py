"""What our copy holds of a person's inbound: their words, or the label on what they tapped.

Imports engine data, flow's messages and this room's bodies and revisions.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.engine.events import ChoiceMade, Event
from bot.engine.inbound import Inbound
from bot.flow.messages import text
from bot.services.bodies import MessageBody
from bot.services.revisions import Published


def copy_of(
    inbound: Inbound, events: Iterable[Event], published: Published, language: str
) -> MessageBody:
    """Our copy of a person's inbound; a tap is kept as the label they saw, not as its data."""
    if inbound.kind == "text":
        return MessageBody(text=inbound.text)
    if inbound.kind != "tap":
        return MessageBody(text=inbound.text, kind=inbound.kind)
    key = _tapped(events, published)
    words = text(published.bundle.messages, language, key, {}) if key else ""
    return MessageBody(text=words, kind="tap")


def _tapped(events: Iterable[Event], published: Published) -> str:
    bundle = published.bundle
    rails = dict(bundle.everywhere.rails)
    for event in events:
        if isinstance(event, ChoiceMade):
            state = bundle.flows[event.flow].states[event.state]
            return next((one.label for one in state.choices if one.id == event.choice), "")
        word = getattr(event, "word", "")
        if word:
            return rails.get(word, "")
    return ""
