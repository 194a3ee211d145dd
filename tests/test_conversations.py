"""Every conversation in tests/conversations, on every channel and in every language it names."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from bot.engine.program import Program, compile_program
from bot.flow.loader import load_bundle
from bot.safety.lexicon import load_lexicon
from bot.safety.reading import read_risk
from tests.conversation_runner.coverage import Visited, watched
from tests.conversation_runner.judging import Differs, ReadRisk, run
from tests.conversation_runner.player import Player
from tests.conversation_runner.script import Script, read_script
from tests.conversation_runner.updating import update

ROOT = Path(__file__).parent.parent
FILES = sorted((ROOT / "tests" / "conversations").glob("*.yaml"))


@cache
def shipped_files() -> dict[str, bytes]:
    found = [path for top in ("flows", "messages") for path in (ROOT / top).rglob("*.yaml")]
    return {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in sorted(found)}


@cache
def shipped() -> Program:
    return compile_program(load_bundle(shipped_files()))


@cache
def risk_reader() -> ReadRisk:
    lexicon = load_lexicon(shipped_files())
    return lambda text: read_risk(lexicon, text)


def every_run() -> list[tuple[Script, str, str]]:
    scripts = [read_script(path) for path in FILES]
    return [(s, channel, lang) for s in scripts for channel in s.channels for lang in s.languages]


RUNS = every_run()


@pytest.mark.parametrize(
    ("script", "channel", "language"),
    [pytest.param(*run, id=f"{run[0].path.stem}-{run[1]}-{run[2]}") for run in RUNS],
)
def test_conversation(
    script: Script, channel: str, language: str, pytestconfig: pytest.Config
) -> None:
    """The conversation goes as its file says."""
    if pytestconfig.getoption("--update"):
        rewrite(read_script(script.path))
        script = read_script(script.path)
    run(shipped(), script, channel, language, risk_reader())


def rewrite(script: Script) -> None:
    channel = next((name for name in script.channels if name != "line"), "line")
    player = Player(shipped(), script, channel, script.languages[0], risk_reader())
    played = []
    for part in script.parts:
        outcome = player.play(part)
        top = player.session.stack[-1] if player.session.stack else None
        played.append((part, outcome, f"{top.flow}.{top.state}" if top else ""))
    update(script, played)


def test_every_state_and_rule_is_visited() -> None:
    """Each state and each rule of each shipped flow is visited by some conversation."""
    visited = Visited()
    program = watched(shipped(), visited)
    for script, channel, language in RUNS:
        try:
            played = run(program, script, channel, language, risk_reader())
        except Differs:
            continue  # its own test tells
        for _, outcome, _ in played:
            visited.note(outcome.events)
    missing = visited.missing(program.bundle)
    assert not missing, f"{len(missing)} not visited by any conversation:\n" + "\n".join(missing)
