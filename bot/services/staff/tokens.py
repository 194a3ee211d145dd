"""Secrets that are handed out once and kept only as hashes: tokens and recovery codes. Pure.

Imports nothing of ours.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import unicodedata

LETTERS = "ACDEFHJKMNPRTWXY34679"
"""Not mistaken for one another when read from paper."""
CODE_LETTERS = 16
CODES = 10
_TYPED = 128  # characters that are looked at: a form can hold far more


def mark_of(token: str) -> bytes:
    """Under what a token is found: its SHA-256. It has 256 random bits, so no key is needed."""
    return hashlib.sha256(b"engawa.staff.token" + token.encode("utf-8", "surrogatepass")).digest()


def code_from(token: str) -> str:
    """A recovery code (about 70 bits) out of a fresh random token: `ACDE-…` in four groups."""
    number = int.from_bytes(hashlib.sha256(b"engawa.staff.code" + token.encode()).digest(), "big")
    drawn = ""
    for _ in range(CODE_LETTERS):
        number, letter = divmod(number, len(LETTERS))
        drawn += LETTERS[letter]
    return "-".join(drawn[at : at + 4] for at in range(0, CODE_LETTERS, 4))


def code_hash(key: bytes, account: str, typed: str) -> bytes:
    """What is kept of a recovery code. Small letters, spaces, hyphens and wide forms don't matter;
    `key` is the keyring's look-up key, so that the database alone tells nothing.
    """
    plain = re.sub(r"[^0-9A-Z]", "", unicodedata.normalize("NFKC", typed[:_TYPED]).upper())
    return hmac.digest(key, f"engawa.staff.code\x1f{account}\x1f{plain}".encode(), "sha256")


def tries_key(key: bytes, kind: str, name: str | bytes = b"") -> bytes:
    """Under what attempts are counted: a keyed hash, so that no login stands in the table."""
    data = name.encode("utf-8", "surrogatepass") if isinstance(name, str) else name
    return hmac.digest(key, b"engawa.staff.tries\x1f" + kind.encode() + b"\x1f" + data, "sha256")


def base32_from(token: str) -> str:
    """A TOTP secret of 160 bits out of a fresh random token."""
    digest = hashlib.sha256(b"engawa.staff.totp" + token.encode()).digest()
    return base64.b32encode(digest[:20]).decode()


def challenge_from(token: str) -> bytes:
    """A passkey challenge of 256 bits out of a fresh random token."""
    return hashlib.sha256(b"engawa.staff.challenge" + token.encode()).digest()
