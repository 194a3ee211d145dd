"""JSON from a platform → an allow-listed struct, without trusting it. Imports bot.errors only.

A struct names the fields we read; everything else in the body is never turned into an object.
"""

from __future__ import annotations

import json
import re
from typing import Any, TypeVar

import msgspec

from bot.errors import BadBodyError

T = TypeVar("T")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def decode_body(body: bytes, shape: type[T]) -> T:
    """A whole body; raises BadBodyError where it is not JSON or not of this shape."""
    try:
        return _decode(body, shape)
    except msgspec.ValidationError as error:
        raise BadBodyError("The body is JSON, but not what this platform sends.") from error
    except (ValueError, RecursionError) as error:
        raise BadBodyError("The body is not JSON.") from error


def decode_part(part: bytes | msgspec.Raw, shape: type[T]) -> T | None:
    """One event or update of a body; None where it is odd, so that it never costs the others."""
    try:
        return _decode(part, shape)
    except (ValueError, RecursionError):
        return None


def _decode(body: bytes | msgspec.Raw, shape: type[T]) -> T:
    """A text cut in the middle of an emoji is JSON with half a surrogate, which msgspec refuses:
    it is read all the same, with U+FFFD for the half.
    """
    try:
        return msgspec.json.decode(body, type=shape)
    except msgspec.ValidationError:
        raise
    except ValueError:
        mended = _mended(json.loads(bytes(body).decode("utf-8", "replace")))
        return msgspec.json.decode(msgspec.json.encode(mended), type=shape)


def _mended(value: Any) -> Any:
    if isinstance(value, str):
        return _LONE_SURROGATE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_mended(item) for item in value]
    if isinstance(value, dict):
        return {_mended(key): _mended(item) for key, item in value.items()}
    return value
