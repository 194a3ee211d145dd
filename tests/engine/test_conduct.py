"""The gentle ladder: a quiet line once, a rest, a person decides; and whom it never meets."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.engine.conduct import LIMIT_SAID_EVERY
from bot.engine.events import LimitAsked, LineCrossed, RiskNoticed, Said, WordUsed
from bot.engine.inbound import Inbound
from bot.engine.program import Program, compile_program
from bot.engine.world import Turn
from bot.flow.loader import load_bundle
from bot.safety.risk import Risk, Tier
from tests.engine.bundles import EVERYWHERE, bundle_files, program
from tests.engine.talking import HOUR, MINUTE, SECOND, Person, buttons, happened, said

RUDE = "お前はばか"
ONCE, REST, LIMITED = (f"everywhere.{key}" for key in ("rude_once", "rude_rest", "limited"))
WORDS = [
    pytest.param("人と話す", "human", id="a person"),
    pytest.param("たすけて", "help", id="help"),
    pytest.param("消して", "erase", id="erase"),
    pytest.param("おわる", "leave", id="leave"),
    pytest.param("何が残っていますか", "kept", id="what is kept"),
    pytest.param("ことば", "language", id="language"),
]


@cache
def with_a_ladder() -> Program:
    """The usual program, with what the ladder says."""
    files = bundle_files()
    head, _, tail = EVERYWHERE.partition("says: {")
    says = f"rude_once: {ONCE}, rude_rest: {REST}, limited: {LIMITED}, "
    files["flows/everywhere.yaml"] = f"{head}says: {{{says}{tail}".encode()
    for language in ("ja", "en"):
        path = f"messages/{language}/everywhere.yaml"
        files[path] += b"rude_once: a\nrude_rest: '{rest_until}'\nlimited: c\n"
    return compile_program(load_bundle(files))


def somebody(**world: object) -> Person:
    """Somebody who was asked the first question."""
    person = Person(with_a_ladder(), **world)
    person.begins()
    return person


def rude(person: Person, text: str = RUDE) -> Turn:
    """They write what crosses a line."""
    return person.does(Inbound("text", text=text, conduct="abuse"))


def test_the_first_time() -> None:
    """A quiet line once, and the question again with its buttons."""
    person = somebody()
    turn = rude(person)
    assert said(turn) == [ONCE, "front.who"]
    assert [one.rail for one in buttons(turn)][:2] == [False, False]
    assert happened(turn, LineCrossed) == [{"conduct": "abuse", "times": 1}]
    assert not happened(turn, LimitAsked)
    assert person.at == "front.hello"


def test_the_second_time() -> None:
    """Then a rest: one line until when, its choices but no question, and nothing is answered but
    taps and words.
    """
    person = somebody()
    rude(person)
    turn = rude(person)
    assert said(turn) == [REST]
    assert [one.rail for one in buttons(turn)] == [False, False, True, True, True]
    assert said(rude(person)) == said(person.writes("つまらない")) == []
    assert said(person.does(Inbound("sticker"))) == []
    assert said(person.presses("own")) == ["front.when_first", "front.when"]


def test_a_number_is_a_tap() -> None:
    """Where there are no buttons, the number or the label of a choice is answered in a rest too."""
    person = somebody()
    rude(person)
    rude(person)
    assert said(person.writes("1")) == ["front.when_first", "front.when"]


def test_after_the_rest() -> None:
    """When the rest is over, everything is answered again."""
    person = somebody()
    person.presses("own")
    rude(person)
    rude(person)
    person.now += person.limits.rest
    assert said(person.writes("ねむれない"))[0] == "front.reflect"


def test_the_third_time() -> None:
    """After a rest, once more: a supervisor is asked, and another rest begins."""
    person = somebody()
    rude(person)
    rude(person)
    rude(person)
    person.now += person.limits.rest
    turn = rude(person)
    assert said(turn) == [REST]
    assert len(happened(turn, LimitAsked)) == 1
    assert happened(turn, LineCrossed) == [{"conduct": "abuse", "times": 3}]
    assert said(person.writes("なに")) == []


def test_three_in_one_breath() -> None:
    """Three of them at once ask nobody: what comes in a rest doesn't count."""
    person = somebody()
    turns = [rude(person) for _ in range(5)]
    assert [turn for turn in turns if happened(turn, LimitAsked)] == []


def test_whoever_comes_back_later() -> None:
    """After the pause the ladder begins at its first step again."""
    person = somebody()
    rude(person)
    rude(person)
    person.now += person.limits.return_after
    assert said(rude(person))[0] == ONCE


@pytest.mark.parametrize(("text", "word"), WORDS)
def test_words_work_in_a_rest(text: str, word: str) -> None:
    """Every word that works everywhere works in a rest."""
    person = somebody()
    rude(person)
    rude(person)
    turn = person.writes(text)
    assert happened(turn, WordUsed) == [{"word": word}]
    assert said(turn)


def test_silence_stays_silent_in_a_rest() -> None:
    """A silence that ends within a rest moves the state without a word."""
    person = somebody()
    person.presses("own")
    person.now += 9 * MINUTE
    rude(person)
    rude(person)
    assert person.session.rest_until > person.now
    turn = person.falls_silent()
    assert said(turn) == []
    assert person.at == "front.quiet"


@pytest.mark.parametrize(
    "tier", [pytest.param(2, id="tier 2 before"), pytest.param(3, id="tier 3 before")]
)
def test_nobody_in_danger(tier: int) -> None:
    """A conversation at tier 2 or above never meets the ladder, whatever is written."""
    person = somebody(tier=tier)
    for _ in range(5):
        turn = rude(person)
        assert not happened(turn, LineCrossed)
        assert said(turn)


def test_nobody_in_a_crisis_flow() -> None:
    """In a crisis flow, by whichever way it was reached, there is no ladder."""
    person = somebody()
    person.writes("しにたい", tier=2)
    turn = rude(person)
    assert not happened(turn, LineCrossed)
    assert said(turn)


def test_a_risky_text_is_never_rude() -> None:
    """A text that was read as risky doesn't count, and is answered in a rest."""
    person = somebody()
    person.presses("own")
    rude(person)
    rude(person)
    turn = person.does(Inbound("text", text="x", risk=Risk(Tier.SOFT, "t", "r"), conduct="abuse"))
    assert not happened(turn, LineCrossed)
    assert said(turn)
    assert person.writes("しにたい", tier=2).events
    assert person.at.endswith("crisis_a.receive")


def test_limited() -> None:
    """Somebody whom a supervisor limits is told so once an hour, with help and the way out."""
    person = somebody()
    person.world["limited_until"] = person.now + 24 * HOUR
    turn = person.writes("ねえ")
    assert said(turn) == [LIMITED]
    assert [one.label for one in buttons(turn)] == [
        "everywhere.button_leave",
        "everywhere.button_help",
    ]
    assert (
        said(person.writes("ねえ")) == said(rude(person)) == said(person.writes("人と話す")) == []
    )
    person.now += LIMIT_SAID_EVERY
    assert said(person.writes("ねえ")) == [LIMITED]
    person.now += 24 * HOUR
    assert LIMITED not in said(person.writes("ねえ"))


def test_safety_goes_on_for_somebody_limited() -> None:
    """Crisis, help, what is kept and erasing, confirmed by a tap or a number, are all answered."""
    person = somebody()
    person.world["limited_until"] = person.now + 24 * HOUR
    assert said(person.writes("たすけて")) == ["helping.numbers"]
    assert said(person.writes("消して")) == ["erasing.receipt", "erasing.sure"]
    assert said(person.presses("nothing"))
    assert said(person.writes("消して")) == ["erasing.receipt", "erasing.sure"]
    assert person.writes("1").session.status == "ended"
    again = somebody()
    again.world["limited_until"] = again.now + 24 * HOUR
    again.writes("しにたい", tier=2)
    assert again.at.endswith("crisis_a.receive")
    assert said(again.presses("stay")) == ["crisis_a.stay"]


def test_a_revision_without_the_ladder() -> None:
    """Where a revision has no sentences for it, a rude text is an ordinary one."""
    person = Person(program())
    person.begins()
    assert not happened(rude(person), LineCrossed)


CRIES = st.sampled_from(["しにたい", *(row.values[0] for row in WORDS)])
KINDS = st.sampled_from(["text", "rude", "sticker", "tap", "silence", "begin", "pause"])


@settings(deadline=None, max_examples=150)
@given(
    st.lists(KINDS, max_size=12), st.sampled_from(["しにたい", *(row.values[0] for row in WORDS)])
)
def test_nobody_is_ever_cut_off(before: list[str], cry: object) -> None:
    """Whatever went before, a cry is met by the crisis flow and each word by its own, in words."""
    person = somebody()
    for kind in before:
        if kind == "rude":
            rude(person)
        elif kind == "pause":
            person.now += 20 * MINUTE
        elif kind == "silence":
            person.does(Inbound("silence", data=person.session.nonce))
        elif kind in ("sticker", "begin"):
            person.does(Inbound(kind))  # type: ignore[arg-type]
        elif kind == "tap":
            person.taps(f"{person.session.nonce}.1")
        else:
            person.writes("ねえ")
        person.now += SECOND
    tier = 2 if cry == "しにたい" else 0
    turn = person.writes(str(cry), tier=tier)
    assert any(isinstance(event, Said) for event in turn.events)
    assert happened(turn, RiskNoticed if tier else WordUsed)
    if tier:
        person.world["tier"] = tier
        assert all(not happened(rude(person), LineCrossed) for _ in range(3))
