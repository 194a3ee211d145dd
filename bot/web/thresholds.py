"""Proof that a form for coming in was shown to the very browser that sends it.

Who is not inside yet has no pass to make a proof with; so the pages with these forms leave a mark
for ten minutes: randomness that names nobody and opens nothing. Without it a page elsewhere could
bring a browser that doesn't tell where a form comes from into somebody else's conversation.

Imports Starlette, the standard library and bot.web.passes.
"""

from __future__ import annotations

import hashlib
import hmac

from starlette.requests import Request
from starlette.responses import Response

from bot.web.passes import EVENT, comes_from_us, is_private_road

AGE = 600
"""Seconds."""


def read_mark(request: Request) -> str:
    """The mark that this browser carries, or "" (none, or not of our making)."""
    mark = request.cookies.get(_name(request), "")
    return mark if EVENT.fullmatch(mark) else ""


def leave_mark(request: Request, response: Response, mark: str) -> None:
    """Set the cookie, or renew it for another ten minutes."""
    response.set_cookie(
        _name(request),
        mark,
        max_age=AGE,
        path="/",
        secure=is_private_road(request),
        httponly=True,
        samesite="strict",
    )


def take_mark(request: Request, response: Response) -> None:
    """Remove the cookie: whoever is inside needs it no more."""
    response.delete_cookie(
        _name(request),
        path="/",
        secure=is_private_road(request),
        httponly=True,
        samesite="strict",
    )


def seal_entry(mark: str) -> str:
    """What goes into the form: only who knows the mark can make it."""
    return hmac.new(mark.encode(), b"engawa entry form 1", hashlib.sha256).hexdigest()


def was_shown_here(request: Request, proof: str) -> bool:
    """Whether the browser says that our page sent the form, or proves that it was shown there."""
    if "sec-fetch-site" in request.headers:
        return comes_from_us(request)
    mark = read_mark(request)
    return bool(mark) and hmac.compare_digest(seal_entry(mark).encode(), proof.encode())


def _name(request: Request) -> str:
    return "__Host-step" if is_private_road(request) else "step"
