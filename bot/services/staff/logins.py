"""Logins and names as they are kept. Pure; imports nothing of ours."""

from __future__ import annotations

import re
import unicodedata

_LOGIN = re.compile(r"[a-z0-9._-]{2,64}")
_NAME = 40


def normalised(login: str) -> str | None:
    """A login without regard to case and width; None if it can't be one."""
    flat = unicodedata.normalize("NFKC", login[:256]).casefold().strip()
    return flat if _LOGIN.fullmatch(flat) else None


def named(name: str) -> str | None:
    """A name for colleagues; None if it is empty, too long, or has characters nobody sees."""
    flat = unicodedata.normalize("NFC", name[: 8 * _NAME]).strip()
    if not 0 < len(flat) <= _NAME:
        return None
    return None if any(unicodedata.category(char)[0] == "C" for char in flat) else flat
