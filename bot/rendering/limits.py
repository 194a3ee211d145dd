"""Every limit of the platforms that we use, as data, with the unit it is counted in.

Imports nothing of ours. The numbers come from the platforms' own references; where a platform
does not document one, the comment says whose number it is.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

Unit = Literal["utf16", "graphemes", "code_points", "bytes", "items"]


class Limit(NamedTuple):
    """The most that is allowed, and in which unit it is counted."""

    most: int
    unit: Unit


# LINE Messaging API. Texts count UTF-16 units; whatever stands on a button counts graphemes.
LINE_MESSAGES = Limit(5, "items")
LINE_TEXT = Limit(5000, "utf16")
LINE_QUICK_REPLIES = Limit(13, "items")
LINE_LABEL = Limit(20, "graphemes")
LINE_DISPLAY_TEXT = Limit(300, "graphemes")
LINE_DATA = Limit(300, "utf16")  # the unit is not documented; ours is ASCII, where all units agree
LINE_REQUEST = Limit(2 * 1024 * 1024, "bytes")

# Telegram Bot API. Texts count code points (measured by others, not documented).
TELEGRAM_TEXT = Limit(4096, "code_points")
TELEGRAM_DATA = Limit(64, "bytes")
TELEGRAM_BUTTONS = Limit(100, "items")  # undocumented; python-telegram-bot's constant
TELEGRAM_ROW = Limit(8, "items")  # undocumented; python-telegram-bot's constant
