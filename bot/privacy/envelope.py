"""Sealed bytes: AES-256-GCM under one data key, bound to the place where they are kept.

An envelope is a version byte, a random 96-bit nonce, the ciphertext and its 16-byte tag. Lengths
are hidden in steps of 64 bytes. Imports bot.errors only.
"""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.errors import SealError

KEY_BYTES = 32
STEP = 64

_VERSION = 1
_MARK = bytes([_VERSION])
_NONCE = 12
_TAG = 16
_HEAD = f"engawa\x1f{_VERSION}"
_SHORTEST = len(_MARK) + _NONCE + STEP + _TAG


def new_key() -> bytes:
    """A random 256-bit key. Keys are never derived from one another."""
    return os.urandom(KEY_BYTES)


def place(*parts: str | int) -> bytes:
    """The name of the place an envelope belongs to: table, column, ids.

    Different parts give different bytes (the number 1 and the text "1" too). Raises ValueError for
    an empty part or one with a separator in it, because then two places could share a name.
    """
    names = [_HEAD]
    for part in parts:
        if isinstance(part, int):
            names.append(f"\x1e{part}")
        elif part and "\x1f" not in part and "\x1e" not in part:
            names.append(part)
        else:
            raise ValueError(f"a part of a place must be non-empty, without separators: {part!r}")
    return "\x1f".join(names).encode()


def seal(key: bytes, plain: bytes, at: bytes) -> bytes:
    """Encrypt `plain` so that it opens only with this key and only at this place."""
    # One 0x80, then zeros: the plain text may end in anything, and no length needs to be stored.
    padded = plain + b"\x80"
    return _encrypt(key, os.urandom(_NONCE), padded + bytes(-len(padded) % STEP), at)


def open_sealed(key: bytes, sealed: bytes, at: bytes) -> bytes:
    """What `seal` was given; raises SealError if anything about the envelope is not as it was."""
    if sealed[:1] != _MARK:
        raise SealError(_unknown_version(sealed))
    if len(sealed) < _SHORTEST:
        raise SealError(f"An envelope is cut short: {len(sealed)} bytes, at least {_SHORTEST}.")
    try:
        padded = AESGCM(key).decrypt(sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :], at)
    except InvalidTag:
        raise SealError(
            "An envelope does not open: it was changed, moved to another row, or sealed under "
            "another key."
        ) from None
    plain = padded.rstrip(b"\0")
    if plain[-1:] != b"\x80":
        raise SealError("An envelope opens, but its padding is not ours.")
    return plain[:-1]


def _encrypt(key: bytes, nonce: bytes, padded: bytes, at: bytes) -> bytes:
    """The envelope for one nonce; apart from `seal` so that known answers can be tested."""
    return _MARK + nonce + AESGCM(key).encrypt(nonce, padded, at)


def _unknown_version(sealed: bytes) -> str:
    if not sealed:
        return "An envelope is empty."
    return (
        f"An envelope has version {sealed[0]}, this program knows version {_VERSION}: "
        "use the program that wrote it, or a newer one."
    )
