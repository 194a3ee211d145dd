"""The room's pass: an opaque cookie that is the person's only key, and the proof a form is ours.

Imports Starlette and the standard library only.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

TOKEN = re.compile(r"[A-Za-z0-9_-]{43,86}")
EVENT = re.compile(r"[A-Za-z0-9_-]{16,64}")
LOOPBACK = {"127.0.0.1", "::1", "localhost"}


def is_private_road(request: Request) -> bool:
    """Whether the cookie must be Secure: always, but for plain http to the machine itself.

    A proxy that ends TLS keeps the public Host, so its rooms are Secure even where the scheme
    that reaches us is http.
    """
    return request.url.scheme == "https" or (request.url.hostname or "") not in LOOPBACK


def cookie_name(request: Request) -> str:
    """Neutral, and with the `__Host-` prefix wherever that is allowed."""
    return "__Host-room" if is_private_road(request) else "room"


def read_pass(request: Request) -> str:
    """The pass this browser carries, or "" (none, or not of our making)."""
    token = request.cookies.get(cookie_name(request), "")
    return token if TOKEN.fullmatch(token) else ""


def give_pass(request: Request, response: Response, token: str, age: int) -> None:
    """Set or renew the cookie for `age` seconds."""
    response.set_cookie(
        cookie_name(request),
        token,
        max_age=age,
        path="/",
        secure=is_private_road(request),
        httponly=True,
        samesite="strict",
    )


def take_pass(request: Request, response: Response) -> None:
    """Remove the cookie."""
    response.delete_cookie(
        cookie_name(request),
        path="/",
        secure=is_private_road(request),
        httponly=True,
        samesite="strict",
    )


def seal_form(token: str) -> str:
    """The proof that goes into each form: only who knows the pass can make it."""
    return hmac.new(token.encode(), b"engawa room form 1", hashlib.sha256).hexdigest()


def is_our_form(token: str, proof: str) -> bool:
    """Whether the proof fits the pass; constant time."""
    return hmac.compare_digest(seal_form(token).encode(), proof.encode())


def comes_from_us(request: Request) -> bool:
    """Whether the browser says that one of our own pages sent this.

    Our pages send no referrer, so browsers write `Origin: null` with their forms; that counts as
    saying nothing, and the form's proof decides alone.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin", "null")
    return origin == "null" or _place(origin) == request.headers.get("host", "")


def _place(origin: str) -> str | None:
    """Host and port of an origin; None for what is none."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return None
