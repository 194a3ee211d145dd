"""Pictures beside choices: a name for each label, and mistakes with their place."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from bot.errors import ContentError
from bot.flow.definition import Messages
from bot.flow.findings import Findings
from bot.flow.pictures import PICTURES_FILE, load_pictures

MESSAGES = Messages("ja", {"ja": {"talk.button_go_on": "続ける"}}, {})


def load(text: str) -> Mapping[str, str]:
    """The pictures of a file, or its issues as ContentError."""
    findings = Findings()
    table = findings.read_versioned(PICTURES_FILE, text.encode())
    pictures = load_pictures(findings, table, MESSAGES)
    findings.raise_if_any()
    return pictures


def test_a_label_has_a_picture() -> None:
    """By the key of its message."""
    found = load("engawa: 1\npictures:\n  talk.button_go_on: road\n")
    assert found == {"talk.button_go_on": "road"}


def test_no_file_draws_nothing() -> None:
    """Where there are no pictures, choices are words alone."""
    assert load_pictures(Findings(), None, MESSAGES) == {}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param(
            "engawa: 1\npictures:\n  talk.button_goon: road\n",
            r"pictures\.yaml:3:3.*no message «talk\.button_goon».*Did you mean",
            id="an unknown message",
        ),
        pytest.param(
            "engawa: 1\npictures:\n  talk.button_go_on: 道\n", "yaml:3:22.*is «道»", id="no name"
        ),
        pytest.param("engawa: 1\n", "lacks the key «pictures»", id="nothing in it"),
    ],
)
def test_a_mistake_is_shown_in_its_place(text: str, says: str) -> None:
    """Each says the file, the line and what to write."""
    with pytest.raises(ContentError, match=f"(?s){says}"):
        load(text)
