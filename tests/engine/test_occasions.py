"""What interrupts a flow: risk, silence, coming back, endings, limits, new revisions."""

from __future__ import annotations

import msgspec
import pytest

from bot.engine.events import (
    CameBack,
    EraseConfirmed,
    FaultFound,
    FellSilent,
    NotUnderstood,
    RiskNoticed,
    Said,
    SessionEnded,
    SessionStarted,
    Timer,
)
from bot.engine.inbound import Inbound
from bot.engine.session import Frame, encode
from bot.engine.world import Limits
from tests.engine.bundles import narrowed, program_of
from tests.engine.talking import DAY, HOUR, MINUTE, START, Person, buttons, happened, said


@pytest.mark.parametrize(
    ("tier", "at"),
    [
        pytest.param(2, "front.when > crisis_a.receive", id="active"),
        pytest.param(3, "front.when > crisis_i.receive", id="imminent"),
    ],
)
def test_risk_interrupts(tier: int, at: str) -> None:
    """A risky text puts the crisis flow over the question, said in the crisis class."""
    person = Person()
    person.walks("own")
    turn = person.writes("しにたい", tier=tier)
    assert happened(turn, RiskNoticed) == [{"tier": tier, "topic": "topic", "rule": "rule"}]
    assert person.at == at
    assert {event.speech for event in turn.events if isinstance(event, Said)} == {"crisis"}


def test_soft_risk_is_noticed_and_the_flow_goes_on() -> None:
    """Tier 1 leaves a mark and changes nothing else."""
    person = Person()
    person.walks("own")
    turn = person.writes("つらい", tier=1)
    assert len(happened(turn, RiskNoticed)) == 1
    assert said(turn)[0] == "front.reflect"


def test_risk_comes_before_words_and_returns_to_the_question() -> None:
    """Even a word is read for risk first; afterwards the person is where they were."""
    person = Person()
    person.walks("own")
    turn = person.writes("人と話す", tier=2)
    assert said(turn) == ["crisis_a.received", "crisis_a.ask"]
    assert said(person.presses("go_on")) == ["front.when"]


def test_a_crisis_is_entered_anew_and_never_lowered() -> None:
    """A second risky text enters the same or the higher crisis flow again; it never stacks."""
    person = Person()
    person.walks("own")
    person.writes("x", tier=2)
    person.presses("stay")
    person.writes("x", tier=2)
    assert person.at == "front.when > crisis_a.receive"
    person.writes("x", tier=3)
    assert person.at == "front.when > crisis_i.receive"
    person.writes("x", tier=2)
    assert person.at == "front.when > crisis_i.receive"


def test_a_crisis_stays_under_words() -> None:
    """A word in a crisis comes back to the crisis, also if its flow lay below."""
    person = Person()
    person.begins()
    person.writes("人と話す")
    person.writes("x", tier=2)
    person.writes("人と話す")
    assert person.at == "front.hello > human.then > crisis_a.receive > human.then"
    assert said(person.presses("on")) == ["crisis_a.ask"]


def test_an_edited_text_is_read_for_risk() -> None:
    """An edit at tier 2 interrupts like a new text, at tier 1 it is only noticed."""
    person = Person()
    person.begins()
    soft = person.edits("x", tier=1)
    assert [type(event) for event in soft.events] == [RiskNoticed]
    person.edits("x", tier=2)
    assert person.at == "front.hello > crisis_a.receive"


@pytest.mark.parametrize("ended", [False, True], ids=["new", "ended"])
def test_risk_and_words_work_without_a_session(ended: bool) -> None:
    """Before the beginning and after the end they start one, and lead to its beginning."""
    person = Person()
    if ended:
        person.begins()
        person.writes("おわる")
        assert person.session.status == "ended"
    turn = person.writes("x", tier=2)
    assert happened(turn, SessionStarted) == [{"door": "again" if ended else "begin"}]
    start = "front_again" if ended else "front"
    assert person.at == f"{start}. > crisis_a.receive"
    person.presses("go_on")
    assert person.at == f"{start}.hello"


def test_after_the_end_a_new_session_begins_another_way() -> None:
    """Whatever comes after the end enters `start_again`; a begin enters `start`."""
    person = Person(language="en")
    person.begins()
    person.writes("leave")
    assert said(person.writes("hello again")) == ["front_again.hello"]
    person.writes("leave")
    assert said(person.begins()) == ["front.hello", "front.who"]


def test_the_first_text_is_a_beginning() -> None:
    """Somebody who writes before the hello gets the hello; the text is no answer."""
    person = Person()
    assert said(person.writes("2")) == ["front.hello", "front.who"]


def test_silence_moves_the_state_where_one_may_speak() -> None:
    """When the timer fires, the silence rule fires, and the new wait has its own timer."""
    person = Person()
    turn = person.walks("own")
    assert turn.timers[0] == Timer("silence", START + 10 * MINUTE, "n2")
    turn = person.falls_silent()
    assert happened(turn, FellSilent) == [{"flow": "front", "state": "when"}]
    assert said(turn) == ["front.quiet", "front.quiet_ask"]
    assert turn.timers[0].due == person.now + HOUR
    assert person.session.history == (person.session.history[0],)


def test_silence_where_nothing_may_be_sent_is_told_later() -> None:
    """On LINE the state moves unsaid; what is not understood next gets its words, without blame."""
    person = Person(channel="line", speaks_unprompted=False)
    person.walks("own")
    assert said(person.falls_silent()) == []
    assert person.session.unsaid
    turn = person.writes("なに")
    assert said(turn) == ["front.quiet", "front.quiet_ask"]
    assert happened(turn, NotUnderstood) == []
    assert not person.session.unsaid


def test_an_unsaid_state_still_understands() -> None:
    """What fits the silent state is taken as said to it."""
    person = Person(channel="line", speaks_unprompted=False)
    person.walks("own")
    person.falls_silent()
    assert said(person.writes("さみしい"))[0] == "front.lonely"


def test_a_push_silence_speaks_everywhere() -> None:
    """With `push: true` the words of the silence are sent on LINE too."""
    person = Person(channel="line", speaks_unprompted=False)
    person.walks("own")
    person.falls_silent()
    turn = person.falls_silent()
    assert said(turn) == ["front.asleep"]
    assert happened(turn, SessionEnded) == [{"how": "left"}]


def test_a_stale_silence_changes_nothing() -> None:
    """The timer of a wait that is over does nothing, and the timer of this wait stays due."""
    person = Person()
    person.walks("own")
    old = person.session.nonce
    person.now += MINUTE
    before = person.writes("?" * 0 + "もどる")
    again = person.does(Inbound("silence", data=old))
    assert again.events == ()
    assert again.session == before.session
    assert again.timers == before.timers


def test_coming_back_says_nothing_of_before() -> None:
    """After the pause the person is asked first; what they typed is no answer."""
    person = Person()
    person.walks("own")
    person.now += 6 * HOUR
    turn = person.writes("さみしい")
    assert happened(turn, CameBack) == [{}]
    assert said(turn) == ["back_then.hello"]
    assert said(person.presses("on")) == ["back_then.good", "front.when"]
    assert "times" not in person.session.stack[0].answers


def test_coming_back_and_beginning_anew() -> None:
    """`restart` ends this run and begins the start flow afresh."""
    person = Person()
    person.walks("own")
    person.now += DAY
    person.begins()
    turn = person.presses("anew")
    assert happened(turn, SessionEnded) == [{"how": "restarted"}]
    assert said(turn) == ["front.hello", "front.who"]
    assert (person.at, person.session.history) == ("front.hello", ())
    assert person.session.stack[0].answers == {}


def test_coming_back_asks_only_once() -> None:
    """A late answer to the question whether to go on is taken."""
    person = Person()
    person.walks("own")
    person.now += DAY
    person.writes("x")
    person.now += DAY
    assert said(person.presses("on")) == ["back_then.good", "front.when"]


@pytest.mark.parametrize(
    ("text", "tier", "top"),
    [
        pytest.param("人と話す", 0, "human.then", id="word"),
        pytest.param("x", 3, "crisis_i.receive", id="risk"),
    ],
)
def test_coming_back_with_a_word_or_in_need(text: str, tier: int, top: str) -> None:
    """Words and risk work at once, however long it has been."""
    person = Person()
    person.walks("own")
    person.now += DAY
    person.writes(text, tier=tier)
    assert person.at.endswith(top)


def test_the_first_question_waits_for_days() -> None:
    """At the very first question nobody is asked whether to go on."""
    person = Person()
    person.begins()
    person.now += DAY
    person.presses("own")
    assert person.at == "front.when"


def test_a_session_expires_without_a_word() -> None:
    """At the end of its life the session is over and says nothing; too early a timer is nothing."""
    person = Person()
    turn = person.walks("own")
    due = next(timer.due for timer in turn.timers if timer.kind == "expired")
    assert due == START + 7 * DAY
    assert person.does(Inbound("expired")).events == ()
    person.now = due
    turn = person.does(Inbound("expired"))
    assert turn.events == (SessionEnded("expired"),)
    assert (person.session.stack, turn.timers) == ((), ())


def test_the_receipt_shown_is_the_receipt_confirmed() -> None:
    """The erase event carries the code that the question showed, not a later draw."""
    person = Person()
    person.begins()
    person.writes("消して")
    person.writes("?")
    assert happened(person.presses("yes_all"), EraseConfirmed) == [{"receipt": "R2"}]


def test_a_flow_that_calls_itself_ends_kindly() -> None:
    """Too deep a call says the fault with a way to a person; the next text begins anew."""
    person = Person()
    person.walks("own")
    turn = person.presses("never")
    assert happened(turn, FaultFound) == [{"fault": "too_deep", "flow": "deep", "state": "down"}]
    assert said(turn) == ["everywhere.fault"]
    assert [each.data for each in buttons(turn)] == ["n3.human", "n3.leave", "n3.help"]
    assert said(person.writes("x")) == ["front.hello", "front.who"]


def test_too_many_states_end_kindly() -> None:
    """A walk over the limit of states ends with the fault, not with a hung process."""
    person = Person()
    person.walks("own")
    person.limits = Limits(states=2)
    turn = person.writes("さみしい")
    assert happened(turn, FaultFound)[0]["fault"] == "too_many_states"
    assert said(turn) == ["front.lonely", "everywhere.fault"]


def test_no_way_on_ends_kindly() -> None:
    """Where every guard of a passing state refuses, the person gets the fault and a way on."""
    front = """
entry: hello
answers: {role: {kind: choice, purpose: choose_words, sensitivity: low, keep: session}}
states:
  hello: {ask: front.who, choices: {own: front.button_own}, next: {own: fork}}
  fork: {next: {always: [{to: hello, if: {channel: line}}, {to: hello}]}}
"""
    person = Person(narrowed(program_of(front=front), "front", "fork"), channel="terminal")
    person.begins()
    assert happened(person.presses("own"), FaultFound)[0]["fault"] == "no_way_on"


def test_too_large_a_session_loses_its_history_first() -> None:
    """Over the limit of bytes the steps to go back go first, oldest first; the flow goes on."""
    person = Person()
    person.walks("own", "later", "nobody", "again", "later", "nobody")
    size = len(encode(person.session))
    person.limits = Limits(session_bytes=size - 100)
    turn = person.presses("again")
    assert happened(turn, FaultFound) == []
    assert 0 < len(person.session.history) < 5
    assert len(encode(person.session)) <= size - 100


def test_too_large_a_session_ends_kindly() -> None:
    """A session that does not fit even so says the fault and begins anew."""
    person = Person()
    person.walks("own")
    person.limits = Limits(session_bytes=600)
    turn = person.writes("あ" * 500)
    assert happened(turn, FaultFound)[0]["fault"] == "session_too_big"
    assert said(turn) == ["everywhere.fault"]


def test_too_large_a_session_still_has_its_crisis() -> None:
    """A crisis is said and stands, whatever else has to go."""
    person = Person()
    person.walks("own")
    person.writes("あ" * 500)
    person.limits = Limits(session_bytes=600)
    turn = person.writes("x", tier=3)
    assert said(turn) == ["crisis_i.call"]
    assert person.at == "front. > crisis_i.receive"


def test_a_state_that_is_gone_is_an_ordinary_turn() -> None:
    """After a new revision without the state the person is told so and begins at the start."""
    person = Person()
    person.walks("own")
    lost = msgspec.structs.replace(person.session, stack=(Frame("front", "vanished"),))
    person.session = lost
    turn = person.writes("さみしい")
    assert happened(turn, FaultFound) == [
        {"fault": "state_gone", "flow": "front", "state": "vanished"}
    ]
    assert said(turn) == ["everywhere.state_gone", "front.hello", "front.who"]
    person.session = lost
    person.writes("x", tier=3)
    assert person.at == "front. > crisis_i.receive"
    person.session = lost
    person.writes("もどる")
    assert person.session.status == "active"


def test_back_steps_over_states_that_are_gone() -> None:
    """もどる goes to the last question that still exists."""
    person = Person()
    person.walks("own", "later")
    first, second = person.session.history
    history = (first, second, (Frame("lost_flow", "x"),), (Frame("front", "down"),))
    person.session = msgspec.structs.replace(person.session, history=history)
    person.writes("もどる")
    assert person.at == "front.when"
