"""Request bodies for LINE: bubbles → JSON {"messages": […]}. Pure; imports bot.rendering only.

A body holds neither recipient nor reply token, so the same bytes serve a reply and a push. LINE
shows quick replies of the last message of a request only, and only until the next message: so the
buttons of all bubbles stand on the very last message.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from bot.rendering import limits
from bot.rendering.bubbles import Bubble, Button
from bot.rendering.choices import STAND_IN, numbered, sendable, spoken
from bot.rendering.counting import fits, shorten
from bot.rendering.splitting import split


def requests(bubbles: Sequence[Bubble]) -> tuple[bytes, ...]:
    """One JSON body per API request, at most five messages each; none if nothing is said.

    Raises ValueError for button data LINE would refuse: it cannot be cut without changing it.
    """
    said = spoken(tuple(bubbles))
    messages: list[dict[str, object]] = [
        {"type": "text", "text": piece} for bubble in said for piece in _pieces(bubble)
    ]
    items = [_item(button) for button in _shown(said)]
    if items:
        messages[-1]["quickReply"] = {"items": items}
    most = limits.LINE_MESSAGES.most
    return tuple(
        msgspec.json.encode({"messages": messages[start : start + most]})
        for start in range(0, len(messages), most)
    )


def _pieces(bubble: Bubble) -> Iterator[str]:
    for piece in split(numbered(bubble), limits.LINE_TEXT):
        if piece.strip():  # LINE refuses the whole request for one blank message
            yield piece


def _shown(bubbles: Sequence[Bubble]) -> list[Button]:
    """Which buttons become quick replies: the newest question's first, each data once, ≤ 13.

    Where there are too many, rails stay and choices give way: those can be answered by digit.
    """
    distinct: dict[str, Button] = {}
    for bubble in reversed(bubbles):
        for button in bubble.buttons:
            distinct.setdefault(button.data, button)
    most = limits.LINE_QUICK_REPLIES.most
    rails = [button for button in distinct.values() if button.rail][:most]
    choices = [button for button in distinct.values() if not button.rail]
    return choices[: most - len(rails)] + rails


def _item(button: Button) -> dict[str, object]:
    if not button.data or not fits(button.data, limits.LINE_DATA):
        raise ValueError(f"A LINE button carries 1 to 300 characters, not {len(button.data)}.")
    label = sendable(button.label)
    label = label if label.strip() else STAND_IN
    action = {
        "type": "postback",
        "label": shorten(label, limits.LINE_LABEL),
        "data": button.data,
        "displayText": shorten(label, limits.LINE_DISPLAY_TEXT),
    }
    return {"type": "action", "action": action}
