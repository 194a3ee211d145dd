"""A person on each channel, doing the same: beginning, writing, pressing what they were shown.

What they see is told alike: each message as its key, with the labels that stand under it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from bot.flow.definition import Messages
from tests.app.house import House
from tests.platforms.server import Shown
from tests.web.visiting import go_in, read_form, write

_NUMBERED = re.compile(r"(\A|\n\n)1 [^\n]+(\n\d+ [^\n]+)*\Z")
_SAME_ELSEWHERE = re.compile(r"reported\.on_(line|telegram|web)")


class Said(NamedTuple):
    """One message: its key, and the labels of all buttons under it."""

    key: str
    labels: tuple[str, ...] = ()


class Person(Protocol):
    """Somebody who talks with the service."""

    async def begin(self) -> None:
        """Open the door."""

    async def write(self, text: str) -> None:
        """Send a text."""

    async def press(self, label: str) -> None:
        """Press the newest button with this label."""

    async def seen(self) -> list[Shown]:
        """Everything shown so far; on the platforms with their numbered choices."""


class OnLine:
    """Follows, writes and taps quick replies."""

    def __init__(self, house: House, person: str = "Uhana") -> None:
        self.house = house
        self.person = person

    async def begin(self) -> None:
        """Follow."""
        event = self.house.line_event("follow", self.person, follow={"isUnblocked": False})
        await self._post(event)

    async def write(self, text: str) -> None:
        """A text message."""
        await self._post(self.house.line_text(text, self.person))

    async def press(self, label: str) -> None:
        """A postback with the data that LINE showed under this label."""
        postback = {"data": _data(self.house.line.visible[self.person], label)}
        await self._post(self.house.line_event("postback", self.person, postback=postback))

    async def seen(self) -> list[Shown]:
        """What LINE shows."""
        return self.house.line.visible[self.person]

    async def _post(self, event: Mapping[str, object]) -> None:
        answer = await self.house.post_line(event)
        assert answer.status_code == 200


class OnTelegram:
    """Starts, writes and presses inline keys."""

    def __init__(self, house: House, person: int = 70001) -> None:
        self.house = house
        self.person = person

    async def begin(self) -> None:
        """/start, by the link of an entry code."""
        await self._post(self.house.telegram_text("/start", self.person))

    async def write(self, text: str) -> None:
        """A text message."""
        await self._post(self.house.telegram_text(text, self.person))

    async def press(self, label: str) -> None:
        """A callback with the data of this key; its progress bar must be stopped."""
        data = _data(self.house.telegram.visible[str(self.person)], label)
        update = self.house.telegram_tap(data, self.person)
        await self._post(update)
        assert update["callback_query"]["id"] in self.house.telegram.answered

    async def seen(self) -> list[Shown]:
        """What Telegram shows."""
        return self.house.telegram.visible[str(self.person)]

    async def _post(self, update: Mapping[str, object]) -> None:
        answer = await self.house.post_telegram(update)
        assert answer.status_code == 200


class InTheRoom:
    """A browser without JavaScript: plain pages and forms."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.browser = house.browser

    async def begin(self) -> None:
        """Look at the door and go in."""
        assert (await self.browser.get("/")).status_code == 200
        await go_in(self.browser)

    async def write(self, text: str) -> None:
        """Fill in the form."""
        assert (await write(self.browser, text)).status_code == 303

    async def press(self, label: str) -> None:
        """Send the form of choices by the button with this label."""
        form = await read_form(self.browser, "choices")
        data = _data(await self.seen(), label)
        answer = await self.browser.post("/room/send", data={**form, "data": data})
        assert answer.status_code == 303

    async def seen(self) -> list[Shown]:
        """The bubbles of the page that are not the person's, and the buttons under the last."""
        page = (await self.browser.get("/room")).text
        texts = []
        for row in page.split('class="row bot')[1:]:
            part = row.split('class="row person')[0].split('<form id="choices"')[0]
            texts += [_plain(one) for one in re.findall(r'<p class="bubble"[^>]*>(.*?)</p>', part)]
        buttons = re.findall(r'<button name="data" value="([^"]+)"[^>]*>([^<]*)</button>', page)
        last = tuple((html.unescape(label), html.unescape(data)) for data, label in buttons)
        return [*(Shown(text) for text in texts[:-1]), Shown(texts[-1], last)]


def told(messages: Messages, shown: Sequence[Shown], language: str = "ja") -> list[Said]:
    """What was shown, message by message; numbered choices belong to the buttons."""
    return [
        Said(key_of(messages, _NUMBERED.sub("", one.text), language), _labels(one)) for one in shown
    ]


def key_of(messages: Messages, text: str, language: str) -> str:
    """The key of the message whose text this is, whatever stands in its placeholders."""
    for key, template in messages.texts[language].items():
        pattern = re.sub(r"\\\{[a-z_]+\\\}", "(?s:.*)", re.escape(template))
        if re.fullmatch(pattern, text):
            return _SAME_ELSEWHERE.sub("reported.on_this_channel", key)
    raise AssertionError(f"no message of ours: {text!r}")


def _labels(shown: Shown) -> tuple[str, ...]:
    return tuple(label for label, _ in shown.buttons)


def _data(shown: Sequence[Shown], label: str) -> str:
    for one in reversed(shown):
        for name, data in one.buttons:
            if name == label:
                return data
    raise AssertionError(f"no button {label!r} was ever shown")


def _plain(markup: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", markup.replace("<br>", "\n")))
