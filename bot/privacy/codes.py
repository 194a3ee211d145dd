"""The marks by which codes are found: keyed hashes, so that the rows hold no words and no links.

Imports the look-up hashes' key only.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence


def return_mark(key: bytes, numbers: Sequence[int]) -> bytes:
    """32 bytes that find a return code by the numbers of its words; `key` is the look-up key."""
    return _mark(key, b"return", ".".join(str(number) for number in numbers).encode())


def door_mark(key: bytes, token: str) -> bytes:
    """32 bytes that find a door link by its token, whatever a stranger puts in its place."""
    return _mark(key, b"door", token.encode("utf-8", "surrogatepass"))


def tries_key(key: bytes, scope: str, about: bytes = b"") -> bytes:
    """16 bytes under which wrong tries are counted: for one address, one link, or all together."""
    return _mark(key, b"tries", scope.encode() + b"\x1f" + about)[:16]


def _mark(key: bytes, domain: bytes, data: bytes) -> bytes:
    return hmac.digest(key, b"engawa.code\x1f" + domain + b"\x1f" + data, "sha256")
