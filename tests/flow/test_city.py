"""What a city pack lays over the common content, and what it may not."""

from datetime import date

import pytest

from bot.errors import ContentError
from bot.flow.city import QUESTIONS_FILE, good_code
from bot.flow.directory import Directory, load_directory
from bot.flow.findings import Findings
from bot.flow.loader import load_bundle
from bot.flow.pack import CityPack, Policy
from tests.flow.bundles import base_files

TODAY = date(2026, 11, 21)
QUESTIONS = b"""engawa: 1
policies:
  reporting: {ja: \xe9\x80\x9a\xe5\xa0\xb1\xe3\x81\xaf, en: Reported?}
  minors: {ja: \xe6\x9c\xaa\xe6\x88\x90\xe5\xb9\xb4\xe3\x81\xaf, en: Minors?}
"""
DECIDED = "{decided: true, text: 知らせない, who: 所長, when: 2026-12-01}"


def pack(**files: str) -> CityPack:
    """The pack of these files of city/, by their names."""
    return load_bundle(laid(**files)).city


def laid(**files: str) -> dict[str, bytes]:
    named = {f"city/{name}.yaml": f"engawa: 1\n{text}".encode() for name, text in files.items()}
    return {**base_files(), QUESTIONS_FILE: QUESTIONS, **named}


def places(text: str) -> Directory:
    return load_directory(laid(directory=f"places:\n{text}"), ("ja", "en"))


def test_content_without_a_pack() -> None:
    """Without a pack there are no codes and no signatures, and every question is open."""
    city = pack()
    assert city.codes == ()
    assert city.approvals == ()
    assert [(each.id, each.decided) for each in city.policies] == [
        ("reporting", False),
        ("minors", False),
    ]


def test_a_decision() -> None:
    """A decision tells what holds, who decided and when; a question left out stays open."""
    policies = pack(policies=f"policies:\n  minors: {DECIDED}").policies
    assert [each.decided for each in policies] == [False, True]
    assert (policies[1].text, policies[1].who, policies[1].when) == (
        "知らせない",
        "所長",
        date(2026, 12, 1),
    )
    assert policies[1].question["en"] == "Minors?"


@pytest.mark.parametrize(
    ("decision", "lacks"),
    [
        pytest.param("{decided: true}", ["text", "when", "who"], id="bare"),
        pytest.param("{decided: true, text: x, who: ''}", ["when", "who"], id="by nobody"),
        pytest.param("{decided: false, text: x}", [], id="a draft of an answer"),
    ],
)
def test_half_a_decision(decision: str, lacks: list[str]) -> None:
    """What is decided has a text, a person and a day."""
    try:
        pack(policies=f"policies:\n  minors: {decision}")
        found = []
    except ContentError as error:
        found = sorted(issue.what.split("`")[1] for issue in error.issues)
    assert found == lacks


def test_entry_codes() -> None:
    """A code has a kind and a place, which stands in the pack alone."""
    (code,) = pack(entry_codes="codes:\n  kx7m4rwp: {kind: pharmacy, place: 駅前}").codes
    assert (code.code, code.kind, code.place) == ("kx7m4rwp", "pharmacy", "駅前")


@pytest.mark.parametrize(
    ("code", "good"),
    [
        pytest.param("kx7m4rwp", True, id="eight of the alphabet"),
        pytest.param("7xkm4rwp", False, id="begins with a digit"),
        pytest.param("kx7m4rw", False, id="seven"),
        pytest.param("kx7m4rwpq", False, id="nine"),
        pytest.param("pharmacy", False, id="a word"),
        pytest.param("kx7m4rw0", False, id="a zero"),
        pytest.param("kx7m4rwp\n", False, id="a line end"),
    ],
)
def test_a_code_says_nothing(code: str, good: bool) -> None:
    """Only eight letters and digits without vowels and lookalikes are a code."""
    assert good_code(code) is good


def test_a_sentence_of_the_city() -> None:
    """The pack's sentence is said instead of the common one, in its language alone."""
    files = {**base_files(), "city/messages/ja/talk.yaml": "thanks: どうも".encode()}
    texts = load_bundle(files).messages.texts
    assert texts["ja"]["talk.thanks"] == "どうも"
    assert texts["en"] == load_bundle(base_files()).messages.texts["en"]


def test_a_sentence_with_another_placeholder() -> None:
    """A sentence of the city has the placeholders of the other languages, or is refused there."""
    files = {**base_files(), "city/messages/ja/talk.yaml": b"kept: 7"}
    with pytest.raises(ContentError, match=r"en/talk\.yaml.*different-placeholders"):
        load_bundle(files)


def test_the_pack_is_part_of_the_revision() -> None:
    """Another decision is another revision."""
    one = load_bundle(laid(policies="policies: {}")).revision
    assert one != load_bundle(laid(policies=f"policies:\n  minors: {DECIDED}")).revision


def test_a_place_of_the_city() -> None:
    """It stands after the emergency numbers and before the places of every city."""
    found = places(
        "  city_line: {name: {ja: 市の線, en: City line}, kind: helpline, for_whom: [self],"
        " phone: '1', cost: free, source: x, verified_on: null, status: unverified,"
        " occasions: [now]}"
    )
    assert [entry.id for entry in found.entries] == [
        "ambulance",
        "city_line",
        "line_of_life",
        "quiet_room",
    ]


def test_a_common_place_verified_by_the_city() -> None:
    """A place can be changed by its id with just the keys that differ."""
    found = places("  quiet_room: {status: verified, verified_on: 2026-11-20}")
    room = found.entries[-1]
    assert (room.id, room.phone, room.trusted(TODAY)) == ("quiet_room", "000-000-0002", True)
    assert room.names["ja"] == "静かな部屋"


def test_what_nobody_verified() -> None:
    """A place is trusted while somebody verified it lately, and no longer."""
    entries = [
        each for each in load_directory(base_files(), ("ja", "en")).entries if each.occasions
    ]
    assert [entry.id for entry in entries if not entry.trusted(TODAY)] == ["quiet_room"]
    later = date(2027, 11, 21)
    stale = [entry.id for entry in entries if not entry.trusted(later)]
    assert stale == ["line_of_life", "quiet_room"]


def test_the_shipped_questions_are_fourteen() -> None:
    """Fourteen questions ship with the service, each in Japanese and English, and none of them is
    answered by the example pack.
    """
    policies = shipped_policies()
    assert len(policies) == 14
    assert all(each.question["ja"] and each.question["en"] for each in policies)
    assert [each.id for each in policies if each.decided] == []


def shipped_policies() -> tuple[Policy, ...]:
    from bot.flow.city import load_city
    from tests.repository import ROOT

    findings = Findings()
    paths = ("flows/safety/policies.yaml", "city/policies.yaml", "city/entry_codes.yaml")
    city = load_city(findings, {path: (ROOT / path).read_bytes() for path in paths})
    findings.raise_if_any()
    assert {code.kind for code in city.codes} >= {"counter", "probation", "prison", "pharmacy"}
    return city.policies
