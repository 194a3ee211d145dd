"""The cookies of the staff pages and the proofs in their forms. May import bot.web.passes.

Three cookies: the session; the mark of a browser that is not signed in yet, so that its forms can
carry a proof too; and one that stays, by which a browser where staff signed in before is known.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Literal

from starlette.requests import Request
from starlette.responses import Response

from bot.web.passes import TOKEN, is_private_road

Cookie = Literal["staff", "staff-door", "staff-known"]
KNOWN_AGE = 90 * 86_400
"""Seconds that a browser stays known after the last sign-in there."""


def cookie_name(request: Request, cookie: Cookie) -> str:
    """With the `__Host-` prefix wherever that is allowed."""
    return f"__Host-{cookie}" if is_private_road(request) else cookie


def read_cookie(request: Request, cookie: Cookie) -> str:
    """What the browser carries, or ""."""
    return request.cookies.get(cookie_name(request, cookie), "")


def read_token(request: Request, cookie: Cookie) -> str:
    """The token the browser carries, or "" (none, or not of our making)."""
    token = read_cookie(request, cookie)
    return token if TOKEN.fullmatch(token) else ""


def give_cookie(request: Request, response: Response, cookie: Cookie, value: str) -> None:
    """Set a cookie; all but the one that stays go when the browser is closed, if the session has
    not ended before.
    """
    response.set_cookie(
        cookie_name(request, cookie),
        value,
        max_age=KNOWN_AGE if cookie == "staff-known" else None,
        path="/",
        secure=is_private_road(request),
        httponly=True,
        samesite="strict",
    )


def take_cookie(request: Request, response: Response, cookie: Cookie) -> None:
    """Remove a cookie."""
    response.delete_cookie(
        cookie_name(request, cookie),
        path="/",
        secure=is_private_road(request),
        httponly=True,
        samesite="strict",
    )


def seal_form(secret: str) -> str:
    """The proof that goes into each form: only who knows the secret can make it."""
    return hmac.new(secret.encode(), b"engawa staff form 1", hashlib.sha256).hexdigest()


def is_our_form(secret: str, proof: str) -> bool:
    """Whether the proof fits the secret; constant time, and never for an empty secret."""
    return bool(secret) and hmac.compare_digest(seal_form(secret).encode(), proof.encode())
