"""Keeps the platforms' libraries from logging what must not be logged. Imports nothing of ours.

httpx logs request addresses (a Telegram address holds the token), telegram and linebot log bodies.
"""

from __future__ import annotations

import logging


def hush(*loggers: str) -> None:
    """From now on these loggers say warnings and errors only, whatever the root logger says."""
    for name in loggers:
        logging.getLogger(name).setLevel(logging.WARNING)
