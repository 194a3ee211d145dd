"""What is said from memory, without a turn and without the store, by a road that costs nothing.

Imports ports and records.
"""

from __future__ import annotations

from bot.rendering.bubbles import Bubble
from bot.services.ports import Channel, Heard, Outcome
from bot.services.records import Via
from bot.services.verdicts import TOKEN_LIFE


def free_road(heard: Heard, channel: Channel, now: int) -> Via:
    """By reply token on LINE (it costs nothing), by sending on Telegram; "" where there is none."""
    if channel.replies:
        fresh = now - heard.at <= TOKEN_LIFE
        return "reply" if heard.reply_token and fresh else ""
    return "send" if channel.pushes else ""


async def say_aside(
    channel: Channel, heard: Heard, via: Via, words: str, retry_key: str
) -> Outcome:
    """Say one short thing to whoever just wrote."""
    payload = channel.requests([Bubble(words)])[0]
    return await channel.send(via, heard.user_id, payload, heard.reply_token, retry_key)
