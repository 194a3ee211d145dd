"""What a first contact feels like, measured: few words, few taps, one question, always a way out.

Plays every conversation of tests/conversations and looks at what the person sees.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from typing import Any

import pytest

from bot.engine.events import Said
from bot.flow.directory import load_directory, place_lines
from bot.flow.messages import text
from bot.rendering.bubbles import Bubble, Button
from bot.rendering.choices import numbered
from bot.rendering.counting import count
from tests.conversation_runner.player import Player
from tests.conversation_runner.script import Script, read_script
from tests.test_conversations import FILES, risk_reader, shipped, shipped_files

LANGUAGES = ("ja", "ja-easy", "en")
EVERY_LANGUAGE = pytest.mark.parametrize("language", LANGUAGES)
RAILS = ("everywhere.button_human", "everywhere.button_leave", "everywhere.button_help")
QUOTED = re.compile("「[^」]*」|“[^”]*”")
ASKING = {"ja": re.compile("か。|か$|[?？]"), "en": re.compile(r"\?")}
# The list of an emergency is as long as it must be; a link is no sentence.
LINES_OF_A_LIST = re.compile(r"(?m)^(・|- |https?:).*$")


def texts(language: str) -> dict[str, str]:
    return dict(shipped().bundle.messages.texts[language])


def bubbles(said: list[Said], language: str) -> tuple[Bubble, ...]:
    """What is said, as it is before a channel shapes it."""
    messages = shipped().bundle.messages
    return tuple(
        Bubble(
            text(messages, language, each.key, dict(each.values)),
            tuple(
                Button(one.data, text(messages, language, one.label, {}), one.rail)
                for one in each.choices
            ),
        )
        for each in said
    )


@cache
def turns(language: str) -> list[tuple[str, str, tuple[Bubble, ...]]]:
    """Every turn of tests/conversations, told in this language: name, language then, bubbles.

    Also of those that were written for Japanese: matchers hear every language.
    """
    return [turn for path in FILES for turn in played(read_script(path), language)]


def played(script: Script, language: str) -> Iterator[tuple[str, str, tuple[Bubble, ...]]]:
    player = Player(shipped(), script, script.channels[0], language, risk_reader())
    for told in script.parts:
        part = replace(told, value=in_language(told.value, language))
        said = player.play(part).said
        spoken = player.session.language or language
        if said:
            name = f"{script.path.stem}: {part.verb} {part.value}"
            yield name, spoken, bubbles(said, spoken)


@cache
def doorsteps() -> frozenset[str]:
    """The conversations that are told at an address where the conversation is not at home."""
    scripts = map(read_script, FILES)
    return frozenset(
        each.path.stem for each in scripts if each.doorstep or each.mode == "door_only"
    )


def in_language(value: Any, language: str) -> Any:
    """What the person writes in this language, or in Japanese where the script has none."""
    return value.get(language, value.get("ja")) if isinstance(value, dict) else value


def opening(language: str) -> tuple[Bubble, ...]:
    return next(shown for _, _, shown in turns(language))


@EVERY_LANGUAGE
def test_before_the_first_tap(language: str) -> None:
    """Two bubbles at most; in Japanese at most 120 characters, the numbered choices among them."""
    shown = opening(language)
    assert len(shown) <= 2
    characters = sum(len(re.sub(r"\s", "", numbered(bubble))) for bubble in shown)
    assert characters <= (240 if language == "en" else 120), "keep it shorter"


@EVERY_LANGUAGE
@pytest.mark.parametrize(
    ("presses", "key"),
    [
        pytest.param(("talk",), "listening.when", id="どんなとき"),
        pytest.param(("for_other", "family"), "listening.other_when", id="for somebody else"),
        pytest.param(("human",), "human.places", id="a person"),
        pytest.param(("help", "person"), "human.places", id="a person, by way of help"),
        pytest.param(("help", "in_danger"), "crisis.call_119", id="119"),
        pytest.param(("leave", "finish"), "leave.come_again", id="the way out"),
    ],
)
def test_two_taps_are_enough(presses: tuple[str, ...], key: str, language: str) -> None:
    """From the first screen two taps lead to どんなとき, to a person, to 119 and out."""
    script = next(one for one in map(read_script, FILES) if one.parts[0].verb == "start")
    begin = script.parts[0]
    player = Player(shipped(), script, "web", language, risk_reader())
    player.play(begin)
    *way, last = [replace(begin, verb="press", value=press) for press in presses]
    for part in way:
        player.play(part)
    assert len(presses) <= 2
    assert key in [each.key for each in player.play(last).said]


@EVERY_LANGUAGE
def test_labels_fit_a_quick_reply(language: str) -> None:
    """Each label has 20 graphemes at most, so that LINE shows it whole."""
    labels = {
        choice.label
        for flow in shipped().bundle.flows.values()
        for state in flow.states.values()
        for choice in state.choices
    } | {label for _, label in shipped().bundle.everywhere.rails}
    words = texts(language)
    long = {words[key] for key in labels if count(words[key], "graphemes") > 20}
    assert long == set()


@EVERY_LANGUAGE
def test_line_says_what_its_read_mark_means(language: str) -> None:
    """At LINE's door and in its full mode a sentence says that nobody has read it for that."""
    words, mark = texts(language), "“Read”" if language == "en" else "既読"
    assert mark in words["doorstep.on_line"]
    assert mark in words["welcome.read_mark"]
    assert not [key for key, shown in words.items() if mark in shown and "LINE" not in shown]


def test_easy_japanese_is_easy() -> None:
    """A sentence of やさしい日本語 has 40 characters at most, spaces not counted."""
    long = []
    for key, words in texts("ja-easy").items():
        for sentence in re.split("[。\n]", LINES_OF_A_LIST.sub("", QUOTED.sub("", words))):
            if len(re.sub(r"\s|\{[a-z_]+\}|https?:\S+", "", sentence)) > 40:
                long.append(f"{key}: {sentence}")
    assert long == []


@EVERY_LANGUAGE
def test_one_question_in_a_turn(language: str) -> None:
    """Nobody is asked two things at once."""
    asked = []
    for name, spoken, shown in turns(language):
        said = [QUOTED.sub("", bubble.text) for bubble in shown]
        questions = [one for one in said if ASKING[spoken.partition("-")[0]].search(one)]
        if len(questions) > 1:
            asked.append(f"{name}: {questions}")
    assert asked == []


@EVERY_LANGUAGE
def test_nothing_is_said_twice_in_a_turn(language: str) -> None:
    """No bubble of a turn repeats another one."""
    twice = [
        name
        for name, _, shown in turns(language)
        if len({bubble.text for bubble in shown}) < len(shown)
    ]
    assert twice == []


@EVERY_LANGUAGE
def test_a_person_the_way_out_and_help_are_always_there(language: str) -> None:
    """With any choices stand 人と話す (but at doorsteps), おわる and たすけて, each once."""
    without = []
    for name, spoken, shown in turns(language):
        labels = [button.label for bubble in shown for button in bubble.buttons]
        rails = RAILS[1:] if name.partition(":")[0] in doorsteps() else RAILS
        wanted = [texts(spoken)[key] for key in rails]
        if labels and sorted(label for label in labels if label in wanted) != sorted(wanted):
            without.append(f"{name}: {labels}")
    assert without == []


@EVERY_LANGUAGE
@pytest.mark.parametrize("drafts", [True, False], ids=["demo", "serving"])
@pytest.mark.parametrize("years", [0, 3], ids=["today", "years later"])
def test_a_crisis_card_is_no_wall(language: str, drafts: bool, years: int) -> None:
    """Four places at most, and 119, 110 and the national page among them, verified or not."""
    directory = load_directory(shipped_files(), LANGUAGES)
    day = date(2026, 11, 21) + timedelta(days=365 * years)
    lines = place_lines(directory, "crisis", language, drafts, "?", day).splitlines()
    assert 3 <= len(lines) <= 4
    assert " 119" in lines[0]
    assert any(" 110" in line for line in lines)
    assert any("https://www.mhlw.go.jp/mamorouyokokoro" in line for line in lines)


@pytest.mark.parametrize("occasion", ["crisis", "now"])
def test_nothing_unverified_is_told_as_a_fact(occasion: str) -> None:
    """Outside the demo only universal and freshly verified places are shown."""
    directory = load_directory(shipped_files(), LANGUAGES)
    today = date(2026, 11, 21)
    shown = place_lines(directory, occasion, "ja", False, "?", today)
    hidden = [entry for entry in directory.entries if not entry.trusted(today)]
    assert hidden
    assert [entry.id for entry in hidden if (entry.phone or entry.url) in shown] == []
