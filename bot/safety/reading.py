"""Reads a text for risk with the lexicon: a tier, a topic and the rule that says so.

INTERIM, as the lexicon is: issue 5 sets a learned model and the course of a conversation beside it.
Negation, past and quotation lower a hit by one step; they never clear it. Pure; imports this room
and bot.flow's normalisation through the lexicon only.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence

from bot.safety.index import Hit, is_latin
from bot.safety.lexicon import AFTER, BEFORE, IDIOM, Lexicon, LexiconRule, fold
from bot.safety.risk import NO_RISK, Risk, Tier

SOFTEN_REACH = 15

_SENTENCE_END = re.compile("[。．.!?！？\n]+")


def read_risk(lexicon: Lexicon, text: str) -> Risk:
    """The risk in one text. Of several rules the one with the highest tier speaks."""
    sentences = [fold(sentence) for sentence in _SENTENCE_END.split(text)]
    risk = _read(lexicon, sentences)
    respelled = [_respell(lexicon, sentence) for sentence in sentences]
    if respelled != sentences:
        risk = max(risk, _read(lexicon, respelled), key=lambda one: one.tier)
    return risk


def _respell(lexicon: Lexicon, sentence: str) -> str:
    for left, right in lexicon.respell:
        sentence = sentence.replace(left, right)
    return sentence


def _join(sentences: Sequence[str]) -> tuple[str, list[int]]:
    """The text without punctuation, which may be a disguise, and where its sentences ended."""
    parts: list[str] = []
    ends: list[int] = []
    length, last = 0, ""
    for sentence in sentences:
        if sentence:
            if last and is_latin(last) and is_latin(sentence[0]):
                parts.append(" ")
                length += 1
            parts.append(sentence)
            length, last = length + len(sentence), sentence[-1]
        ends.append(length)
    return "".join(parts), ends


def _read(lexicon: Lexicon, sentences: Sequence[str]) -> Risk:
    folded, ends = _join(sentences)
    hits: defaultdict[int, list[Hit]] = defaultdict(list)
    for hit in lexicon.index.find(folded):
        hits[hit.owner].append(hit)
    if not hits:
        return NO_RISK
    scene = _Scene(hits, ends)
    best = NO_RISK
    for number in sorted({lexicon.rule_of[owner] for owner in scene.hits}):
        rule = lexicon.rules[number]
        if rule.tier <= best.tier:
            break
        tier = scene.tier_of(rule)
        if tier > best.tier:
            best = Risk(tier, rule.topic, rule.id)
    return best


class _Scene:
    """The hits of one text; every question about them is answered by binary search."""

    def __init__(self, hits: defaultdict[int, list[Hit]], ends: Sequence[int]) -> None:
        self.idioms = _by_start(hits.pop(IDIOM, []))
        self.before = sorted(hit.end for hit in hits.pop(BEFORE, []))
        self.after = sorted(hit.start for hit in hits.pop(AFTER, []))
        self.ends = ends
        self.hits = hits

    def tier_of(self, rule: LexiconRule) -> Tier:
        """The tier that a rule reaches, softened or not; NONE where it does not fire."""
        for owner in rule.groups:
            if owner not in self.hits:
                return Tier.NONE
        groups = [self.counting(owner) for owner in rule.groups]
        fired = [hit for hit in groups[0] if _near_all(hit, groups[1:], rule.within)]
        if not fired or not all(groups):
            return Tier.NONE
        if not rule.softens or any(not self.softened(hit) for hit in fired):
            return rule.tier
        return Tier(max(Tier.SOFT, rule.tier - 1))

    def counting(self, owner: int) -> list[Hit]:
        """The owner's hits that don't lie inside an idiom, from left to right."""
        found = sorted(self.hits.get(owner, ()), key=lambda hit: hit.start)
        return [hit for hit in found if not self.idiomatic(hit)] if self.idioms[0] else found

    def idiomatic(self, hit: Hit) -> bool:
        """Whether an idiom begins at or before the hit and reaches at least to its end."""
        starts, reaches = self.idioms
        at = bisect_left(starts, hit.start + 1) - 1
        return at >= 0 and reaches[at] >= hit.end

    def softened(self, hit: Hit) -> bool:
        """Whether a softening phrase stands close by, in the same sentence."""
        low, high = self.sentence(hit)
        at = bisect_left(self.after, hit.end)
        if at < len(self.after) and self.after[at] <= min(hit.end + SOFTEN_REACH, high):
            return True
        at = bisect_left(self.before, hit.start + 1) - 1
        return at >= 0 and self.before[at] > max(hit.start - SOFTEN_REACH - 1, low)

    def sentence(self, hit: Hit) -> tuple[int, int]:
        """Where the hit's sentence begins and ends."""
        at = bisect_left(self.ends, hit.end)
        begins = bisect_left(self.ends, hit.start + 1) - 1
        low = self.ends[begins] if begins >= 0 else -1
        return low, self.ends[at] if at < len(self.ends) else hit.end


def _by_start(idioms: list[Hit]) -> tuple[list[int], list[int]]:
    """Starts in order, and for each how far the idioms up to it reach."""
    ordered = sorted(idioms, key=lambda hit: hit.start)
    reaches: list[int] = []
    for hit in ordered:
        reaches.append(max(hit.end, reaches[-1] if reaches else 0))
    return [hit.start for hit in ordered], reaches


def _near_all(hit: Hit, groups: list[list[Hit]], within: int) -> bool:
    return all(_near(hit, group, within) for group in groups)


def _near(hit: Hit, group: list[Hit], within: int) -> bool:
    """Whether one of the group stands so close that both fit into `within` characters."""
    at = bisect_left(group, hit.start, key=lambda other: other.start)
    before = group[at - 1] if at else None
    after = group[at] if at < len(group) else None
    return any(
        other is not None and max(hit.end, other.end) - min(hit.start, other.start) <= within
        for other in (before, after)
    )
