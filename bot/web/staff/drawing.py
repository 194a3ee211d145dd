"""Draws QR codes as SVG for the page itself: no picture is fetched, nothing leaves the machine.

Imports segno only.
"""

from __future__ import annotations

import segno
from markupsafe import Markup


def qr_code(content: str) -> Markup:
    """A QR code as an <svg> element without style or script; its words stand next to it as text."""
    code = segno.make(content, error="m", micro=False)
    drawn = code.svg_inline(
        scale=4, border=4, dark="#000", light="#fff", svgclass="qr", lineclass=None, omitsize=True
    )
    return Markup(drawn)  # segno writes numbers and our constants, never the content
