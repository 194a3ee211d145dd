"""A doorstep: what is heard and said where the conversation is not at home; free text, codes."""

from __future__ import annotations

from typing import Any

import pytest

from bot.engine.events import EraseConfirmed, Moved, NotUnderstood
from bot.engine.inbound import Inbound
from bot.engine.walk import DOORSTEP_WORDS
from tests.engine.talking import Person, buttons, happened, said

DOOR: dict[str, Any] = {"channel": "line", "doorstep": True, "mode": "door_only"}
FORMER: dict[str, Any] = {"channel": "line", "doorstep": True, "mode": "full"}


@pytest.mark.parametrize(
    ("world", "key"),
    [
        pytest.param(DOOR, "at_door.door", id="a door"),
        pytest.param(FORMER, "at_door.former", id="former"),
    ],
)
def test_whatever_is_done_leads_to_the_doorstep(world: dict[str, Any], key: str) -> None:
    """A beginning, words of one's own, media and stale taps are answered by the doorstep alone."""
    person = Person(**world)
    assert said(person.begins()) == [key]
    assert said(person.writes("こんにちは")) == [key]
    assert said(person.does(Inbound("free_text"))) == [key]
    assert said(person.does(Inbound("voice"))) == [key]
    assert said(person.taps("old.1")) == [key]
    assert said(person.writes("もどる")) == [key]
    assert person.at.startswith("at_door.")
    assert person.turn is not None
    assert happened(person.turn, NotUnderstood) == []


@pytest.mark.parametrize("word", ["人と話す", "予約", "もどる"])
def test_other_words_lead_back_to_the_door(word: str) -> None:
    """Words that need the conversation itself show the door again, from wherever one stands."""
    person = Person(**DOOR)
    person.begins()
    person.writes("消して")
    assert said(person.writes(word)) == ["at_door.door"]
    assert person.at == "at_door.door"


def test_the_buttons_are_those_that_work_there() -> None:
    """No button at a doorstep leads nowhere: 人と話す isn't shown."""
    person = Person(**DOOR)
    rails = [one.data.rpartition(".")[2] for one in buttons(person.begins()) if one.rail]
    assert rails == ["leave", "help"]
    assert set(rails) <= DOORSTEP_WORDS


def test_erasing_works_at_a_doorstep() -> None:
    """The confirmation is asked and taken there as everywhere."""
    person = Person(**FORMER)
    person.begins()
    assert said(person.writes("消して")) == ["erasing.receipt", "erasing.sure"]
    assert happened(person.presses("yes_all"), EraseConfirmed)


def test_a_choice_works_and_comes_back() -> None:
    """The language can be changed there; then the doorstep speaks it."""
    person = Person(**DOOR)
    person.begins()
    assert said(person.presses("tongue")) == ["tongue.which"]
    assert said(person.presses("en")) == ["tongue.changed", "at_door.door"]
    assert person.session.language == "en"


@pytest.mark.parametrize("tier", [2, 3])
def test_a_risk_brings_the_card_of_the_door(tier: int) -> None:
    """One fixed card, never the long flows; and what comes next is the doorstep again."""
    person = Person(**DOOR)
    person.begins()
    turn = person.writes("つらい", tier=tier)
    assert said(turn) == ["crisis_d.call"]
    assert [event.speech for event in turn.events if hasattr(event, "speech")] == ["crisis"]
    assert said(person.writes("はい")) == ["at_door.door"]


def test_no_code_is_shown_at_a_doorstep() -> None:
    """Whoever holds that phone may be another: only how a code is used is told."""
    person = Person(**FORMER)
    person.begins()
    assert said(person.writes("合言葉")) == ["coding.how", "at_door.former"]
    person = Person()
    person.begins()
    assert said(person.writes("合言葉")) == ["coding.code"]


def test_no_silence_is_waited_for_at_the_beginning() -> None:
    """A session of a doorstep begins at the doorstep, also after an earlier one has ended."""
    person = Person(**FORMER)
    person.begins()
    person.writes("おわる")
    assert person.session.status == "ended"
    assert said(person.writes("また")) == ["at_door.former"]


def test_free_text_is_turned_away_like_media() -> None:
    """Where buttons are taken: a kind line and the question; the second one offers a person."""
    person = Person(channel="line", mode="buttons_only")
    person.begins()
    assert said(person.does(Inbound("free_text"))) == ["everywhere.free_text", "front.who"]
    turn = person.does(Inbound("free_text"))
    assert said(turn) == ["everywhere.offer_person", "front.who"]
    assert [one["times"] for one in happened(turn, NotUnderstood)] == [2]


@pytest.mark.parametrize(
    ("how", "key"),
    [
        pytest.param("missed", "everywhere.code_missed", id="missed"),
        pytest.param("slow", "everywhere.code_slow", id="tried too often"),
    ],
)
def test_a_code_that_opens_nothing(how: str, key: str) -> None:
    """It is said kindly, the question comes again, and nothing else has changed."""
    person = Person()
    person.begins()
    before = person.at
    assert said(person.does(Inbound("code", data=how))) == [key, "front.who"]
    assert person.at == before
    person = Person()
    assert said(person.does(Inbound("code", data=how))) == [key, "front.hello", "front.who"]


def test_moving_shows_a_new_code_and_asks_where_to_go_on() -> None:
    """In the middle of a flow: the new code, then 続きから or 最初から; nothing of before."""
    person = Person()
    person.walks("own")
    turn = person.does(Inbound("moved", data="code"))
    assert said(turn) == ["moved_here.code", "moved_here.hello"]
    assert happened(turn, Moved) == [{"by": "code"}]
    assert said(person.presses("on")) == ["front.when"]
    person.does(Inbound("moved", data="door"))
    assert said(person.presses("anew")) == ["front.hello", "front.who"]


def test_a_door_opens_on_the_beginning() -> None:
    """Who comes by a link and has never begun simply begins; a used code is always replaced."""
    person = Person()
    assert said(person.does(Inbound("moved", data="door"))) == ["front.hello", "front.who"]
    person = Person()
    turn = person.does(Inbound("moved", data="code"))
    assert said(turn) == ["moved_here.code", "moved_here.hello"]
    assert said(person.presses("on")) == ["front.hello", "front.who"]
