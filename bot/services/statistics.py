"""What is counted: a closed list of events in weekly sums, without a person and without content.

Pure. Imports engine data, ports and records.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from types import MappingProxyType

from bot.engine.events import (
    BookingAsked,
    ChoiceMade,
    EraseConfirmed,
    Event,
    FaultFound,
    FellSilent,
    FlowEntered,
    HumanAsked,
    LanguageChosen,
    LimitAsked,
    LineCrossed,
    NotUnderstood,
    RiskNoticed,
    SessionStarted,
)
from bot.services.ports import Heard
from bot.services.records import Count

EVENTS: Mapping[str, str] = MappingProxyType(
    {
        "door": "a session began; label: `begin`, or `again` after an earlier one",
        "entry": "a session began by an entry code; label: the code, whose meaning stands in the "
        "city pack alone, or `unknown` for one that the pack doesn't have",
        "flow": "a flow was entered; label: the flow",
        "choice": "a choice was taken; label: flow.state.choice",
        "human_asked": "somebody asked for a person",
        "booking_asked": "somebody asked for a booking",
        "came_back": "somebody wrote again after at least a day, within 30 days",
        "waited_and_left": "a question's own wait ended in silence; label: flow.state",
        "unanswered": "an inbound got only the fault message or the card, by a fault of ours",
        "tier": "a text was read as risky; label: 1, 2 or 3",
        "not_understood": "nothing in the state matched; label: flow.state",
        "language": "a language was chosen; label: the language",
        "erased": "somebody had everything erased",
        "line_crossed": "the tone of a text crossed a line; label: `sexual`, `abuse` or `scribble`",
        "limit_asked": "a supervisor was asked to limit a conversation for its tone",
        "slowed": "somebody who sent too much at once was asked to slow down",
        "redelivered": "LINE sent an event again that it could not deliver before",
        "fault": "a walk was ended at a limit; label: the fault's code",
    }
)
"""The published list: every event that is ever counted, and what its label holds."""

DAY = 86_400_000
CAME_BACK_WITHIN = 30 * DAY
_JAPAN = timezone(timedelta(hours=9))


def week_of(now: int) -> str:
    """The Monday of a moment's week in Japan, as YYYY-MM-DD."""
    day = datetime.fromtimestamp(now / 1_000, UTC).astimezone(_JAPAN).date()
    return (day - timedelta(days=day.weekday())).isoformat()


def one(channel: str, now: int, event: str, label: str = "") -> Count:
    """A single increment; raises KeyError for an event that isn't published."""
    EVENTS[event]
    return Count(week_of(now), channel, event, label)


def redelivered(heard: Iterable[Heard], now: int) -> tuple[Count, ...]:
    """One increment for each event that its platform sent again."""
    return tuple(one(each.channel, now, "redelivered") for each in heard if each.redelivered)


def came_back(last_seen: int, now: int) -> bool:
    """Whether a person's inbound now is a return: after at least a day, within 30 days."""
    return DAY <= now - last_seen <= CAME_BACK_WITHIN


def entered(
    events: Iterable[Event], code: str, known: Collection[str], channel: str, now: int
) -> tuple[Count, ...]:
    """One increment if a session began by `code`; a code that nobody hung up has no label of its
    own, so that nobody can fill the counts with names.
    """
    if not code or not any(isinstance(event, SessionStarted) for event in events):
        return ()
    return (one(channel, now, "entry", code if code in known else "unknown"),)


def counts(events: Iterable[Event], channel: str, now: int) -> tuple[Count, ...]:
    """The increments that a turn's events make."""
    named = (_named(event) for event in events)
    return tuple(one(channel, now, *name) for name in named if name is not None)


def _named(event: Event) -> tuple[str, str] | None:  # noqa: C901 - a table, one row per event
    match event:
        case SessionStarted(door=door):
            return "door", door
        case FlowEntered(flow=flow):
            return "flow", flow
        case ChoiceMade(flow=flow, state=state, choice=choice):
            return "choice", f"{flow}.{state}.{choice}"
        case HumanAsked():
            return "human_asked", ""
        case BookingAsked():
            return "booking_asked", ""
        case FellSilent(flow=flow, state=state):
            return "waited_and_left", f"{flow}.{state}"
        case RiskNoticed(tier=tier):
            return "tier", str(int(tier))
        case NotUnderstood(flow=flow, state=state):
            return "not_understood", f"{flow}.{state}"
        case LanguageChosen(language=language):
            return "language", language
        case EraseConfirmed():
            return "erased", ""
        case LineCrossed(conduct=conduct):
            return "line_crossed", conduct
        case LimitAsked():
            return "limit_asked", ""
        case FaultFound(fault=fault):
            return "fault", fault
    return None


def events_table() -> str:
    """The published list as a Markdown table, for docs/events.md."""
    rows = [f"| `{name}` | {meaning} |" for name, meaning in EVENTS.items()]
    return "\n".join(["| event | what is counted |", "|---|---|", *rows])
