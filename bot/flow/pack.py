"""What a city brings along, as frozen objects: its decisions, entry codes and signatures.

The pack is a folder laid over the common content (docs/city.md). Imports errors only.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal

import msgspec

from bot.errors import Place

ApproverKind = Literal["clinical", "legal", "head"]
"""Whose signature a text needs: the kinds of approvers among the staff, and no others."""
CodeKind = Literal["counter", "probation", "prison", "pharmacy", "page", "other"]


class Policy(msgspec.Struct, frozen=True):
    """A question that the centre must answer before it opens, and its answer if there is one.

    `question` is by language (ja, en); `text` is the decision in the centre's words.
    """

    id: str
    question: Mapping[str, str]
    place: Place
    decided: bool = False
    text: str = ""
    who: str = ""
    when: date | None = None


class EntryCode(msgspec.Struct, frozen=True):
    """An opaque code in a link or QR, where it hangs, and which printed text fits there.

    The meaning (`place`) never leaves the pack: everything else knows the code alone.
    """

    code: str
    kind: CodeKind
    place: str


class Approval(msgspec.Struct, frozen=True):
    """Somebody's signature under one text: it holds while `hash` is the text's fingerprint.

    `key` is a message key, or the path of a file (then `language` is "").
    """

    role: ApproverKind
    key: str
    language: str
    hash: str
    who: str
    when: date


class Need(msgspec.Struct, frozen=True, order=True):
    """A text that needs the signature of a role; `language` is "" for a file.

    `physician`: of somebody in that role who is a physician.
    """

    role: str
    key: str
    language: str
    physician: bool = False


class CityPack(msgspec.Struct, frozen=True):
    """The pack without what is laid over common content (places, sentences, settings)."""

    policies: tuple[Policy, ...] = ()
    codes: tuple[EntryCode, ...] = ()
    approvals: tuple[Approval, ...] = ()
