"""Which signatures are needed, and that any edit voids its own."""

from collections.abc import Mapping

import pytest

from bot.flow.definition import Bundle
from bot.flow.loader import load_bundle
from bot.flow.pack import Need
from bot.flow.signoff import Missing, fingerprint, missing, needed, unsigned
from tests.flow.bundles import base_files

SIGNATURES = """engawa: 1
signatures:
  legal: {messages: [talk.kept]}
  clinical: {messages: [talk.*], without: [talk.kept], files: [flows/words/matchers.yaml]}
"""


def bundle(approvals: str = "", **changed: str) -> Bundle:
    """The base content with these signatures; `changed` replaces ja sentences of talk.yaml."""
    return load_bundle(files(approvals, **changed))


def files(approvals: str = "", **changed: str) -> Mapping[str, bytes]:
    found = {**base_files(), "flows/safety/signatures.yaml": SIGNATURES.encode()}
    if approvals:
        found["city/approvals.yaml"] = f"engawa: 1\napprovals:\n{approvals}".encode()
    if changed:
        lines = "\n".join(f'{key}: "{text}"' for key, text in changed.items())
        found["city/messages/ja/talk.yaml"] = lines.encode()
    return found


def signed(role: str, key: str, language: str, of: Bundle | None = None) -> str:
    """One row of approvals.yaml for the text as it stands."""
    mark = fingerprint(of or bundle(), key, language)
    return (
        f"  - {{role: {role}, key: {key}, language: '{language}', hash: {mark}, who: 誰か, "
        "when: 2026-12-01}\n"
    )


def test_what_is_needed() -> None:
    """A star stands for a whole file of messages, `without` takes some out, and each language
    counts for itself; a file counts once.
    """
    found = needed(bundle())
    keys = {need.key for need in found if need.role == "clinical" and need.language == "ja"}
    assert "talk.thanks" in keys
    assert "talk.kept" not in keys
    assert [need for need in found if need.role == "legal"] == [
        Need("legal", "talk.kept", "en"),
        Need("legal", "talk.kept", "ja"),
    ]
    assert Need("clinical", "flows/words/matchers.yaml", "") in found


def test_a_physician_among_the_clinical() -> None:
    """What only a physician may sign is a need of the clinical role, marked; its signature fits."""
    table = """engawa: 1
signatures:
  clinical: {messages: [talk.*], by_a_physician: [talk.kept]}
"""
    given = {"flows/safety/signatures.yaml": table.encode()}
    found = needed(load_bundle({**files(), **given}))
    assert [need.key for need in found if need.physician] == ["talk.kept", "talk.kept"]
    assert len([need for need in found if need.key == "talk.kept"]) == 2
    sign = signed("clinical", "talk.kept", "ja") + signed("clinical", "talk.kept", "en")
    left = missing(load_bundle({**files(sign), **given}))
    assert "talk.kept" not in {each.key for each in left}


def test_nothing_is_signed_at_first() -> None:
    """Without approvals everything needed is missing, never given."""
    found = missing(bundle())
    assert [Need(each.role, each.key, each.language) for each in found] == list(needed(bundle()))
    assert {each.why for each in found} == {"never"}


def test_a_signature_counts_for_one_language() -> None:
    """What is signed in Japanese is still missing in English."""
    found = missing(bundle(signed("legal", "talk.kept", "ja")))
    assert [each for each in found if each.role == "legal"] == [
        Missing("legal", "talk.kept", "en", "never")
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("{days_left}日で消えます", None, id="the same words"),
        pytest.param("{days_left}日で消えます。", "edited", id="one more sign"),
        pytest.param("{days_left} 日で消えます", "edited", id="one more space"),
    ],
)
def test_an_edit_voids_its_own_signature(text: str, why: str | None) -> None:
    """A signature holds for the very text that was read."""
    approvals = signed("legal", "talk.kept", "ja") + signed("clinical", "talk.thanks", "ja")
    found = missing(bundle(approvals, kept=text))
    assert [each.why for each in found if (each.key, each.language) == ("talk.kept", "ja")] == (
        [why] if why else []
    )
    assert [each for each in found if (each.key, each.language) == ("talk.thanks", "ja")] == []


def test_the_wrong_role_signs_nothing() -> None:
    """A clinical signature under a legal text doesn't help."""
    found = missing(bundle(signed("clinical", "talk.kept", "ja")))
    assert Missing("legal", "talk.kept", "ja", "never") in found


def test_a_file_is_signed_as_a_whole() -> None:
    """A signature to a file holds until a byte of it changes."""
    approvals = signed("clinical", "flows/words/matchers.yaml", "")
    before = dict(files(approvals))
    assert Missing("clinical", "flows/words/matchers.yaml", "", "never") not in missing(
        load_bundle(before)
    )
    before["flows/words/matchers.yaml"] += b"\n"
    assert Missing("clinical", "flows/words/matchers.yaml", "", "edited") in missing(
        load_bundle(before)
    )


def test_an_approval_of_what_is_gone_harms_nothing() -> None:
    """After an upgrade that takes a text away, its approval is just without meaning."""
    row = signed("legal", "talk.kept", "ja").replace("talk.kept", "talk.gone")
    assert len(missing(bundle(row))) == len(needed(bundle()))


def test_what_is_shown_is_a_draft_until_signed() -> None:
    """A page of texts is a draft while one of them lacks a signature in its language."""
    ready = bundle(signed("legal", "talk.kept", "ja"))
    assert not unsigned(ready, ("talk.kept",), "ja")
    assert unsigned(ready, ("talk.kept",), "en")
    assert unsigned(ready, ("talk.kept", "talk.thanks"), "ja")
