"""Codes of six digits that change every 30 seconds; each works once. Imports nothing of ours."""

from __future__ import annotations

import hmac
import re
import unicodedata

import pyotp

STEP = 30_000
"""Ms."""
_DRIFT = 1  # steps a device's clock may be off, to either side
_TYPED = 64  # characters that are looked at: a form can hold far more
_CODE = re.compile(r"[0-9]{6}")


def used_step(secret: str, typed: str, now: int, newest: int) -> int | None:
    """The 30-second step that a typed code is of, or None if it is wrong or was used.

    `newest` is the step of the newest code that was used: it and earlier ones don't count. Spaces
    and wide digits don't matter, so a replay with padding is still that same code.
    """
    code = re.sub(r"\s", "", unicodedata.normalize("NFKC", typed[:_TYPED]))
    if not _CODE.fullmatch(code):
        return None
    this, found = now // STEP, None
    totp = pyotp.TOTP(secret)
    for step in range(this - _DRIFT, this + _DRIFT + 1):  # all of them: the same work each time
        fits = hmac.compare_digest(totp.generate_otp(step), code)
        if fits and step > newest:
            found = step
    return found


def address(secret: str, login: str, issuer: str) -> str:
    """The `otpauth://` address for a device's camera."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=issuer)


def in_groups(secret: str) -> str:
    """The secret as text to be typed: groups of four letters."""
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
