"""Reads request bodies, never more than the cap, and forms. Imports errors and Starlette types."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl

from starlette.types import Receive

from bot.errors import BadBodyError, BodyTooLargeError

FORM = "application/x-www-form-urlencoded"
FORM_CAP = 262_144
"""Bytes of a form; room for a text far over the limit, so that it can be read and handed back."""
FORM_FIELDS = 12
# Control characters say nothing to people, and NUL breaks what comes after; tab and line feed stay.
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f]")


class Disconnected(Exception):
    """The client went before its body was complete; there is nobody to answer."""


def headers_of(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Header names (lower case, as ASGI has them) and values as text."""
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in raw}


async def read_capped(headers: Mapping[str, str], receive: Receive, cap: int) -> bytes:
    """The whole body; raises BodyTooLargeError as soon as it is known to be over `cap` bytes."""
    declared = headers.get("content-length", "0")
    if not (declared.isascii() and declared.isdigit()):
        raise BadBodyError("Content-Length is not a number.")
    if len(declared) > 12 or int(declared) > cap:
        raise BodyTooLargeError(f"The body is larger than {cap} bytes.")
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        part = message.get("body", b"")
        size += len(part)
        if size > cap:
            raise BodyTooLargeError(f"The body is larger than {cap} bytes.")
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)


async def read_form(headers: Mapping[str, str], receive: Receive, cap: int) -> dict[str, str]:
    """The fields of a plain form, cleaned of control characters; the first of a name counts."""
    body = await read_capped(headers, receive, cap)
    if headers.get("content-type", "").split(";")[0].strip().lower() != FORM:
        raise BadBodyError("The form is not url-encoded.")
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            errors="replace",
            max_num_fields=FORM_FIELDS,
        )
    except ValueError as error:
        raise BadBodyError("The form cannot be read.") from error
    fields: dict[str, str] = {}
    for name, value in pairs:
        fields.setdefault(name, CONTROLS.sub("", value.replace("\r\n", "\n").replace("\r", "\n")))
    return fields
