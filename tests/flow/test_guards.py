"""When guards hold, and that the registry is whole."""

import re
from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest

from bot.errors import Place
from bot.flow.actions import ACTIONS
from bot.flow.definition import Guard
from bot.flow.guards import GUARD_NAMES, GUARDS, Scene, holds

NOWHERE = Place("x.yaml", 1, 1)
LANGUAGE = Path(__file__).parents[2] / "docs" / "flow-language.md"


class FakeScene(msgspec.Struct):
    """A scene whose facts are given."""

    language: str = "ja"
    channel: str = "line"
    mode: str = "buttons_only"
    at: str = "doorstep"
    open: Mapping[str, bool] = {}
    answers: Mapping[str, str] = {}

    def answer(self, name: str) -> str | None:
        """The answer given."""
        return self.answers.get(name)


FAMILY = FakeScene(answers={"role": "family", "empty": ""}, open={"counselors": True})


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        pytest.param("answer_is", ("role", "family"), True, id="the answer"),
        pytest.param("answer_is", ("role", "friend", "family"), True, id="one of two"),
        pytest.param("answer_is", ("role", "friend"), False, id="another answer"),
        pytest.param("answer_is", ("mood", "good"), False, id="no answer"),
        pytest.param("answered", ("role",), True, id="answered"),
        pytest.param("answered", ("empty",), True, id="an empty answer is an answer"),
        pytest.param("answered", ("mood",), False, id="not answered"),
        pytest.param("not_answered", ("mood",), True, id="not_answered holds"),
        pytest.param("not_answered", ("role",), False, id="not_answered fails"),
        pytest.param("language", ("en", "ja"), True, id="one of the languages"),
        pytest.param("language", ("en",), False, id="another language"),
        pytest.param("channel", ("line",), True, id="the channel"),
        pytest.param("channel", ("web", "terminal"), False, id="another channel"),
        pytest.param("mode", ("full", "buttons_only"), True, id="one of the modes"),
        pytest.param("mode", ("door_only",), False, id="another mode"),
        pytest.param("at", ("doorstep",), True, id="at a doorstep"),
        pytest.param("at", ("home",), False, id="not at home"),
        pytest.param("open", ("counselors",), True, id="open"),
        pytest.param("closed", ("counselors",), False, id="not closed"),
        pytest.param("open", ("nobody",), False, id="an unknown queue is not open"),
        pytest.param("closed", ("nobody",), True, id="an unknown queue is closed"),
    ],
)
def test_a_guard_holds(name: str, arguments: tuple[str, ...], expected: bool) -> None:
    """Each guard of the registry looks at its own fact and at nothing else."""
    scene: Scene = FAMILY
    assert holds(Guard(name, arguments, NOWHERE), scene) is expected


def test_the_document_lists_every_guard_and_action() -> None:
    """docs/flow-language.md names exactly the guards of the registry, and every action."""
    text = LANGUAGE.read_text(encoding="utf-8")
    section = text.split("### Guards")[1].split("### Actions")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    assert {word for row in rows for word in re.findall(r"`(\w+):", row)} == set(GUARD_NAMES)
    actions = text.split("### Actions")[1].split("### ")[0]
    assert [name for name in ACTIONS if not re.search(rf"`\{{?{name}\b", actions)] == []


def test_every_guard_says_what_it_asks() -> None:
    """Each guard and action carries a line of explanation."""
    assert all(spec.doc for spec in GUARDS.values())
    assert all(spec.doc for spec in ACTIONS.values())
