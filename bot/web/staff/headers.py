"""The headers of every staff page: as strict as the room's, and nothing is ever kept.

May import bot.web.headers.
"""

from __future__ import annotations

from bot.web.headers import GUARDED

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
PAGE = {
    **GUARDED,
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}
# Not "cookies": that would also sign a person out of the public room on the same machine.
AT_THE_END = ("Clear-Site-Data", '"cache", "storage"')
