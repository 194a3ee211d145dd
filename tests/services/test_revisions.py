"""bot.services.revisions: what is published, pinned, refused; and how it is spoken."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from msgspec.structs import replace

from bot.engine.events import Offered, Said
from bot.errors import ContentError, StoreUnavailableError
from bot.flow.definition import Messages
from bot.services.revisions import Programs, compile_files
from bot.services.speech import Wording
from bot.store.memory import MemoryStore
from tests.services.rig import Rig, content, published


def edited(old: str, new: str) -> dict[str, bytes]:
    """The repository's content with a welcome of another wording."""
    files = dict(content())
    path = "messages/ja/welcome.yaml"
    files[path] = files[path].replace(old.encode(), new.encode())
    return files


async def test_publish_and_pin(rig: Rig) -> None:
    """After publishing, new sessions get the new revision and old ones keep theirs."""
    programs = Programs(rig.store, rig.clock, rig.journal)
    first = await programs.publish(content())
    second = await programs.publish(edited("プログラム", "プログラム（機械）"))

    assert (await programs.active()).revision == second.revision != first.revision
    assert (await programs.pinned(first.revision)).revision == first.revision
    assert (await programs.pinned("gone")).revision == second.revision

    other_process = Programs(rig.store, rig.clock, rig.journal)
    assert (await other_process.active()).revision == second.revision
    assert (await other_process.pinned(first.revision)).revision == first.revision


async def test_refused(rig: Rig) -> None:
    """Broken files are refused with their place; the published revision goes on serving."""
    programs = Programs(rig.store, rig.clock, rig.journal)
    before = await programs.publish(content())
    broken: Mapping[str, bytes] = {**content(), "flows/welcome.yaml": b"engawa: 1\nflow: other\n"}
    with pytest.raises(ContentError) as refusal:
        await programs.publish(broken)
    assert "flows/welcome.yaml" in {issue.place.file for issue in refusal.value.issues}
    assert (await programs.active()).revision == before.revision
    assert await rig.store.active_revision() == before.revision


async def test_nothing_published(rig: Rig) -> None:
    """Before the first publishing the service says what to do."""
    store = MemoryStore()
    await store.open()
    with pytest.raises(StoreUnavailableError, match="flows publish"):
        await Programs(store, rig.clock, rig.journal).active()


def _messages(**texts: str) -> Messages:
    named = {key.replace("__", "."): value for key, value in texts.items()}
    return Messages("ja", {"ja": named}, {})


@pytest.mark.parametrize(
    ("speech", "bubble", "label"),
    [
        pytest.param("crisis", "新しい", "新ボタン", id="a crisis speaks the active words"),
        pytest.param("turn", "古い", "古ボタン", id="a turn speaks its own revision's words"),
    ],
)
def test_wording(speech: str, bubble: str, label: str) -> None:
    """What is said in a crisis is never pinned."""
    old = _messages(a__b="古い{centre}", a__c="古ボタン")
    new = _messages(a__b="新しい{centre}", a__c="新ボタン")
    said = Said("a.b", {}, (Offered("n.1", "a.c"),), "crisis" if speech == "crisis" else "turn")
    [spoken] = Wording(old, new, "ja", {"centre": "！"}).speak([said])
    assert spoken.bubble.text == f"{bubble}！"
    assert spoken.bubble.buttons[0].label == label
    assert spoken.speech == speech


def test_wording_falls_back() -> None:
    """A key that one revision lacks is found in the other; one that none has is an error."""
    old, new = _messages(a__b="古い"), _messages()
    wording = Wording(old, new, "en", {})
    [spoken] = wording.speak([Said("a.b", {}, (), "crisis")])
    assert spoken.bubble.text == "古い"
    with pytest.raises(KeyError):
        wording.speak([Said("a.none")])


def test_ear_and_places() -> None:
    """A compiled revision brings its lexicon and its directory."""
    compiled = compile_files(content())
    assert compiled.read_risk("いますぐ死にたい").tier >= 2
    assert compiled.directory.entries
    assert replace(compiled.bundle).revision == published().revision
