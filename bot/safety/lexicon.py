"""The risk lexicon, flows/safety/lexicon.yaml: phrases that clinicians own.

INTERIM: issue 5 replaces this first lexicon by a much larger one that is tested on a corpus. Until
then it has no measured recall.

    engawa: 1
    respell: {タヒ: 死}            # read in a second look, replaced by what it stands for
    idioms: [死ぬほどおいしい]       # a hit that lies inside one of these does not count
    rules:                        # the highest tier wins; of equal tiers the first in the file
      - {id: wants_to_die, tier: 2, topic: suicide, any: [死にたい, want to die]}
      - id: way_and_now           # one phrase of every group, in any order
        tier: 3
        topic: suicide
        all_of: [[飛び降り, 練炭], [今, これから]]
        within: 40                # all within so many characters; 5–200, default 40
      - {id: not_breathing, tier: 3, topic: medical, any: [息してない], softens: false}
    soften:                       # lowers a hit by one step, never to nothing
      before: [昔は]               # at most 15 characters before it, in the same sentence
      after: [わけじゃない]

Everything is compared after `fold`. A phrase has at least two characters then; one only in a group
of `all_of` beside another group that has none so short, or as a single kanji in `soften`. Latin
phrases match whole words. Imports flow and errors.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from bot.errors import Place
from bot.flow.findings import Findings
from bot.flow.nodes import Node, Scalar, Table, kind_of, shorten
from bot.flow.normalisation import normalise_spaced
from bot.safety.index import Phrase, PhraseIndex
from bot.safety.risk import Tier

LEXICON_FILE = "flows/safety/lexicon.yaml"

IDIOM, BEFORE, AFTER = -1, -2, -3
"""The owners of phrases that belong to no rule."""

_DEFAULT_WITHIN = 40
_WITHIN = range(5, 201)
_SMALL_VOWELS = re.compile("[ぁぃぅぇぉ]+")


class LexiconRule(msgspec.Struct, frozen=True):
    """One rule: `groups` are the owners of its phrases, one hit of each is needed."""

    id: str
    tier: Tier
    topic: str
    groups: tuple[int, ...]
    within: int
    softens: bool


class Lexicon(msgspec.Struct, frozen=True):
    """The compiled lexicon.

    `rules` stand by tier, the highest first; `rule_of[owner]` counts in them.
    """

    rules: tuple[LexiconRule, ...]
    rule_of: Mapping[int, int]
    respell: tuple[tuple[str, str], ...]
    index: PhraseIndex


def fold(text: str) -> str:
    """The form in which phrases and texts are compared: `normalise_spaced`, no small vowels."""
    return _SMALL_VOWELS.sub("", normalise_spaced(text))


def load_lexicon(files: Mapping[str, bytes]) -> Lexicon:
    """The lexicon among `files` (path → bytes); raises ContentError with every issue found."""
    findings = Findings()
    loader = _Loader(findings)
    data = files.get(LEXICON_FILE)
    if data is None:
        findings.note(
            "missing-file",
            Place(LEXICON_FILE, 1, 1),
            "This file is missing.",
            "Nothing is read for risk without it: put it back.",
        )
    else:
        table = findings.read_versioned(LEXICON_FILE, data)
        if table is not None:
            loader.take(table)
    findings.raise_if_any()
    rules = tuple(sorted(loader.rules, key=lambda rule: -rule.tier))
    rule_of = {owner: number for number, rule in enumerate(rules) for owner in rule.groups}
    return Lexicon(rules, rule_of, tuple(loader.respell), PhraseIndex(loader.phrases))


class _Loader:
    """Gathers phrases under numbered owners while the file is checked."""

    def __init__(self, findings: Findings) -> None:
        self.findings = findings
        self.phrases: list[Phrase] = []
        self.rules: list[LexiconRule] = []
        self.respell: list[tuple[str, str]] = []
        self.idioms: set[str] = set()
        self.owners = 0

    def take(self, table: Table) -> None:
        self.findings.want_keys(
            table, "The file", ("engawa", "rules"), ("respell", "idioms", "soften")
        )
        self.take_respell(table.get("respell"))
        self.idioms = {phrase.text for phrase in self.take_phrases(table.get("idioms"), IDIOM)}
        soften = table.get("soften")
        words = self.findings.want_table(soften, "`soften`") if soften is not None else None
        if words is not None:
            self.findings.want_keys(words, "`soften`", (), ("before", "after"))
            self.take_phrases(words.get("before"), BEFORE)
            self.take_phrases(words.get("after"), AFTER)
        rules = table.get("rules")
        for node in self.findings.want_listing(rules, "`rules`") if rules is not None else ():
            rule = self.findings.want_table(node, "A rule")
            if rule is not None:
                self.take_rule(rule)

    def take_respell(self, node: Node | None) -> None:
        table = self.findings.want_table(node, "`respell`") if node is not None else None
        for key, value in table.pairs() if table else ():
            right = self.findings.want_text(value, "The right side")
            left = fold(key.text)
            if len(left) < 2:
                self.note_short(key)
            elif right is not None:
                self.respell.append((left, fold(right)))

    def take_rule(self, table: Table) -> None:
        self.findings.want_keys(
            table, "The rule", ("id", "tier", "topic"), ("any", "all_of", "within", "softens")
        )
        name = self.take_id(table.get("id"))
        tier = self.take_tier(table.get("tier"))
        topic = table.get("topic")
        word = self.findings.want_name(topic, "`topic`") if topic is not None else None
        softens = table.get("softens")
        flag = self.findings.want_flag(softens, "`softens`") if softens is not None else True
        within = self.take_within(table)
        groups = self.take_groups(table)
        if name and tier and word and groups:
            self.rules.append(LexiconRule(name, tier, word, groups, within, flag is not False))

    def take_id(self, node: Node | None) -> str | None:
        name = self.findings.want_name(node, "`id`") if node is not None else None
        if node is not None and name in {rule.id for rule in self.rules}:
            self.findings.note(
                "same-id",
                node.place,
                f"Another rule has the id «{name}».",
                "Rename one of the two.",
            )
        return name

    def take_tier(self, node: Node | None) -> Tier | None:
        number = node.integer if isinstance(node, Scalar) else None
        if node is None or number in (Tier.SOFT, Tier.ACTIVE, Tier.IMMINENT):
            return None if number is None else Tier(number)
        self.findings.note(
            "bad-tier",
            node.place,
            f"The tier is {kind_of(node)}.",
            "Expected 1 (soft), 2 (active) or 3 (imminent).",
        )
        return None

    def take_within(self, table: Table) -> int:
        node = table.get("within")
        if node is None:
            return _DEFAULT_WITHIN
        number = self.findings.want_integer(node, "`within`")
        if "all_of" not in table.entries:
            self.findings.note(
                "unknown-key",
                table.key("within").place,
                "`within` means nothing without `all_of`.",
                "Delete it.",
            )
        elif number is not None and number not in _WITHIN:
            self.findings.note(
                "bad-within",
                node.place,
                f"`within` is {number}.",
                f"Expected {_WITHIN.start} to {_WITHIN.stop - 1} characters.",
            )
        return number or _DEFAULT_WITHIN

    def take_groups(self, table: Table) -> tuple[int, ...]:
        one, several = table.get("any"), table.get("all_of")
        if (one is None) == (several is None):
            self.findings.note(
                "rule-form",
                table.place,
                "The rule needs either `any` or `all_of`.",
                "Write `any: [phrases]`, or `all_of: [[phrases], [phrases]]`.",
            )
            return ()
        if one is not None:
            return (self.take_group(one, shortest=2),)
        groups = self.findings.want_listing(several, "`all_of`") if several is not None else ()
        if len(groups) == 1:
            self.findings.note(
                "rule-form",
                groups[0].place,
                "`all_of` has one group only.",
                "Write `any: [phrases]` instead.",
            )
        # Very short words are allowed beside a group that can stand for itself.
        firm = any(_shortest(group) >= 2 for group in groups)
        return tuple(self.take_group(group, shortest=1 if firm else 2) for group in groups)

    def take_group(self, node: Node, shortest: int) -> int:
        owner, self.owners = self.owners, self.owners + 1
        for phrase in self.take_phrases(node, owner, shortest):
            if phrase.text in self.idioms:
                self.findings.note(
                    "dead-phrase",
                    node.place,
                    f"«{phrase.text}» is also an idiom, so it never counts here.",
                    "Delete one of the two.",
                )
        return owner

    def take_phrases(self, node: Node | None, owner: int, shortest: int = 2) -> list[Phrase]:
        found: list[Phrase] = []
        for item in self.findings.want_listing(node, "The phrases") if node is not None else ():
            text = self.findings.want_text(item, "The phrase")
            folded = fold(text) if text is not None else ""
            if text is not None and _too_short(folded, owner, shortest):
                self.note_short(item)
            elif folded:
                found.append(Phrase(folded, owner))
        self.phrases.extend(found)
        return found

    def note_short(self, node: Node) -> None:
        text = shorten(node.text) if isinstance(node, Scalar) else ""
        self.findings.note(
            "short-phrase",
            node.place,
            f"«{text}» is too short after folding: it would match almost everything.",
            "Write at least two characters that are not spaces or marks.",
        )


def _too_short(folded: str, owner: int, shortest: int) -> bool:
    # One kanji is a word (昔) and may soften; one kana or Latin letter stands everywhere.
    if len(folded) == 1 and owner in (BEFORE, AFTER):
        return not "一" <= folded <= "龠"
    return len(folded) < shortest


def _shortest(node: Node) -> int:
    items = () if isinstance(node, Scalar | Table) else node.items
    return min((len(fold(item.text)) for item in items if isinstance(item, Scalar)), default=0)
