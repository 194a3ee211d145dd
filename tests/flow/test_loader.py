"""Whole bundles: what a good one holds, and that a bad one is never anything but a ContentError."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import ContentError
from bot.flow.definition import Guard
from bot.flow.loader import load_bundle, revision_of
from tests.flow.bundles import base_files, with_file

BASE = base_files()


def test_a_flow_becomes_objects() -> None:
    """Keys, guards, kinds, lengths and forms arrive as the file says."""
    bundle = load_bundle(BASE)
    flow = bundle.flows["greeting"]
    opening, sorting = flow.states["opening"], flow.states["sorting"]
    assert (opening.say, opening.ask) == (("talk.thanks", "talk.kept"), "talk.who")
    assert [choice.id for choice in opening.choices] == ["family", "myself"]
    assert opening.silence is not None
    assert (opening.silence.seconds, opening.silence.push) == (600, False)
    assert [(spec.keep, spec.kind) for spec in flow.answers.values()] == [
        (None, "choice"),
        (172_800, "text"),
        (0, "number"),
    ]
    guards = [(guard.name, guard.arguments) for guard in sorting.rules[0].guards]
    assert guards == [("answer_is", ("role", "family", "myself")), ("open", ("counselors",))]
    closing = flow.states["closing"]
    assert [(action.name, action.argument) for action in closing.actions] == [
        ("human_asked", None),
        ("language", "ja"),
    ]
    assert (opening.waits, sorting.waits, closing.ends, closing.rails) == (True, False, True, False)


def test_places_are_kept_for_the_engine_and_the_checks() -> None:
    """States, rules and guards remember where they were written."""
    guard: Guard = load_bundle(BASE).flows["greeting"].states["sorting"].rules[0].guards[0]
    line = BASE["flows/greeting.yaml"].decode().splitlines()[guard.place.line - 1]
    assert line[guard.place.column - 1 :].startswith("answer:")


def test_what_holds_everywhere() -> None:
    """Words carry normalised variants of all languages; a missing start_again is the start."""
    everywhere = load_bundle(BASE).everywhere
    assert everywhere.words["back"].variants == {"もどる", "戻る", "back"}
    assert everywhere.words["human"].variants == {"人と話す", "talktoaperson"}
    assert everywhere.flows["start_again"] == "greeting"
    assert everywhere.rails == (("human", "talk.button_human"),)


def test_the_revision_follows_content_and_names() -> None:
    """The same files give the same revision in any order; another byte or name gives another."""
    turned = dict(reversed(BASE.items()))
    assert load_bundle(turned).revision == load_bundle(BASE).revision == revision_of(BASE)
    assert revision_of({"a": b"bc"}) != revision_of({"ab": b"c"})
    assert len(revision_of({})) == 64


def test_all_issues_are_found_in_one_load() -> None:
    """Mistakes in several files are reported together, sorted by place."""
    files = with_file("flows/nights.yaml", BASE["flows/nights.yaml"].replace(b"thanks", b"thans"))
    files["messages/en/talk.yaml"] = b"thanks: [\n"
    with pytest.raises(ContentError) as caught:
        load_bundle(files)
    issues = [(issue.place.file, issue.code) for issue in caught.value.issues]
    assert issues == [
        ("flows/nights.yaml", "unknown-message"),
        ("messages/en/talk.yaml", "syntax"),
    ]


def test_answers_of_callers_are_in_reach() -> None:
    """A called flow may ask about its caller's answers; a flow that nobody calls may not."""
    condition = (
        b"  only:\n    next:\n      always: [{to: end, if: {answer: {role: family}}}, end]\n"
    )
    body = (
        BASE["flows/nights.yaml"].split(b"  only:")[0] + condition + b"  end:\n    return: true\n"
    )
    load_bundle(with_file("flows/nights.yaml", body))
    alone = body.replace(b"flow: nights", b"flow: alone")
    with pytest.raises(ContentError, match="no answer «role»"):
        load_bundle(with_file("flows/alone.yaml", alone))


@pytest.mark.parametrize(
    ("path", "code"),
    [
        pytest.param("flows/everywhere.yaml", "missing-file", id="everywhere"),
        pytest.param("messages/ja/talk.yaml", "missing-file", id="source language"),
    ],
)
def test_a_missing_file_is_an_issue(path: str, code: str) -> None:
    """A bundle without its common file or its source language is refused by name."""
    files = {name: data for name, data in BASE.items() if name != path}
    with pytest.raises(ContentError) as caught:
        load_bundle(files)
    assert code in {issue.code for issue in caught.value.issues}


def test_a_file_with_the_wrong_ending_is_not_passed_over() -> None:
    """A .yml file is reported, since nobody would notice that it is never read."""
    with pytest.raises(ContentError, match=r"Rename it to flows/more\.yaml"):
        load_bundle(with_file("flows/more.yml", "engawa: 1\n"))


def test_no_files_at_all_are_refused() -> None:
    """An empty folder gives issues, not a traceback."""
    with pytest.raises(ContentError):
        load_bundle({})


def _outcome(files: dict[str, bytes]) -> None:
    try:
        load_bundle(files)
    except ContentError as error:
        assert error.issues
        for issue in error.issues:
            assert issue.place.line >= 1
            assert issue.mend
            str(issue).encode("utf-8")


PATHS = st.sampled_from(sorted(BASE))
FRAGMENTS = st.sampled_from(
    [
        b"",
        b"[",
        b"]",
        b"{",
        b"}",
        b": ",
        b"- ",
        b"\n",
        b"\n  ",
        b"#",
        b"'",
        b'"',
        b"&a ",
        b"*a ",
        b"!x ",
        b"null",
        b"1",
        b"true",
        b"\xff",
        b"\x00",
        b"|\n",
        b"? ",
        b"always",
        b"{x}",
        b"---\n",
    ]
)


@settings(max_examples=150, deadline=None)
@given(PATHS, st.data())
def test_a_mutated_file_is_a_content_error_or_fine(path: str, data: st.DataObject) -> None:
    """Whatever is cut out of or written into a file, only ContentError is ever raised."""
    raw = BASE[path]
    start = data.draw(st.integers(0, len(raw)))
    end = data.draw(st.integers(start, min(len(raw), start + 40)))
    _outcome(with_file(path, raw[:start] + data.draw(FRAGMENTS) + raw[end:]))


@settings(max_examples=100, deadline=None)
@given(PATHS, st.data())
def test_swapped_lines_are_a_content_error_or_fine(path: str, data: st.DataObject) -> None:
    """Lines moved to where they don't belong never raise anything but ContentError."""
    lines = BASE[path].splitlines(keepends=True)
    numbers = st.integers(0, len(lines) - 1)
    taken = lines.pop(data.draw(numbers))
    lines.insert(min(data.draw(numbers), len(lines)), b" " * data.draw(st.integers(0, 6)) + taken)
    _outcome(with_file(path, b"".join(lines)))


@settings(max_examples=60, deadline=None)
@given(PATHS, st.binary(max_size=200))
def test_random_bytes_are_a_content_error_or_fine(path: str, raw: bytes) -> None:
    """A file of random bytes never raises anything but ContentError."""
    _outcome(with_file(path, raw))


STATE = """  state_{n}:
    say: talk.thanks
    ask: talk.when
    choices:
      one: talk.button_family
      two: {{label: talk.button_myself, if: {{not_answered: times}}}}
    hear: [lonely, anything]
    answer: times
    silence: {{after: 10m}}
    next:
      one: state_{next}
      two: state_0
      lonely: state_1
      anything: [{{to: state_2, if: {{answered: times}}}}, {{to: state_3}}]
      silence: state_4
"""
HEAD = """engawa: 1
flow: large
about: A large flow.
entry: state_0
answers:
  times: {kind: text, purpose: reflect_back, sensitivity: high, keep: session}
states:
"""


def test_a_large_flow_loads_quickly() -> None:
    """Three hundred states are read and checked while an editor hardly notices."""
    states = "".join(STATE.format(n=n, next=(n + 1) % 300) for n in range(300))
    files = with_file("flows/large.yaml", HEAD + states)
    took = []
    for _ in range(3):
        start = time.perf_counter()
        load_bundle(files)
        took.append(time.perf_counter() - start)
    assert min(took) < 0.5
