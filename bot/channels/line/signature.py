"""LINE's webhook signature, checked on the raw bytes in constant time. Imports bot.errors only."""

from __future__ import annotations

import base64
import hmac

from bot.errors import BadSignatureError


def sign(secret: bytes, body: bytes) -> str:
    """The signature LINE puts on a body: base64 of HMAC-SHA256 with the channel secret."""
    return base64.b64encode(hmac.digest(secret, body, "sha256")).decode("ascii")


def verify(secret: bytes, body: bytes, signature: str) -> None:
    """Raises BadSignatureError unless `signature` is the one of exactly these bytes."""
    given = signature.encode("utf-8", "surrogatepass")
    if not hmac.compare_digest(sign(secret, body).encode("ascii"), given):
        raise BadSignatureError("The LINE signature is missing or wrong.")
