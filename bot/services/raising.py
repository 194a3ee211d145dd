"""Small rules that every write of a conversation keeps. Pure; imports records and safety."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from bot.safety.risk import Risk, Tier
from bot.services.records import Conversation
from bot.services.revisions import Published


def raised(before: Conversation, risks: Iterable[Risk], now: int) -> Conversation:
    """The conversation with its tier raised; nothing here ever lowers it."""
    risk = max(risks, key=lambda one: one.tier)
    if risk.tier == Tier.NONE or risk.tier < before.tier:
        return before
    return replace(before, tier=int(risk.tier), tier_at=now, tier_rule=risk.rule)


def language_of(wanted: str, published: Published) -> str:
    """The language that is wanted, where there is one; else the source language."""
    messages = published.bundle.messages
    return wanted if wanted in messages.texts else messages.source_language
