"""Language hints of a platform or browser → a language code of ours. Imports nothing of ours.

A hint chooses the first language a person sees; it is mapped here and never stored as it came.
"""

from __future__ import annotations

LANGUAGES = ("ja", "ja-easy", "en")
"""The languages messages/ has; a tag that is none of these gives no hint."""


def language_of(tag: str) -> str:
    """The code for an IETF tag (ja-JP → ja, en → en), or "" where it gives no hint."""
    wanted = tag.strip().lower().replace("_", "-")
    if wanted in LANGUAGES:
        return wanted
    primary = wanted.split("-", 1)[0]
    return primary if primary in LANGUAGES else ""


def preferred(accept_language: str) -> str:
    """The code for a browser's Accept-Language header: the first one of ours by weight, or ""."""
    weighed: list[tuple[float, int, str]] = []
    for position, entry in enumerate(accept_language[:500].split(",")):
        tag, _, weight = entry.partition(";q=")
        code = language_of(tag)
        if code and (worth := _weight(weight)) > 0:
            weighed.append((-worth, position, code))
    return min(weighed)[2] if weighed else ""


def _weight(text: str) -> float:
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0
