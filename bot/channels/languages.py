"""Language hints of a platform → a language code of ours. Imports nothing of ours.

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
