"""The pages that stand alone: for emergencies while the service is down, and on where data goes.

Facts come from the directory and the settings, sentences from messages; nothing else is said.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date

from bot.app.doors import title_of
from bot.app.naming import centre_name
from bot.config import Settings
from bot.config.settings import Decision, Line, Telegram
from bot.flow.directory import DirectoryEntry
from bot.flow.signoff import unsigned
from bot.rendering.leaf import call, heading, leaf, link, paragraph, table
from bot.services.revisions import Published
from bot.services.statement import (
    ChannelMode,
    DataFacts,
    Platform,
    PlatformFacts,
    Statement,
    data_statement,
)

PLATFORMS: tuple[Platform, ...] = ("line", "telegram")
_DANGER = ("crisis.call_119", "crisis.violence")
_SHOWN = (*_DANGER, "emergency.heading", "emergency.places")

Parts = Callable[[str], Sequence[str]]


def emergency_pages(settings: Settings, published: Published, today: date) -> Mapping[str, str]:
    """File name → HTML: one page per language, and the first of them again as index.html.

    Shows 119 and 110, then every place that somebody verified; unverified ones never.
    """
    return _in_each_language(
        settings, published, lambda language: list(_emergency(published, language, today))
    )


def data_pages(
    settings: Settings, published: Published, on: Collection[str], demo: bool = False
) -> Mapping[str, str]:
    """File name → HTML of the data-location statement; `on` are the platforms in use."""
    facts = data_facts(settings, on, demo)
    return _in_each_language(
        settings,
        published,
        lambda language: list(_told(data_statement(published.bundle, language, facts))),
    )


def data_facts(settings: Settings, on: Collection[str], demo: bool = False) -> DataFacts:
    """What the statement says, out of the settings."""
    kept = settings.retention
    sections: Mapping[Platform, Line | Telegram] = {
        "line": settings.line,
        "telegram": settings.telegram,
    }
    return DataFacts(
        centre={name: centre_name(settings, name) for name in ("ja", "ja-easy", "en")},
        platforms=[_platform(name, sections[name], demo) for name in PLATFORMS if name in on],
        days={name: getattr(kept, name) for name in kept.__struct_fields__ if name != "reason"},
    )


def _platform(name: Platform, section: Line | Telegram, demo: bool) -> PlatformFacts:
    standard: ChannelMode = "full" if demo else "door_only"
    given = section.decision
    words = (given.who, given.when, given.reference) if isinstance(given, Decision) else (given,)
    decision = ", ".join(word for word in words if word)
    return PlatformFacts(name, section.mode or standard, decision)


def _in_each_language(settings: Settings, published: Published, parts: Parts) -> dict[str, str]:
    messages = published.bundle.messages
    names = {
        language: messages.texts[language].get("pages.language_name", language)
        for language in messages.languages
    }
    title = title_of(settings)
    pages = {}
    for language in names:
        others = {name: f"{one}.html" for one, name in names.items() if one != language}
        pages[f"{language}.html"] = leaf(language, title, parts(language), others)
    return {"index.html": pages[f"{messages.source_language}.html"], **pages}


def _emergency(published: Published, language: str, today: date) -> Iterator[str]:
    own = published.bundle.messages.texts[language]
    if unsigned(published.bundle, _SHOWN, language):
        yield paragraph(own["emergency.draft"], "draft")
    yield heading(own["emergency.heading"], 1)
    entries = published.directory.entries
    urgent = [entry for entry in entries if entry.kind == "emergency" and entry.trusted(today)]
    yield from (_place(entry, language, urgent=True) for entry in urgent)
    yield from (paragraph(own[key]) for key in _DANGER)
    yield heading(own["emergency.places"])
    yield from (
        _place(entry, language) for entry in entries if entry not in urgent and entry.trusted(today)
    )
    yield paragraph(today.isoformat(), "note")


def _place(entry: DirectoryEntry, language: str, urgent: bool = False) -> str:
    hours = entry.hours.get(language, "")
    if entry.phone:
        return call(entry.names[language], entry.phone, urgent, hours)
    return link(entry.names[language], entry.url, hours)


def _told(statement: Statement) -> Iterator[str]:
    if statement.draft:
        yield paragraph(statement.draft, "draft")
    yield heading(statement.title, 1)
    for section in statement.sections:
        yield heading(section.heading)
        if section.rows:
            yield table(section.rows)
        yield from map(paragraph, section.paragraphs)
