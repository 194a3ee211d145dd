"""The data-location statement: through whose hands words go, where they stay, how long, and what is
never taken. Made from the settings' facts and the sentences of messages/*/data.yaml.

Pure. Imports flow's messages only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import msgspec

from bot.flow.definition import Bundle, Messages
from bot.flow.messages import text
from bot.flow.signoff import unsigned

ChannelMode = Literal["door_only", "buttons_only", "full"]
Platform = Literal["line", "telegram"]


class PlatformFacts(msgspec.Struct, frozen=True):
    """A platform that is on: what goes over it, and the city's decision ("" where none is needed
    or recorded).
    """

    channel: Platform
    mode: ChannelMode
    decision: str


class DataFacts(msgspec.Struct, frozen=True):
    """What the settings say: the centre's names by language, platforms that are on, and how many
    days each thing is kept (by the names of [retention]).
    """

    centre: Mapping[str, str]
    platforms: Sequence[PlatformFacts]
    days: Mapping[str, int]


class Section(msgspec.Struct, frozen=True):
    """One part of the statement: a heading, paragraphs, and a table of two columns."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    rows: tuple[tuple[str, str], ...] = ()


class Statement(msgspec.Struct, frozen=True):
    """The whole in one language; `draft` is the mark while nobody has signed it, else ""."""

    language: str
    title: str
    draft: str
    sections: tuple[Section, ...]


# Which setting of [retention] each line of the table shows.
_KEPT = {
    "words": "messages",
    "mark": "shell",
    "events": "dedupe",
    "outbox": "outbox",
    "dead": "dead_letters",
    "serious": "serious",
    "audit": "audit",
}

Say = Callable[[str], str]


def data_statement(bundle: Bundle, language: str, facts: DataFacts) -> Statement:
    """The statement in `language`, or in the source language where there are no such messages."""
    messages = bundle.messages
    spoken = language if language in messages.texts else messages.source_language
    say = _sayer(messages, spoken, facts)
    keys = [key for key in messages.texts[messages.source_language] if key.startswith("data.")]
    return Statement(
        language=spoken,
        title=say("title"),
        draft=say("draft") if unsigned(bundle, keys, spoken) else "",
        sections=(
            Section(say("who_heading"), (say("who"), say("staff"), say("hosting"))),
            Section(say("web_heading"), (say("web_road"), say("web_device"))),
            *(_platform(say, platform) for platform in facts.platforms),
            Section(say("kept_heading"), (say("backup"),), _kept(say, spoken, facts)),
            Section(say("never_heading"), (say("never"),)),
            Section(say("erase_heading"), (say("erase"), say("erase_not"))),
        ),
    )


def _sayer(messages: Messages, language: str, facts: DataFacts) -> Say:
    centre = facts.centre.get(language) or facts.centre[messages.source_language]
    return lambda name: text(messages, language, f"data.{name}", {"centre": centre})


def _platform(say: Say, facts: PlatformFacts) -> Section:
    name = facts.channel
    rows = ((say("decision"), facts.decision),) if facts.decision else ()
    return Section(say(f"{name}_heading"), (say(f"{name}_{facts.mode}"), say(f"{name}_sees")), rows)


def _kept(say: Say, language: str, facts: DataFacts) -> tuple[tuple[str, str], ...]:
    joint = "" if language.startswith("ja") else " "
    rows = [
        (say(f"kept_{name}"), f"{days}{joint}{say('day' if days == 1 else 'days')}")
        for name, setting in _KEPT.items()
        for days in (facts.days[setting],)
    ]
    return (*rows, (say("kept_counts"), say("no_end")))
