"""The pages' sentences: all are there, and a revision that lacks one never blanks a page."""

from __future__ import annotations

import pytest

from bot.errors import ConfigurationError
from bot.flow.definition import Messages
from bot.web.texts import REQUIRED_KEYS, Wording
from tests.web.stand_ins import read_messages


def test_a_missing_sentence_is_refused_at_the_start() -> None:
    """The error names what is missing and where to add it."""
    texts = dict.fromkeys(REQUIRED_KEYS, "x")
    del texts["room.start"]
    with pytest.raises(ConfigurationError, match=r"messages/ja does not have: room\.start\."):
        Wording(lambda: Messages("ja", {"ja": texts}, {}))


def test_a_sentence_lost_later_is_remembered() -> None:
    """A later revision without a sentence falls back: source language, then what was there."""
    now = [Messages("ja", {"ja": dict.fromkeys(REQUIRED_KEYS, "はじめ"), "en": {}}, {})]
    wording = Wording(lambda: now[0])
    assert wording("en", "room.start") == "はじめ"
    now[0] = Messages("ja", {"ja": {}, "en": {"room.start": "Start"}}, {})
    assert wording("en", "room.start") == "Start"
    assert wording("ja", "room.start") == "はじめ"
    assert wording("xx", "room.start") == "はじめ"


def test_every_page_sentence_is_used() -> None:
    """messages/ja/pages.yaml holds exactly what the pages need."""
    there = {key for key in read_messages().texts["ja"] if key.startswith("pages.")}
    assert there == {key for key in REQUIRED_KEYS if key.startswith("pages.")}


@pytest.mark.parametrize("language", ["ja-easy", "en"])
def test_every_language_has_the_pages(language: str) -> None:
    """The pages' own sentences exist in each language."""
    texts = read_messages().texts
    wanted = {key for key in texts["ja"] if key.startswith("pages.")}
    assert wanted <= set(texts[language])


@pytest.mark.parametrize(
    ("header", "code"),
    [
        pytest.param("ja,en-US;q=0.9,en;q=0.8", "ja", id="ordinary"),
        pytest.param("pt-BR,pt;q=0.9,en;q=0.5,ja;q=0.7", "ja", id="by weight"),
        pytest.param("pt-BR,pt;q=0.9,ja;q=0.5,en;q=0.7", "en", id="by weight, the other way"),
        pytest.param("fr, en;q=0.5", "en", id="first of ours"),
        pytest.param("en;q=0, ja;q=0.1", "ja", id="refused"),
        pytest.param("en;q=lots,*", "ja", id="nonsense"),
        pytest.param("", "ja", id="nothing"),
    ],
)
def test_a_browser_is_read_by_weight(header: str, code: str) -> None:
    """The first of our languages by weight; where none is named, the source language."""
    assert Wording(read_messages).pick("", header) == code


def test_a_language_asked_for_wins() -> None:
    """Who chose a language gets it, whatever the browser says."""
    assert Wording(read_messages).pick("ja-easy", "en") == "ja-easy"
