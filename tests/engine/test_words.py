"""Words and labels that read alike: the word wins, but in the word's own flow a label does."""

from __future__ import annotations

import pytest
from msgspec import structs

from bot.engine.events import ChoiceMade, WordUsed
from tests.engine.bundles import compile_from
from tests.engine.talking import Person, buttons, happened, said

LEAVING = """
entry: sure
states:
  sure: {ask: leaving.sure, choices: {go: leaving.button_go, stay: leaving.button_stay},
         next: {go: bye, stay: done}}
  bye: {say: leaving.bye, end: true}
  done: {return: true}
"""
LABELS = {
    "leaving.button_go": "おわる",
    "leaving.button_stay": "人と話す",
    "everywhere.button_leave": "おわる",
    "everywhere.button_human": "人と話す",
    "tongue.button_ja": "ことば",
    "people.button_someone": "たすけて",
}


def someone() -> Person:
    """A person where labels read like words."""
    return Person(compile_from({"leaving": LEAVING}, LABELS))


@pytest.mark.parametrize(
    ("first", "second", "at"),
    [
        pytest.param("おわる", "おわる", "", id="leaving twice leaves"),
        pytest.param("ことば", "ことば", "front.when", id="a language named like the word"),
        pytest.param("おわる", "leave", "front.when > leaving.sure", id="another word for it asks"),
        pytest.param(
            "おわる",
            "人と話す",
            "front.when > leaving.sure > human.then",
            id="a label like another flow's word",
        ),
        pytest.param(
            "おわる",
            "たすけて",
            "front.when > leaving.sure > helping.numbers",
            id="help in the flow of another word",
        ),
    ],
)
def test_a_label_wins_in_the_flow_of_its_word(first: str, second: str, at: str) -> None:
    """In the flow that a word leads to, its choice can be typed; every other word still works."""
    person = someone()
    person.walks("own")
    person.writes(first)
    person.writes(second)
    assert person.at == at


def test_a_word_wins_in_every_other_flow() -> None:
    """A state whose choice is labelled たすけて can't keep that word from leading to help."""
    person = someone()
    person.walks("own", "later")
    turn = person.writes("たすけて")
    assert happened(turn, WordUsed) == [{"word": "help"}]
    assert happened(turn, ChoiceMade) == []
    assert person.at.endswith("helping.numbers")


def test_a_label_that_is_not_shown_is_no_choice() -> None:
    """What silence left unsaid can't be chosen by its label: the word leads to its flow again."""
    person = someone()
    person.walks("own")
    person.writes("おわる")
    person.session = structs.replace(person.session, shown=())
    assert said(person.writes("おわる")) == ["leaving.sure"]


def test_a_standing_button_gives_way_to_the_choice_it_reads_like() -> None:
    """In the flow of its word a standing button isn't shown beside a choice with its label."""
    person = someone()
    person.walks("own")
    leave, human = "everywhere.button_leave", "everywhere.button_human"
    before = [each.label for each in buttons(person.begins())]
    assert {leave, human} <= set(before)
    within = [each.label for each in buttons(person.writes("おわる"))]
    assert leave not in within
    assert human in within
