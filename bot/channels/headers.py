"""HTTP headers as a web framework or a test hands them in. Imports nothing of ours."""

from __future__ import annotations

from collections.abc import Mapping


def header(headers: Mapping[str, str], name: str) -> str:
    """The value of a header whatever its case; "" where it is missing."""
    wanted = name.lower()
    return next((value for key, value in headers.items() if key.lower() == wanted), "")
