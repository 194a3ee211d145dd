"""Request bodies for Telegram: bubbles → JSON for sendMessage. Pure; imports bot.rendering only.

No parse mode, so that nothing a person wrote can style or break a text; link previews are off, so
that no third party is asked for a picture. No recipient inside.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from bot.rendering import limits
from bot.rendering.bubbles import Bubble, Button
from bot.rendering.choices import STAND_IN, choices, numbered, rails, sendable, spoken
from bot.rendering.counting import fits
from bot.rendering.splitting import split

_RAILS_IN_A_ROW = 2


def requests(bubbles: Sequence[Bubble]) -> tuple[bytes, ...]:
    """One JSON body per API request, which is one message; the keyboard stands under its bubble.

    Raises ValueError for callback data Telegram would refuse: it cannot be cut.
    """
    bodies: list[bytes] = []
    for bubble in spoken(tuple(bubbles)):
        pieces = [piece for piece in split(numbered(bubble), limits.TELEGRAM_TEXT) if piece.strip()]
        bodies += [msgspec.json.encode(_message(piece)) for piece in pieces[:-1]]
        bodies.append(msgspec.json.encode(_message(pieces[-1], _keyboard(bubble))))
    return tuple(bodies)


def _message(text: str, keyboard: Sequence[object] = ()) -> dict[str, object]:
    message: dict[str, object] = {"text": text, "link_preview_options": {"is_disabled": True}}
    if keyboard:
        message["reply_markup"] = {"inline_keyboard": keyboard}
    return message


def _keyboard(bubble: Bubble) -> list[list[dict[str, str]]]:
    """A row for each choice, rails two to a row; choices over the limit keep their digits only."""
    shared = rails(bubble)[: limits.TELEGRAM_BUTTONS.most]
    rows = [[_key(button)] for button in choices(bubble)]
    rows = rows[: limits.TELEGRAM_BUTTONS.most - len(shared)]
    for start in range(0, len(shared), _RAILS_IN_A_ROW):
        rows.append([_key(button) for button in shared[start : start + _RAILS_IN_A_ROW]])
    return rows


def _key(button: Button) -> dict[str, str]:
    if not button.data or not fits(button.data, limits.TELEGRAM_DATA):
        size = len(button.data.encode("utf-8", "replace"))
        raise ValueError(f"A Telegram button carries 1 to 64 bytes, not {size}.")
    label = sendable(button.label)
    return {"text": label if label.strip() else STAND_IN, "callback_data": button.data}
