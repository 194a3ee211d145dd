"""The headers every answer carries: nothing from elsewhere, nothing kept, nothing told.

Imports nothing of ours.
"""

from __future__ import annotations

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer",
        "browsing-topics",
        "camera",
        "display-capture",
        "geolocation",
        "gyroscope",
        "microphone",
        "payment",
        "usb",
    )
)
GUARDED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Permissions-Policy": PERMISSIONS_POLICY,
    "X-Robots-Tag": "noindex",
}
# `no-store` also keeps pages out of the back-forward cache: after quick exit, nothing comes back.
PAGE = {**GUARDED, "Cache-Control": "no-store"}
STATIC = {**GUARDED, "Cache-Control": "public, max-age=31536000, immutable"}
ONION = "Onion-Location"
"""Tells a Tor browser the same page's address inside its network."""
STRICT_TRANSPORT = ("Strict-Transport-Security", "max-age=31536000")

PLAIN = [
    (b"content-type", b"text/plain; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
]
