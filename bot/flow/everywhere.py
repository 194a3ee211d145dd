"""Reads flows/everywhere.yaml: the words, occasions, buttons and repairs that hold in every state.

Imports this room only.
"""

from __future__ import annotations

from bot.errors import Place
from bot.flow.definition import MEDIA_TRIGGERS, Everywhere, Word
from bot.flow.findings import named_tables, texts_by_language
from bot.flow.nodes import Node, Scalar, Table, shorten
from bot.flow.normalisation import normalise
from bot.flow.outline import Surroundings

EVERYWHERE_FILE = "flows/everywhere.yaml"

WORDS = (
    *("human", "booking", "back", "leave", "erase", "language", "help", "kept"),
    *("code", "cover"),
)
WORD_ACTIONS = ("back",)
FLOW_OCCASIONS = (
    *("start", "coming_back", "moved", "doorstep"),
    *("crisis_2", "crisis_3", "crisis_door"),
)
OPTIONAL_OCCASIONS = ("start_again",)
SAY_OCCASIONS = (
    "not_understood",
    "offer_person",
    "stale_tap",
    "fault",
    "nothing_back",
    "state_gone",
    "code_missed",
    "code_slow",
    *MEDIA_TRIGGERS,
)

OPTIONAL_SAYS = ("rude_once", "rude_rest", "limited")
"""The ladder of tone: a revision without them has none."""


def load_everywhere(around: Surroundings, table: Table) -> Everywhere:
    """The whole file; `start_again` without a flow is answered by the one for `start`."""
    around.findings.want_keys(table, "The file", ("engawa", "flows", "words", "says"), ("rails",))
    words = _load_words(around, table.get("words"))
    flows = _load_flows(around, table.get("flows"))
    if "start" in flows:
        flows.setdefault("start_again", flows["start"])
    says = _load_says(around, table.get("says"))
    return Everywhere(words, flows, says, _load_rails(around, table.get("rails")))


def _section(around: Surroundings, node: Node | None, subject: str) -> Table | None:
    return around.findings.want_table(node, subject) if node is not None else None


def _load_flows(around: Surroundings, node: Node | None) -> dict[str, str]:
    table = _section(around, node, "`flows`")
    if table is None:
        return {}
    around.findings.want_keys(table, "`flows`", FLOW_OCCASIONS, OPTIONAL_OCCASIONS)
    found: dict[str, str] = {}
    for key, value in table.pairs():
        flow = around.findings.want_known(value, around.flows, "unknown-flow", "flow")
        if flow is not None:
            found[key.text] = flow
    return found


def _load_says(around: Surroundings, node: Node | None) -> dict[str, str]:
    table = _section(around, node, "`says`")
    if table is None:
        return {}
    around.findings.want_keys(table, "`says`", SAY_OCCASIONS, OPTIONAL_SAYS)
    keys = {key.text: around.message_key(value) for key, value in table.pairs()}
    return {occasion: key for occasion, key in keys.items() if key is not None}


def _load_rails(around: Surroundings, node: Node | None) -> tuple[tuple[str, str], ...]:
    table = _section(around, node, "`rails`")
    rails: list[tuple[str, str]] = []
    for key, value in table.pairs() if table else ():
        word = around.findings.want_known(key, WORDS, "unknown-word", "word")
        label = around.message_key(value)
        if word is not None and label is not None:
            rails.append((word, label))
    return tuple(rails)


def _load_words(around: Surroundings, node: Node | None) -> dict[str, Word]:
    table = _section(around, node, "`words`")
    if table is None:
        return {}
    around.findings.want_keys(table, "`words`", WORDS)
    taken: dict[str, tuple[str, Place]] = {}
    return {
        name: _load_word(around, name, key, entry, taken)
        for name, key, entry in named_tables(around.findings, table, "`words`")
    }


def _load_word(
    around: Surroundings, name: str, key: Scalar, table: Table, taken: dict[str, tuple[str, Place]]
) -> Word:
    flow, action = _answered_by(around, name, key, table)
    texts = Table(
        {k.text: (k, v) for k, v in table.pairs() if k.text not in ("flow", "action")}, table.place
    )
    by_language = texts_by_language(around.findings, texts, around.languages, "The word")
    lacking = [language for language in around.languages if not by_language.get(language)]
    if lacking:
        around.findings.note(
            "missing-variants",
            key.place,
            f"The word «{name}» has no variants in {', '.join(lacking)}.",
            "Add " + ", ".join(f"`{language}: [...]`" for language in lacking) + ".",
        )
    variants: set[str] = set()
    for text in (text for some in by_language.values() for text in some):
        variants.add(_take_variant(around, name, text, taken))
    return Word(name, flow, action, frozenset(variants - {""}), key.place)


def _answered_by(
    around: Surroundings, name: str, key: Scalar, table: Table
) -> tuple[str | None, str | None]:
    flow, action = table.get("flow"), table.get("action")
    if (flow is None) == (action is None):
        around.findings.note(
            "word-form",
            key.place,
            f"The word «{name}» needs either a flow or an action.",
            "Write `flow: <flow>`, or `action: back`.",
        )
    findings = around.findings
    return (
        findings.want_known(flow, around.flows, "unknown-flow", "flow") if flow else None,
        findings.want_known(action, WORD_ACTIONS, "unknown-action", "action") if action else None,
    )


def _take_variant(
    around: Surroundings, name: str, text: Scalar, taken: dict[str, tuple[str, Place]]
) -> str:
    folded = normalise(text.text)
    if not folded:
        around.findings.note(
            "empty-phrase",
            text.place,
            f"Nothing is left of «{shorten(text.text)}» after normalisation.",
            "Delete it.",
        )
        return ""
    other, place = taken.setdefault(folded, (name, text.place))
    if other != name:
        around.findings.note(
            "same-variant",
            text.place,
            f"«{shorten(text.text)}» is already a variant of «{other}» (line {place.line}).",
            "Keep it in one of the two words.",
        )
    return folded
