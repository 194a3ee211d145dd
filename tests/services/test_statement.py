"""What the statement on data says depends on what is on, how, and for how long things are kept."""

from __future__ import annotations

from functools import lru_cache

import pytest

from bot.app.content import read_content
from bot.flow.definition import Bundle
from bot.flow.loader import load_bundle
from bot.services.statement import (
    ChannelMode,
    DataFacts,
    Platform,
    PlatformFacts,
    Statement,
    data_statement,
)
from tests.repository import ROOT

DAYS = {
    "messages": 7,
    "shell": 30,
    "dedupe": 8,
    "outbox": 1,
    "dead_letters": 6,
    "serious": 365,
    "audit": 364,
}
LANGUAGES = ("ja", "ja-easy", "en")


@lru_cache
def bundle() -> Bundle:
    return load_bundle(read_content(ROOT))


def told(language: str, *platforms: PlatformFacts) -> Statement:
    centre = {"ja": "試しのセンター", "ja-easy": "", "en": "the centre of a test"}
    return data_statement(bundle(), language, DataFacts(centre, platforms, DAYS))


def words(statement: Statement) -> list[str]:
    return [text for section in statement.sections for text in section.paragraphs]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("channel", ["line", "telegram"])
@pytest.mark.parametrize("mode", ["door_only", "buttons_only", "full"])
def test_a_platform_in_its_mode(language: str, channel: Platform, mode: ChannelMode) -> None:
    """For each platform that is on it tells what goes over it in its mode, and what the company
    sees; other modes and platforms aren't mentioned.
    """
    texts = bundle().messages.texts[language]
    found = words(told(language, PlatformFacts(channel, mode, "")))
    platform_texts = {
        key: text
        for key, text in texts.items()
        if key.startswith(("data.line_", "data.telegram_")) and not key.endswith("_heading")
    }
    said = {key for key, text in platform_texts.items() if text in found}
    assert said == {f"data.{channel}_{mode}", f"data.{channel}_sees"}


def test_without_platforms_only_the_web_is_told() -> None:
    """Where neither LINE nor Telegram is on, the statement is about the web alone."""
    assert not any("LINE" in text or "Telegram" in text for text in words(told("ja")))


def test_the_recorded_decision() -> None:
    """A decision is shown with the platform it allows."""
    statement = told("ja", PlatformFacts("line", "full", "所長, 2026-11-01, 第12号"))
    rows = [row for section in statement.sections for row in section.rows]
    assert (bundle().messages.texts["ja"]["data.decision"], "所長, 2026-11-01, 第12号") in rows


@pytest.mark.parametrize(
    ("language", "days"), [("ja", "7日"), ("ja-easy", "7日"), ("en", "7 days")]
)
def test_the_numbers_are_those_of_the_settings(language: str, days: str) -> None:
    """Each thing that is kept stands with its own number of days."""
    rows = [row for section in told(language).sections for row in section.rows]
    assert rows[0][1] == days
    assert ("1 day" if language == "en" else "1日") in [value for _, value in rows]
    numbers = [
        value.removesuffix("days").removesuffix("day").removesuffix("日").strip()
        for _, value in rows[:-1]
    ]
    assert numbers == [str(number) for number in DAYS.values()]


def test_names_and_languages() -> None:
    """The centre is named in the language, or in Japanese where it has no such name; an unknown
    language is told in Japanese.
    """
    assert "the centre of a test" in words(told("en"))[0]
    assert "試しのセンター" in words(told("ja-easy"))[0]
    assert told("fr").language == "ja"


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_a_draft_until_signed(language: str) -> None:
    """Nobody has signed the shipped statement, and it says so."""
    assert told(language).draft == bundle().messages.texts[language]["data.draft"]
