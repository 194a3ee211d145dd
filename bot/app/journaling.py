"""Where the log goes: notes on standard error; the platforms' own loggers are kept quiet."""

from __future__ import annotations

import logging

from bot.channels.quiet import hush

# httpx prints addresses (Telegram's hold the token); telegram and linebot print bodies.
LOUD = (
    "httpx",
    "httpcore",
    "telegram",
    "linebot",
    "aiohttp",
    "urllib3",
    "asyncio",
    "uvicorn.access",
)


def quiet_logging(ours: int = logging.INFO) -> None:
    """Our own notes from `ours` on, everybody else's at WARNING."""
    logging.basicConfig(
        level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    logging.getLogger("engawa").setLevel(ours)
    hush(*LOUD)
