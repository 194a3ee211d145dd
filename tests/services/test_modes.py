"""What a channel may take: what is filed of a text, and what never reaches the store."""

from __future__ import annotations

import pytest

from bot.engine.inbound import Inbound
from bot.engine.world import Mode
from bot.rendering.bubbles import Button
from bot.services.modes import is_ours
from tests.services.rig import ROOM, Rig, published, says

DOORS: dict[str, Mode] = {"line": "door_only", "telegram": "door_only"}
BUTTONS: dict[str, Mode] = {"line": "buttons_only", "telegram": "buttons_only"}
OWN = "きのうの夜のことを書きます"
DANGER = "意識がない"


@pytest.mark.parametrize(
    ("text", "ours"),
    [
        pytest.param("1", True, id="a number"),
        pytest.param("１２", True, id="a number of two digits, full width"),
        pytest.param("123", False, id="a longer number"),
        pytest.param("消して", True, id="a word that works everywhere"),
        pytest.param("  Erase ", True, id="in another language"),
        pytest.param("話してみる", True, id="a label"),
        pytest.param("Talk to a person", True, id="a label in another language"),
        pytest.param("人と話すのがこわい", False, id="a sentence that begins like a label"),
        pytest.param(OWN, False, id="somebody's own words"),
        pytest.param("消して" * 40, False, id="long"),
    ],
)
def test_our_own_words_are_known(text: str, ours: bool) -> None:
    """Numbers, words and labels are ours; anything else is the person's."""
    assert is_ours(text, published().program) is ours


@pytest.mark.parametrize(
    "mode", [pytest.param(DOORS, id="door"), pytest.param(BUTTONS, id="buttons")]
)
async def test_own_words_are_never_filed(mode: dict[str, Mode]) -> None:
    """On a channel that doesn't take them, a person's words stand in no row, not even sealed."""
    rig = await Rig(modes=mode).start()
    await rig.begin("line")
    seen: list[bytes] = []
    seal = type(rig.vault.open(await rig.there("line"))).seal_inbound

    def watched(lane: object, event: bytes, body: object) -> bytes:
        seen.append(repr(body).encode())
        return seal(lane, event, body)  # type: ignore[arg-type]

    kind = type(rig.vault.open(await rig.there("line")))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kind, "seal_inbound", watched)
        await rig.write("line", OWN)
        await rig.hear("line", Inbound("picture", text=OWN))
        await rig.hear("line", Inbound("text", text=OWN), what="edited")
    assert len(seen) == 3
    assert not any(OWN.encode() in one for one in seen)
    assert OWN not in repr(await rig.copies("line"))


async def test_words_are_turned_away_kindly_where_buttons_are_taken() -> None:
    """A kind line with a page for words, and the question again; twice offers a person."""
    rig = await Rig(modes=BUTTONS).start()
    await rig.begin("line")
    await rig.write("line", OWN)
    await rig.delivery.run_once()
    said = rig.line.shown[-1].texts
    assert said[0].startswith(says("everywhere.free_text").partition("\n")[0])
    assert f"{ROOM}/d/" in said[0]
    assert said[1].startswith(says("welcome.ask"))
    await rig.write("line", OWN)
    await rig.delivery.run_once()
    assert rig.line.shown[-1].texts[0] == says("everywhere.offer_person")


async def test_risk_is_read_before_words_are_dropped() -> None:
    """Words that aren't taken still bring the crisis flow where buttons are, the card at a door."""
    for modes, key in ((BUTTONS, "crisis.call_119"), (DOORS, "crisis_door.call")):
        rig = await Rig(modes=modes).start()
        await rig.begin("line")
        await rig.write("line", DANGER)
        await rig.delivery.run_once()
        assert says(key) in rig.line.texts
        assert (await rig.there("line")).conversation.tier == 3
        assert DANGER not in repr(await rig.copies("line"))
        assert [one.tier for one in await rig.store.serious_events(10)] == [3]


async def test_a_door_answers_everything_with_the_door() -> None:
    """Whatever is sent there: a greeting, what the platform sees, places, and a fresh link."""
    rig = await Rig(modes=DOORS).start()
    await rig.begin("line")
    links = {_link(rig)}
    for inbound in (
        Inbound("text", text=OWN),
        Inbound("text", text="人と話す"),
        Inbound("text", text="もどる"),
        Inbound("sticker"),
        Inbound("voice"),
        Inbound("tap", data="old.1"),
    ):
        await rig.hear("line", inbound)
        await rig.delivery.run_once()
        assert says("doorstep.hello") == rig.line.shown[-1].texts[0]
        assert says("doorstep.on_line") == rig.line.shown[-1].texts[1]
        links.add(_link(rig))
    assert len(links) == 7
    assert await rig.copies("line") == []
    assert (await rig.there("line")).conversation.session == b""


async def test_words_and_taps_work_at_a_door() -> None:
    """What is kept, the language, leaving and erasing work there as everywhere."""
    rig = await Rig(modes=DOORS).start()
    await rig.begin("line")
    await rig.write("line", "何が残っていますか")
    await rig.delivery.run_once()
    assert says("kept.mark") in rig.line.texts
    assert says("kept.words", messages_kept="0") not in rig.line.texts
    await rig.write("line", "消して")
    await rig.write("line", "はい、消す")
    await rig.errands.drain()
    assert await rig.store.contacts() == ()
    assert rig.line.texts[-1].startswith("消しました")


def _link(rig: Rig) -> str:
    found = [text for text in rig.line.shown[-1].texts if f"{ROOM}/d/" in text]
    assert len(found) == 1
    return found[0].rpartition("/d/")[2].split()[0]


def test_buttons_carry_nothing_of_what_was_said() -> None:
    """A button is data and a label of ours: what a tap brings back may always be filed."""
    assert set(Button.__struct_fields__) == {"data", "label", "rail", "picture"}
