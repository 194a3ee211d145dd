"""How a message is chosen and filled."""

import pytest

from bot.flow.definition import Messages
from bot.flow.messages import text

MESSAGES = Messages(
    "ja",
    {
        "ja": {
            "a.kept": "{days_left}日で消えます",
            "a.heard": "「{times}」ですね",
            "a.only": "だけ",
        },
        "en": {"a.kept": "Gone in {days_left} days"},
    },
    {},
)


@pytest.mark.parametrize(
    ("language", "key", "values", "said"),
    [
        pytest.param("ja", "a.kept", {"days_left": "7"}, "7日で消えます", id="filled"),
        pytest.param("en", "a.kept", {"days_left": "7"}, "Gone in 7 days", id="language"),
        pytest.param("en", "a.only", {}, "だけ", id="falls back to the source language"),
        pytest.param("fr", "a.only", {}, "だけ", id="an unknown language falls back too"),
        pytest.param("ja", "a.kept", {}, "…日で消えます", id="a value that is not there"),
        pytest.param(
            "ja",
            "a.heard",
            {"times": "{kept}{times}"},
            "「{kept}{times}」ですね",
            id="what a person wrote is not read as a placeholder",
        ),
    ],
)
def test_a_message_is_filled(language: str, key: str, values: dict[str, str], said: str) -> None:
    """The text comes in the person's language, with its placeholders filled once."""
    assert text(MESSAGES, language, key, values) == said


def test_an_unknown_key_is_an_error_of_the_program() -> None:
    """A key that the loader never saw raises KeyError instead of saying something else."""
    with pytest.raises(KeyError):
        text(MESSAGES, "ja", "a.nothing", {})
