"""The cover word: harmless pages over everything, until the word comes again."""

from __future__ import annotations

import pytest

from bot.engine.cover import covered, on_cover
from bot.engine.events import RiskNoticed
from bot.engine.inbound import Inbound, InboundKind
from tests.engine.talking import DAY, HOUR, Person, buttons, happened, said

WORD = "献立"
PAGE = ["cover.page"]


def under_cover() -> Person:
    """Somebody in the middle of a question, who wrote the word."""
    person = Person()
    person.walks("own")
    assert not covered(person.session)
    assert said(person.writes(WORD)) == PAGE
    return person


def test_the_word_covers() -> None:
    """The word shows a harmless page without a single button."""
    person = under_cover()
    assert covered(person.session)
    assert on_cover(person.session)
    assert person.turn is not None
    assert buttons(person.turn) == ()
    assert person.session.shown == ()
    assert person.at == "front.when > cover.page"


@pytest.mark.parametrize(
    "word", [pytest.param(WORD, id="the word"), pytest.param("もどる", id="back")]
)
def test_the_word_lifts(word: str) -> None:
    """The word again, or もどる, lifts it, and the question stands again with its choices."""
    person = under_cover()
    turn = person.writes(word)
    assert said(turn) == ["front.when"]
    assert not covered(person.session)
    assert person.session.shown == ("later", "never")


def test_going_back_never_leads_under_the_cover() -> None:
    """After the cover, もどる leads to the question before, as if it had never been there."""
    person = under_cover()
    person.writes("くもり")
    person.writes(WORD)
    assert said(person.writes("もどる")) == ["front.hello", "front.who"]
    assert not covered(person.session)


ANYTHING: list[InboundKind] = ["text", "sticker", "picture", "voice", "place", "begin", "free_text"]


@pytest.mark.parametrize("kind", [pytest.param(kind, id=kind) for kind in ANYTHING])
def test_anything_turns_the_page(kind: InboundKind) -> None:
    """Whatever is done on the cover is answered by a harmless page and moves nothing below."""
    person = under_cover()
    for _ in range(4):
        turn = person.does(Inbound(kind, text="だれ" if kind == "text" else ""))
        assert said(turn) == PAGE
        assert buttons(turn) == ()
    assert person.at == "front.when > cover.page"
    assert person.session.stack[0].answers.keys() == {"role"}


def test_an_old_button_turns_the_page() -> None:
    """A button of an earlier turn shows no more than a harmless page."""
    person = Person()
    person.walks("own")
    nonce = person.session.nonce
    person.writes(WORD)
    assert said(person.taps(f"{nonce}.1")) == PAGE


def test_long_after() -> None:
    """Somebody who comes back days later still meets the cover."""
    person = under_cover()
    person.now += 2 * DAY
    assert said(person.writes("もしもし")) == PAGE
    assert covered(person.session)


def test_no_silence_uncovers() -> None:
    """While it is covered no wait of a question below goes on: nothing speaks up."""
    person = under_cover()
    assert person.turn is not None
    assert [timer.kind for timer in person.turn.timers] == ["expired"]
    before = person.turn.session
    person.now += HOUR
    assert said(person.does(Inbound("silence", data=before.nonce))) == []
    assert covered(person.session)


def test_risk_breaks_through_and_the_cover_stays_below() -> None:
    """A cry is met by the crisis flow; when that ends, the harmless page is back."""
    person = under_cover()
    turn = person.writes("しにたい", tier=2)
    assert happened(turn, RiskNoticed)
    assert person.at == "front.when > cover.page > crisis_a.receive"
    assert covered(person.session)
    assert not on_cover(person.session)
    assert said(person.presses("go_on")) == PAGE


def test_other_words_work() -> None:
    """Help and the other words work on the cover as everywhere."""
    person = under_cover()
    assert said(person.writes("たすけて")) == ["helping.numbers"]
    assert covered(person.session)
    assert said(person.presses("ok")) == PAGE


def test_the_first_word_of_all() -> None:
    """Somebody may begin with the word; when it lifts, the first question is asked."""
    person = Person()
    assert said(person.writes(WORD)) == PAGE
    assert said(person.writes(WORD)) == ["front.hello", "front.who"]


def test_covered_in_a_crisis() -> None:
    """The word covers a crisis flow too, and lifting it shows the crisis flow again."""
    person = Person()
    person.walks("own")
    person.writes("しにたい", tier=2)
    assert said(person.writes(WORD)) == PAGE
    assert said(person.writes(WORD)) == ["crisis_a.ask"]
