"""The web room and the terminal keep the same contract, without a platform."""

from __future__ import annotations

import pytest

from bot.channels.languages import language_of
from bot.channels.line.client import LineChannel
from bot.channels.local import LocalChannel
from bot.channels.telegram.client import TelegramChannel
from bot.channels.terminal import TerminalChannel
from bot.channels.web import WebChannel
from bot.errors import BadBodyError
from bot.rendering.bubbles import Bubble, Button
from bot.rendering.web import bubbles_of
from bot.services.ports import Channel, Heard
from tests.channels.doors import channel

SAID = [Bubble("話しますか？", (Button("q1.y", "はい"),))]


def test_all_are_channels() -> None:
    """All four keep the port; mypy reads this too. The web room alone is read, never sent to."""
    channels: list[Channel] = [channel("line"), channel("telegram"), WebChannel()]
    channels.append(TerminalChannel(print))
    assert [one.name for one in channels] == ["line", "telegram", "web", "terminal"]
    assert [one.pushes for one in channels] == [True, True, False, True]
    assert [one.replies for one in channels] == [True, False, False, False]
    assert isinstance(channels[0], LineChannel) and isinstance(channels[1], TelegramChannel)


@pytest.mark.parametrize("local", [WebChannel(), TerminalChannel(print)], ids=["web", "terminal"])
def test_what_people_do(local: LocalChannel) -> None:
    """The door, a text and a tap become what the platforms' become."""
    heard = [
        local.began("a1", "e1", 5, code="poster", language="ja"),
        local.said("a1", "e2", 6, " つらい\r\nです \ud83d"),
        local.tapped("a1", "e3", 7, "q1.y"),
    ]
    assert [(one.what, one.channel, one.user_id, one.at) for one in heard] == [
        ("inbound", local.name, "a1", at) for at in (5, 6, 7)
    ]
    inbounds = [one.inbound for one in heard if one.inbound is not None]
    assert [(i.kind, i.text, i.data, i.code, i.language) for i in inbounds] == [
        ("begin", "", "", "poster", "ja"),
        ("text", "つらい\nです ?", "", "", ""),
        ("tap", "", "q1.y", "", ""),
    ]
    with pytest.raises(BadBodyError, match="no webhook"):
        local.read({}, b"{}")


async def test_the_web_room_is_read_not_sent_to() -> None:
    """Its payload is the transcript; sending to it is refused, not swallowed."""
    web = WebChannel()
    [payload] = web.requests(SAID)
    assert bubbles_of(payload) == tuple(SAID)
    assert (await web.send("send", "a1", payload, "", "")).kind == "rejected"
    await web.acknowledge(Heard("inbound", "web", "e", "a1", 1))
    await web.show_loading("a1")
    assert await web.quota() is None
    await web.close()


async def test_the_terminal_prints() -> None:
    """What is sent to the terminal is written, with a blank line after it."""
    written: list[str] = []
    terminal = TerminalChannel(written.append)
    assert (await terminal.send("send", "a1", terminal.requests(SAID)[0], "", "")).kind == "sent"
    assert written == ["話しますか？\n\n1 はい\n\n"]


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        pytest.param("ja", "ja", id="ja"),
        pytest.param("ja-JP", "ja", id="region"),
        pytest.param("ja-easy", "ja-easy", id="easy"),
        pytest.param("EN_us", "en", id="case-and-underscore"),
        pytest.param("pt-br", "", id="another-language"),
        pytest.param("", "", id="nothing"),
        pytest.param("jam", "", id="not-ja"),
    ],
)
def test_language_hints(tag: str, code: str) -> None:
    """A tag is mapped by its first part, and gives no hint where we have no such language."""
    assert language_of(tag) == code
