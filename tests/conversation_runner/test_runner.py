"""The runner itself: it shows a wrong expectation and names a wrong file."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.safety.risk import NO_RISK, Risk
from tests.conversation_runner.coverage import Visited, watched
from tests.conversation_runner.judging import Differs, run
from tests.conversation_runner.script import Script, ScriptError, milliseconds, read_script
from tests.conversation_runner.updating import update
from tests.engine.bundles import program

GOOD = """\
about: ためし。
turns:
  - start: poster-3
    says: [front.hello, front.who]   # kept by --update
    state: front.hello
    offers: [own, other, unsaid]
    rails: true
    language: ja
    ended: false
    events: [SessionStarted, {FlowEntered: {flow: front}}]
  - press: own
    says: [front.when_first, front.when]
  - press_stale: other
    says: [everywhere.stale_tap, front.when]
  - silence: 10m
    says: [front.quiet, front.quiet_ask]
    state: front.quiet
  - write: {ja: しにたい, en: x}
    risk: 2
    state: crisis_a.receive
  - edit: かきなおし
    says: []
  - wait: 8d
    ended: true
"""


def quiet(_text: str) -> Risk:
    return NO_RISK


def script(folder: Path, text: str) -> Script:
    path = folder / "some.yaml"
    path.write_text(text, encoding="utf-8")
    return read_script(path)


@pytest.mark.parametrize("channel", ["line", "web"])
def test_a_conversation_that_goes_as_written(tmp_path: Path, channel: str) -> None:
    """Every expectation of the format is understood, where silence may speak and where not."""
    assert len(run(program(), script(tmp_path, GOOD), channel, "ja", quiet)) == 7


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        pytest.param("front.when]", "front.where]", "line 11: says", id="says"),
        pytest.param("state: front.hello", "state: front.when", "line 3: state", id="state"),
        pytest.param("[own, other, unsaid]", "[own]", "line 3: offers", id="offers"),
        pytest.param("rails: true", "rails: false", "line 3: rails", id="rails"),
        pytest.param("language: ja", "language: en", "line 3: language", id="language"),
        pytest.param("ended: true", "ended: false", "line 23: ended", id="ended"),
        pytest.param("{flow: front}", "{flow: back}", "line 3: events", id="events"),
        pytest.param("press: own", "press: nothing", "'nothing' is not on offer", id="button"),
        pytest.param("silence: 10m", "silence: 9m", "no silence timer fell due", id="silence"),
    ],
)
def test_the_first_difference_is_marked(tmp_path: Path, right: str, wrong: str, told: str) -> None:
    """A conversation that goes another way fails with the transcript up to there."""
    assert right in GOOD
    with pytest.raises(Differs) as failure:
        run(program(), script(tmp_path, GOOD.replace(right, wrong, 1)), "web", "ja", quiet)
    marked = [line for line in str(failure.value).splitlines() if line.startswith(">>> line")]
    assert any(told in line for line in marked)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("about: x\nturns: []\nabuot: y\n", "`abuot` is unknown", id="unknown key"),
        pytest.param("about: x\nabout: y\nturns: []\n", "`about` is twice", id="twice"),
        pytest.param("turns: []\n", "`about:`", id="no about"),
        pytest.param("about: x\nturns: [{says: []}]\n", "exactly one verb", id="no verb"),
        pytest.param("about: x\nturns: [{write: a, edit: b}]\n", "exactly one verb", id="two"),
        pytest.param("about: x\nchannel: fax\nturns: []\n", "'fax' is not one of", id="channel"),
        pytest.param("about: x\nturns: [\n", "some.yaml", id="no YAML"),
        pytest.param("", "a mapping is expected", id="empty"),
    ],
)
def test_a_file_that_is_not_as_the_format_says(tmp_path: Path, text: str, told: str) -> None:
    """A mistake in a conversation file is named with the file."""
    with pytest.raises(ScriptError, match=r"^some\.yaml") as failure:
        script(tmp_path, text)
    assert told in str(failure.value)


@pytest.mark.parametrize("length", ["", "10", "0m", "1w", "-1h"])
def test_a_length_that_is_none(length: str) -> None:
    """Only whole seconds, minutes, hours and days are lengths."""
    with pytest.raises(ScriptError, match="is not a length"):
        milliseconds(length)


def test_what_nobody_visited_is_listed(tmp_path: Path) -> None:
    """The register names each state and each rule that no conversation reached, and no other."""
    visited = Visited()
    seen = watched(program(), visited)
    for _, outcome, _ in run(seen, script(tmp_path, GOOD), "web", "ja", quiet):
        visited.note(outcome.events)
    missing = visited.missing(program().bundle)
    assert any(line.endswith("front.hello --other--> age") for line in missing)
    assert any(line.endswith(" front.age") for line in missing)
    assert not any(line.endswith("front.hello --own--> when") for line in missing)
    assert not any(line.endswith(" front.quiet") for line in missing)


def test_updating_rewrites_only_what_differs(tmp_path: Path) -> None:
    """`--update` mends says, state and events, and leaves comments and all else alone."""
    wrong = GOOD.replace("[front.hello, front.who]", "\n      - front.nothing").replace(
        "state: front.quiet", "state: front.nowhere"
    )
    bad = script(tmp_path, wrong)
    played = run(program(), script(tmp_path, GOOD), "web", "ja", quiet)
    mended = [
        (part, outcome, state) for part, (_, outcome, state) in zip(bad.parts, played, strict=True)
    ]
    bad.path.write_text(wrong, encoding="utf-8")
    assert update(bad, mended)
    text = bad.path.read_text(encoding="utf-8")
    assert "[front.hello, front.who]   # kept by --update" in text
    assert run(program(), read_script(bad.path), "web", "ja", quiet)
    assert not update(script(tmp_path, GOOD), played)
