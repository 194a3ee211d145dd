"""The tone of a text, flows/safety/tone.yaml: whether it crosses a line, and in which way.

    engawa: 1
    unless: [私は, と言われ, i'm]        # about oneself, somebody else or said by others: no line
    address: [お前, このボット, you]     # whom the words of `addressed` must be said to
    classes:
      abuse:
        whole: [だまれ]                 # nothing but this
        any: [ぶっころしてやるぞお前]     # anywhere in the text
        addressed: [くず, idiot]        # within 12 characters of one of `address`
      sexual: {whole: [...]}
      scribble: {whole: [...]}

Conservative on purpose: despair, contempt for oneself, what others said and curses about a
situation are no matter of tone, and a long text tells a story. Risk is read apart and always wins.
Everything is compared after the lexicon's `fold`. Pure; imports this room, flow and errors.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from bot.flow.findings import Findings
from bot.flow.nodes import Node, Scalar, Table, shorten
from bot.safety.index import Hit, Phrase, PhraseIndex
from bot.safety.lexicon import fold

TONE_FILE = "flows/safety/tone.yaml"

Conduct = Literal["", "sexual", "abuse", "scribble"]
Crossing = Literal["sexual", "abuse", "scribble"]
CLASSES: tuple[Crossing, ...] = ("sexual", "abuse", "scribble")
FORMS = ("whole", "any", "addressed")

LONGEST = 120
"""Folded characters; a longer text tells a story and is never taken for mere tone."""
NEAR = 12
"""Characters that may stand between an address and the word that is said to it."""

_UNLESS, _ADDRESS = -1, -2
"""The owners of phrases that belong to no class."""


class Tone(msgspec.Struct, frozen=True):
    """The compiled phrases. An owner in `index` is a class's place in CLASSES; `addressed` ones
    are that plus their number.
    """

    whole: Mapping[str, Crossing]
    index: PhraseIndex


NO_TONE = Tone({}, PhraseIndex(()))
"""Where a revision has no such file: nothing is ever taken for a matter of tone."""


def read_conduct(tone: Tone, text: str) -> Conduct:
    """In which way a text crosses a line; "" where it does not."""
    if len(text) > 4 * LONGEST:
        return ""
    folded = fold(text)
    if not folded or len(folded) > LONGEST:
        return ""
    if folded in tone.whole:
        return tone.whole[folded]
    hits = list(tone.index.find(folded))
    if any(hit.owner == _UNLESS for hit in hits):
        return ""
    addresses = [hit for hit in hits if hit.owner == _ADDRESS]
    for number, name in enumerate(CLASSES):
        said = (hit for hit in hits if hit.owner == number + len(CLASSES))
        if any(hit.owner == number for hit in hits) or _said_to(addresses, said):
            return name
    return ""


def _said_to(addresses: list[Hit], words: Iterable[Hit]) -> bool:
    return any(
        max(word.start - address.end, address.start - word.end) <= NEAR
        for word in words
        for address in addresses
    )


def load_tone(files: Mapping[str, bytes]) -> Tone:
    """The tone among `files` (path → bytes), NO_TONE without one; raises ContentError with every
    issue.
    """
    data = files.get(TONE_FILE)
    if data is None:
        return NO_TONE
    findings = Findings()
    loader = _Loader(findings)
    table = findings.read_versioned(TONE_FILE, data)
    if table is not None:
        loader.take(table)
    findings.raise_if_any()
    return Tone(loader.whole, PhraseIndex(loader.phrases))


class _Loader:
    """Gathers the phrases while the file is checked."""

    def __init__(self, findings: Findings) -> None:
        self.findings = findings
        self.whole: dict[str, Crossing] = {}
        self.phrases: list[Phrase] = []

    def take(self, table: Table) -> None:
        keys = ("engawa", "unless", "address", "classes")
        self.findings.want_keys(table, "The file", keys)
        self._add(table.get("unless"), _UNLESS)
        self._add(table.get("address"), _ADDRESS)
        node = table.get("classes")
        classes = self.findings.want_table(node, "`classes`") if node is not None else None
        for key, value in classes.pairs() if classes else ():
            self.findings.want_known(key, CLASSES, "unknown-class", "class")
            entry = self.findings.want_table(value, f"«{shorten(key.text)}»")
            name = next((one for one in CLASSES if one == key.text), None)
            if name is not None and entry is not None:
                self._take_class(name, entry)

    def _take_class(self, name: Crossing, table: Table) -> None:
        self.findings.want_keys(table, "The class", (), FORMS)
        number = CLASSES.index(name)
        self._add(table.get("any"), number)
        self._add(table.get("addressed"), number + len(CLASSES))
        for node, text in self._folded(table.get("whole")):
            if self.whole.setdefault(text, name) != name:
                self.findings.note(
                    "same-phrase",
                    node.place,
                    f"«{shorten(node.text)}» is already in the class «{self.whole[text]}».",
                    "Keep it in one of the two classes.",
                )

    def _add(self, node: Node | None, owner: int) -> None:
        found = self._folded(node, kanji=owner == _UNLESS)
        self.phrases += [Phrase(text, owner) for _, text in found]

    def _folded(self, node: Node | None, kanji: bool = False) -> list[tuple[Scalar, str]]:
        """The phrases of a list with their folded form; too short ones are noted."""
        found: list[tuple[Scalar, str]] = []
        for item in self.findings.want_listing(node, "The phrases") if node is not None else ():
            text = self.findings.want_text(item, "The phrase")
            if text is None or not isinstance(item, Scalar):
                continue
            folded = fold(text)
            # One kanji is a word (娘) and may excuse; one kana or Latin letter stands everywhere.
            if len(folded) < 2 and not (kanji and "一" <= folded <= "龠"):
                self.findings.note(
                    "short-phrase",
                    item.place,
                    f"«{shorten(text)}» is too short after folding: it would match almost "
                    "everything.",
                    "Write at least two characters that are not spaces or marks.",
                )
            else:
                found.append((item, folded))
        return found
