"""Turns through states: choices, texts, answers, calls, guards, the way back."""

from __future__ import annotations

import pytest

from bot.engine.events import (
    ChoiceMade,
    FlowEntered,
    HumanAsked,
    LanguageChosen,
    NotUnderstood,
    SessionEnded,
    SessionStarted,
    StaleTapped,
    WordUsed,
)
from bot.engine.inbound import Inbound, InboundKind
from tests.engine.talking import DAY, MINUTE, SECOND, Person, buttons, happened, said, values


def test_beginning_says_hello_and_asks() -> None:
    """The first turn starts a session, enters the start flow, offers choices and rails."""
    person = Person(open={"counselors": True})
    turn = person.begins(code="poster-3")
    assert said(turn) == ["front.hello", "front.who"]
    assert happened(turn, SessionStarted) == [{"door": "begin"}]
    assert happened(turn, FlowEntered) == [{"flow": "front"}]
    assert [(each.label, each.data, each.rail) for each in buttons(turn)] == [
        ("front.button_own", "n1.1", False),
        ("front.button_other", "n1.2", False),
        ("front.button_unsaid", "n1.3", False),
        ("everywhere.button_human", "n1.human", True),
        ("everywhere.button_leave", "n1.leave", True),
        ("everywhere.button_help", "n1.help", True),
    ]
    assert person.session.code == "poster-3"


def test_a_choice_shows_only_where_its_guard_holds() -> None:
    """A guarded choice is neither offered nor numbered while its guard does not hold."""
    person = Person(open={"counselors": False})
    person.begins()
    assert person.session.shown == ("own", "other")
    assert said(person.writes("3")) == ["everywhere.not_understood", "front.who"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("2", id="digit"),
        pytest.param("２", id="wide digit"),
        pytest.param("②", id="circled digit"),
        pytest.param(" ja BUTTON_other。", id="label, folded"),
    ],
)
def test_a_choice_by_text(text: str) -> None:
    """A choice is taken by its number or its label as well as by its button."""
    person = Person(language="ja")
    person.begins()
    turn = person.writes(text)
    assert happened(turn, ChoiceMade) == [{"flow": "front", "state": "hello", "choice": "other"}]
    assert person.at == "front.age"


def test_matchers_are_tried_before_anything() -> None:
    """A named matcher wins over the catch-all; the catch-all takes whatever is left."""
    person = Person()
    person.walks("own")
    assert said(person.writes("ひとりでさみしいです"))[0] == "front.lonely"
    other = Person()
    other.walks("own")
    turn = other.writes("夜中")
    assert said(turn)[0] == "front.reflect"
    assert values(turn, "front.reflect") == {"times": "夜中"}


def test_a_guard_chooses_among_the_targets_of_a_trigger() -> None:
    """The machine takes the first rule whose guard holds, looking at answers given before."""
    person = Person()
    person.walks("other")
    person.writes("わからない")
    assert said(person.writes("夜中"))[0] == "front.other_reflect"


def test_an_answer_of_the_same_turn_counts_for_its_guards() -> None:
    """The guard of a rule sees the answer that fires it."""
    person = Person()
    person.walks("own")
    person.writes("夜中")
    assert person.at == "front.sub > people.who"
    assert person.session.stack[0].answers["times"].value == "夜中"


@pytest.mark.parametrize(
    ("text", "at"),
    [
        pytest.param("34", "front.brief", id="in range"),
        pytest.param("３４", "front.brief", id="wide digits"),
        pytest.param("0", "front.age", id="too low"),
        pytest.param("121", "front.age", id="too high"),
        pytest.param("たぶん", "front.age", id="no number"),
        pytest.param("9" * 5000, "front.age", id="a number nobody can read"),
        pytest.param("わからない", "front.when", id="a matcher instead"),
    ],
)
def test_number_answers(text: str, at: str) -> None:
    """A number that can't be read or is out of range counts as not understood."""
    person = Person()
    person.walks("other")
    turn = person.writes(text)
    assert person.at == at
    assert bool(happened(turn, NotUnderstood)) == (at == "front.age")


def test_an_answer_for_the_turn_is_used_and_not_kept() -> None:
    """`keep: turn` fills the placeholder of that turn and is in no session afterwards."""
    person = Person()
    person.walks("other")
    person.writes("34")
    turn = person.writes("ひみつ")
    assert values(turn, "front.said_briefly") == {"brief": "ひみつ"}
    assert person.session.stack[0].answers.keys() == {"role", "age"}


def test_an_answer_is_forgotten_when_its_time_is_over() -> None:
    """An answer with a length of time is dropped at the first turn after it, in history too."""
    person = Person()
    person.walks("other")
    person.writes("34")
    person.writes("ひみつ")
    turn = person.writes("きのう")
    assert values(turn, "front.told") == {"days": "きのう", "days_left": "7"}
    person.presses("more")
    person.now += 2 * DAY + SECOND
    person.edits("べつのこと")
    frames = [*person.session.stack, *(f for stack in person.session.history for f in stack)]
    assert all("days" not in frame.answers for frame in frames)


def test_a_long_answer_is_cut() -> None:
    """Two thousand characters of a text answer are kept; half an emoji does no harm."""
    person = Person()
    person.walks("own")
    person.writes("あ" * 1999 + "\ud83d" + "い" * 50)
    assert person.session.stack[0].answers["times"].value == "あ" * 1999 + "?"


def test_a_call_returns_to_its_caller() -> None:
    """A subflow sees the answers of its caller, returns, and its own answers are gone then."""
    person = Person()
    person.walks("own", "later")
    turn = person.presses("someone")
    assert said(turn) == ["people.named", "front.after"]
    assert values(turn, "people.named") == {"who": "ja button_someone", "role": "ja button_own"}
    assert person.at == "front.after"
    assert person.session.stack[0].answers.keys() == {"role", "times"}


def test_going_elsewhere_leaves_the_flow_for_good() -> None:
    """`go` replaces the flow; its return with no caller ends the session kindly."""
    person = Person()
    person.walks("other")
    for text in ("34", "ひみつ", "きのう"):
        person.writes(text)
    person.presses("gone")
    assert person.at == "moved_on.here"
    turn = person.presses("end")
    assert happened(turn, SessionEnded) == [{"how": "left"}]
    assert person.session.status == "ended"
    assert turn.timers == ()


def test_choices_without_a_question_stand_under_the_last_line() -> None:
    """A wait with choices and no `ask` has them under what it says, and repeats that line."""
    person = Person()
    person.walks("other")
    person.writes("34")
    person.writes("ひみつ")
    turn = person.writes("きのう")
    assert said(turn) == ["front.told"]
    assert buttons(turn)[0].label == "front.button_more"
    assert said(person.writes("？"))[1:] == ["front.told"]


def test_a_stale_button_never_advances() -> None:
    """A button of an earlier turn is answered kindly; the question stands again."""
    person = Person()
    old = buttons(person.begins())[0].data
    person.presses("own")
    turn = person.taps(old)
    assert said(turn) == ["everywhere.stale_tap", "front.when"]
    assert happened(turn, StaleTapped) == [{}]
    assert person.at == "front.when"
    person.presses("later")
    assert person.at == "front.sub > people.who"


@pytest.mark.parametrize(
    "data",
    [
        pytest.param("", id="empty"),
        pytest.param(".1", id="no nonce"),
        pytest.param("n1.0", id="zero"),
        pytest.param("n1.99", id="too many"),
        pytest.param("n1.²", id="a digit that is none"),
        pytest.param("n1.-1", id="negative"),
        pytest.param("n1.1.1", id="two dots"),
    ],
)
def test_forged_buttons_are_stale(data: str) -> None:
    """Data that we never gave out is a stale tap."""
    person = Person()
    person.begins()
    assert happened(person.taps(data), StaleTapped) == [{}]
    assert person.at == "front.hello"


@pytest.mark.parametrize(
    "kind", ["sticker", "picture", "voice", "video", "file", "place", "contact_card"]
)
def test_media_are_answered_politely(kind: InboundKind) -> None:
    """Each kind of media gets its line and the question again; the second time offers a person."""
    person = Person()
    person.begins()
    assert said(person.does(Inbound(kind))) == [f"everywhere.{kind}", "front.who"]
    turn = person.does(Inbound(kind))
    assert said(turn) == ["everywhere.offer_person", "front.who"]
    assert happened(turn, NotUnderstood) == [{"flow": "front", "state": "hello", "times": 2}]


def test_a_state_may_take_a_sticker() -> None:
    """A rule for a kind of media fires like any other."""
    person = Person()
    person.walks("own")
    assert said(person.does(Inbound("sticker")))[0] == "front.lonely"


def test_being_understood_ends_the_row_of_misunderstandings() -> None:
    """Only the second not-understood in a row offers a person."""
    person = Person()
    person.begins()
    person.writes("?")
    person.presses("own")
    person.presses("later")
    assert said(person.writes("?")) == ["everywhere.not_understood", "people.who"]


def test_a_state_may_answer_for_itself_what_it_does_not_understand() -> None:
    """A rule on `not_understood` fires before the shared repair, once."""
    person = Person()
    person.walks("other")
    for text in ("34", "ひみつ"):
        person.writes(text)
    turn = person.writes(" ")
    assert said(turn) == ["front.told"]
    assert values(turn, "front.told")["days"] == "…"


def test_offering_a_person_shows_the_rails_even_where_they_are_hidden() -> None:
    """In a state without rails they come back with the offer of a person."""
    person = Person()
    person.begins()
    assert not any(each.rail for each in buttons(person.writes("人と話す")))
    person.writes("?")
    assert any(each.rail for each in buttons(person.writes("?")))


@pytest.mark.parametrize(
    ("text", "at"),
    [
        pytest.param("人と話す", "front.when > human.then", id="human"),
        pytest.param("予約", "front.when > human.then", id="booking"),
        pytest.param(" たすけて！", "front.when > helping.numbers", id="help, folded"),
        pytest.param("消して", "front.when > erasing.sure", id="erase"),
        pytest.param("LANGUAGE", "front.when > tongue.which", id="language, in English"),
        pytest.param("何が残っていますか", "front.when > helping.numbers", id="kept"),
    ],
)
def test_no_state_can_swallow_a_word(text: str, at: str) -> None:
    """A word works although the state would hear anything, and comes back to the same question."""
    person = Person()
    person.walks("own")
    turn = person.writes(text)
    assert len(happened(turn, WordUsed)) == 1
    assert person.at == at


def test_a_word_comes_back_to_the_same_question() -> None:
    """After a word's flow the question that stood is asked again, nothing else."""
    person = Person()
    person.walks("own")
    assert happened(person.writes("人と話す"), HumanAsked) == [{}]
    assert said(person.presses("on")) == ["front.when"]
    assert person.at == "front.when"


def test_a_rail_works_however_old_it_is() -> None:
    """The standing buttons work with the nonce of any turn."""
    person = Person()
    old = buttons(person.begins())[-1].data
    person.presses("own")
    assert happened(person.taps(old), WordUsed) == [{"word": "help"}]


def test_words_do_not_pile_up() -> None:
    """Going to and fro between words enters each flow anew and never nests deeper."""
    person = Person()
    person.begins()
    for text in ("人と話す", "ことば", "たすけて", "消して") * 6:
        person.writes(text)
    assert len(person.session.stack) <= 5


def test_back_restores_question_and_answers() -> None:
    """もどる undoes the last step: state, answers and choices are as they were."""
    person = Person()
    person.walks("own", "later")
    turn = person.writes("もどる")
    assert said(turn) == ["front.when_first", "front.when"]
    assert person.at == "front.when"
    assert "times" not in person.session.stack[0].answers
    assert said(person.writes("もどる")) == ["front.hello", "front.who"]
    assert said(person.writes("もどる")) == ["everywhere.nothing_back", "front.who"]


def test_the_history_is_bounded() -> None:
    """No more than the limit of steps can be gone back."""
    person = Person()
    person.walks("own", "later", "nobody")
    for _ in range(10):
        person.presses("again")
        person.presses("later")
        person.presses("nobody")
    assert len(person.session.history) == person.limits.history


def test_another_language_holds_from_the_next_sentence() -> None:
    """The language changes before anything is said, and the session keeps it."""
    person = Person()
    person.walks("own")
    person.writes("ことば")
    turn = person.presses("en")
    assert happened(turn, LanguageChosen) == [{"language": "en"}]
    assert said(turn) == ["tongue.changed", "front.when"]
    assert person.session.language == "en"
    person.writes("en button_later")
    assert person.at == "front.sub > people.who"


@pytest.mark.parametrize(
    ("hint", "language"),
    [
        pytest.param("en", "en", id="known"),
        pytest.param("fr", "ja", id="unknown"),
        pytest.param("", "ja", id="none"),
    ],
)
def test_the_channel_hints_the_language(hint: str, language: str) -> None:
    """A new session takes the hint if there are texts in it, else the source language."""
    person = Person(language=hint)
    person.begins()
    assert person.session.language == language


def test_begin_in_the_middle_asks_again() -> None:
    """/start in the middle shows where the person is, and loses nothing."""
    person = Person()
    person.walks("own")
    person.now += MINUTE
    assert said(person.begins()) == ["front.when"]
    assert person.at == "front.when"


def test_an_edit_never_moves_the_flow() -> None:
    """A harmless edit says nothing and changes nothing, its buttons still work."""
    person = Person()
    person.walks("own")
    before = person.session
    turn = person.edits("2")
    assert turn.events == ()
    assert person.session == before
    person.presses("later")
    assert person.at == "front.sub > people.who"
